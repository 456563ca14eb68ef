//! `vestibule operator`.

use super::{CALLER, Place, Switch, output};
use crate::actions::handed_over::KnownPasswords;
use crate::actions::mail::PASSWORD_LINK_SECS;
use crate::actions::operators::{self, Added};
use crate::actions::{Run, account};
use crate::api::operators::OperatorView;
use crate::app::App;
use crate::domain::access::{Effect, Line};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Result};
use std::process::ExitCode;

/// The commands of `operator`.
#[derive(clap::Subcommand)]
pub enum Operator {
    /// List the operators
    List {
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Add an operator, and print their one-time link, valid for 24 hours: a new person sets a password there, an existing person confirms
    /// with theirs. If the person is an operator already, nothing changes and no link is printed, unless --new-password is given
    Add {
        /// The person's e-mail address
        email: String,
        /// Make an existing person or operator set a new password: the old one and their sessions end at once
        #[arg(long)]
        new_password: bool,
        #[command(flatten)]
        switch: Switch,
    },
    /// Remove a person's operator rights; API keys that they created keep working
    Remove {
        /// The person's e-mail address
        email: String,
        /// Also end the passwords that were set with links that the operator received, and all that was made with these passwords
        #[arg(long)]
        end_passwords: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Operator {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { json, place } => list(&place.open()?, json)?,
            Self::Add { email, new_password, switch } => {
                let (app, email) = (switch.place.open_without_mail()?, Email::parse(&email)?);
                match operators::add(&app, &CALLER, email.clone(), new_password, switch.run()) {
                    Ok((_, Some(added))) => announce(&added),
                    Ok((effect, None)) => switch.print(&effect),
                    Err(Error::Conflict { code: "taken", .. }) => already(&email, &switch),
                    Err(other) => return Err(other),
                }
            }
            Self::Remove { email, end_passwords, place } => {
                let (app, email) = (place.open()?, Email::parse(&email)?);
                let user = account::person(&app, &email, phrase!("operator-not-found"))?;
                let others = |one: &&Line| one.email != email;
                let effect =
                    operators::remove(&app, &CALLER, user.id, KnownPasswords::that_end(end_passwords), Run::Real)?;
                say!("{email} is no longer an operator.");
                effect.loses.iter().filter(others).for_each(|one| say!("Note: {} {}.", one.email, one.reason));
                for warning in effect.warnings {
                    say!("Note: {warning}");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints that nothing was changed, and how to make a link that sets a new password.
fn already(email: &Email, switch: &Switch) {
    let message = format!("{email} is an operator already. Nothing was changed.");
    if switch.json {
        return switch.print(&Effect { warnings: vec![Phrase::words(message)], ..Effect::default() });
    }
    say!("{message}");
    say!("For a link that sets a new password: vestibule user reset-link {email}");
    say!("To end their password and sessions as well: vestibule operator add {email} --new-password");
}

/// Prints the link, and what it does.
fn announce(Added { user, link }: &Added) {
    let does = if user.operator {
        "sets the password of their operator account"
    } else {
        "becomes an operator, together with their current password"
    };
    let what = format!("Link by which {} {does}", user.email);
    output::one_time_link(&what, PASSWORD_LINK_SECS, link.as_deref().unwrap_or_default());
}

fn list(app: &App, json: bool) -> Result<()> {
    let rows: Vec<_> = operators::list(app)?.into_iter().map(OperatorView::from).collect();
    output::table(json, &["email", "name", "password", "disabled", "pending"], &rows);
    Ok(())
}
