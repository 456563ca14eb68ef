//! `vestibule user`.

use super::{CALLER, Place, Switch, output};
use crate::actions::account::MadeLink;
use crate::actions::handed_over::KnownPasswords;
use crate::actions::mail::PASSWORD_LINK_SECS;
use crate::actions::{Run, account, disabling};
use crate::app::App;
use crate::domain::ids::UserId;
use crate::domain::phrase::phrase;
use crate::domain::{Email, Result};
use std::process::ExitCode;

/// The commands of `user`.
#[derive(clap::Subcommand)]
pub enum User {
    /// Print a one-time link, valid for 24 hours, with which a person sets a new password
    ResetLink {
        /// The person's e-mail address
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Disable a person in every organisation: they cannot sign in, and their sessions and links end
    Disable {
        /// The person's e-mail address
        email: String,
        /// Also end the passwords that were set with links that they received, and all that was made with these passwords
        #[arg(long)]
        end_passwords: bool,
        #[command(flatten)]
        switch: Switch,
    },
    /// Enable a disabled person again: ended sessions, links and invitations stay ended
    Enable {
        /// The person's e-mail address
        email: String,
        #[command(flatten)]
        switch: Switch,
    },
}

impl User {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::ResetLink { email, place } => {
                let email = Email::parse(&email)?;
                let app = place.open_without_mail()?;
                let person = account::person(&app, &email, phrase!("person-not-found"))?;
                let first = person.password_hash.is_none();
                let (effect, link) = account::reset_link(&app, &CALLER, person.id, Run::Real)?;
                for warning in &effect.warnings {
                    say!("{warning}");
                }
                let what = format!("Link by which {email} sets {} password", if first { "a first" } else { "a new" });
                if let Some(MadeLink::Shown(url)) = link {
                    output::one_time_link(&what, PASSWORD_LINK_SECS, &url);
                }
            }
            Self::Disable { email, end_passwords, switch } => {
                let (app, passwords) = (switch.place.open()?, KnownPasswords::that_end(end_passwords));
                switch.print(&disabling::disable(&app, &CALLER, find(&app, &email)?, passwords, switch.run())?);
            }
            Self::Enable { email, switch } => {
                let app = switch.place.open()?;
                switch.print(&disabling::enable(&app, &CALLER, find(&app, &email)?, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn find(app: &App, email: &str) -> Result<UserId> {
    Ok(account::person(app, &Email::parse(email)?, phrase!("person-not-found"))?.id)
}
