//! `vestibule saml`.

use super::own_keys::Keys;
use crate::domain::{Error, Result, Timestamp};
use crate::saml::{self, Expected, IdentityProvider, IdpMetadata, Product, Report, ServiceProvider};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// How far clocks may be apart, in seconds: the door's own.
const SKEW_SECS: i64 = crate::actions::sso::SKEW_SECS;

/// The commands of `saml`.
#[derive(clap::Subcommand)]
pub enum Saml {
    /// Judge a SAML response by every rule, in order, with what was expected and what came
    Explain(Explain),
    /// Show the certificates of our own keys for an organisation, and rotate them
    Keys(Keys),
}

/// The flags of `explain`.
#[derive(clap::Args)]
pub struct Explain {
    /// The response as XML or base64; - reads standard input
    response: PathBuf,
    /// The identity provider's metadata
    #[arg(long, value_name = "FILE")]
    idp_metadata: PathBuf,
    /// Our entity ID
    #[arg(long, value_name = "ID")]
    entity_id: String,
    /// Our callback URL
    #[arg(long, value_name = "URL")]
    acs_url: String,
    /// Judge as of this time, such as 2026-11-24T09:00:00Z; now where absent
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The id of the AuthnRequest that it must answer; not judged where absent
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// Take SHA-1 and short keys too: for old messages, never at the door
    #[arg(long)]
    allow_sha1: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Saml {
    /// Runs it.
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
            Some(text) => Timestamp::parse(text)
                .ok_or_else(|| Error::invalid("--at", "must be a time such as 2026-11-24T09:00:00Z"))?,
            None => crate::domain::Clock::System.now(),
        };
        saml::lockdown(self.allow_sha1);
        let metadata = read_file(&self.idp_metadata)?;
        let metadata = IdpMetadata::parse_to_explain(&String::from_utf8_lossy(&metadata), self.allow_sha1)
            .map_err(|fault| fault.for_field("--idp-metadata"))?;
        let sp = ServiceProvider { entity_id: self.entity_id.clone(), acs_url: self.acs_url.clone() };
        let products = Product::guess(&metadata.entity_id).map_or_else(|| Product::ALL.to_vec(), |one| vec![one]);
        let idp = IdentityProvider { entity_id: metadata.entity_id, certificates: metadata.certificates };
        let expected =
            Expected { request_id: self.request_id.clone(), skew_secs: SKEW_SECS, allow_sha1: self.allow_sha1 };
        let report = match saml::read(&read_file(&self.response)?) {
            Ok(xml) => saml::verify(&sp, &idp, &expected, &xml, now),
            Err(refusal) => Report::unreadable(refusal),
        };
        if self.json {
            println!("{}", report.to_json(&products));
        } else {
            print_report(&report, &products);
        }
        Ok(if report.outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn read_file(path: &PathBuf) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    read.map_err(|cause| Error::invalid(path.display().to_string(), format!("cannot be read: {cause}")))
}

fn print_report(report: &Report, products: &[Product]) {
    for rule in &report.rules {
        let mark = match rule.ok {
            Some(true) => "passed",
            Some(false) => "FAILED",
            None => "-",
        };
        println!("{mark:7} {}", rule.rule);
        if rule.ok == Some(false) {
            println!("        expected: {}", rule.expected);
            println!("        received: {}", rule.received);
        }
    }
    for warning in &report.warnings {
        println!("Note: {warning}");
    }
    match &report.outcome {
        Ok(identity) => println!("Accepted: {}", identity.email),
        Err(refusal) => {
            let reason = refusal.reason;
            println!("Refused ({}): {}", reason.code, reason.message);
            println!("Whose fault: {}", reason.fault.words());
            println!("What to change: {}", reason.mend.at_any(products));
        }
    }
}
