//! `vestibule audit`.

use super::{Place, output, workspace};
use crate::actions::{audit, organisations};
use crate::app::App;
use crate::domain::Result;
use crate::domain::audit::{Filter, RESOURCE_TYPES};
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

/// Which audit entries to print.
#[derive(clap::Args)]
pub struct Wanted {
    /// Only actions of this person or API key: an id, or part of a name or e-mail address; a whole address or key name means only that one
    #[arg(long)]
    user: Option<String>,
    /// Only changes to this kind of resource
    #[arg(long, value_name = "KIND", value_parser = RESOURCE_TYPES)]
    resource_type: Option<String>,
    /// Only changes to resources with this text in their name
    #[arg(long, value_name = "TEXT")]
    resource: Option<String>,
    /// Only this workspace: its id (works for a deleted workspace as well), or organisation/workspace (slugs)
    #[arg(long)]
    workspace: Option<String>,
    /// The first day or time, in UTC, such as 2026-11-24 or 2026-11-24T09:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The last day or time, in UTC; included
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

/// The id of a workspace, which `named` names. An id is returned unchanged, because the log also has entries about
/// deleted workspaces.
fn workspace_id(app: &App, named: String) -> Result<String> {
    if WorkspaceId::parse(&named).is_ok() {
        return Ok(named);
    }
    Ok(workspace::find(app, &named)?.0.id.to_string())
}

impl Audit {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Export { org, wanted, place } = self;
        let app = place.open()?;
        let filter = wanted.filter(&app)?;
        let organisation = org.map(|org| organisations::named(&app, &org)).transpose()?.map(|one| one.id);
        let filter = Filter { organisation, ..filter };
        output::csv(|page| audit::entries(&app, &filter, page))?;
        Ok(ExitCode::SUCCESS)
    }
}
