//! Every route on one screen.

use super::{
    account, admins, assets, invitations, login, members, organisations, pages, plans, recover, saml, session, setup,
    sso, workspaces,
};
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::web::{Data, ServiceConfig, delete, get, head, patch, post, put, resource, scope};
use actix_web::{HttpResponse, ResponseError};

/// Wires every address to its handler.
#[rustfmt::skip]
pub fn routes(config: &mut ServiceConfig) {
    config.service(resource("/healthz").route(get().to(healthy)).route(head().to(healthy)));
    config.service(resource("/readyz").route(get().to(ready)).route(head().to(ready)));
    config.service(resource("/static/{path:.*}").route(get().to(assets::show_asset)));
    let unknown = || actix_web::web::to(unknown);
    config.service(scope("/api/v1").configure(api).default_service(unknown()));
    config.service(scope("/api").default_service(unknown()));
    config.service(resource("/login").route(get().to(login::show_login)).route(post().to(login::create_session)));
    config.service(resource("/login/sso").route(post().to(login::start_sso)));
    config.service(resource("/logout").route(post().to(login::delete_session)));
    config.service(resource("/recover").route(get().to(recover::show_recovery)).route(post().to(recover::create_recovery)));
    config.service(resource("/sso").route(get().to(saml::start)));
    config.service(resource("/sso/finish").route(get().to(saml::finish)));
    config.service(resource("/saml/{connection}/metadata").route(get().to(saml::show_metadata)));
    config.service(resource("/saml/{connection}/acs").route(post().to(saml::receive)));
    config.service(resource("/{page:.*}").route(get().to(pages::show_ui)).route(head().to(pages::show_ui)));
}

#[rustfmt::skip]
fn api(config: &mut ServiceConfig) {
    let route = |path: &str| resource(path.to_owned());
    config.service(route("/setup").route(post().to(setup::create_setup)));
    config.service(route("/login").route(post().to(session::create_session)));
    config.service(route("/logout").route(post().to(session::delete_current_session)));
    config.service(route("/me").route(get().to(session::show_me)).route(patch().to(account::update_me)));
    config.service(route("/me/password").route(put().to(account::update_password)));
    config.service(route("/me/sessions").route(get().to(session::list_sessions)));
    config.service(route("/me/sessions/{session}").route(delete().to(session::delete_session)));
    config.service(route("/password-reset/finish").route(post().to(account::finish_reset)));
    config.service(route("/users/{user}/reset-link").route(post().to(account::create_reset_link)));
    config.service(route("/plans").route(get().to(plans::list_plans)));
    config.service(route("/plans/{plan}").route(patch().to(plans::update_plan)));
    config.service(route("/organisations").route(get().to(organisations::list_organisations)).route(post().to(organisations::create_organisation)));
    config.service(route("/organisations/{org}").route(get().to(organisations::show_organisation)).route(patch().to(organisations::update_organisation)).route(delete().to(organisations::delete_organisation)));
    config.service(route("/organisations/{org}/plan").route(put().to(organisations::update_plan)));
    config.service(route("/organisations/{org}/members").route(get().to(organisations::list_members)));
    config.service(route("/organisations/{org}/admins").route(get().to(admins::list_admins)).route(post().to(admins::create_admin)));
    config.service(route("/organisations/{org}/admins/{user}").route(delete().to(admins::delete_admin)));
    config.service(route("/organisations/{org}/workspaces").route(get().to(workspaces::list_workspaces)).route(post().to(workspaces::create_workspace)));
    config.service(route("/organisations/{org}/sso").route(get().to(sso::show_connection)).route(put().to(sso::update_connection)).route(delete().to(sso::delete_connection)));
    config.service(route("/organisations/{org}/sso/metadata").route(post().to(sso::read_metadata)));
    config.service(route("/organisations/{org}/sso/saml-only").route(put().to(sso::update_saml_only)));
    config.service(route("/organisations/{org}/sso/recovery-codes").route(post().to(sso::create_recovery_codes)));
    config.service(route("/organisations/{org}/sso/attempts").route(get().to(sso::list_attempts)));
    config.service(route("/organisations/{org}/sso/attempts/{id}").route(get().to(sso::show_attempt)));
    config.service(route("/workspaces/{id}").route(get().to(workspaces::show_workspace)).route(patch().to(workspaces::update_workspace)).route(delete().to(workspaces::delete_workspace)));
    config.service(route("/workspaces/{id}/members").route(get().to(members::list_members)));
    config.service(route("/workspaces/{id}/members/{user}").route(patch().to(members::update_member)).route(delete().to(members::delete_member)));
    config.service(route("/workspaces/{id}/invitations").route(get().to(invitations::list_invitations)).route(post().to(invitations::create_invitation)));
    config.service(route("/workspaces/{id}/invitations/{inv}").route(delete().to(invitations::delete_invitation)));
    config.service(route("/workspaces/{id}/invitations/{inv}/resend").route(post().to(invitations::resend_invitation)));
    config.service(route("/invitations/inspect").route(post().to(invitations::inspect_invitation)));
    config.service(route("/invitations/accept").route(post().to(invitations::accept_invitation)));
}

async fn unknown() -> HttpResponse {
    Error::NotFound("There is nothing at this address.".into()).error_response()
}

/// `GET /healthz`: the process lives.
async fn healthy() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the store answers.
async fn ready(app: Data<App>) -> Result<&'static str> {
    super::blocking::blocking(&app, |app| app.store.read(|db| db.is_empty())).await?;
    Ok("ready\n")
}
