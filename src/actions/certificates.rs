//! The certificates of connections: adding new ones, and notices about those that expire.

use super::mail::Outbox;
use super::metadata_changes::found;
use super::{Author, Caller};
use crate::app::App;
use crate::domain::audit::{Actor, Event};
use crate::domain::connection::{Connection, MOST_CERTIFICATES, Settings};
use crate::domain::mail::About;
use crate::domain::metadata::notice_days;
use crate::domain::notice::Change;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::{Error, Result, Timestamp};
use crate::mail;
use crate::saml::Certificate;
use crate::store::{Db, Tx};
use serde_json::json;

/// When the last of a connection's certificates expires. The provider can change to another certificate without an
/// interruption until then.
///
/// # Errors
/// `Invalid` when a certificate cannot be read.
pub fn end_at(settings: &Settings) -> Result<Timestamp> {
    let ends = settings.certificates.iter().map(|pem| Certificate::stored(pem).map(|one| one.not_after()));
    ends.collect::<Result<Vec<_>>>().map(|ends| ends.into_iter().max().unwrap_or(Timestamp(0)))
}

/// A certificate that an organisation admin may adopt.
#[derive(Debug)]
pub struct Candidate {
    /// The certificate.
    pub certificate: Certificate,
    /// The name of the API key or set-up link that added it, and when; `None` if it was found in the metadata that the
    /// connection follows.
    pub added: Option<(String, Timestamp)>,
}

/// The certificates that wait for an organisation admin: those that API keys and set-up links added, and those
/// `offered` in the metadata.
///
/// # Errors
/// `Invalid` when a stored certificate cannot be read.
pub fn candidates(db: &Db, connection: &Connection, offered: Vec<Certificate>) -> Result<Vec<Candidate>> {
    let mut all = Vec::new();
    let used = &connection.settings.certificates;
    // Certificates that a draft already holds are confirmed by its test sign-in.
    let waiting = db.waiting_certificates(&connection.organisation)?;
    for waiting in waiting.into_iter().filter(|waiting| !used.contains(&waiting.certificate)) {
        let certificate = Certificate::stored(&waiting.certificate)?;
        all.push(Candidate { certificate, added: Some((waiting.added_by, waiting.added_at)) });
    }
    let known = |one: &Certificate| all.iter().any(|other| other.certificate.pem() == one.pem());
    let new: Vec<_> = offered.into_iter().filter(|one| !known(one)).collect();
    all.extend(new.into_iter().map(|certificate| Candidate { certificate, added: None }));
    Ok(all)
}

/// Adds a candidate to the certificates of the connection.
///
/// # Errors
/// `NotFound` when there is no such candidate; `Conflict` with code `certificates_full`; `Forbidden` with code `plan_required`.
pub fn adopt(app: &App, caller: &Caller, organisation: &Organisation, fingerprint: &str) -> Result<()> {
    let (author, id, fingerprint) = (caller.author.clone(), organisation.id.clone(), fingerprint.to_ascii_uppercase());
    let outbox = Outbox::of(app);
    app.write_long(&caller.claim, move |tx| {
        tx.organisation(id.as_str())?.sso_in_plan()?;
        let connection = tx.find_connection(&id)?.ok_or_else(missing)?;
        let wanted = candidate(tx, &connection, &fingerprint)?;
        tx.delete_waiting_certificate(&id, wanted.certificate.pem())?;
        take(tx, &outbox, &author, connection, &wanted.certificate).map(drop)
    })
}

/// Rejects a certificate that an API key or a set-up link added.
///
/// # Errors
/// `NotFound` when there is no such candidate; `Conflict` with code `in_metadata` for one that the provider's metadata holds;
/// `Forbidden` with code `plan_required`.
pub fn reject(app: &App, caller: &Caller, organisation: &Organisation, fingerprint: &str) -> Result<()> {
    let (author, id, fingerprint) = (caller.author.clone(), organisation.id.clone(), fingerprint.to_ascii_uppercase());
    app.write(&caller.claim, move |tx| {
        tx.organisation(id.as_str())?.sso_in_plan()?;
        let connection = tx.find_connection(&id)?.ok_or_else(missing)?;
        let wanted = candidate(tx, &connection, &fingerprint)?;
        let Some((added_by, _)) = wanted.added else { return Err(in_metadata()) };
        tx.delete_waiting_certificate(&id, wanted.certificate.pem())?;
        if candidate(tx, &connection, &fingerprint).is_ok() {
            return Err(in_metadata());
        }
        let portal_key = connection.settings.portal_key.as_str();
        let event = Event::new("connection.certificate_rejected", "connection", &id, portal_key).within(&id);
        let detail = json!({ "fingerprint": wanted.certificate.fingerprint(), "added_by": added_by });
        author.log(tx, &event.with(detail))
    })
}

