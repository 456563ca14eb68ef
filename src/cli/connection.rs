//! `vestibule sso`.

use super::attempts::Attempts;
use super::setup_link::SetupLink;
use super::{CALLER, Place, Switch, output, read_file};
use crate::actions::connection::{self, Typed};
use crate::actions::{connection_overview, members, metadata, readiness, saml_only};
use crate::api::readiness::ReadinessView;
use crate::app::fetcher;
use crate::config::{FetchConfig, FetchFlags};
use crate::domain::member_search::{Filter, Saml};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Result};
use crate::saml;
use clap::builder::BoolishValueParser;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The commands of `sso`.
#[derive(clap::Subcommand)]
pub enum Sso {
    /// Save an organisation's SAML connection, and show who keeps and who loses access
    Save(Box<Save>),
    /// Remove an organisation's SAML connection, and show who keeps and who loses access
    Remove {
        /// The organisation's slug or id
        org: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// With --dry-run, show who SAML-only would lock out. Only an admin who is signed in through SAML can turn it on, in the console
    RequireSaml {
        /// The organisation's slug or id
        org: String,
        #[command(flatten)]
        switch: Switch,
    },
    /// List sign-ins through SAML, newest first, or show the one with a reference
    Attempts(Attempts),
    /// Links with which a person without an account can set up SSO
    #[command(subcommand)]
    SetupLink(SetupLink),
    /// Show how many have signed in through SAML since the connection was tested, and who has not
    Readiness {
        /// The organisation's slug or id
        org: String,
        /// Print as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Remind members who have not yet signed in through SAML by mail, at most once a day each
    Remind {
        /// The organisation's slug or id
        org: String,
        /// Only this member, by e-mail address. Default: all
        email: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Let members sign in with their passwords again
    AllowPasswords {
        /// The organisation's slug or id
        org: String,
        #[command(flatten)]
        switch: Switch,
    },
}

/// The flags of `save`.
#[derive(clap::Args)]
pub struct Save {
    /// The organisation's slug or id
    org: String,
    /// The identity provider; custom for any other
    #[arg(long, value_parser = ["google", "okta", "entra", "custom"])]
    provider: String,
    /// The portal key, such as acme: members type it to sign in through SAML
    #[arg(long, value_name = "KEY")]
    portal_key: String,
    /// The provider's metadata, instead of --sign-on-url, --entity-id and --certificate
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sign_on_url", "entity_id", "certificate"])]
    metadata: Option<PathBuf>,
    /// The URL of the provider's metadata, instead of a file; loaded again every day
    #[arg(long, value_name = "URL", conflicts_with_all = ["metadata", "sign_on_url", "entity_id", "certificate"])]
    metadata_url: Option<String>,
    /// Use new certificates found at --metadata-url without asking an admin
    #[arg(long, requires = "metadata_url")]
    adopt_certificates: bool,
    #[command(flatten)]
    fetch: FetchFlags,
    /// The provider's sign-on URL
    #[arg(long, value_name = "URL")]
    sign_on_url: Option<String>,
    /// The provider's entity ID
    #[arg(long, value_name = "ID")]
    entity_id: Option<String>,
    /// A file with a signing certificate (PEM, DER or PKCS#7); repeat it for more, up to four
    #[arg(long, value_name = "FILE")]
    certificate: Vec<PathBuf>,
    /// Sign our requests. Default: as the metadata says, or unchanged
    #[arg(long, value_name = "BOOL", value_parser = BoolishValueParser::new())]
    sign_requests: Option<bool>,
    /// Ask the provider for a fresh sign-in. Default: unchanged
    #[arg(long, value_name = "BOOL", value_parser = BoolishValueParser::new())]
    force_authn: Option<bool>,
    /// The NameID format to ask for. Default: unchanged
    #[arg(long, value_parser = ["none", "email", "persistent", "transient", "unspecified"])]
    name_id_format: Option<String>,
    #[command(flatten)]
    switch: Switch,
}

impl Sso {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Save(save) => save.run()?,
            Self::Remove { org, switch } => {
                let (app, organisation) = switch.place.organisation(&org)?;
                switch.print(&connection::remove(&app, &CALLER, &organisation, switch.run())?);
            }
            Self::RequireSaml { org, switch } if switch.dry_run => {
                let (app, organisation) = switch.place.organisation(&org)?;
                switch.print(&saml_only::preview(&app, &CALLER, &organisation)?);
            }
            Self::RequireSaml { org, switch } => {
                switch.place.organisation(&org)?;
                return Err(Error::conflict("console_only", Phrase::words(CONSOLE_ONLY)));
            }
            Self::Attempts(attempts) => attempts.run()?,
            Self::SetupLink(link) => link.run()?,
            Self::Readiness { org, json, place } => show_readiness(&place, &org, json)?,
            Self::Remind { org, email, place } => remind(&place, &org, email.as_deref())?,
            Self::AllowPasswords { org, switch } => allow_passwords(&switch, &org)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Turning SAML-only on needs a SAML sign-in of the same person, which the command line does not have.
const CONSOLE_ONLY: &str = "SAML-only is turned on in the console, by an organisation admin who is signed in through SSO: this proves that the sign-in works for them. Add --dry-run to see here who would be locked out.";

fn allow_passwords(switch: &Switch, org: &str) -> Result<()> {
    let (app, organisation) = switch.place.organisation(org)?;
    let (effect, _) = saml_only::set_saml_only(&app, &CALLER, &organisation, false, switch.run())?;
    switch.print(&effect);
    Ok(())
}

/// The output of `sso readiness`: the numbers, and the people who have not signed in through SAML.
#[derive(Serialize)]
struct ReadinessOfAll {
    #[serde(flatten)]
    readiness: ReadinessView,
    waiting: Vec<Email>,
}

fn show_readiness(place: &Place, org: &str, json: bool) -> Result<()> {
    let (app, organisation) = place.organisation(org)?;
    let found = readiness::readiness(&app, &organisation)?;
    let waiting = Filter { saml: Some(Saml::Waiting), ..Filter::default() };
    let waiting = output::everything(|page| members::of_organisation(&app, &organisation.id, &waiting, page))?;
    let emails: Vec<_> = waiting.iter().map(|member| member.email.as_str()).collect();
    if json {
        let waiting = waiting.iter().map(|member| member.email.clone()).collect();
        output::json(&ReadinessOfAll { readiness: found.into(), waiting });
        return Ok(());
    }
    match found.since {
        Some(since) => say!("{} of {} have signed in through SAML since {since}.", found.ready, found.total),
        None if connection_overview::overview(&app, &organisation.id)?.connected.is_none() => {
            say!("{} has no SSO connection yet: no one can sign in through SAML.", organisation.name);
        }
        None => say!("The connection has not been tested: no one has signed in through SAML yet."),
    }
    for email in emails {
        say!("  not yet: {email}");
    }
    Ok(())
}

fn remind(place: &Place, org: &str, email: Option<&str>) -> Result<()> {
    let (app, organisation) = place.organisation(org)?;
    let only = email.map(Email::parse).transpose()?;
    // The page reports a wrong field; the command line reports that there is no such member.
    let unknown = |fault| match fault {
        Error::Invalid { field, .. } if field == "email" => Error::NotFound(phrase!("member-not-found")),
        other => other,
    };
    let mut result = readiness::remind(&app, &CALLER, &organisation, only).map_err(unknown)?;
    let (mut all, skipped) = (result.reminded, result.skipped);
    let mut outcome = Ok(());
    while result.left > 0 && outcome.is_ok() {
        outcome = readiness::remind(&app, &CALLER, &organisation, None).map(|next| {
            all += next.reminded;
            result = next;
        });
    }
    say!("{all} reminded by mail; {skipped} had been reminded within the last day.");
    outcome
}

impl Save {
    fn run(self) -> Result<()> {
        let typed = Typed {
            provider: self.provider,
            portal_key: self.portal_key,
            sign_on_url: self.sign_on_url,
            idp_entity_id: self.entity_id,
            certificates: given(self.certificate.iter().map(|file| certificate_of(file)).collect::<Result<_>>()?),
            metadata_xml: self.metadata.as_deref().map(text_of).transpose()?,
            metadata_url: self.metadata_url,
            adopt_certificates: self.adopt_certificates,
            sign_requests: self.sign_requests,
            force_authn: self.force_authn,
            name_id_format: self.name_id_format,
        };
        let (mut app, organisation) = self.switch.place.organisation(&self.org)?;
        app.fetcher = fetcher(&FetchConfig::read(&self.fetch)?);
        let wanted = metadata::read(&app, &organisation, typed)?;
        self.switch.print(&connection::save(&app, &CALLER, &organisation, wanted, self.switch.run())?);
        Ok(())
    }
}

fn given(list: Vec<String>) -> Option<Vec<String>> {
    Some(list).filter(|list| !list.is_empty())
}

/// The certificate as PEM, or as base64 if the file is DER.
fn certificate_of(file: &Path) -> Result<String> {
    Ok(saml::certificate_file(&read_file(file)?))
}

fn text_of(file: &Path) -> Result<String> {
    let unreadable = |why| Error::invalid(file.display().to_string(), why);
    saml::metadata_file(&read_file(file)?).map_err(unreadable)
}
