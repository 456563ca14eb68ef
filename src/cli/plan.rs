//! `vestibule plan`.

use super::{CALLER, Place, Switch, output};
use crate::actions::plans::{self, PlanChange, change_plan};
use crate::api::plans::PlanUseView;
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::AuthMode;
use std::process::ExitCode;

/// The commands of `plan`.
#[derive(clap::Subcommand)]
pub enum Plan {
    /// List the plans
    List {
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Change how organisations on a plan sign in, and show who keeps and who loses access
    SetAuth {
        /// The plan's id, such as business: `vestibule plan list` shows them
        plan: String,
        /// How members of these organisations may sign in
        #[arg(value_parser = ["password", "password_or_saml", "saml"])]
        mode: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// Change a plan's limits of people, workspaces and e-mails a day, and show which organisations exceed them
    #[command(group = clap::ArgGroup::new("limits").required(true).multiple(true))]
    SetLimits {
        /// The plan's id, such as business: `vestibule plan list` shows them
        plan: String,
        /// People in an organisation, including pending invitations; `none` for no limit
        #[arg(long, value_name = "NUMBER", group = "limits", value_parser = limit)]
        max_members: Option<Limit>,
        /// Workspaces in an organisation; `none` for no limit
        #[arg(long, value_name = "NUMBER", group = "limits", value_parser = limit)]
        max_workspaces: Option<Limit>,
        /// Invitations and reminders that an organisation may send by mail in a day; `none` for no limit
        #[arg(long, value_name = "NUMBER", group = "limits", value_parser = limit)]
        max_mails_per_day: Option<Limit>,
        #[command(flatten)]
        switch: Switch,
    },
}

/// A number, or none.
#[derive(Clone, Copy)]
pub struct Limit(Option<i64>);

fn limit(text: &str) -> std::result::Result<Limit, String> {
    match text {
        "none" => Ok(Limit(None)),
        number => number.parse().map(|number| Limit(Some(number))).map_err(|_| "give a number, or none".into()),
    }
}

impl Plan {
    /// Runs it.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { json, place } => list(&place.open()?, json)?,
            Self::SetAuth { plan, mode, switch } => {
                let change = PlanChange { auth_mode: Some(AuthMode::parse(&mode)?), ..PlanChange::default() };
                switch.print(&change_plan(&switch.place.open()?, &CALLER, plan, change, switch.run())?);
            }
            Self::SetLimits { plan, max_members, max_workspaces, max_mails_per_day, switch } => {
                let change = PlanChange {
                    max_members: max_members.map(|limit| limit.0),
                    max_workspaces: max_workspaces.map(|limit| limit.0),
                    max_mails_per_day: max_mails_per_day.map(|limit| limit.0),
                    ..PlanChange::default()
                };
                switch.print(&change_plan(&switch.place.open()?, &CALLER, plan, change, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(app: &App, json: bool) -> Result<()> {
    let plans = plans::list(app)?;
    let rows: Vec<_> = plans.into_iter().map(PlanUseView::from).collect();
    let limits = ["max_members", "max_workspaces", "max_mails_per_day"];
    let columns = [&["id", "name", "auth_mode"], &limits[..], &["organisations", "people"]].concat();
    output::table(json, &columns, &rows);
    Ok(())
}
