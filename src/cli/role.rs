//! `vestibule role`.

use super::{CALLER, Place, Switch, output};
use crate::actions::roles::{self, RoleChange};
use crate::api::roles::RoleView;
use crate::domain::custom_role::{RoleLevels, read_name};
use crate::domain::ids::ApplicationId;
use crate::domain::level::Level;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, Together};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// The commands of `role`.
#[derive(clap::Subcommand)]
pub enum RoleCommand {
    /// List the custom roles of an organisation
    List {
        /// The organisation's slug or id
        org: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Create a custom role
    Create {
        /// The organisation's slug or id
        org: String,
        /// The role's name
        name: String,
        /// The level in applications for which the role has no level: `no_access`, viewer, operator, editor or admin
        #[arg(long, value_name = "LEVEL")]
        default: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Set the level of a custom role in an application, and show whose level changes
    SetLevel {
        /// The organisation's slug or id
        org: String,
        /// The role's slug or id
        role: String,
        /// The application's id, as `vestibule app list` shows it
        app: String,
        /// `no_access`, `viewer`, `operator`, `editor` or `admin`; or `default`, to use the role's default level
        level: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// Remove a custom role, and show whose level changes
    Remove {
        /// The organisation's slug or id
        org: String,
        /// The role's slug or id
        role: String,
        /// The role that its members and invitations get: admin, `power_user`, or the slug or id of a custom role
        #[arg(long, value_name = "ROLE")]
        replace_by: Option<String>,
        #[command(flatten)]
        switch: Switch,
    },
}

fn level(field: &str, word: &str) -> Result<Level> {
    let choices = || Level::ALL.map(Level::as_str).join(", ");
    Level::parse(word).ok_or_else(|| Error::invalid(field, phrase!("field-one-of", choices = choices())))
}

impl RoleCommand {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { org, json, place } => {
                let (app, organisation) = place.organisation(&org)?;
                let all = output::everything(|page| roles::list(&app, &organisation.id, page))?;
                let rows: Vec<_> = all.into_iter().map(RoleView::from).collect();
                output::table(json, &["slug", "name", "default_level", "members", "id"], &rows);
            }
            Self::Create { org, name, default, json, place } => {
                let (name, default) = (read_name(&name), level("--default", &default)).together()?;
                let (app, organisation) = place.organisation(&org)?;
                let made = roles::create(&app, &CALLER, &organisation, name, RoleLevels::everywhere(default))?;
                output::record(json, &RoleView::from(made));
            }
            Self::SetLevel { org, role, app: id, level: word, switch } => {
                let wanted = if word == "default" { None } else { Some(level("LEVEL", &word)?) };
                let (app, organisation) = switch.place.organisation(&org)?;
                let levels = BTreeMap::from([(ApplicationId::parse(&id)?, wanted)]);
                let change = RoleChange { levels, ..RoleChange::default() };
                let (_, effect) = roles::update(&app, &CALLER, &organisation, role, change, switch.run())?;
                switch.print(&effect);
            }
            Self::Remove { org, role, replace_by, switch } => {
                let (app, organisation) = switch.place.organisation(&org)?;
                switch.print(&roles::delete(&app, &CALLER, &organisation, role, replace_by, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
