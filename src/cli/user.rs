//! `vestibule user`.

use super::{CALLER, Place};
use crate::actions::account;
use crate::domain::{Email, Result};
use std::process::ExitCode;

/// The commands of `user`.
#[derive(clap::Subcommand)]
pub enum User {
    /// Print a one-time link that sets somebody's password
    ResetLink {
        /// Their address
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl User {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::ResetLink { email, place } = self;
        let email = Email::parse(&email)?;
        // Whoever has a shell here wants the link itself: mail may be what is broken.
        let mut app = place.open()?;
        app.sends_mail = false;
        let link = account::reset_link(&app, &CALLER, |db| db.find_user(&email))?;
        println!("{}", link.unwrap_or_default());
        Ok(ExitCode::SUCCESS)
    }
}
