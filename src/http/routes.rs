//! Every route on one screen.

use super::{
    account, admins, assets, attempts, audit, doctor, events, invitations, keys, login, mails, members, next_steps,
    openapi, organisations, own_keys, pages, passwords, plans, readiness, recover, saml, session, setup, setup_links,
    sso, workspaces,
};
use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::http::header::ALLOW;
use actix_web::web::{self, Data, ServiceConfig, scope};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError, guard};

/// Wires every address to its handler.
pub fn routes(config: &mut ServiceConfig) {
    at("/healthz").read(healthy).on(config);
    at("/readyz").read(ready).on(config);
    at("/static/{path:.*}").read(assets::show_asset).on(config);
    config.service(scope("/api/v1").configure(api).default_service(web::to(unknown)));
    at("/api/openapi.json").read(openapi::show_document).on(config);
    config.service(scope("/api").default_service(web::to(unknown)));
    at("/login").read(login::show_login).post(login::create_session).on(config);
    at("/login/sso").post(login::start_sso).on(config);
    at("/logout").post(login::delete_session).on(config);
    at("/recover").read(recover::show_recovery).post(recover::create_recovery).on(config);
    at("/sso").read(saml::start).on(config);
    at("/sso/finish").get(saml::finish).on(config);
    at("/saml/{connection}/metadata").read(saml::show_metadata).on(config);
    at("/saml/{connection}/acs").post(saml::receive).on(config);
    at("/{page:.*}").read(pages::show_ui).on(config);
}

