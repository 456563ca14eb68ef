//! Custom roles of an organisation.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::Body;
use super::guard::{Member, OrganisationAdmin, WorkspaceAdmin};
use super::query::{described, param, text};
use crate::actions::Run;
use crate::actions::roles::{self, RoleChange};
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::api::roles::{RoleChoicesView, RoleView};
use crate::app::App;
use crate::domain::custom_role::{RoleLevels, read_name};
use crate::domain::ids::ApplicationId;
use crate::domain::level::Level;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Name, Page, Result, Together};
use actix_web::dev::Payload;
use actix_web::web::{Data, Json, Path};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

/// `GET /api/v1/organisations/{org}/roles`.
#[utoipa::path(
    get, path = "/organisations/{org}/roles", tag = "Roles", summary = "List the custom roles",
    description = "By name. The built-in roles are not listed: Admin gives the level `admin` and Power User the level `editor` in all applications of the workspace.",
    params(Page),
    responses((status = 200, body = Listing<RoleView>)),
)]
pub async fn list_roles(app: Data<App>, admin: OrganisationAdmin, page: Page) -> Result<Json<Listing<RoleView>>> {
    let Member { organisation, .. } = admin.0;
    let listing = blocking(&app, move |app| roles::list(app, &organisation.id, &page)).await?;
    Ok(Json(listing.map(RoleView::from).into()))
}

/// `GET /api/v1/organisations/{org}/roles/{role}`.
#[utoipa::path(
    get, path = "/organisations/{org}/roles/{role}", tag = "Roles", summary = "Show a custom role",
    responses((status = 200, body = RoleView)),
)]
pub async fn show_role(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
) -> Result<Json<RoleView>> {
    let Member { organisation, .. } = admin.0;
    blocking(&app, move |app| roles::named(app, &organisation.id, &path.1)).await.map(shown)
}

/// `GET /api/v1/workspaces/{id}/roles`: for those who manage members but not the roles.
#[utoipa::path(
    get, path = "/workspaces/{id}/roles", tag = "Roles", summary = "List the roles that members can have",
    description = "The built-in roles, then the organisation’s custom roles by name.",
    responses((status = 200, body = RoleChoicesView)),
)]
pub async fn list_role_choices(app: Data<App>, admin: WorkspaceAdmin) -> Result<Json<RoleChoicesView>> {
    let workspace = admin.0.workspace;
    blocking(&app, move |app| roles::of_workspace(app, &workspace)).await.map(shown)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCustomRole, example = json!({
    "name": "Auditor", "default_level": "viewer", "levels": {"9f86d081884c7d659a2feaa0c55ad015": "editor"}
}))]
pub struct NewRole {
    /// Without a comma.
    #[schema(value_type = Name)]
    name: String,
    /// The level in applications that are not in `levels`.
    #[schema(value_type = Level)]
    default_level: String,
    /// Levels in applications of the organisation, by their ids.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Level>>)]
    levels: Option<BTreeMap<String, String>>,
}

impl NewRole {
    fn read(self) -> Result<(Name, RoleLevels)> {
        let own: Vec<_> =
            self.levels.unwrap_or_default().into_iter().map(|(id, level)| level_in(&id, &level)).collect();
        let (name, default, own) =
            (read_name(&self.name), level("default_level", &self.default_level), own.together()).together()?;
        Ok((name, RoleLevels { default, own: own.into_iter().collect() }))
    }
}

/// `POST /api/v1/organisations/{org}/roles`.
#[utoipa::path(
    post, path = "/organisations/{org}/roles", tag = "Roles", summary = "Create a custom role",
    description = "The slug is made from the name. A custom role gives levels in applications, and never the right to manage members or settings.",
    request_body = NewRole,
    responses((status = 201, body = RoleView), (status = 409)),
)]
pub async fn create_role(app: Data<App>, admin: OrganisationAdmin, body: Body<NewRole>) -> Result<HttpResponse> {
    let Member { organisation, caller, .. } = admin.0;
    let role = blocking(&app, move |app| {
        let (name, levels) = body.read()?.read()?;
        roles::create(app, &caller, &organisation, name, levels)
    })
    .await?;
    Ok(HttpResponse::Created().json(RoleView::from(role)))
}

