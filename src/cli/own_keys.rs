//! `vestibule saml keys`.

use super::{CALLER, Place, output};
use crate::actions::own_keys;
use crate::api::own_keys::OwnKeysView;
use crate::domain::Result;
use crate::domain::ids::OwnKeysId;
use std::process::ExitCode;

/// The flags of `keys`.
#[derive(clap::Args)]
pub struct Keys {
    /// The organisation's slug or id
    org: String,
    /// Create and publish a second generation of keys; the first keeps signing until it is retired
    #[arg(long)]
    rotate: bool,
    /// Stop using this generation of keys: an id from the list
    #[arg(long, value_name = "ID", conflicts_with = "rotate")]
    retire: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Keys {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        let (app, organisation) = self.place.organisation(&self.org)?;
        if self.rotate {
            own_keys::rotate(&app, &CALLER, &organisation)?;
        }
        if let Some(id) = &self.retire {
            own_keys::retire(&app, &CALLER, &organisation, OwnKeysId::parse(id)?)?;
        }
        let keyring = own_keys::keyring(&app, &organisation)?;
        let signer = &keyring.signer().id;
        let rows: Vec<_> = keyring
            .generations()
            .map(|keys| OwnKeysView::of(keys, keys.id == *signer, app.now()))
            .collect::<Result<_>>()?;
        output::table(
            self.json,
            &["id", "created_at", "signs", "last_decrypted_at", "signing.fingerprint", "encryption.fingerprint"],
            &rows,
        );
        Ok(ExitCode::SUCCESS)
    }
}
