//! What a new password is worth, as it is typed.

use super::blocking::blocking;
use super::body::Body;
use super::guard::Asking;
use crate::actions::passwords::{self, Draft};
use crate::app::App;
use crate::domain::Result;
use crate::domain::password::Strength;
use actix_web::web::{Data, Json};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TypedPassword)]
pub struct Typed {
    #[schema(format = Password)]
    password: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    organisation: String,
    token: Option<String>,
}

/// `POST /api/v1/password-strength`: changes nothing and keeps nothing.
#[utoipa::path(
    post, path = "/password-strength", tag = "Signing in", summary = "Say what a new password is worth",
    description = "For whoever is signed in, and for whoever holds a link that sets a password: of the set-up, an invitation or a reset. Keeps nothing.",
    request_body = Typed,
    responses((status = 200, body = Strength), (status = 401)),
)]
pub async fn judge_password(app: Data<App>, asking: Asking, body: Body<Typed>) -> Result<Json<Strength>> {
    blocking(&app, move |app| {
        let Typed { password, name, email, organisation, token } = body.read()?;
        passwords::judge(app, asking.0.as_ref(), &Draft { password, name, email, organisation, token })
    })
    .await
    .map(Json)
}
