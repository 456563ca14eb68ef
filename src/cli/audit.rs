//! `vestibule audit`.

use super::{Place, output};
use crate::domain::Result;
use crate::domain::audit::Filter;
use std::process::ExitCode;

/// The commands of `audit`.
#[derive(clap::Subcommand)]
pub enum Audit {
    /// Print the log as CSV, newest first: of an organisation, or of everything
    Export {
        /// The organisation's slug or id; everything where absent
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
    /// Who did it: an id, an address or a key's name
    #[arg(long)]
    user: Option<String>,
    /// The kind of thing, such as member
    #[arg(long, value_name = "KIND")]
    resource_type: Option<String>,
    /// Part of the thing's name
    #[arg(long, value_name = "TEXT")]
    resource: Option<String>,
    /// The id of a workspace
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
    fn filter(self) -> Result<Filter> {
        let Self { user, resource_type, resource, workspace, from, to } = self;
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

impl Audit {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Export { org, wanted, place } = self;
        let (app, filter) = (place.open()?, wanted.filter()?);
        let organisation = org.map(|org| app.store.read(|db| db.organisation(&org))).transpose()?.map(|one| one.id);
        let filter = Filter { organisation, ..filter };
        output::csv(|page| app.store.read(|db| db.audit(&filter, page)))?;
        Ok(ExitCode::SUCCESS)
    }
}
