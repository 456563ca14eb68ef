//! The trace of an organisation's sign-ins through SSO.

use super::blocking::blocking;
use super::guard::OrganisationAdmin;
use crate::actions::trace;
use crate::app::App;
use crate::domain::ids::AttemptId;
use crate::domain::skew::ALLOWED_SECS;
use crate::domain::{Page, Result};
use crate::saml::{self, Product, Refusal};
use crate::store::Attempt;
use actix_web::web::{Data, Json, Path};
use serde_json::{Value, json};

/// One sign-in as a line of a list, what to mend in the words of these products alone.
fn line_view(attempt: &Attempt, products: &[Product]) -> Value {
    let mut json = json!({
        "id": attempt.id,
        "at": attempt.at,
        "reference": attempt.reference,
        "outcome": attempt.outcome.as_str(),
        "email": attempt.email,
        "refusal": attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products)),
        "rules": attempt.rules,
    });
    if let Some(refusal) = json["refusal"].as_object_mut() {
        for field in ["fixes", "what", "places"] {
            refusal.remove(field);
        }
    }
    json
}

/// All of it: also what each rule asks for and why, what to mend at any provider, and what the message said.
fn whole_view(attempt: &Attempt, products: &[Product]) -> Value {
    let mut json = line_view(attempt, products);
    json["refusal"] = json!(attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products)));
    json["rules"] = saml::rules_told(&attempt.rules);
    let evidence = &attempt.evidence;
    json["clock"] = json!(evidence.issued_at.map(|issued_at| json!({
        "issued_at": issued_at, "received_at": attempt.at, "difference_secs": attempt.at.0 - issued_at.0,
        "allowed_secs": ALLOWED_SECS,
    })));
    json["certificate"] = json!(evidence.certificate);
    json["attributes"] = json!(evidence.attributes);
    json["message"] = json!(evidence.message);
    json
}

/// `GET /api/v1/organisations/{org}/sso/attempts`: newest first, and how many refusals left no line.
pub async fn list_attempts(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Value>> {
    let id = admin.0.organisation.id;
    blocking(&app, move |app| {
        let listing = trace::attempts(app, &id, &page)?;
        let products = trace::products(app, &id)?;
        let items: Vec<_> = listing.items.iter().map(|attempt| line_view(attempt, &products)).collect();
        Ok(json!({ "items": items, "next": listing.next, "untraced": app.untraced(&id) }))
    })
    .await
    .map(Json)
}

/// `GET /api/v1/organisations/{org}/sso/attempts/{id}`.
pub async fn show_attempt(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<Json<Value>> {
    let id = AttemptId::parse(&path.1)?;
    let organisation = admin.0.organisation.id;
    blocking(&app, move |app| {
        let attempt = trace::attempt(app, &organisation, &id)?;
        Ok(whole_view(&attempt, &trace::products(app, &organisation)?))
    })
    .await
    .map(Json)
}
