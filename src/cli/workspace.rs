//! `vestibule workspace`.

use super::{CALLER, Place, Switch, output};
use crate::actions::{deletion, organisations, workspaces};
use crate::api::workspaces::WorkspaceView;
use crate::app::App;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use serde::Serialize;
use std::process::ExitCode;

/// The commands of `workspace`.
#[derive(clap::Subcommand)]
pub enum WorkspaceCommand {
    /// List the workspaces of an organisation
    List {
        /// The organisation's slug or id
        org: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show one workspace
    Show {
        /// The workspace's id, or organisation/workspace (slugs)
        workspace: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Delete a workspace, and show who leaves the organisation with it and what ends
    Delete {
        /// The workspace's id, or organisation/workspace (slugs)
        workspace: String,
        #[command(flatten)]
        switch: Switch,
    },
}

impl WorkspaceCommand {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { org, json, place } => list(&place.open()?, &org, json)?,
            Self::Show { workspace, json, place } => show(&place.open()?, &workspace, json)?,
            Self::Delete { workspace, switch } => {
                let app = switch.place.open()?;
                let (workspace, _) = find(&app, &workspace)?;
                switch.print(&deletion::delete_workspace(&app, &CALLER, &workspace, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The workspace with this id or these slugs (`organisation/workspace`), and its organisation.
///
/// # Errors
/// `NotFound`, with a message that explains how to name a workspace.
pub(super) fn find(app: &App, named: &str) -> Result<(Workspace, Organisation)> {
    workspaces::named(app, named).map_err(|fault| match fault {
        Error::NotFound(_) => Error::NotFound(Phrase::words(format!(
            "Workspace not found: {named}. Name it by its id or as organisation/workspace, as `vestibule workspace list ORG` shows it."
        ))),
        other => other,
    })
}

/// A workspace, and the name that commands use for it.
#[derive(Serialize)]
struct Row {
    /// `organisation/workspace`, with their slugs.
    path: String,
    #[serde(flatten)]
    workspace: WorkspaceView,
}

impl Row {
    fn of(workspace: Workspace, organisation: &Organisation) -> Self {
        let path = format!("{}/{}", organisation.slug, workspace.slug);
        Self { path, workspace: WorkspaceView::of(workspace, None) }
    }
}

fn list(app: &App, org: &str, json: bool) -> Result<()> {
    let organisation = organisations::named(app, org)?;
    let all = output::everything(|page| workspaces::all(app, &organisation.id, None, page))?;
    let rows: Vec<_> = all.into_iter().map(|(workspace, _)| Row::of(workspace, &organisation)).collect();
    output::table(json, &["path", "name", "members", "id"], &rows);
    Ok(())
}

fn show(app: &App, named: &str, json: bool) -> Result<()> {
    let (workspace, organisation) = find(app, named)?;
    output::record(json, &Row::of(workspace, &organisation));
    Ok(())
}
