//! `vestibule key`.

use super::{CALLER, Place};
use crate::actions::keys;
use crate::domain::{Name, Result};
use std::process::ExitCode;

/// The commands of `key`.
#[derive(clap::Subcommand)]
pub enum Key {
    /// Make an API key with an operator's rights, and print it once
    Create {
        /// What to call it
        name: String,
        /// With an operator's rights
        #[arg(long, required = true)]
        operator: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Key {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Create { name, place, .. } = self;
        println!("{}", keys::create_operator_key(&place.open()?, &CALLER, Name::parse("name", &name)?)?);
        Ok(ExitCode::SUCCESS)
    }
}
