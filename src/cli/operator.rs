//! `vestibule operator`.

use super::{CALLER, Place};
use crate::actions::account;
use crate::domain::{Email, Result};
use std::process::ExitCode;

/// The commands of `operator`.
#[derive(clap::Subcommand)]
pub enum Operator {
    /// Make somebody an operator, and print the one-time link that sets their password
    Add {
        /// Their address
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Operator {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Add { email, place } = self;
        println!("{}", account::add_operator(&place.open()?, &CALLER, Email::parse(&email)?)?);
        Ok(ExitCode::SUCCESS)
    }
}
