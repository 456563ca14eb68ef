//! The trace: the recent SAML sign-ins of an organisation, as its admins see them.

use crate::app::App;
use crate::domain::attempt::{Attempt, AttemptOutcome};
use crate::domain::connection::Connection;
use crate::domain::ids::{AttemptId, OrganisationId, random_bytes};
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::skew::Skew;
use crate::domain::{Error, Listing, Page, Result, Timestamp};
use crate::saml::{Facts, Message, Product, Report};
use crate::store::Db;
use serde_json::{Value, json};

/// The part of an attempt that describes the response.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// The result of each rule: passed, failed, or not judged.
    pub rules: Value,
    /// The facts found in the response.
    pub facts: Facts,
    /// The message, without the parts that could be used again.
    pub message: Option<String>,
}

impl Default for Traced {
    /// The trace of a response that could not be read.
    fn default() -> Self {
        Self { rules: Value::Array(vec![]), facts: Facts::default(), message: None }
    }
}

impl Traced {
    /// The trace of a response that was judged.
    pub fn of(app: &App, report: &Report, message: &Message) -> Self {
        Self { rules: json!(report.rules), facts: report.facts.bounded(), ..Self::unjudged(app, message) }
    }

    /// The trace of a response that was refused before any rule was judged.
    pub fn unjudged(app: &App, message: &Message) -> Self {
        Self { message: Some(message.redacted(app.config.trace.hide_values)), ..Self::default() }
    }

    /// The attempt of a sign-in at `now`.
    pub fn attempt(
        self,
        organisation: &OrganisationId,
        now: Timestamp,
        outcome: AttemptOutcome,
        email: Option<String>,
        refusal: Option<Value>,
    ) -> Attempt {
        Attempt {
            number: 0,
            id: AttemptId::random(),
            organisation: organisation.clone(),
            at: now,
            reference: reference(),
            outcome,
            email,
            refusal,
            rules: self.rules,
            issued_at: self.facts.issued_at,
            facts: json!(self.facts),
            message: self.message,
        }
    }
}

/// A reference of six letters and digits, without characters that look alike.
fn reference() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    random_bytes::<6>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The time since when sign-ins are kept.
pub(super) fn kept_since(app: &App) -> Timestamp {
    app.now().plus(-app.config.trace.kept_secs)
}

/// An organisation's sign-ins, newest first. With `reference`, as a person read or typed it, only the sign-in with this
/// reference.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn attempts(
    app: &App,
    organisation: &OrganisationId,
    reference: Option<&str>,
    page: &Page,
) -> Result<Listing<Attempt>> {
    let reference = reference.map(plain_reference).filter(|reference| !reference.is_empty());
    app.store.read(|db| db.attempts(organisation, kept_since(app), reference.as_deref(), page))
}

/// Returns `ABC123` for ` reference: abc-123. `.
fn plain_reference(typed: &str) -> String {
    let text = typed.to_ascii_uppercase();
    let text = text.rsplit("REFERENCE").next().unwrap_or_default();
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The sign-in with this id.
///
/// # Errors
/// `NotFound`, also when it is older than the trace is kept.
pub fn attempt(app: &App, organisation: &OrganisationId, id: &AttemptId) -> Result<Attempt> {
    let attempt = app.store.read(|db| db.attempt(organisation, id))?;
    if attempt.at < kept_since(app) { Err(Error::NotFound(phrase!("sign-in-not-found"))) } else { Ok(attempt) }
}

/// The page that shows the sign-in with this reference; `None` if the person is not an admin of its organisation.
/// `test`: true for the person's own test sign-in, whose page is the step of the set-up that began it.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn page_of(app: &App, asking: &SignedIn, reference: &str, test: bool) -> Result<Option<String>> {
    let administered = asking.seats.iter().filter(|seat| seat.standing.admin && asking.opens(seat));
    app.store.read(|db| {
        for seat in administered {
            if let Some(id) = db.find_attempt_of(&seat.organisation.id, reference)? {
                let sso = format!("/o/{}/sso", seat.organisation.slug);
                return Ok(Some(if test {
                    format!("{sso}?step=test&attempt={id}")
                } else {
                    format!("{sso}/attempts/{id}")
                }));
            }
        }
        Ok(None)
    })
}

/// The difference between the clock of an organisation's provider and ours.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn skew(app: &App, db: &Db, organisation: &OrganisationId) -> Result<Option<Skew>> {
    db.clock_differences(organisation, kept_since(app)).map(Skew::of)
}

/// The products whose names of settings the trace uses to explain a refusal; all products if there is no connection.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn products(app: &App, organisation: &OrganisationId) -> Result<Vec<Product>> {
    let connection = app.store.read(|db| db.find_connection(organisation))?;
    Ok(connection.map_or_else(
        || Product::ALL.to_vec(),
        |Connection { settings, .. }| {
            Product::behind(settings.provider, [&settings.idp_entity_id, &settings.sign_on_url])
        },
    ))
}
