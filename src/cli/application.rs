//! `vestibule app`.

use super::oidc_client::ClientSettings;
use super::{CALLER, Place, Switch, output, read_file, workspace};
use crate::actions::applications::{self, NewApplication};
use crate::actions::{oidc_clients, snippets};
use crate::api::applications::ApplicationView;
use crate::api::oidc_clients::NewSecretView;
use crate::domain::application::{Application, ApplicationKind, ProxySettings, Tile, read_description, read_url};
use crate::domain::application_host::AppHost;
use crate::domain::application_rule::{Rule, few_enough};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Name, Result, Together};
use crate::logo::icon_of_file;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The commands of `app`.
#[derive(clap::Subcommand)]
pub enum ApplicationCommand {
    /// List the applications of a workspace
    List {
        /// The workspace's id, or organisation/workspace (slugs)
        workspace: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show one application with its settings
    Show {
        /// The application's id, as `vestibule app list` shows it
        app: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Create an application in a workspace
    Create {
        /// The workspace's id, or organisation/workspace (slugs)
        workspace: String,
        /// The application's name
        name: String,
        /// link (only a tile), proxy (forward auth) or oidc (OpenID Connect)
        #[arg(long)]
        kind: String,
        /// The address that its tile opens
        #[arg(long)]
        url: String,
        #[command(flatten)]
        settings: Settings,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Change an application; options left out keep their value
    Set {
        /// The application's id, as `vestibule app list` shows it
        app: String,
        /// A new name
        #[arg(long)]
        name: Option<String>,
        /// The address that its tile opens
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        settings: Settings,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Print the configuration of a reverse proxy, or of an OpenID Connect client, for an application
    Snippet {
        /// The application's id, as `vestibule app list` shows it
        app: String,
        /// For a proxy application: nginx, caddy, traefik, haproxy or envoy. For a client: node, python, apache, jupyterhub,
        /// grafana, gitea, nextcloud, jenkins or home-assistant; browser for a public client
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Give an OpenID Connect client a new secret, and print it. The secret before it stays valid until the next rotation
    RotateSecret {
        /// The application's id, as `vestibule app list` shows it
        app: String,
        /// End all earlier secrets now
        #[arg(long)]
        end_old: bool,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Delete an application, and show who could open it
    Remove {
        /// The application's id, as `vestibule app list` shows it
        app: String,
        #[command(flatten)]
        switch: Switch,
    },
}

/// The settings of an application besides its name and address.
#[derive(clap::Args)]
pub struct Settings {
    /// The image on its tile: a PNG, WebP or SVG file of at most 32 KiB
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,
    /// A sentence about the application; an empty one removes it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A host of a proxy application; repeat the option for more hosts
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// A rule of a proxy application: `[METHOD,METHOD ]PATH=NEED`, where NEED is public, `signed_in` or a level. Repeat the
    /// option for more rules; the first match decides
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// Remove all rules
    #[arg(long, conflicts_with = "rules")]
    no_rules: bool,
    #[command(flatten)]
    client: ClientSettings,
}

impl Settings {
    /// The first option that only proxy applications have, if any is given.
    const fn of_proxy(&self) -> Option<&'static str> {
        match (self.hosts.is_empty(), self.rules.is_empty() && !self.no_rules) {
            (false, _) => Some("--host"),
            (_, false) => Some("--rule"),
            _ => None,
        }
    }

    fn check_kind(&self, kind: ApplicationKind) -> Result<()> {
        if let Some(option) = self.of_proxy().filter(|_| kind != ApplicationKind::Proxy) {
            return Err(Error::invalid(option, phrase!("field-only-proxy")));
        }
        self.client.check_kind(kind)
    }

    fn apply(&self, tile: &mut Tile, proxy: &mut ProxySettings) -> Result<()> {
        if let Some(file) = &self.icon {
            tile.icon = Some(read_icon(file)?);
        }
        if let Some(text) = &self.description {
            tile.description = read_description(text)?;
        }
        if !self.hosts.is_empty() {
            let hosts: Vec<_> = self.hosts.iter().map(|host| AppHost::parse(host)).collect();
            proxy.hosts = ProxySettings::hosts_of(hosts.together()?)?;
        }
        if self.no_rules || !self.rules.is_empty() {
            let rules: Vec<_> = self.rules.iter().enumerate().map(|(number, rule)| read_rule(number, rule)).collect();
            proxy.rules = rules.together()?;
            few_enough(&proxy.rules)?;
        }
        Ok(())
    }
}

fn read_icon(file: &Path) -> Result<String> {
    icon_of_file(&read_file(file)?)
}

fn read_rule(number: usize, text: &str) -> Result<Rule> {
    let (methods, rest) = match text.trim().split_once(' ') {
        Some((methods, rest)) => (Some(methods.split(',').map(ToOwned::to_owned).collect()), rest),
        None => (None, text.trim()),
    };
    let faulty = || Error::invalid(format!("rules[{number}]"), phrase!("field-rule-text"));
    let (path, require) = rest.rsplit_once('=').ok_or_else(faulty)?;
    Rule::parse(number, path.trim(), methods, require.trim())
}

impl ApplicationCommand {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { workspace, json, place } => {
                let app = place.open()?;
                let (workspace, _) = workspace::find(&app, &workspace)?;
                let all = output::everything(|page| applications::all(&app, &workspace, page))?;
                let rows: Vec<_> = all.into_iter().map(ApplicationView::managed).collect();
                output::table(json, &["id", "name", "kind", "url"], &rows);
            }
            Self::Show { app: id, json, place } => {
                let application = applications::named(&place.open()?, &id)?;
                output::record(json, &ApplicationView::managed(application));
            }
            Self::Create { workspace, name, kind, url, settings, json, place } => {
                let app = place.open()?;
                let (workspace, _) = workspace::find(&app, &workspace)?;
                let new = read_new(&name, &kind, &url, settings)?;
                let made = applications::create(&app, &CALLER, &workspace, new)?;
                output::record(json, &ApplicationView::saved(made));
            }
            Self::Set { app: id, name, url, settings, json, place } => {
                let app = place.open()?;
                let id = applications::named(&app, &id)?.id;
                let changed = applications::update(&app, &CALLER, &id, move |mut application| {
                    change(&mut application, name.as_deref(), url.as_deref(), settings)?;
                    Ok(application)
                })?;
                output::record(json, &ApplicationView::saved(changed));
            }
            Self::Snippet { app: id, name, place } => {
                let app = place.open()?;
                let all = snippets::of(&app.config, &applications::named(&app, &id)?);
                let names: Vec<_> = all.iter().map(|snippet| snippet.name).collect();
                let choices = if names.is_empty() { "none: it is only a link".to_owned() } else { names.join(", ") };
                let found = all.into_iter().find(|snippet| snippet.name == name);
                let found = found.ok_or_else(|| Error::invalid("NAME", phrase!("field-one-of", choices = choices)))?;
                say!("{}", found.text.trim_end());
            }
            Self::RotateSecret { app: id, end_old, json, place } => {
                let app = place.open()?;
                let id = applications::named(&app, &id)?.id;
                let (id, secret) = oidc_clients::rotate_secret(&app, &CALLER, &id, end_old)?;
                output::record(json, &NewSecretView::made(id, secret));
            }
            Self::Remove { app: id, switch } => {
                let app = switch.place.open()?;
                let id = applications::named(&app, &id)?.id;
                switch.print(&applications::delete(&app, &CALLER, &id, switch.run())?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn read_new(name: &str, kind: &str, url: &str, settings: Settings) -> Result<NewApplication> {
    let (name, kind, url) = (Name::parse("name", name), ApplicationKind::parse(kind), read_url(url)).together()?;
    settings.check_kind(kind)?;
    if kind == ApplicationKind::Proxy && settings.hosts.is_empty() {
        return Err(Error::invalid("--host", phrase!("field-missing")));
    }
    let (mut tile, mut proxy) = (Tile { name, url, icon: None, description: None }, ProxySettings::default());
    settings.apply(&mut tile, &mut proxy)?;
    let oidc = (kind == ApplicationKind::Oidc).then(|| settings.client.given().create()).transpose()?;
    Ok(NewApplication { kind, tile, proxy, oidc })
}

fn change(application: &mut Application, name: Option<&str>, url: Option<&str>, settings: Settings) -> Result<()> {
    settings.check_kind(application.kind)?;
    let Application { tile, proxy, oidc, .. } = application;
    if let Some(name) = name {
        tile.name = Name::parse("name", name)?;
    }
    if let Some(url) = url {
        tile.url = read_url(url)?;
    }
    settings.apply(tile, proxy)?;
    *oidc = oidc.take().map(|before| settings.client.given().apply(before)).transpose()?;
    Ok(())
}
