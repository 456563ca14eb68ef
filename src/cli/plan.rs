//! `vestibule plan`.

use super::{CALLER, Place, Switch, output};
use crate::actions::plans::{self, PlanChange, change_plan};
use crate::api::plans::PlanUseView;
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::AuthMode;
use crate::domain::plan::{LimitChanges, PlanLimit};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
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
    /// Change a plan's limits, such as those of people and workspaces, and show which organisations exceed them
    #[command(group = clap::ArgGroup::new("limits").required(true).multiple(true).args(PlanLimit::ALL.map(PlanLimit::as_str)))]
    SetLimits {
        /// The plan's id, such as business: `vestibule plan list` shows them
        plan: String,
        #[command(flatten)]
        limits: LimitFlags,
        #[command(flatten)]
        switch: Switch,
    },
}

/// An option for each limit.
pub struct LimitFlags(LimitChanges);

impl Args for LimitFlags {
    fn augment_args(command: Command) -> Command {
        command.args(PlanLimit::ALL.map(|limit| {
            Arg::new(limit.as_str())
                .long(limit.as_str().replace('_', "-"))
                .value_name("NUMBER")
                .value_parser(number_or_none)
                .help(format!("{}; `none` for no limit", limit.description()))
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LimitFlags {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let given = |limit: PlanLimit| Some((limit, matches.get_one::<Number>(limit.as_str())?.0));
        Ok(Self(PlanLimit::ALL.into_iter().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A limit, or `None` for `none`.
#[derive(Clone, Copy)]
struct Number(Option<i64>);

fn number_or_none(text: &str) -> std::result::Result<Number, String> {
    match text {
        "none" => Ok(Number(None)),
        number => number.parse().map(|number| Number(Some(number))).map_err(|_| "give a number, or none".into()),
    }
}

impl Plan {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { json, place } => list(&place.open()?, json)?,
            Self::SetAuth { plan, mode, switch } => {
                let change = PlanChange { auth_mode: Some(AuthMode::parse(&mode)?), ..PlanChange::default() };
                switch.print(&change_plan(&switch.place.open()?, &CALLER, plan, change, switch.run())?);
            }
            Self::SetLimits { plan, limits: LimitFlags(limits), switch } => {
                let change = PlanChange { limits, ..PlanChange::default() };
                switch.print(&change_plan(&switch.place.open()?, &CALLER, plan, change, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(app: &App, json: bool) -> Result<()> {
    let plans = plans::list(app)?;
    let rows: Vec<_> = plans.into_iter().map(PlanUseView::from).collect();
    let limits = PlanLimit::ALL.map(PlanLimit::as_str);
    let columns = [&["id", "name", "auth_mode"], &limits[..], &["organisations", "people"]].concat();
    output::table(json, &columns, &rows);
    Ok(())
}
