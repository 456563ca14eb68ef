//! `vestibule audit`.

use super::{Place, output, workspace};
use crate::app::App;
use crate::domain::Result;
use crate::domain::audit::Filter;
use crate::domain::ids::WorkspaceId;
use std::process::ExitCode;

/// The commands of `audit`.
#[derive(clap::Subcommand)]
pub enum Audit {
    /// Print the log of an organisation, or of everything, as CSV, newest first
    Export {
        /// The organisation's slug or id. Default: everything
        org: Option<String>,
        #[command(flatten)]
        wanted: Wanted,
        #[command(flatten)]
        place: Place,
    },
}

/// Which lines to print.
#[derive(clap::Args)]
pub struct Wanted {
    /// Who did it: an id, or any part of a name or an address, also of a key's name; a whole address or key's name means only that one
    #[arg(long)]
    user: Option<String>,
    /// The kind of thing, such as member
    #[arg(long, value_name = "KIND")]
    resource_type: Option<String>,
    /// Part of the thing's name
    #[arg(long, value_name = "TEXT")]
    resource: Option<String>,
    /// A workspace: its id, also when it is deleted, or organisation/workspace (slugs)
    #[arg(long)]
    workspace: Option<String>,
    /// A day or a time, UTC; included
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// A day or a time, UTC; included
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Wanted {
    fn filter(self, app: &App) -> Result<Filter> {
        let Self { user, resource_type, resource, workspace, from, to } = self;
        let workspace = workspace.map(|named| workspace_id(app, named)).transpose()?;
        let given = [
            ("user", user),
            ("resource_type", resource_type),
            ("resource", resource),
            ("workspace", workspace),
            ("from", from),
            ("to", to),
        ];
        Filter::parse(|name| given.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.clone()))
    }
}

/// The id of the workspace that is named. The log knows deleted ones too, by their ids.
fn workspace_id(app: &App, named: String) -> Result<String> {
    if WorkspaceId::parse(&named).is_ok() {
        return Ok(named);
    }
    app.store.read(|db| Ok(workspace::find(db, &named)?.0.id.to_string()))
}

impl Audit {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Export { org, wanted, place } = self;
        let app = place.open()?;
        let filter = wanted.filter(&app)?;
        let organisation = org.map(|org| app.store.read(|db| db.organisation(&org))).transpose()?.map(|one| one.id);
        let filter = Filter { organisation, ..filter };
        output::csv(|page| app.store.read(|db| db.audit(&filter, page)))?;
        Ok(ExitCode::SUCCESS)
    }
}