fn missing() -> Error {
    Error::NotFound(phrase!("candidate-not-found"))
}

/// The candidate with this fingerprint.
fn candidate(db: &Db, connection: &Connection, fingerprint: &str) -> Result<Candidate> {
    let source = db.find_metadata_source(&connection.organisation)?;
    let offered = source.map(|source| found(&connection.settings, &source, db.now()).candidates).unwrap_or_default();
    let mut all = candidates(db, connection, offered)?.into_iter();
    all.find(|one| one.certificate.fingerprint() == fingerprint).ok_or_else(missing)
}

fn in_metadata() -> Error {
    Error::conflict("in_metadata", phrase!("certificate-in-metadata"))
}

/// Adds a certificate to a connection. If there are four already, an expired one is removed.
pub(super) fn take(
    tx: &Tx,
    outbox: &Outbox,
    author: &Author,
    mut connection: Connection,
    certificate: &Certificate,
) -> Result<Connection> {
    if connection.settings.certificates.len() >= MOST_CERTIFICATES {
        let ended = ended(&connection, tx.now()).ok_or_else(full)?;
        connection.settings.certificates.remove(ended);
    }
    connection.settings.certificates.push(certificate.pem().to_owned());
    tx.set_connection(&connection)?;
    outbox.tell_of_connection(tx, author, &connection.organisation, Change::CertificateAdded)?;
    let portal_key = connection.settings.portal_key.as_str();
    let event = Event::new("connection.certificate_adopted", "connection", &connection.organisation, portal_key);
    let detail = json!({ "fingerprint": certificate.fingerprint(), "not_after": certificate.not_after() });
    author.log(tx, &event.within(&connection.organisation).with(detail))?;
    Ok(connection)
}

/// The index of a certificate that can be removed: it has expired, and another one that was tested remains.
fn ended(connection: &Connection, now: Timestamp) -> Option<usize> {
    let (certificates, tested) = (&connection.settings.certificates, &connection.tested_certificates);
    let can_go = |pem: &String| {
        let stays_tested = certificates.iter().any(|other| other != pem && tested.contains(other));
        stays_tested && Certificate::stored(pem).is_ok_and(|one| one.not_after() <= now)
    };
    certificates.iter().position(can_go)
}

fn full() -> Error {
    Error::conflict("certificates_full", phrase!("certificates-full"))
}

/// Notifies the admins of every organisation whose last certificate expires soon: 30, 7 and 1 days before, once each.
///
/// # Errors
/// `Unavailable` when the database cannot be reached.
pub fn warn_of_expiry(app: &App) -> Result<()> {
    for notice in app.store.read(due_notices)? {
        let outbox = Outbox::of(app);
        app.write_long(&Claim::job(), move |tx| notice.give(tx, &outbox))?;
    }
    Ok(())
}

/// A notice about an expiry that is due.
struct Notice {
    organisation: Organisation,
    not_after: Timestamp,
    days: i64,
}

fn due_notices(db: &Db) -> Result<Vec<Notice>> {
    let mut due = Vec::new();
    for (slug, connection) in db.connections()? {
        let not_after = end_at(&connection.settings)?;
        let Some(days) = notice_days(not_after, db.now()) else { continue };
        let organisation = db.organisation(&slug)?;
        // An organisation whose plan no longer includes SSO is notified once its plan includes it again.
        if organisation.sign_in_policy().sso_available() && !db.has_expiry_notice(&organisation.id, not_after, days)? {
            due.push(Notice { organisation, not_after, days });
        }
    }
    Ok(due)
}

impl Notice {
    fn give(&self, tx: &Tx, outbox: &Outbox) -> Result<()> {
        let Self { organisation, not_after, days } = self;
        tx.add_expiry_notice(&organisation.id, *not_after, *days)?;
        let event = Event::new("connection.certificate_expiring", "connection", &organisation.id, &organisation.name);
        let detail = json!({ "not_after": not_after, "days": days });
        tx.add_event(&Actor::System, "", &event.within(&organisation.id).with(detail))?;
        let letter = |url| mail::certificate_expiring(&organisation.name, *days, *not_after, url);
        outbox.tell_of_sso(tx, organisation, letter, About::Nothing)
    }
}
