//! The trace of an organisation's sign-ins through SSO.

use super::blocking::blocking;
use super::guard::OrganisationAdmin;
use super::query::{described, param, text};
use crate::actions::attempts;
use crate::app::App;
use crate::domain::ids::AttemptId;
use crate::domain::skew::ALLOWED_SECS;
use crate::domain::{Error, Page, Result, Timestamp};
use crate::saml::{self, Fault, Product, Refusal};
use crate::store::{Attempt, AttemptOutcome};
use actix_web::dev::Payload;
use actix_web::web::{Data, Json, Path};
use actix_web::{FromRequest, HttpRequest};
use kept::{RefusalLine, RuleLine, WholeRefusal, WholeRule};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::future::{Ready, ready};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

/// One sign-in as a line of a list, with the fix in the words of the organisation's own provider.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
pub struct LineView {
    id: AttemptId,
    at: Timestamp,
    /// The reference that the person was shown.
    #[schema(example = "ABC123")]
    reference: String,
    outcome: AttemptOutcome,
    email: Option<String>,
    #[schema(value_type = Option<RefusalLine>)]
    refusal: Option<Value>,
    #[schema(value_type = Vec<RuleLine>)]
    rules: Value,
}

/// The same with all that is known of it.
#[derive(Serialize, ToSchema)]
#[schema(as = WholeAttempt)]
pub struct WholeView {
    id: AttemptId,
    at: Timestamp,
    reference: String,
    outcome: AttemptOutcome,
    email: Option<String>,
    #[schema(value_type = Option<WholeRefusal>)]
    refusal: Option<Value>,
    #[schema(value_type = Vec<WholeRule>)]
    rules: Value,
    clock: Option<ClockView>,
    /// The fingerprint of the certificate that fits the signature.
    certificate: Option<String>,
    /// Name to values; null where values are not kept.
    #[schema(value_type = Option<HashMap<String, Option<Vec<String>>>>)]
    attributes: Option<Value>,
    /// The message without what could be used again.
    message: Option<String>,
}

/// The two clocks at one sign-in.
#[derive(Serialize, ToSchema)]
#[schema(as = TraceClock)]
pub struct ClockView {
    issued_at: Timestamp,
    received_at: Timestamp,
    difference_secs: i64,
    allowed_secs: i64,
}

/// The trace, newest first, and how many refusals left no line.
#[derive(Serialize, ToSchema)]
pub struct AttemptListing {
    items: Vec<LineView>,
    next: Option<String>,
    untraced: u64,
}

/// An attempt's stored JSON, in the shape of the API.
mod kept {
    use super::{Fault, HashMap, Product, ToSchema};

    /// Why a sign-in was refused.
    #[derive(ToSchema)]
    #[expect(dead_code)]
    pub struct RefusalLine {
        code: String,
        message: String,
        #[schema(required = false)]
        fault: Option<Fault>,
        fault_text: Option<String>,
        expected: String,
        received: String,
        /// What to change.
        fix: Option<String>,
        /// In whose words.
        fix_for: Option<Vec<Product>>,
    }

    /// The same, with what to change in everybody's words.
    #[derive(ToSchema)]
    #[expect(dead_code)]
    pub struct WholeRefusal {
        code: String,
        message: String,
        fault: Option<Fault>,
        fault_text: Option<String>,
        expected: String,
        received: String,
        fix: Option<String>,
        fix_for: Option<Vec<Product>>,
        fixes: Option<HashMap<String, String>>,
        what: Option<String>,
        places: Option<HashMap<String, String>>,
    }

    /// One rule, judged; `ok` is null where it could not be.
    #[derive(ToSchema)]
    #[schema(as = Rule)]
    #[expect(dead_code)]
    pub struct RuleLine {
        rule: String,
        ok: Option<bool>,
        expected: String,
        received: String,
    }

    /// The same, with what it asks and where that is written.
    #[derive(ToSchema)]
    #[expect(dead_code)]
    pub struct WholeRule {
        rule: String,
        ok: Option<bool>,
        expected: String,
        received: String,
        asks: Option<String>,
        source: Option<String>,
    }
}

/// Which sign-ins are wanted.
pub struct Wanted {
    reference: Option<String>,
}

impl FromRequest for Wanted {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { reference: param(request, "reference") }))
    }
}

impl IntoParams for Wanted {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![described(
            "reference",
            "The reference shown to the person; all sign-ins if absent or empty.",
            text().examples(["ABC123"]),
        )]
    }
}

fn line_view(attempt: &Attempt, products: &[Product]) -> LineView {
    let mut refusal = attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products));
    if let Some(refusal) = refusal.as_mut().and_then(Value::as_object_mut) {
        for field in ["fixes", "what", "places"] {
            refusal.remove(field);
        }
    }
    LineView {
        id: attempt.id.clone(),
        at: attempt.at,
        reference: attempt.reference.clone(),
        outcome: attempt.outcome,
        email: attempt.email.clone(),
        refusal,
        rules: attempt.rules.clone(),
    }
}

/// All of it: with each rule's requirement and source, the fix at each provider, and the message.
fn whole_view(attempt: Attempt, products: &[Product]) -> WholeView {
    let evidence = attempt.evidence;
    WholeView {
        id: attempt.id,
        at: attempt.at,
        reference: attempt.reference,
        outcome: attempt.outcome,
        email: attempt.email,
        refusal: attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products)),
        rules: saml::rules_told(&attempt.rules),
        clock: evidence.issued_at.map(|issued_at| ClockView {
            issued_at,
            received_at: attempt.at,
            difference_secs: attempt.at.0 - issued_at.0,
            allowed_secs: ALLOWED_SECS,
        }),
        certificate: evidence.certificate,
        attributes: evidence.attributes,
        message: evidence.message,
    }
}

/// `GET /api/v1/organisations/{org}/sso/attempts`: newest first, and how many refusals left no line.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/attempts", tag = "Single sign-on", summary = "List SAML sign-ins, good and bad",
    params(Page, Wanted),
    responses((status = 200, body = AttemptListing)),
)]
pub async fn list_attempts(
    app: Data<App>,
    admin: OrganisationAdmin,
    page: Page,
    wanted: Wanted,
) -> Result<Json<AttemptListing>> {
    let id = admin.0.organisation.id;
    blocking(&app, move |app| {
        let listing = attempts::attempts(app, &id, wanted.reference.as_deref(), &page)?;
        let products = attempts::products(app, &id)?;
        let items = listing.items.iter().map(|attempt| line_view(attempt, &products)).collect();
        Ok(AttemptListing { items, next: listing.next, untraced: app.untraced(&id) })
    })
    .await
    .map(Json)
}

/// `GET /api/v1/organisations/{org}/sso/attempts/{id}`.
#[utoipa::path(
    get, path = "/organisations/{org}/sso/attempts/{id}", tag = "Single sign-on", summary = "Show one SAML sign-in, rule by rule",
    responses((status = 200, body = WholeView)),
)]
pub async fn show_attempt(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<Json<WholeView>> {
    let id = AttemptId::parse(&path.1)?;
    let organisation = admin.0.organisation.id;
    blocking(&app, move |app| {
        let attempt = attempts::attempt(app, &organisation, &id)?;
        Ok(whole_view(attempt, &attempts::products(app, &organisation)?))
    })
    .await
    .map(Json)
}
