//! `vestibule plan`.

use super::{CALLER, Place, output};
use crate::actions::Run;
use crate::actions::plans::{PlanChange, change_plan};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::AuthMode;
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
    /// Change how the organisations on a plan may sign in, and say who keeps access and who loses it
    SetAuth {
        /// The plan
        plan: String,
        /// How they may sign in
        #[arg(value_parser = ["password", "password_or_saml", "saml"])]
        mode: String,
        /// Change nothing; only say what would happen
        #[arg(long)]
        dry_run: bool,
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
        match self {
            Self::List { json, place } => list(&place.open()?, json)?,
            Self::SetAuth { plan, mode, dry_run, json, place } => {
                let run = if dry_run { Run::Dry } else { Run::Real };
                let change = PlanChange { auth_mode: Some(AuthMode::parse(&mode)?), ..PlanChange::default() };
                output::effect(json, &change_plan(&place.open()?, &CALLER, plan, change, run)?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(app: &App, json: bool) -> Result<()> {
    let plans = app.store.read(|db| db.plans())?;
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
    Ok(())
}
