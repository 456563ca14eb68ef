//! `vestibule audit`.

use super::{Place, output, workspace};
use crate::actions::{audit, organisations};
use crate::api::audit::{EntryView, VerifiedView};
use crate::app::App;
use crate::domain::audit::{Filter, RESOURCE_TYPES};
use crate::domain::ids::WorkspaceId;
use crate::domain::{Page, Result};
use std::process::ExitCode;

/// The commands of `audit`.
#[derive(clap::Subcommand)]
pub enum Audit {
    /// Print the log of an organisation, or of everything, newest first
    Export {
        /// The organisation's slug or id. Default: everything
        org: Option<String>,
        /// The format: a table, or one JSON object per line
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        #[command(flatten)]
        wanted: Wanted,
        #[command(flatten)]
        place: Place,
    },
    /// Verify that no entry of the log was changed, removed or moved; exits with 1 if one was
    Verify {
        /// The organisation's slug or id. Default: all logs
        org: Option<String>,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

/// The formats of an exported log.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Csv,
    Jsonl,
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
        match self {
            Self::Export { org, format, wanted, place } => export(org.as_deref(), format, wanted, &place),
            Self::Verify { org, json, place } => verify(org.as_deref(), json, &place),
        }
    }
}

fn export(org: Option<&str>, format: Format, wanted: Wanted, place: &Place) -> Result<ExitCode> {
    let app = place.open()?;
    let filter = wanted.filter(&app)?;
    let organisation = org.map(|org| organisations::named(&app, org)).transpose()?.map(|one| one.id);
    let filter = Filter { organisation, ..filter };
    let page = |page: &Page| audit::entries(&app, &filter, page);
    match format {
        Format::Csv => output::csv(page)?,
        Format::Jsonl => output::json_lines(page, EntryView::from)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(org: Option<&str>, json: bool, place: &Place) -> Result<ExitCode> {
    let app = place.open()?;
    let wanted = org.map(|org| organisations::named(&app, org)).transpose()?;
    let mut logs = audit::verify(&app)?;
    if let Some(wanted) = &wanted {
        logs.retain(|log| log.verified.organisation.as_deref() == Some(wanted.id.as_str()));
    }
    let is_whole = logs.iter().all(|log| log.verified.fault.is_none());
    let logs: Vec<_> = logs.iter().map(VerifiedView::from).collect();
    if json {
        output::json(&logs);
    } else {
        logs.iter().for_each(print);
        say!("{}", if is_whole { "Nothing is missing, and nothing was changed." } else { "The log was changed." });
    }
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn print(log: &VerifiedView) {
    let name = log.organisation.as_deref().unwrap_or("(appliance)");
    let entries = if log.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", log.entries) };
    say!("{name}: {entries}, newest {}, hash {}", log.newest, log.hash);
    log.fault.iter().for_each(|fault| say!("  {fault}"));
}
