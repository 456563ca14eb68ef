//! `vestibule plan`.

use super::{Place, output};
use crate::domain::Result;
use serde_json::json;
use std::process::ExitCode;

/// The commands of `plan`.
#[derive(clap::Subcommand)]
pub enum Plan {
    /// List the plans
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Plan {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::List { json, place } = self;
        let plans = place.open()?.store.read(|db| db.plans())?;
        let rows: Vec<_> = plans
            .iter()
            .map(|used| {
                json!({
                    "id": used.plan.id, "name": used.plan.name, "auth_mode": used.plan.auth_mode,
                    "max_members": used.plan.max_members, "max_workspaces": used.plan.max_workspaces,
                    "organisations": used.organisations, "people": used.people,
                })
            })
            .collect();
        let columns = ["id", "name", "auth_mode", "max_members", "max_workspaces", "organisations", "people"];
        output::table(json, &columns, &rows);
        Ok(ExitCode::SUCCESS)
    }
}