fn api(config: &mut ServiceConfig) {
    at("/setup").post(setup::create_setup).on(config);
    at("/setup/inspect").post(setup::inspect_setup).on(config);
    at("/login").post(session::create_session).on(config);
    at("/logout").post(session::delete_current_session).on(config);
    at("/me").read(session::show_me).patch(account::update_me).on(config);
    at("/me/events").read(events::list_events).on(config);
    at("/me/password").put(account::update_password).on(config);
    at("/me/sessions").read(session::list_sessions).delete(session::delete_other_sessions).on(config);
    at("/me/sessions/{session}").delete(session::delete_session).on(config);
    at("/password-reset").post(account::request_reset).on(config);
    at("/password-reset/inspect").post(account::inspect_reset).on(config);
    at("/password-reset/finish").post(account::finish_reset).on(config);
    at("/users/{user}/reset-link").post(account::create_reset_link).on(config);
    at("/plans").read(plans::list_plans).on(config);
    at("/plans/{plan}").patch(plans::update_plan).on(config);
    at("/doctor").read(doctor::show_doctor).on(config);
    at("/next-steps").read(next_steps::list_steps).on(config);
    at("/password-strength").post(passwords::judge_password).on(config);
    at("/audit").read(audit::list_audit).on(config);
    at("/audit/activity").read(audit::show_activity).on(config);
    at("/mails").read(mails::list_mails).on(config);
    at("/mails/{mail}").delete(mails::delete_mail).on(config);
    at("/mails/{mail}/retry").post(mails::retry_mail).on(config);
    at("/organisations").read(organisations::list_organisations).post(organisations::create_organisation).on(config);
    at("/organisations/{org}")
        .read(organisations::show_organisation)
        .patch(organisations::update_organisation)
        .delete(organisations::delete_organisation)
        .on(config);
    at("/organisations/{org}/plan").put(organisations::update_plan).on(config);
    at("/organisations/{org}/next-steps").read(next_steps::list_organisation_steps).on(config);
    at("/organisations/{org}/members").read(organisations::list_members).on(config);
    at("/organisations/{org}/admins").read(admins::list_admins).post(admins::create_admin).on(config);
    at("/organisations/{org}/admins/{user}").delete(admins::delete_admin).on(config);
    at("/organisations/{org}/audit").read(audit::list_organisation_audit).on(config);
    at("/organisations/{org}/audit/activity").read(audit::show_organisation_activity).on(config);
    at("/organisations/{org}/keys").read(keys::list_keys).post(keys::create_key).on(config);
    at("/organisations/{org}/keys/{key}").delete(keys::delete_key).on(config);
    at("/organisations/{org}/workspaces")
        .read(workspaces::list_workspaces)
        .post(workspaces::create_workspace)
        .on(config);
    at("/organisations/{org}/sso")
        .read(sso::show_connection)
        .put(sso::update_connection)
        .delete(sso::delete_connection)
        .on(config);
    at("/organisations/{org}/sso/metadata").post(sso::read_metadata).on(config);
    at("/organisations/{org}/sso/metadata/refresh").post(sso::refresh_metadata).on(config);
    at("/organisations/{org}/sso/candidates/{fingerprint}/adopt").post(sso::adopt_candidate).on(config);
    at("/organisations/{org}/sso/saml-only").put(sso::update_saml_only).on(config);
    at("/organisations/{org}/sso/readiness").read(readiness::show_readiness).on(config);
    at("/organisations/{org}/sso/reminders").post(readiness::create_reminders).on(config);
    at("/organisations/{org}/sso/recovery-codes").post(sso::create_recovery_codes).on(config);
    at("/organisations/{org}/sso/own-keys").read(own_keys::list_own_keys).post(own_keys::create_own_keys).on(config);
    at("/organisations/{org}/sso/own-keys/{keys}").delete(own_keys::delete_own_keys).on(config);
    at("/organisations/{org}/sso/setup-links")
        .read(setup_links::list_setup_links)
        .post(setup_links::create_setup_link)
        .on(config);
    at("/organisations/{org}/sso/setup-links/{link}").delete(setup_links::delete_setup_link).on(config);
    at("/organisations/{org}/sso/attempts").read(attempts::list_attempts).on(config);
    at("/organisations/{org}/sso/attempts/{id}").read(attempts::show_attempt).on(config);
    at("/setup-link/sso").read(setup_links::show_setup).put(setup_links::update_setup).on(config);
    at("/setup-link/sso/metadata").post(setup_links::read_setup_metadata).on(config);
    at("/workspaces/{id}")
        .read(workspaces::show_workspace)
        .patch(workspaces::update_workspace)
        .delete(workspaces::delete_workspace)
        .on(config);
    at("/workspaces/{id}/members").read(members::list_members).on(config);
    at("/workspaces/{id}/members/{user}").patch(members::update_member).delete(members::delete_member).on(config);
    at("/workspaces/{id}/invitations")
        .read(invitations::list_invitations)
        .post(invitations::create_invitation)
        .on(config);
    at("/workspaces/{id}/invitations/{inv}").delete(invitations::delete_invitation).on(config);
    at("/workspaces/{id}/invitations/{inv}/resend").post(invitations::resend_invitation).on(config);
    at("/invitations/inspect").post(invitations::inspect_invitation).on(config);
    at("/invitations/accept").post(invitations::accept_invitation).on(config);
}

/// An address with its handlers, one for each method; any other method is told which there are.
struct Address {
    resource: Resource,
    allowed: Vec<&'static str>,
}

fn at(path: &str) -> Address {
    Address { resource: web::resource(path.to_owned()), allowed: Vec::new() }
}

/// A method of `Address` for each method of HTTP.
macro_rules! methods {
    ($($name:ident $allowed:literal $guard:expr;)*) => {$(
        fn $name<F, Args>(mut self, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.allowed.push($allowed);
            self.resource = self.resource.route(web::route().guard($guard).to(handler));
            self
        }
    )*};
}

impl Address {
    methods! {
        read "GET, HEAD" guard::Any(guard::Get()).or(guard::Head());
        // Where only looking changes something.
        get "GET" guard::Get();
        post "POST" guard::Post();
        put "PUT" guard::Put();
        patch "PATCH" guard::Patch();
        delete "DELETE" guard::Delete();
    }

    fn on(self, config: &mut ServiceConfig) {
        let allowed = self.allowed.join(", ");
        let other = move || {
            let mut answer = Error::WrongMethod(allowed.clone()).error_response();
            if let Ok(allowed) = allowed.parse() {
                answer.headers_mut().insert(ALLOW, allowed);
            }
            std::future::ready(answer)
        };
        config.service(self.resource.default_service(web::to(other)));
    }
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
