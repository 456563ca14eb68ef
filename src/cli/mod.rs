//! The command line, one file for each command. Commands work on the database beside a running server, through the same
//! actions as `http`.

#[macro_use]
mod output;

mod accept_copy;
mod application;
mod attempts;
mod audit;
mod backup;
mod branding;
mod connection;
mod demo;
mod doctor;
mod examples;
mod explained;
mod key;
mod logging;
mod mail;
mod manual;
mod member;
mod missing;
mod oidc;
mod oidc_client;
mod operator;
mod org;
mod own_keys;
mod plan;
mod role;
mod saml;
mod serve;
mod settings;
mod setup;
mod setup_link;
mod upgrade;
mod user;
mod workspace;

use crate::actions::{Caller, Run, organisations};
use crate::app::App;
use crate::config::Environment;
use crate::domain::access::Effect;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Sign-in and access management: organisations, members, plans, password and SAML sign-in.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the application
    Serve(serve::Serve),
    /// Try everything on this machine, offline: two organisations, ten people and a practice identity provider
    Demo(demo::Demo),
    Setup(setup::Setup),
    /// Operators: the people who run the appliance
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Organisations: create, plan, session lifetimes, recovery, deletion
    #[command(subcommand)]
    Org(org::Org),
    /// Plans: sign-in methods and limits
    #[command(subcommand)]
    Plan(plan::Plan),
    /// Single sign-on of an organisation
    #[command(subcommand)]
    Sso(connection::Sso),
    /// Workspaces of an organisation
    #[command(subcommand)]
    Workspace(workspace::WorkspaceCommand),
    /// Applications of a workspace
    #[command(subcommand)]
    App(application::ApplicationCommand),
    /// Custom roles of an organisation: levels in its applications
    #[command(subcommand)]
    Role(role::RoleCommand),
    /// Members and invitations
    #[command(subcommand)]
    Member(member::Member),
    /// People: reset a password, disable, enable
    #[command(subcommand)]
    User(user::User),
    /// API keys with operator rights
    #[command(subcommand)]
    Key(key::Key),
    /// The name and logo on pages and in e-mails
    #[command(subcommand)]
    Branding(branding::BrandingCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Test the mail server
    #[command(subcommand)]
    Mail(mail::Mail),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Upgrade(upgrade::Upgrade),
    AcceptCopy(accept_copy::AcceptCopy),
    Completions(manual::Completions),
    Man(manual::Man),
    /// Explain a SAML response; our own SAML keys
    #[command(subcommand)]
    Saml(saml::Saml),
    /// OpenID Connect: the signing keys
    #[command(subcommand)]
    Oidc(oidc::Oidc),
}

/// The data folder, and the public URL of the appliance.
#[derive(clap::Args)]
pub(super) struct Place {
    /// The folder that holds vestibule.db
    #[arg(long, env = "VESTIBULE_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// The public URL that printed links begin with. Default: the one that `serve` used last
    #[arg(long, env = "VESTIBULE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

impl Place {
    /// Opens the appliance, with one of its organisations.
    fn organisation(&self, org: &str) -> Result<(App, Organisation)> {
        let app = self.open()?;
        let organisation = organisations::named(&app, org)?;
        Ok((app, organisation))
    }

    /// Opens the appliance in this folder, beside the server that may be running there, which sends the e-mails that a
    /// command queues.
    fn open(&self) -> Result<App> {
        self.check()?;
        App::open_beside(&self.data, self.public_url.clone())
    }

    /// Checks that there is a database in this folder.
    fn check(&self) -> Result<()> {
        // A vestibule.db-wal without its vestibule.db is refused by the store.
        if ["vestibule.db", "vestibule.db-wal"].iter().all(|file| !self.data.join(file).exists()) {
            return Err(Error::unavailable(Phrase::words(format!(
                "There is no vestibule.db in {}. Set its folder with --data, or make one with `vestibule setup` or `vestibule serve`.{}",
                self.data.display(),
                Environment::forbidden_file()
                    .map(|file| format!(
                        " The service's folder is set in {}, which this user may not read.",
                        file.display()
                    ))
                    .unwrap_or_default()
            ))));
        }
        Ok(())
    }

    /// As `open`, but without sending e-mail, for commands that print a link: the person at the shell wants the link
    /// itself, and the mail server may be broken.
    fn open_without_mail(&self) -> Result<App> {
        let mut app = self.open()?;
        app.sends_mail = false;
        Ok(app)
    }
}

/// The flags of every command with a dry run.
#[derive(clap::Args)]
pub(super) struct Switch {
    /// Change nothing; only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Switch {
    fn run(&self) -> Run {
        if self.dry_run { Run::Dry { skip: 0 } } else { Run::Real }
    }

    fn print(&self, effect: &Effect) {
        output::effect(self.json, effect);
    }
}

/// All commands, with their examples.
fn command() -> clap::Command {
    examples::with_examples(Cli::command())
}

/// Runs the command and returns its exit code: 0 for success, 1 for a refusal or a failed check, 2 for wrong usage or
/// unusable input.
pub fn run() -> ExitCode {
    let environment = Environment::read();
    let command = command();
    let parsed = settings::with_defaults(command.clone(), &environment).try_get_matches();
    let format = parsed.as_ref().ok().and_then(serve::log_format).unwrap_or_default();
    if let Err(error) = logging::start(&environment, format) {
        complain!("vestibule: {error}");
        return ExitCode::from(2);
    }
    let chosen = parsed.as_ref().ok().map(|matches| settings::chosen(&command, matches));
    let typed = parsed.as_ref().ok().map(missing::typed).unwrap_or_default();
    let parsed = parsed.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches));
    let parsed = parsed.unwrap_or_else(|error| settings::name_variable(error, &command, &environment).exit());
    run_command(parsed.command).unwrap_or_else(|error| {
        let error = missing::named(error, &typed);
        for line in error.to_string().lines() {
            let line = chosen.as_ref().map_or_else(|| line.to_owned(), |chosen| settings::by_flag(line, chosen));
            complain!("vestibule: {}", settings::named_in(&line, &command, &environment));
        }
        match error {
            Error::Invalid { .. }
            | Error::SeveralInvalid(_)
            | Error::Malformed(_)
            | Error::TooLarge(_)
            | Error::Unavailable { .. } => ExitCode::from(2),
            _ => ExitCode::from(1),
        }
    })
}

fn run_command(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve.run(),
        Command::Demo(demo) => demo.run(),
        Command::Setup(setup) => setup.run(),
        Command::Operator(operator) => operator.run(),
        Command::Org(org) => org.run(),
        Command::Plan(plan) => plan.run(),
        Command::Sso(sso) => sso.run(),
        Command::Workspace(workspace) => workspace.run(),
        Command::App(application) => application.run(),
        Command::Role(role) => role.run(),
        Command::Member(member) => member.run(),
        Command::User(user) => user.run(),
        Command::Key(key) => key.run(),
        Command::Audit(audit) => audit.run(),
        Command::Branding(branding) => branding.run(),
        Command::Mail(mail) => mail.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Upgrade(upgrade) => upgrade.run(),
        Command::AcceptCopy(accept) => accept.run(),
        Command::Completions(completions) => Ok(completions.run()),
        Command::Man(man) => man.run(),
        Command::Saml(saml) => saml.run(),
        Command::Oidc(oidc) => oidc.run(),
    }
}

/// The actor of these commands, for the audit log.
const CALLER: Caller = Caller::command_line();

/// The content of a file; `-` is standard input.
fn read_file(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|cause| Error::invalid(path.display().to_string(), Phrase::words(format!("cannot be read: {cause}"))))
}
