//! `vestibule org`.

use super::{CALLER, Place, Switch, output};
use crate::actions::organisations::OrganisationChange;
use crate::actions::{account, deletion, host_grants, members, organisations, plans, recovery};
use crate::api::applications::HostsView;
use crate::api::organisations::{CreatedOrganisation, OrganisationView};
use crate::app::App;
use crate::domain::application_host::HostGrant;
use crate::domain::catalogue::Language;
use crate::domain::language_tag::{LanguageTag, name_of};
use crate::domain::lives::LivesChange;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::time::lasting;
use crate::domain::{Email, Error, Name, Result, Together};
use serde::Serialize;
use std::process::ExitCode;

/// The commands of `org`.
#[derive(clap::Subcommand)]
pub enum Org {
    /// List the organisations
    List {
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show one organisation
    Show {
        /// The organisation's slug or id
        org: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Create an organisation with its first workspace, and invite its first admin
    Create {
        /// The organisation's name
        name: String,
        /// The plan's id, such as business: `vestibule plan list` shows them
        #[arg(long)]
        plan: String,
        /// The e-mail address of its first admin
        #[arg(long, value_name = "EMAIL")]
        admin: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Set how long invitations and sessions last in an organisation; at most as long as the appliance allows
    #[command(group = clap::ArgGroup::new("lives").required(true).multiple(true))]
    SetLives {
        /// The organisation's slug or id
        org: String,
        /// Hours during which an invitation can be accepted, 1 to 336 (14 days), or `default` for the appliance's
        #[arg(long, value_name = "HOURS", group = "lives", value_parser = life)]
        invitation_hours: Option<Life>,
        /// Hours without a request after which a session ends, 1 to 2160, or `default` for the appliance's
        #[arg(long, value_name = "HOURS", group = "lives", value_parser = life)]
        session_idle_hours: Option<Life>,
        /// Days after which a session ends, even if it is in use, 1 to 90, or `default` for the appliance's
        #[arg(long, value_name = "DAYS", group = "lives", value_parser = life)]
        session_days: Option<Life>,
        #[command(flatten)]
        place: Place,
    },
    /// Set the language of e-mails and pages for people of an organisation who have chosen none
    SetLanguage {
        /// The organisation's slug or id
        org: String,
        /// The language's tag, such as en, or `default` for English
        language: String,
        #[command(flatten)]
        place: Place,
    },
    /// Grant hosts for applications to an organisation in place of all earlier grants, and show which applications stop working
    SetHosts {
        /// The organisation's slug or id
        org: String,
        /// A name such as wiki.example.com, or *.apps.example.com for all names with one more label
        #[arg(value_name = "HOST", required_unless_present = "none", conflicts_with = "none")]
        hosts: Vec<String>,
        /// Remove all grants
        #[arg(long)]
        none: bool,
        #[command(flatten)]
        switch: Switch,
    },
    /// Switch an organisation's plan, and show who keeps and who loses access
    SetPlan {
        /// The organisation's slug or id
        org: String,
        /// The plan's id, such as business: `vestibule plan list` shows them
        plan: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// Delete an organisation with everything in it, and show who loses access and what ends
    Delete {
        /// The organisation's slug or id
        org: String,
        /// The organisation's name, to confirm; required without --dry-run
        #[arg(long, value_name = "NAME", required_unless_present = "dry_run")]
        confirm: Option<String>,
        #[command(flatten)]
        switch: Switch,
    },
    /// Remove an organisation admin's rights, and show whether they keep access
    RemoveAdmin {
        /// The organisation's slug or id
        org: String,
        /// The admin's e-mail address
        email: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// Print a one-time link, valid for 15 minutes, with which an organisation admin sets a password and signs in under SAML-only
    Recover {
        /// The organisation's slug or id
        org: String,
        /// The admin's e-mail address
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Org {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { json, place } => list(&place.open()?, json)?,
            Self::Show { org, json, place } => show(&place.open()?, &org, json)?,
            Self::Create { name, plan, admin, json, place } => create(&place.open()?, &name, plan, &admin, json)?,
            Self::Recover { org, email, place } => {
                let (app, organisation) = place.organisation(&org)?;
                let email = Email::parse(&email)?;
                let what =
                    format!("Recovery link by which {email} sets a password and signs in to {}", organisation.name);
                let link = recovery::link(&app, &CALLER, &organisation, email)?;
                output::one_time_link(&what, recovery::LINK_SECS, &link);
            }
            Self::SetLives { org, invitation_hours, session_idle_hours, session_days, place } => {
                let (app, organisation) = place.organisation(&org)?;
                let lives = LivesChange {
                    invitation_hours: invitation_hours.map(|life| life.0),
                    session_idle_hours: session_idle_hours.map(|life| life.0),
                    session_days: session_days.map(|life| life.0),
                };
                let change = OrganisationChange { lives, ..OrganisationChange::default() };
                let lives = organisations::change(&app, &CALLER, &organisation, change)?.organisation.lives;
                say!("Invitations to {} last {}.", organisation.name, lasting(lives.invitation_secs()));
                say!(
                    "Sign-ins last {} without a request, and {} in any case.",
                    lasting(lives.idle_secs()),
                    lasting(lives.session_secs())
                );
            }
            Self::SetLanguage { org, language, place } => set_language(&place, &org, &language)?,
            Self::SetPlan { org, plan, switch } => {
                let (app, organisation) = switch.place.organisation(&org)?;
                switch.print(&plans::switch_plan(&app, &CALLER, &organisation, plan, switch.run())?);
            }
            Self::Delete { org, confirm, switch } => {
                let (app, organisation) = switch.place.organisation(&org)?;
                let effect = deletion::delete_organisation(&app, &CALLER, &organisation, confirm, switch.run());
                switch.print(&effect.map_err(|fault| fault.for_field("--confirm"))?);
            }
            Self::SetHosts { org, hosts, none: _, switch } => set_hosts(&switch, &org, &hosts)?,
            Self::RemoveAdmin { org, email, switch } => {
                let email = Email::parse(&email)?;
                let (app, organisation) = switch.place.organisation(&org)?;
                let user = account::person(&app, &email, phrase!("organisation-admin-not-found"))?;
                switch.print(&members::remove_admin(&app, &CALLER, &organisation, user.id, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A lifetime, or `None` for `default`.
#[derive(Clone, Copy)]
pub struct Life(Option<i64>);

fn life(text: &str) -> std::result::Result<Life, String> {
    match text {
        "default" => Ok(Life(None)),
        number => number.parse().map(|number| Life(Some(number))).map_err(|_| "give a number, or default".into()),
    }
}

fn set_language(place: &Place, org: &str, tag: &str) -> Result<()> {
    let offered = || Language::offered().map(Language::tag).collect::<Vec<_>>().join(", ");
    let (tag, language) = match tag {
        "default" => (None, Language::ENGLISH),
        tag => {
            let unknown = || Error::invalid("language", Phrase::words(format!("must be one of {}", offered())));
            (Some(LanguageTag::parse(tag)?), Language::nearest(tag).ok_or_else(unknown)?)
        }
    };
    let (app, organisation) = place.organisation(org)?;
    let change = OrganisationChange { language: Some(tag), ..OrganisationChange::default() };
    let name = organisations::change(&app, &CALLER, &organisation, change)?.organisation.name;
    say!("The language of {name} is {} for people who have chosen none.", name_of(language));
    Ok(())
}

fn set_hosts(switch: &Switch, org: &str, hosts: &[String]) -> Result<()> {
    let (app, organisation) = switch.place.organisation(org)?;
    let grants: Vec<_> = hosts.iter().map(|host| HostGrant::parse(host)).collect();
    let (grants, effect) = host_grants::set(&app, &CALLER, &organisation, grants.together()?, switch.run())?;
    if switch.json {
        output::json(&HostsView::from((grants, effect)));
        return Ok(());
    }
    switch.print(&effect);
    let names: Vec<_> = grants.iter().map(HostGrant::as_str).collect();
    let names = if names.is_empty() { "none".into() } else { names.join(", ") };
    say!("Hosts granted to {}{}: {names}", organisation.name, if effect.applied { "" } else { " now" });
    Ok(())
}

fn list(app: &App, json: bool) -> Result<()> {
    let all = output::everything(|page| organisations::list(app, "", page))?;
    let rows: Vec<_> = all.into_iter().map(OrganisationView::from).collect();
    output::table(json, &["slug", "name", "plan.id", "sso", "saml_only", "people", "workspaces"], &rows);
    Ok(())
}

/// An organisation, and the values that its identity provider needs.
#[derive(Serialize)]
struct WithConnection {
    #[serde(flatten)]
    organisation: OrganisationView,
    portal_key: Option<String>,
    entity_id: String,
    callback_url: String,
}

fn show(app: &App, org: &str, json: bool) -> Result<()> {
    let summary = organisations::summary(app, &organisations::named(app, org)?.id)?;
    let sp = app.service_provider(&summary.organisation.connection_id);
    let portal_key = summary.organisation.portal_key.clone();
    let organisation = summary.into();
    output::record(
        json,
        &WithConnection { organisation, portal_key, entity_id: sp.entity_id, callback_url: sp.acs_url },
    );
    Ok(())
}

fn create(app: &App, name: &str, plan: String, admin: &str, json: bool) -> Result<()> {
    let admin = Email::parse(admin).map_err(|fault| fault.for_field("--admin"));
    let known = plans::known(app, &plan).map_err(|fault| fault.for_field("--plan"));
    let (name, (), admin) = (Name::parse("name", name), known, admin).together()?;
    let (summary, workspace, invited) = organisations::create(app, &CALLER, name, plan, admin)?;
    if json {
        output::json(&CreatedOrganisation::of(summary, workspace, invited));
    } else {
        let organisation = summary.organisation;
        say!("Made {} ({}). {}", organisation.name, organisation.slug, output::invitation_link(&invited));
    }
    Ok(())
}
