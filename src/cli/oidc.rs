//! `vestibule oidc`.

use super::{CALLER, Place, output};
use crate::actions::signing_keys;
use crate::api::signing_keys::SigningKeyView;
use crate::domain::Result;
use std::process::ExitCode;

/// The commands of `oidc`.
#[derive(clap::Subcommand)]
pub enum Oidc {
    /// Make the next signing keys sign from now on, and make new next keys. Applications know the next keys already; tokens that were
    /// signed before stay valid until they expire
    RotateKeys {
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Oidc {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        let Self::RotateKeys { json, place } = self;
        let keys = signing_keys::rotate(&place.open()?, &CALLER)?;
        let rows: Vec<_> = keys.iter().map(SigningKeyView::from).collect();
        output::table(json, &["id", "algorithm", "state", "created_at", "signs_from", "retired_at"], &rows);
        Ok(ExitCode::SUCCESS)
    }
}
