//! `vestibule accept-copy`.

use super::CALLER;
use crate::actions::copies::{self, Accepted};
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Accept a vestibule.db that was copied without its vestibule.db-wal: the changes in the missing file are lost
#[derive(clap::Args)]
pub struct AcceptCopy {
    /// The folder that holds vestibule.db
    #[arg(long, env = "VESTIBULE_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
}

impl AcceptCopy {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        if ["vestibule.db", "vestibule.db-wal"].iter().all(|file| !self.data.join(file).exists()) {
            return Err(Error::unavailable(Phrase::words(format!(
                "There is no vestibule.db in {}.",
                self.data.display()
            ))));
        }
        match copies::accept(&self.data, &CALLER)? {
            Some(Accepted { newest_event_at: Some(at) }) => {
                say!("vestibule.db is used as it is from now on. Its newest audit log entry is from {at}.");
            }
            Some(Accepted { newest_event_at: None }) => {
                say!("vestibule.db is used as it is from now on. Its audit log is empty.");
            }
            None => say!("Nothing to do: nothing is missing from this database."),
        }
        Ok(ExitCode::SUCCESS)
    }
}
