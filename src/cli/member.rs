//! `vestibule member`.

use super::{CALLER, Place, Switch, output, read_file, workspace};
use crate::actions::bulk_invitations::{self, Outcome, Tried};
use crate::actions::{Run, account, invitations, members, organisations, removal, roles};
use crate::api::invitations::TriedView;
use crate::api::members::MemberView;
use crate::app::App;
use crate::domain::invitees;
use crate::domain::member_search::Filter;
use crate::domain::person::Role;
use crate::domain::phrase::phrase;
use crate::domain::{Email, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// The commands of `member`.
#[derive(clap::Subcommand)]
pub enum Member {
    /// List the people of an organisation
    List {
        /// The organisation's slug or id
        org: String,
        #[command(flatten)]
        wanted: Sought,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        /// Print as CSV, for spreadsheets
        #[arg(long, conflicts_with = "json")]
        csv: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Invite a person to a workspace, or everyone on a list: by mail, or without a mail server by printed links
    Invite(Invite),
    /// Remove a person from a workspace, at once, and show whether they keep access to the organisation
    Revoke {
        /// The workspace's id, or organisation/workspace (slugs)
        workspace: String,
        /// The person's e-mail address
        email: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// Remove a person from an organisation: from all its workspaces, and as its admin
    Remove {
        /// The organisation's slug or id
        org: String,
        /// The person's e-mail address
        email: String,
        #[command(flatten)]
        switch: Switch,
    },
}

/// The people to invite.
#[derive(clap::Args)]
pub struct Invite {
    /// The workspace's id, or organisation/workspace (slugs)
    workspace: String,
    /// The person's e-mail address
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    email: Option<String>,
    /// The role in the workspace: admin, `power_user`, or the slug or id of a custom role; with --file, for people on the list without a role
    #[arg(long, required_unless_present = "file")]
    role: Option<String>,
    /// A list of at most 500 people (- reads standard input): an address on each line, or a table with a header line such as email,name,role
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// With --file: invite no one, and show what would happen with each line
    #[arg(long, requires = "file")]
    dry_run: bool,
    /// With --file: print as JSON
    #[arg(long, requires = "file")]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Invite {
    fn run(self) -> Result<ExitCode> {
        let app = self.place.open()?;
        let (workspace, organisation) = workspace::find(&app, &self.workspace)?;
        let roles = roles::names(&app, &organisation.id)?;
        let role = roles.given(self.role.as_deref().unwrap_or(Role::PowerUser.as_str()))?;
        let Some(file) = &self.file else {
            let email = Email::parse(&self.email.unwrap_or_default())?;
            let wanted = (email, role.as_str().to_owned());
            let invited = invitations::invite(&app, &CALLER, &organisation, &workspace, wanted)?;
            say!("{}", output::invitation_link(&invited));
            return Ok(ExitCode::SUCCESS);
        };
        let people = bulk_invitations::read(&invitees::decode(&read_file(file)?), &roles)
            .map_err(|fault| fault.for_field(&file.display().to_string()))?;
        let run = if self.dry_run { Run::Dry { skip: 0 } } else { Run::Real };
        let tried = bulk_invitations::invite_all(&app, &CALLER, &organisation, &workspace, people, Some(role), run)?;
        Ok(print_outcomes(self.json, tried))
    }
}

/// Prints the outcome of each line; the exit code is 1 if a line was refused.
fn print_outcomes(json: bool, tried: Vec<Tried>) -> ExitCode {
    let links: Vec<_> = tried.iter().filter_map(|one| one.invited.as_ref()).map(output::invitation_link).collect();
    let all_invited = tried.iter().all(|one| one.outcome == Outcome::Invited);
    let rows: Vec<_> = tried.into_iter().map(TriedView::from).collect();
    output::table(json, &["line", "text", "role", "outcome", "message"], &rows);
    for link in links.iter().filter(|_| !json) {
        say!("{link}");
    }
    if all_invited { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Which people to list.
#[derive(clap::Args)]
pub struct Sought {
    /// Only people with this text in their name or e-mail address
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only organisation admins (`organisation_admin`), or people with this role in any workspace: admin, `power_user`, or the slug or id of a custom role
    #[arg(long)]
    role: Option<String>,
    /// Only people whose last sign-in was by this method
    #[arg(long, value_parser = ["password", "saml", "recovery", "never"])]
    method: Option<String>,
    /// Only people whose last sign-in was within 90 days (active), longer ago (away) or never (new)
    #[arg(long, value_parser = ["active", "away", "new"])]
    state: Option<String>,
    /// Only people who have (ready) or have not (waiting) signed in through SAML since the connection was tested
    #[arg(long, value_parser = ["ready", "waiting"])]
    saml: Option<String>,
}

impl Sought {
    fn filter(self) -> Result<Filter> {
        let Self { search, role, method, state, saml } = self;
        let given = [("search", search), ("role", role), ("method", method), ("state", state), ("saml", saml)];
        Filter::of_organisation(|name| {
            given.iter().find(|(known, _)| *known == name).and_then(|(_, value)| value.clone())
        })
    }
}

impl Member {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { org, wanted, csv: true, place, .. } => {
                let filter = wanted.filter()?;
                let (app, organisation) = place.organisation(&org)?;
                output::csv(|page| members::file_page(&app, &CALLER, &organisation.id, &filter, page))?;
            }
            Self::List { org, wanted, json, place, .. } => list(&place.open()?, &org, &wanted.filter()?, json)?,
            Self::Invite(invite) => return invite.run(),
            Self::Revoke { workspace, email, switch } => {
                let (app, email) = (switch.place.open()?, Email::parse(&email)?);
                let (workspace, _) = workspace::find(&app, &workspace)?;
                let user = account::person(&app, &email, phrase!("member-not-found"))?;
                switch.print(&members::revoke(&app, &CALLER, &workspace, user.id, switch.run())?);
            }
            Self::Remove { org, email, switch } => {
                let email = Email::parse(&email)?;
                let (app, organisation) = switch.place.organisation(&org)?;
                let user = account::person(&app, &email, phrase!("member-not-found"))?;
                switch.print(&removal::remove(&app, &CALLER, &organisation, user.id, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(app: &App, org: &str, filter: &Filter, json: bool) -> Result<()> {
    let id = organisations::named(app, org)?.id;
    let all = output::everything(|page| members::of_organisation(app, &id, filter, page))?;
    let rows: Vec<_> = all.into_iter().map(MemberView::from).collect();
    let columns = ["email", "name", "admin", "password", "disabled", "workspaces", "last_sign_in_at", "last_method"];
    output::table(json, &columns, &rows);
    Ok(())
}
