//! `vestibule completions` and `vestibule man`, generated from the definitions of the commands, so that they contain
//! every option.

use super::command;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use clap_complete::Shell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Print completions for a shell, which then completes commands and options with the Tab key
#[derive(clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut command(), "vestibule", &mut text);
        say!("{}", String::from_utf8_lossy(&text).trim_end());
        ExitCode::SUCCESS
    }
}

/// Write the manual pages, one for each command, into a folder
#[derive(clap::Args)]
pub struct Man {
    /// The folder, such as /usr/local/share/man/man1; created if missing
    folder: PathBuf,
}

impl Man {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        let all = command().name("vestibule");
        std::fs::create_dir_all(&self.folder)
            .and_then(|()| clap_mangen::generate_to(all, &self.folder))
            .map_err(|cause| unwritable(&self.folder, &cause))?;
        say!("The manual pages are in {}. Read them with: man vestibule", self.folder.display());
        Ok(ExitCode::SUCCESS)
    }
}

fn unwritable(folder: &Path, cause: &std::io::Error) -> Error {
    Error::unavailable(Phrase::words(format!("{} cannot be written: {cause}.", folder.display())))
}
