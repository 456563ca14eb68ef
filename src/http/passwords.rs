//! Rates the strength of a new password while it is typed.

use super::answer::shown;
use super::blocking::blocking;
use super::body::Body;
use super::guard::{Asking, FromBrowser};
use crate::actions::passwords::{self, Draft};
use crate::api::passwords::StrengthView;
use crate::app::App;
use crate::domain::Result;
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

/// `POST /api/v1/password-strength`: stores nothing.
#[utoipa::path(
    post, path = "/password-strength", tag = "Signing in", summary = "Rate the strength of a new password",
    description = "For people who are signed in, and for those who hold a link that sets a password: of the set-up, an invitation or a reset. Stores nothing.",
    request_body = Typed,
    responses((status = 200, body = StrengthView), (status = 401), (status = 429)),
)]
pub async fn judge_password(
    app: Data<App>,
    asking: Asking,
    browser: FromBrowser,
    body: Body<Typed>,
) -> Result<Json<StrengthView>> {
    blocking(&app, move |app| {
        let Typed { password, name, email, organisation, token } = body.read()?;
        let draft = Draft { password, name, email, organisation, token };
        passwords::judge(app, asking.0.as_ref(), &draft, &browser.0.address)
    })
    .await
    .map(shown)
}
