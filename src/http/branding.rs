//! The name and logo that replace Vestibule's.

use super::blocking::{blocking, costly};
use super::body::LargeBody;
use super::guard::{Member, Operator, OrganisationAdmin};
use crate::actions::{Caller, Run, branding};
use crate::api::branding::BrandingView;
use crate::app::App;
use crate::domain::branding::Branding;
use crate::domain::ids::LogoId;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Name, Result};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

/// The values to set; those left out are removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme"}))]
pub struct NewBranding {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// A data URL of a PNG (at most 2048 by 2048 pixels) or of an SVG without scripts, links and embedded images;
    /// at most 64 KiB.
    #[schema(example = "data:image/png;base64,iVBORw0KGgo...")]
    logo: Option<String>,
}

impl NewBranding {
    fn read(self) -> Result<Branding> {
        branding::read(self.name.as_deref(), self.logo.as_deref())
    }
}

/// `GET /api/v1/organisations/{org}/branding`.
#[utoipa::path(
    get, path = "/organisations/{org}/branding", tag = "Organisations", summary = "Show an organisation’s name and logo on pages",
    responses((status = 200, body = BrandingView)),
)]
pub async fn show_organisation_branding(app: Data<App>, member: Member) -> Result<Json<BrandingView>> {
    let read = move |app: &App| branding::branding(app, Some(&member.organisation.id));
    Ok(Json(blocking(&app, read).await?.into()))
}

/// `PUT /api/v1/organisations/{org}/branding`.
#[utoipa::path(
    put, path = "/organisations/{org}/branding", tag = "Organisations", summary = "Set an organisation’s name and logo on pages",
    description = "Shown on its members’ pages, its sign-in page and its invitations. A dry run answers with the logo as it would be saved.",
    params(Run),
    request_body = NewBranding,
    responses((status = 200, body = BrandingView)),
)]
pub async fn update_organisation_branding(
    app: Data<App>,
    admin: OrganisationAdmin,
    run: Run,
    body: LargeBody<NewBranding>,
) -> Result<Json<BrandingView>> {
    let Member { organisation, caller, .. } = admin.0;
    let set =
        move |app: &App, caller: &Caller| branding::set(app, caller, Some(organisation), body.read()?.read()?, run);
    Ok(Json(costly(&app, caller, set).await?.into()))
}

/// `DELETE /api/v1/organisations/{org}/branding`.
#[utoipa::path(
    delete, path = "/organisations/{org}/branding", tag = "Organisations", summary = "Remove an organisation’s name and logo from pages",
    responses((status = 204)),
)]
pub async fn delete_organisation_branding(app: Data<App>, admin: OrganisationAdmin) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| branding::delete(app, &caller, Some(organisation))).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /api/v1/branding`: the appliance's name and logo, for operators.
#[utoipa::path(
    get, path = "/branding", tag = "Appliance", summary = "Show the appliance’s name and logo on pages",
    responses((status = 200, body = BrandingView)),
)]
pub async fn show_branding(app: Data<App>, _operator: Operator) -> Result<Json<BrandingView>> {
    Ok(Json(blocking(&app, |app| branding::branding(app, None)).await?.into()))
}

/// `PUT /api/v1/branding`: sets the appliance's name and logo, for operators.
#[utoipa::path(
    put, path = "/branding", tag = "Appliance", summary = "Set the appliance’s name and logo on pages",
    description = "Shown to everyone, even before they sign in. A dry run answers with the logo as it would be saved.",
    params(Run),
    request_body = NewBranding,
    responses((status = 200, body = BrandingView)),
)]
pub async fn update_branding(
    app: Data<App>,
    operator: Operator,
    run: Run,
    body: LargeBody<NewBranding>,
) -> Result<Json<BrandingView>> {
    let set = move |app: &App, caller: &Caller| branding::set(app, caller, None, body.read()?.read()?, run);
    Ok(Json(costly(&app, operator.caller, set).await?.into()))
}

/// `DELETE /api/v1/branding`: removes the appliance's name and logo, for operators.
#[utoipa::path(
    delete, path = "/branding", tag = "Appliance", summary = "Remove the appliance’s name and logo from pages",
    responses((status = 204)),
)]
pub async fn delete_branding(app: Data<App>, operator: Operator) -> Result<HttpResponse> {
    blocking(&app, move |app| branding::delete(app, &operator.caller, None)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Scripts in a logo do not run, and it loads nothing, wherever it is opened.
const INERT: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// `GET /logos/{id}`: for use as an image. A browser that opens the address as a page downloads a file instead.
pub async fn show_logo(app: Data<App>, path: Path<String>, request: HttpRequest) -> Result<HttpResponse> {
    let wanted_as = request.headers().get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    if wanted_as.is_some_and(|wanted| !["image", "empty", "document"].contains(&wanted)) {
        return Err(Error::forbidden(phrase!("logo-only-image")));
    }
    let id = LogoId::parse(&path)?;
    let logo = blocking(&app, move |app| branding::logo(app, &id)).await?;
    Ok(HttpResponse::Ok()
        .content_type(logo.kind.media_type())
        .insert_header((CONTENT_SECURITY_POLICY, INERT))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"logo\""))
        .insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .body(logo.bytes))
}
