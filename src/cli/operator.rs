//! `vestibule operator`.

use super::{CALLER, Place, output};
use crate::actions::mail::PASSWORD_LINK_SECS;
use crate::actions::operators;
use crate::app::App;
use crate::domain::{Email, Error, Result};
use serde_json::json;
use std::process::ExitCode;

/// The commands of `operator`.
#[derive(clap::Subcommand)]
pub enum Operator {
    /// List the operators
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Make a person an operator, and print the one-time link that sets their password
    Add {
        /// Their address
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Remove an operator's rights; API keys that they created keep working
    Remove {
        /// Their address
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Operator {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { json, place } => list(&place.open()?, json)?,
            Self::Add { email, place } => {
                let (user, link) = operators::add(&place.open_without_mail()?, &CALLER, Email::parse(&email)?)?;
                let what = format!("Link by which {} sets the password of their operator account", user.email);
                output::one_time_link(&what, PASSWORD_LINK_SECS, &link.unwrap_or_default());
            }
            Self::Remove { email, place } => {
                let (app, email) = (place.open()?, Email::parse(&email)?);
                let user = app.store.read(|db| db.find_user(&email))?.ok_or_else(|| Error::not_found("Operator"))?;
                operators::remove(&app, &CALLER, user.id)?;
                say!("{email} is no longer an operator.");
                for (key, _) in app.store.read(|db| db.keys_made_by(&email, app.now()))? {
                    say!("Note: the API key {key} that they made keeps working.");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(app: &App, json: bool) -> Result<()> {
    let rows: Vec<_> = app.store.read(|db| db.operators())?;
    let rows: Vec<_> = rows
        .iter()
        .map(|user| {
            json!({
                "user": user.id, "email": user.email, "name": user.name, "password": user.password_hash.is_some(),
                "disabled": user.is_disabled(),
            })
        })
        .collect();
    output::table(json, &["email", "name", "password", "disabled"], &rows);
    Ok(())
}
