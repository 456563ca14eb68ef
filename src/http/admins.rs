//! Organisation admins.

use super::blocking::blocking;
use super::body::Body;
use super::guard::OrganisationAdmin;
use crate::actions::{Run, members};
use crate::app::App;
use crate::domain::access::Effect;
use crate::domain::ids::UserId;
use crate::domain::person::User;
use crate::domain::{Email, Listing, Page, Result};
use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::Deserialize;
use serde_json::{Value, json};

fn view(user: &User) -> Value {
    json!({ "user": user.id, "name": user.name, "email": user.email })
}

/// `GET /api/v1/organisations/{org}/admins`.
pub async fn list_admins(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<Value>>> {
    let id = admin.0.organisation.id;
    let admins = blocking(&app, move |app| app.store.read(|db| db.admins(&id))).await?;
    Ok(Json(page.part_of(admins, |user| user.id.to_string()).map(|user| view(&user))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAdmin {
    email: String,
}

/// `POST /api/v1/organisations/{org}/admins`.
pub async fn create_admin(app: Data<App>, admin: OrganisationAdmin, body: Body<NewAdmin>) -> Result<HttpResponse> {
    let admin = admin.0;
    let user = blocking(&app, move |app| {
        members::add_admin(app, &admin.caller, &admin.organisation, &Email::parse(&body.read()?.email)?)
    })
    .await?;
    Ok(HttpResponse::Created().json(view(&user)))
}

/// `DELETE /api/v1/organisations/{org}/admins/{user}`: answers with the effect.
pub async fn delete_admin(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    run: Run,
) -> Result<Json<Effect>> {
    let (admin, user) = (admin.0, UserId::parse(&path.1)?);
    blocking(&app, move |app| members::remove_admin(app, &admin.caller, &admin.organisation, user, run)).await.map(Json)
}
