//! The trace of an organisation's sign-ins through SSO.

use super::blocking::blocking;
use super::guard::OrganisationAdmin;
use crate::app::App;
use crate::domain::ids::{AttemptId, OrganisationId};
use crate::domain::{Listing, Page, Result};
use crate::saml::{Product, Refusal};
use crate::store::Attempt;
use actix_web::web::{Data, Json, Path};
use serde_json::{Value, json};

/// One sign-in, what to mend in the words of these products.
fn attempt_view(attempt: &Attempt, products: &[Product]) -> Value {
    json!({
        "id": attempt.id,
        "at": attempt.at,
        "reference": attempt.reference,
        "outcome": attempt.outcome.as_str(),
        "email": attempt.email,
        "refusal": attempt.refusal.as_ref().map(|refusal| Refusal::told(refusal, products)),
        "rules": attempt.rules,
    })
}

/// The same as a line of a list, where one provider's words are enough.
fn attempt_line(attempt: &Attempt, products: &[Product]) -> Value {
    let mut json = attempt_view(attempt, products);
    if let Some(refusal) = json["refusal"].as_object_mut() {
        refusal.remove("fixes");
    }
    json
}

/// Whose words this organisation's admins know.
fn products(app: &App, organisation: &OrganisationId) -> Result<Vec<Product>> {
    let connection = app.store.read(|db| db.find_connection(organisation))?;
    Ok(connection.map_or_else(
        || Product::ALL.to_vec(),
        |connection| Product::behind(connection.settings.provider, &connection.settings.idp_entity_id),
    ))
}

/// `GET /api/v1/organisations/{org}/sso/attempts`: newest first, and how many refusals left no line.
pub async fn list_attempts(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Value>> {
    let id = admin.0.organisation.id;
    blocking(&app, move |app| {
        let listing: Listing<Attempt> = app.store.read(|db| db.attempts(&id, &page))?;
        let products = products(app, &id)?;
        let items: Vec<_> = listing.items.iter().map(|attempt| attempt_line(attempt, &products)).collect();
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
        let attempt = app.store.read(|db| db.attempt(&organisation, &id))?;
        Ok(attempt_view(&attempt, &products(app, &organisation)?))
    })
    .await
    .map(Json)
}
