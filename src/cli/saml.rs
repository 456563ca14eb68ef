//! `vestibule saml`.

use super::own_keys::Keys;
use super::{Place, explained, read_file};
use crate::actions::saml_sign_in::parties;
use crate::domain::phrase::Phrase;
use crate::domain::skew::ALLOWED_SECS;
use crate::domain::{Error, Result, Timestamp};
use crate::saml::{self, Copied, Expected, IdentityProvider, IdpMetadata, Product, ServiceProvider};
use std::path::PathBuf;
use std::process::ExitCode;

/// The commands of `saml`.
#[derive(clap::Subcommand)]
pub enum Saml {
    /// Check a SAML response by every rule, in order, with the values expected and received
    Explain(Explain),
    /// Show the certificates of our own keys for an organisation, and rotate them
    Keys(Keys),
}

/// The flags of `explain`.
#[derive(clap::Args)]
pub struct Explain {
    /// A file with the response as XML or base64, also URL-encoded, in a form's body, a cURL line or a HAR file; - reads standard input
    response: PathBuf,
    /// A file with the identity provider's metadata
    #[arg(long, value_name = "FILE", required_unless_present = "connection")]
    idp_metadata: Option<PathBuf>,
    /// Our entity ID
    #[arg(long, value_name = "ID", required_unless_present = "connection")]
    entity_id: Option<String>,
    /// Our callback URL
    #[arg(long, value_name = "URL", required_unless_present = "connection")]
    acs_url: Option<String>,
    /// An organisation's slug or id: use its settings and keys instead of --idp-metadata, --entity-id and --acs-url
    #[arg(long, value_name = "ORG", conflicts_with_all = ["idp_metadata", "entity_id", "acs_url"])]
    connection: Option<String>,
    /// A file with a private key (PEM) that decrypts assertions; repeat it for more
    #[arg(long, value_name = "FILE")]
    sp_key: Vec<PathBuf>,
    /// Check as of this time, such as 2026-11-24T09:00:00Z. Default: now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The id of the AuthnRequest that it must answer. Default: not checked
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Accept SHA-1 and short keys, for old messages; sign-ins never do
    #[arg(long)]
    allow_sha1: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Saml {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Explain(explain) => explain.run(),
            Self::Keys(keys) => keys.run(),
        }
    }
}

impl Explain {
    fn run(self) -> Result<ExitCode> {
        let now = match &self.at {
            Some(text) => Timestamp::typed(text)
                .map(|(at, _)| at)
                .ok_or_else(|| Error::invalid("--at", Phrase::words("must be a time such as 2026-11-24T09:00:00Z")))?,
            None => crate::domain::Clock::System.now(),
        };
        saml::lockdown(self.allow_sha1);
        let (mut sp, idp, products) = match &self.connection {
            Some(organisation) => self.stored_parties(organisation)?,
            None => self.given_parties()?,
        };
        for file in &self.sp_key {
            sp.keys.push(saml::read_private_key(&read_file(file)?).map_err(|fault| fault.for_field("--sp-key"))?);
        }
        let expected = Expected {
            request_id: self.request_id.clone(),
            authenticated_after: None,
            skew_secs: ALLOWED_SECS,
            allow_sha1: self.allow_sha1,
            refuse_expired: false,
        };
        let report = match saml::read(&read_file(&self.response)?) {
            Ok(Copied { xml, notes, refused }) => {
                saml::verify(&sp, &idp, &expected, &xml, now).of_copied(notes, refused)
            }
            Err(refusal) => saml::unreadable(refusal),
        };
        if self.json {
            say!("{}", report.to_json(&products));
        } else {
            explained::print(&report, &products, now);
        }
        Ok(if report.outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// The service provider (us), the identity provider, and the products that it may be.
type Parties = (ServiceProvider, IdentityProvider, Vec<Product>);

impl Explain {
    /// The parties given by the options.
    fn given_parties(&self) -> Result<Parties> {
        let missing = |name| Error::invalid(name, Phrase::words("is missing"));
        let metadata = read_file(self.idp_metadata.as_deref().ok_or_else(|| missing("--idp-metadata"))?)?;
        let metadata = saml::metadata_file(&metadata).map_err(|why| Error::invalid("--idp-metadata", why))?;
        let metadata = IdpMetadata::parse_to_explain(&metadata, self.allow_sha1)
            .map_err(|fault| fault.for_field("--idp-metadata"))?;
        let sp = ServiceProvider {
            entity_id: self.entity_id.clone().ok_or_else(|| missing("--entity-id"))?,
            acs_url: self.acs_url.clone().ok_or_else(|| missing("--acs-url"))?,
            keys: Vec::new(),
        };
        let products = Product::guess([&metadata.entity_id, &metadata.sign_on_url])
            .map_or_else(|| Product::ALL.to_vec(), |one| vec![one]);
        Ok((sp, IdentityProvider { entity_id: metadata.entity_id, certificates: metadata.certificates }, products))
    }

    /// The stored parties at an organisation's callback.
    fn stored_parties(&self, organisation: &str) -> Result<Parties> {
        let (app, organisation) = self.place.organisation(organisation)?;
        parties::at_callback_of(&app, &organisation)
    }
}
