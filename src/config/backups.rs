//! Scheduled backups.

use crate::domain::backup::Retention;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::path::PathBuf;

/// Flags and environment variables about scheduled backups, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct BackupFlags {
    /// The folder in which the server makes backups, on another disk than the data
    #[arg(long, env = "VESTIBULE_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
    /// The time between two backups in hours or days, such as 6h or 1d [default: 1d]
    #[arg(long, env = "VESTIBULE_BACKUP_EVERY", value_name = "TIME")]
    pub backup_every: Option<String>,
    /// The backups to keep: the newest of each of so many days, weeks and months [default: 7d,4w,12m]
    #[arg(long, env = "VESTIBULE_BACKUP_KEEP", value_name = "RULE")]
    pub backup_keep: Option<String>,
}

/// Scheduled backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupConfig {
    /// The folder for the backups.
    pub folder: PathBuf,
    /// The time between two backups, in seconds.
    pub every_secs: i64,
    /// The backups that are kept.
    pub keep: Retention,
}

impl BackupConfig {
    /// Reads the flags; `None` if no folder is set.
    ///
    /// # Errors
    /// `Invalid` with the name of the flag.
    pub fn read(flags: &BackupFlags) -> Result<Option<Self>> {
        let every_secs = flags.backup_every.as_deref().map_or(Ok(24 * 3600), parse_every)?;
        let keep = flags.backup_keep.as_deref().map_or(Ok(Retention::default()), parse_keep)?;
        let Some(folder) = flags.backup_dir.clone() else {
            return match (&flags.backup_every, &flags.backup_keep) {
                (None, None) => Ok(None),
                (Some(_), _) => Err(alone("--backup-every")),
                (None, Some(_)) => Err(alone("--backup-keep")),
            };
        };
        Ok(Some(Self { folder, every_secs, keep }))
    }
}

fn alone(flag: &'static str) -> Error {
    Error::invalid(flag, Phrase::words("has no effect without --backup-dir; name the folder for the backups"))
}

/// Reads a time from 1 hour to 31 days.
fn parse_every(raw: &str) -> Result<i64> {
    let (number, unit) = match (raw.strip_suffix('h'), raw.strip_suffix('d')) {
        (Some(hours), _) => (hours, 3600),
        (_, Some(days)) => (days, 24 * 3600),
        _ => (raw, 0),
    };
    let secs = number.parse::<u16>().ok().map(|number| i64::from(number) * unit);
    let wrong = || Error::invalid("--backup-every", Phrase::words(format!("{raw:?} must be 1h to 744h, or 1d to 31d")));
    secs.filter(|secs| (3600..=31 * 24 * 3600).contains(secs)).ok_or_else(wrong)
}

fn parse_keep(raw: &str) -> Result<Retention> {
    let wrong = || {
        let words = "must be numbers of days, weeks and months, such as 7d,4w,12m";
        Error::invalid("--backup-keep", Phrase::words(format!("{raw:?} {words}")))
    };
    Retention::parse(raw).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_one_hour_to_31_days() {
        for (raw, secs) in [("1h", 3600), ("36h", 129_600), ("1d", 86_400), ("31d", 2_678_400)] {
            assert_eq!(parse_every(raw), Ok(secs), "{raw}");
        }
        for raw in ["", "1", "0h", "0d", "32d", "745h", "-1h", "1.5h", "h", "1m", "99999999d"] {
            assert!(parse_every(raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn a_schedule_without_a_folder_is_a_mistake() {
        let read = |dir: Option<&str>, every: Option<&str>, keep: Option<&str>| {
            let text = |value: Option<&str>| value.map(ToOwned::to_owned);
            let flags =
                BackupFlags { backup_dir: dir.map(Into::into), backup_every: text(every), backup_keep: text(keep) };
            BackupConfig::read(&flags).map(|config| config.map(|config| config.every_secs))
        };
        assert_eq!(read(None, None, None), Ok(None));
        assert_eq!(read(Some("/b"), None, None), Ok(Some(86_400)));
        assert_eq!(read(Some("/b"), Some("6h"), Some("3d")), Ok(Some(21_600)));
        assert!(read(None, Some("6h"), None).is_err() && read(None, None, Some("3d")).is_err());
        assert!(read(Some("/b"), Some("6h"), Some("3y")).is_err());
    }
}
