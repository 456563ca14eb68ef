//! `vestibule backup` and `vestibule restore`.

use super::{CALLER, Place, output};
use crate::actions::backup::{self, Made, Proof, Restored};
use crate::api::backup::{BackupView, RestoredView};
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::fs::File;
use std::io::{IsTerminal, Read, Write, stderr, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Write a complete backup of the database to a file, also while the server runs, and prove that it can be restored
#[derive(clap::Args)]
pub struct Backup {
    /// The file to write; `-` is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    replace: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Backup {
    /// Runs the command: exit code 0 if the backup was made and proved.
    pub fn run(self) -> Result<ExitCode> {
        let app = self.place.open()?;
        if is_dash(&self.file) {
            if stdout().is_terminal() {
                return Err(Error::invalid(
                    "FILE",
                    Phrase::words("must be a file, because a terminal cannot show a database"),
                ));
            }
            let made = backup::write_to(&app, &CALLER, &mut stdout().lock(), &show_progress)?;
            complain!("{}", summary(&made));
            notes(&made.proof, |note| complain!("{note}"));
            return Ok(ExitCode::SUCCESS);
        }
        let made = backup::write_file(&app, &CALLER, &self.file, self.replace, &show_progress)?;
        if self.json {
            output::json(&BackupView::from(&made));
        } else {
            say!("{}", summary(&made));
            notes(&made.proof, |note| say!("{note}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn summary(made: &Made) -> String {
    let Made { record, proof } = made;
    format!(
        "Backup made and proved: {} KiB, {}, as of {}.",
        record.bytes.div_ceil(1024),
        counted(proof),
        record.made_at()
    )
}

fn counted(proof: &Proof) -> String {
    let count = |number: i64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let organisations = count(proof.organisations, "organisation", "organisations");
    format!("{organisations} and {}", count(proof.people, "person", "people"))
}

fn notes(proof: &Proof, print: impl Fn(String)) {
    for note in &proof.notes {
        print(format!("Note: {note}"));
    }
}

/// Shows the progress on a terminal, on one line.
fn show_progress(written: u64, whole: u64) {
    let mut terminal = stderr();
    if terminal.is_terminal() && whole > 0 {
        let percent = (written.saturating_mul(100) / whole).min(99);
        drop(write!(terminal, "\rCopying the database: {percent} %\r").and_then(|()| terminal.flush()));
    }
}

/// Replace the database by a backup; the replaced files are kept
///
/// The server must be stopped. All sessions, tokens and one-time links in the backup end, because those that have ended since
/// the backup would be valid again.
#[derive(clap::Args)]
pub struct Restore {
    /// The backup; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Keep the sessions, tokens and one-time links of the backup, for a move to another machine
    #[arg(long)]
    keep_sessions: bool,
    /// The folder that holds vestibule.db
    #[arg(long, env = "VESTIBULE_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Restore {
    /// Runs the command: exit code 0 if the backup was restored.
    pub fn run(self) -> Result<ExitCode> {
        let mut backup: Box<dyn Read> = if is_dash(&self.file) {
            Box::new(stdin())
        } else {
            Box::new(File::open(&self.file).map_err(|cause| {
                Error::unavailable(Phrase::words(format!("{} cannot be read: {cause}.", self.file.display())))
            })?)
        };
        let restored = backup::restore(&self.data, &mut *backup, self.keep_sessions, &CALLER)?;
        if self.json {
            output::json(&RestoredView::from(&restored));
        } else {
            self.print(&restored);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn print(&self, restored: &Restored) {
        let Restored { proof, kept } = restored;
        let newest = proof.newest_event_at.map_or_else(
            || "Its audit log is empty.".to_owned(),
            |at| format!("The newest entry of its audit log is from {at}: everything that happened later is undone."),
        );
        say!("Restored: {}. {newest}", counted(proof));
        if let Some(kept) = kept {
            say!("The replaced database is kept in {}. Delete that folder when you no longer need it.", kept.display());
            say!(
                "Check what was withdrawn since the backup, because it is valid again: removed members and admins, disabled people, deleted API keys, \
                 old passwords, used recovery codes."
            );
        }
        if self.keep_sessions {
            say!("Sessions, tokens and one-time links of the backup are still valid.");
        } else {
            say!("All sessions, tokens and one-time links have ended: everybody signs in again.");
        }
        notes(proof, |note| say!("{note}"));
    }
}
