//! The log on standard error.

use crate::config::Environment;
use crate::domain::phrase::Phrase;
use crate::domain::{Clock, Error, Result};
use env_logger::Builder;
use env_logger::fmt::Formatter;
use log::{LevelFilter, Record};
use serde_json::json;
use std::io::Write;

/// The form of the lines of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// A JSON object in each line: `time`, `level`, `target`, `message`
    Json,
}

/// Without `actix_http`: it logs each malformed request as an error, so anybody could fill the log with them.
const DEFAULT_LOG: &str = "info,actix_server=warn,actix_http=off";

/// Starts the log, with the level of `VESTIBULE_LOG`.
///
/// # Errors
/// `Invalid` when that variable names no level.
pub fn start(environment: &Environment, format: LogFormat) -> Result<()> {
    let filter = environment.value("VESTIBULE_LOG").and_then(|value| value.into_string().ok());
    let filter = filter.as_deref().unwrap_or(DEFAULT_LOG);
    // A misspelt level would be read as the name of a module, and nothing would be logged.
    let is_read =
        |part: &str| part.split('=').next_back().is_some_and(|level| level.trim().parse::<LevelFilter>().is_ok());
    if !filter.split('/').next().unwrap_or_default().split(',').all(is_read) {
        let levels =
            "must be off, error, warn, info, debug or trace, or such levels for modules, as in info,actix_http=error";
        return Err(Error::invalid("VESTIBULE_LOG", Phrase::words(levels)));
    }
    let mut builder = Builder::new();
    builder.parse_filters(filter);
    if format == LogFormat::Json {
        builder.format(json_line);
    }
    builder.init();
    for warning in environment.warnings() {
        log::warn!("{warning}");
    }
    Ok(())
}

fn json_line(out: &mut Formatter, record: &Record) -> std::io::Result<()> {
    let line = json!({
        "time": Clock::System.now(),
        "level": record.level().as_str().to_ascii_lowercase(),
        "target": record.target(),
        "message": record.args().to_string(),
    });
    writeln!(out, "{line}")
}