/// A level, or null for the default level.
#[derive(ToSchema)]
#[schema(value_type = Option<Level>)]
#[allow(dead_code)] // only describes the values of a map
pub struct GivenLevel(Option<Level>);

/// The fields to change; those left out keep their value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomRoleChanges, example = json!({"levels": {"9f86d081884c7d659a2feaa0c55ad015": "viewer"}}))]
pub struct Changes {
    /// Without a comma. The slug stays the same.
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    #[schema(value_type = Option<Level>)]
    default_level: Option<String>,
    /// Levels in applications of the organisation, by their ids; null for the default level. Applications that are left
    /// out keep their level.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, GivenLevel>>)]
    levels: Option<BTreeMap<String, Option<String>>>,
}

impl Changes {
    fn read(self) -> Result<RoleChange> {
        let levels = self.levels.unwrap_or_default().into_iter().map(|(id, level)| match level {
            Some(level) => level_in(&id, &level).map(|(id, level)| (id, Some(level))),
            None => application(&id).map(|id| (id, None)),
        });
        let levels: Vec<_> = levels.collect();
        let (name, default, levels) = (
            self.name.as_deref().map(read_name).transpose(),
            self.default_level.as_deref().map(|word| level("default_level", word)).transpose(),
            levels.together(),
        )
            .together()?;
        Ok(RoleChange { name, default, levels: levels.into_iter().collect() })
    }
}

fn level(field: &str, word: &str) -> Result<Level> {
    let choices = || Level::ALL.map(Level::as_str).join(", ");
    Level::parse(word).ok_or_else(|| Error::invalid(field, phrase!("field-one-of", choices = choices())))
}

fn application(id: &str) -> Result<ApplicationId> {
    ApplicationId::parse(id).map_err(|_| Error::invalid("levels", phrase!("field-levels-application", id = id)))
}

fn level_in(id: &str, word: &str) -> Result<(ApplicationId, Level)> {
    Ok((application(id)?, level("levels", word)?))
}

/// `PATCH /api/v1/organisations/{org}/roles/{role}`: answers with the role and the effect.
#[utoipa::path(
    patch, path = "/organisations/{org}/roles/{role}", tag = "Roles", summary = "Change a custom role",
    description = "The effect names the people whose levels change.",
    params(Run),
    request_body = Changes,
    responses((status = 200, body = RoleView), (status = 409)),
)]
pub async fn update_role(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    run: Run,
    body: Body<Changes>,
) -> Result<Json<RoleView>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| {
        let change = body.read()?.read()?;
        roles::update(app, caller, &organisation, path.into_inner().1, change, run)
    })
    .await
    .map(shown)
}

/// The role that members and invitations get in place of a removed one.
pub struct ReplaceBy(Option<String>);

impl FromRequest for ReplaceBy {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(param(request, "replace_by").filter(|given| !given.is_empty()))))
    }
}

impl IntoParams for ReplaceBy {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description =
            "The role that members and invitations get instead: `admin`, `power_user`, or the id of a custom role.";
        vec![described("replace_by", description, text())]
    }
}

/// `DELETE /api/v1/organisations/{org}/roles/{role}`: answers with the effect.
#[utoipa::path(
    delete, path = "/organisations/{org}/roles/{role}", tag = "Roles", summary = "Delete a custom role",
    description = "A role with members or pending invitations needs `replace_by`; otherwise the answer is 409 `role_in_use`.",
    params(Run, ReplaceBy),
    responses((status = 200, body = EffectView), (status = 409)),
)]
pub async fn delete_role(
    app: Data<App>,
    admin: OrganisationAdmin,
    path: Path<(String, String)>,
    run: Run,
    replace_by: ReplaceBy,
) -> Result<Json<EffectView>> {
    let Member { organisation, caller, .. } = admin.0;
    costly(&app, caller, move |app, caller| {
        roles::delete(app, caller, &organisation, path.into_inner().1, replace_by.0, run)
    })
    .await
    .map(shown)
}
