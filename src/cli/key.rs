//! `vestibule key`: API keys with operator rights.

use super::{CALLER, Place, Switch, output};
use crate::actions::handed_over::KnownPasswords;
use crate::actions::keys;
use crate::api::keys::KeyView;
use crate::app::App;
use crate::domain::ids::KeyId;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Name, Result, Timestamp, Together};
use std::process::ExitCode;

/// The commands of `key`.
#[derive(clap::Subcommand)]
pub enum Key {
    /// List the API keys with operator rights
    List {
        #[command(flatten)]
        of: Of,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Create an API key with operator rights, and print it once
    Create {
        /// A name for the key, such as the script that uses it
        name: String,
        #[command(flatten)]
        of: Of,
        /// When the key expires: a date such as 2027-01-31, a time such as 2027-01-31T12:00:00Z, or never. Default: 90 days from now
        #[arg(long, value_name = "DATE|never")]
        expires: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Delete an API key with operator rights: it stops working at once, with the keys and links that it created
    Delete {
        /// The key's id, as `vestibule key list --operator` shows it
        id: String,
        #[command(flatten)]
        of: Of,
        /// Also end the passwords that were set with links that the key received, and all that was made with these passwords
        #[arg(long)]
        end_passwords: bool,
        #[command(flatten)]
        switch: Switch,
    },
}

/// The flag that names the owner of the keys.
#[derive(clap::Args)]
pub struct Of {
    /// Required: these commands are for keys with operator rights; keys of an organisation are made in the console
    #[arg(long, required = true)]
    operator: bool,
}

impl Key {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { json, place, .. } => list(&place.open()?, json)?,
            Self::Create { name, expires, place, .. } => {
                let expires_at = expires.as_deref().map(parse_expiry).transpose();
                let (name, expires_at) = (Name::parse("name", &name), expires_at).together()?;
                let app = place.open()?;
                let (key, secret) = keys::create_operator_key(&app, &CALLER, name, expires_at)
                    .map_err(|fault| fault.for_field("--expires"))?;
                say!("{secret}");
                let until = key.expires_at.map_or_else(|| "never expires".into(), |at| format!("expires at {at}"));
                complain!("{} {until}. It is not shown again.", key.name);
            }
            Self::Delete { id, end_passwords, switch, .. } => {
                let (app, id) = (switch.place.open()?, KeyId::parse(&id)?);
                let effect = keys::delete_operator_key(
                    &app,
                    &CALLER,
                    id,
                    KnownPasswords::that_end(end_passwords),
                    switch.run(),
                )?;
                if switch.json {
                    switch.print(&effect);
                } else {
                    say!(
                        "{}",
                        if effect.applied { "Deleted." } else { "Nothing has changed yet. The key would be deleted." }
                    );
                    effect.loses.iter().for_each(|one| say!("Note: {} {}.", one.email, one.reason));
                    effect.warnings.iter().for_each(|warning| say!("Note: {warning}"));
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Parses an expiry, as `None` if it is `never`. A date means its beginning, in UTC.
fn parse_expiry(text: &str) -> Result<Option<Timestamp>> {
    if text == "never" {
        return Ok(None);
    }
    let at = Timestamp::typed(text).map(|(at, _)| at);
    at.map(Some).ok_or_else(|| {
        Error::invalid("--expires", Phrase::words("must be a date such as 2027-01-31, a time, or never"))
    })
}

fn list(app: &App, json: bool) -> Result<()> {
    let all = output::everything(|page| keys::list(app, None, page))?;
    let rows: Vec<_> = all.into_iter().map(KeyView::from).collect();
    output::table(json, &["id", "name", "created_by", "created_at", "expires_at", "last_used_at"], &rows);
    Ok(())
}
