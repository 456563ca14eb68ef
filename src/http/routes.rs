//! All routes with their policies.

use super::admission::admit;
use super::policy::{
    ADMIN, ANYBODY, LOOKS, MEMBER, OF_APPLICATIONS, OPEN, OPERATOR, OPERATOR_IN_PERSON, OWN_SETTINGS, PERSON, Policy,
    SETUP_LINK, SSO_ADMIN, SSO_ADMIN_IN_PERSON, WORKSPACE_ADMIN, WORKSPACE_MEMBER,
};
use super::{
    account, admins, application_host, applications, assets, attempts, audit, branding, connection, doctor, events,
    first_run, forward_auth, help, invitations, keys, login, mails, members, next_steps, oauth2, oidc_clients,
    operators, organisations, own_keys, pages, passwords, plans, readiness, recover, roles, saml_sign_in, session,
    setup_links, withdrawal, workspaces,
};
use crate::app::App;
use crate::domain::key::Scope::{ManageApplications, ManageMembers, ManageSso, Read};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::http::header::ALLOW;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig, scope};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, guard};

/// A route as declared in the table.
pub struct Declared {
    /// The method, in upper case. `GET` includes `HEAD`.
    pub method: &'static str,
    /// The pattern of the path, inside its scope.
    pub path: &'static str,
    /// The route's policy.
    pub policy: Policy,
}

/// Registers every address with its handlers and their policies.
pub fn routes(config: &mut ServiceConfig) {
    // First, because routes are matched in order, and proxies ask here for each request to an application.
    at("/auth/check").any(OF_APPLICATIONS, forward_auth::check_forwarded).on(config);
    at("/auth/check/nginx").any(OF_APPLICATIONS, forward_auth::check_nginx).on(config);
    at("/auth/check/envoy/{path:.*}").any(OF_APPLICATIONS, forward_auth::check_envoy).on(config);
    let probe = OPEN.before_set_up();
    at("/healthz").read(probe, healthy).on(config);
    at("/readyz").read(probe, ready).on(config);
    at("/static/{path:.*}").read(probe, assets::show_asset).on(config);
    config.service(
        scope("/api/v1")
            .configure(|config| api().into_iter().for_each(|address| address.on(config)))
            .default_service(nothing()),
    );
    at("/api/openapi.json").read(OPEN, assets::show_api_description).on(config);
    config.service(scope("/api").default_service(nothing()));
    at("/login").read(LOOKS, login::show_login).post(OPEN, login::create_session).on(config);
    at("/login/sso").post(OPEN, login::start_sso).on(config);
    at("/help").read(OPEN, help::show_help).on(config);
    at("/help/{page:.*}").read(OPEN, help::show_help).on(config);
    at("/logos/{id}").read(OPEN, branding::show_logo).on(config);
    at("/logout").post(OPEN, login::delete_session).on(config);
    at("/recover").read(OPEN, recover::show_recovery).post(OPEN, recover::create_recovery).on(config);
    at("/sso").read(LOOKS, saml_sign_in::start).on(config);
    at("/sso/finish").get(OPEN, saml_sign_in::finish).on(config);
    at("/saml/{connection}/metadata").read(OPEN, saml_sign_in::show_metadata).on(config);
    at("/saml/{connection}/acs").post(OPEN.cross_site(), saml_sign_in::receive).on(config);
    at("/auth/start").read(LOOKS, forward_auth::continue_sign_in).on(config);
    openid_connect(config);
    let here = OF_APPLICATIONS;
    at("/.vestibule/start").read(here, application_host::start).on(config);
    at("/.vestibule/finish").get(here, application_host::finish).on(config);
    at("/.vestibule/me").read(here, application_host::show_me).on(config);
    at("/.vestibule/sign-out")
        .read(here, application_host::show_sign_out)
        .post(here, application_host::sign_out)
        .on(config);
    at("/.vestibule/style.css").read(here, application_host::show_style).on(config);
    at("/.vestibule/again").any(here, application_host::show_again).on(config);
    at("/.vestibule/denied").any(here, application_host::show_denied).on(config);
    config.service(scope("/.vestibule").default_service(nothing()));
    at("/setup").read(probe, pages::show_ui).on(config);
    at("/{page:.*}").read(OPEN, pages::show_ui).on(config);
}

/// The addresses of OpenID Connect. Those of clients read no cookie, and so may be used from any site.
fn openid_connect(config: &mut ServiceConfig) {
    let clients = OF_APPLICATIONS;
    at("/.well-known/openid-configuration").read(clients, oauth2::discovery::show_configuration).on(config);
    at("/.well-known/oauth-authorization-server").read(clients, oauth2::discovery::show_configuration).on(config);
    at("/oauth2/jwks").read(clients, oauth2::keys::show_keys).on(config);
    at("/oauth2/authorize")
        .get(LOOKS, oauth2::authorize::authorize)
        .post(OPEN.cross_site(), oauth2::authorize::redirect)
        .on(config);
    at("/oauth2/token")
        .post(clients, oauth2::token::create_tokens)
        .options(clients, oauth2::cors::preflight)
        .on(config);
    at("/oauth2/userinfo")
        .read(clients, oauth2::userinfo::show)
        .post(clients, oauth2::userinfo::show_to_form)
        .options(clients, oauth2::cors::preflight)
        .on(config);
    at("/oauth2/introspect").post(clients, oauth2::token::introspect).on(config);
    at("/oauth2/revoke").post(clients, oauth2::token::revoke).options(clients, oauth2::cors::preflight).on(config);
    at("/oauth2/logout").get(LOOKS, oauth2::logout::show).post(OPEN.cross_site(), oauth2::logout::redirect).on(config);
    at("/auth/continue").get(LOOKS, oauth2::authorize::resume).on(config);
    at("/auth/sign-out").post(OPEN, oauth2::logout::confirm).on(config);
}

/// All operations of the API with their policies.
pub fn operations() -> Vec<Declared> {
    api().into_iter().flat_map(|address| address.declared).collect()
}

/// The addresses under `/api/v1`.
#[allow(clippy::too_many_lines)] // a table
fn api() -> Vec<Address> {
    vec![
        at("/setup").post(OPEN.before_set_up(), first_run::create_setup),
        at("/setup/inspect").post(OPEN.before_set_up(), first_run::inspect_setup),
        at("/login").post(OPEN, session::create_session),
        at("/logout").post(OPEN, session::delete_current_session),
        at("/me").read(PERSON, session::show_me).patch(PERSON, account::update_me),
        at("/me/applications").read(PERSON.costly(), applications::list_tiles),
        at("/me/events").read(PERSON, events::list_events),
        at("/me/password").put(OWN_SETTINGS, account::update_password),
        at("/me/reauthenticate").post(PERSON, account::create_reauthentication),
        at("/me/sessions")
            .read(PERSON.costly(), session::list_sessions)
            .delete(OWN_SETTINGS, session::delete_other_sessions),
        at("/me/sessions/{session}").delete(PERSON, session::delete_session),
        at("/password-reset").post(OPEN, account::request_reset),
        at("/password-reset/inspect").post(OPEN, account::inspect_reset),
        at("/password-reset/finish").post(OPEN, account::finish_reset),
        at("/users/{user}/reset-link").post(OPERATOR.sensitive().switch(), account::create_reset_link),
        at("/users/{user}/disable").post(OPERATOR.sensitive().switch(), withdrawal::disable_user),
        at("/users/{user}/enable").post(OPERATOR.sensitive().switch(), withdrawal::enable_user),
        at("/operators")
            .read(OPERATOR, operators::list_operators)
            .post(OPERATOR_IN_PERSON.sensitive().switch(), operators::create_operator),
        at("/operators/{user}").delete(OPERATOR.sensitive().switch(), operators::delete_operator),
        at("/keys").read(OPERATOR, operators::list_keys).post(OPERATOR_IN_PERSON.sensitive(), operators::create_key),
        at("/keys/{key}").delete(OPERATOR.sensitive().switch(), operators::delete_key),
        at("/plans").read(OPERATOR, plans::list_plans),
        at("/plans/{plan}").patch(OPERATOR.sensitive().switch(), plans::update_plan),
        at("/doctor").read(OPERATOR, doctor::show_doctor),
        at("/next-steps").read(OPERATOR, next_steps::list_steps),
        at("/password-strength").post(LOOKS.before_set_up(), passwords::judge_password),
        at("/audit").read(OPERATOR, audit::list_audit),
        at("/audit.csv").read(OPERATOR, audit::download_audit),
        at("/audit/activity").read(OPERATOR, audit::show_activity),
        at("/branding")
            .read(OPERATOR, branding::show_branding)
            .put(OPERATOR.switch(), branding::update_branding)
            .delete(OPERATOR, branding::delete_branding),
        at("/mails").read(OPERATOR, mails::list_mails),
        at("/mails/test").post(OPERATOR, mails::create_test_mail),
        at("/mails/{mail}").delete(OPERATOR, mails::delete_mail),
        at("/mails/{mail}/retry").post(OPERATOR, mails::retry_mail),
        at("/organisations")
            .read(ANYBODY.key(Read), organisations::list_organisations)
            .post(OPERATOR, organisations::create_organisation),
        at("/organisations/{org}")
            .read(MEMBER.key(Read), organisations::show_organisation)
            .patch(ADMIN.costly(), organisations::update_organisation)
            .delete(OPERATOR.sensitive().switch(), organisations::delete_organisation),
        at("/organisations/{org}/plan").put(OPERATOR.sensitive().switch(), organisations::update_plan),
        at("/organisations/{org}/next-steps").read(ADMIN.key(Read).costly(), next_steps::list_organisation_steps),
        at("/organisations/{org}/members").read(ADMIN.key(Read).costly(), organisations::list_members),
        at("/organisations/{org}/members.csv").read(ADMIN.key(Read).costly(), organisations::download_members),
        at("/organisations/{org}/members/{user}")
            .delete(ADMIN.key(ManageMembers).sensitive().switch(), withdrawal::delete_member),
        at("/organisations/{org}/members/{user}/sessions")
            .read(ADMIN.key(Read).costly(), withdrawal::list_sessions)
            .delete(ADMIN.key(ManageMembers).costly(), withdrawal::delete_sessions),
        at("/organisations/{org}/members/{user}/sessions/{session}")
            .delete(ADMIN.key(ManageMembers).costly(), withdrawal::delete_session),
        at("/organisations/{org}/admins")
            .read(ADMIN.key(Read), admins::list_admins)
            .post(ADMIN.sensitive().costly(), admins::create_admin),
        at("/organisations/{org}/admins/{user}").delete(ADMIN.sensitive().switch(), admins::delete_admin),
        at("/organisations/{org}/application-hosts")
            .read(ADMIN.key(Read), applications::show_hosts)
            .put(OPERATOR.sensitive().switch(), applications::update_hosts),
        at("/organisations/{org}/roles")
            .read(ADMIN.key(Read), roles::list_roles)
            .post(ADMIN.key(ManageApplications), roles::create_role),
        at("/organisations/{org}/roles/{role}")
            .read(ADMIN.key(Read), roles::show_role)
            .patch(ADMIN.key(ManageApplications).switch(), roles::update_role)
            .delete(ADMIN.key(ManageApplications).switch(), roles::delete_role),
        at("/organisations/{org}/audit").read(ADMIN.key(Read), audit::list_organisation_audit),
        at("/organisations/{org}/audit.csv").read(ADMIN.key(Read), audit::download_organisation_audit),
        at("/organisations/{org}/audit/activity").read(ADMIN.key(Read), audit::show_organisation_activity),
        at("/organisations/{org}/branding")
            .read(MEMBER.key(Read), branding::show_organisation_branding)
            .put(ADMIN.switch(), branding::update_organisation_branding)
            .delete(ADMIN, branding::delete_organisation_branding),
        at("/organisations/{org}/keys").read(ADMIN, keys::list_keys).post(ADMIN.sensitive(), keys::create_key),
        at("/organisations/{org}/keys/{key}").delete(ADMIN.sensitive(), keys::delete_key),
        at("/organisations/{org}/workspaces")
            .read(MEMBER.key(Read).costly(), workspaces::list_workspaces)
            .post(ADMIN, workspaces::create_workspace),
        at("/organisations/{org}/sso")
            .read(ADMIN.key(Read).costly(), connection::show_connection)
            .put(SSO_ADMIN.key(ManageSso).sensitive().switch(), connection::update_connection)
            .delete(SSO_ADMIN.key(ManageSso).sensitive().switch(), connection::delete_connection),
        at("/organisations/{org}/sso/metadata").post(SSO_ADMIN.key(ManageSso), connection::read_metadata),
        at("/organisations/{org}/sso/metadata/refresh").post(SSO_ADMIN.key(ManageSso), connection::refresh_metadata),
        at("/organisations/{org}/sso/candidates/{fingerprint}")
            .delete(SSO_ADMIN.sensitive().costly(), connection::delete_candidate),
        at("/organisations/{org}/sso/candidates/{fingerprint}/adopt")
            .post(SSO_ADMIN.sensitive().costly(), connection::adopt_candidate),
        at("/organisations/{org}/sso/saml-only")
            .read(ADMIN.key(Read).costly(), connection::show_saml_only)
            .put(SSO_ADMIN.key(ManageSso).sensitive().switch(), connection::update_saml_only),
        at("/organisations/{org}/sso/readiness").read(ADMIN.key(Read).costly(), readiness::show_readiness),
        at("/organisations/{org}/sso/reminders").post(SSO_ADMIN.key(ManageSso).costly(), readiness::create_reminders),
        at("/organisations/{org}/sso/recovery-codes")
            .post(SSO_ADMIN_IN_PERSON.sensitive(), connection::create_recovery_codes),
        at("/organisations/{org}/sso/own-keys")
            .read(ADMIN.key(Read), own_keys::list_own_keys)
            .post(SSO_ADMIN.key(ManageSso).sensitive().costly(), own_keys::create_own_keys),
        at("/organisations/{org}/sso/own-keys/{keys}")
            .delete(SSO_ADMIN.key(ManageSso).sensitive(), own_keys::delete_own_keys),
        at("/organisations/{org}/sso/setup-links")
            .read(ADMIN.key(Read), setup_links::list_setup_links)
            .post(SSO_ADMIN.key(ManageSso).sensitive(), setup_links::create_setup_link),
        at("/organisations/{org}/sso/setup-links/{link}").delete(ADMIN.key(ManageSso), setup_links::delete_setup_link),
        at("/organisations/{org}/sso/attempts").read(ADMIN.key(Read).costly(), attempts::list_attempts),
        at("/organisations/{org}/sso/attempts/{id}").read(ADMIN.key(Read).costly(), attempts::show_attempt),
        at("/setup-link/sso")
            .read(SETUP_LINK, setup_links::show_setup)
            .put(SETUP_LINK.switch(), setup_links::update_setup),
        at("/setup-link/sso/metadata").post(SETUP_LINK, setup_links::read_setup_metadata),
        at("/workspaces/{id}")
            .read(WORKSPACE_MEMBER.key(Read), workspaces::show_workspace)
            .patch(WORKSPACE_ADMIN, workspaces::update_workspace)
            .delete(ADMIN.switch(), workspaces::delete_workspace),
        at("/workspaces/{id}/applications")
            .read(WORKSPACE_MEMBER.key(Read), applications::list_applications)
            .post(WORKSPACE_ADMIN.key(ManageApplications).costly(), applications::create_application),
        at("/applications/{app}")
            .read(WORKSPACE_MEMBER.key(Read), applications::show_application)
            .patch(WORKSPACE_ADMIN.key(ManageApplications).costly(), applications::update_application)
            .delete(WORKSPACE_ADMIN.key(ManageApplications).switch(), applications::delete_application),
        at("/applications/{app}/sessions").read(WORKSPACE_ADMIN.key(Read), applications::list_application_sessions),
        at("/applications/{app}/log").read(WORKSPACE_ADMIN.key(Read), applications::list_decisions),
        at("/applications/{app}/snippets").read(WORKSPACE_ADMIN.key(Read), applications::show_snippets),
        at("/applications/{app}/access").read(WORKSPACE_ADMIN.key(Read), applications::show_access),
        at("/applications/{app}/secrets")
            .post(WORKSPACE_ADMIN.key(ManageApplications).sensitive(), oidc_clients::create_secret),
        at("/applications/{app}/secrets/{secret}")
            .delete(WORKSPACE_ADMIN.key(ManageApplications).sensitive().switch(), oidc_clients::delete_secret),
        at("/workspaces/{id}/roles").read(WORKSPACE_ADMIN.key(Read), roles::list_role_choices),
        at("/workspaces/{id}/members").read(WORKSPACE_ADMIN.key(Read).costly(), members::list_members),
        at("/workspaces/{id}/members/{user}")
            .patch(WORKSPACE_ADMIN.key(ManageMembers).switch(), members::update_member)
            .delete(WORKSPACE_ADMIN.key(ManageMembers).switch(), members::delete_member),
        at("/workspaces/{id}/invitations")
            .read(WORKSPACE_ADMIN.key(Read), invitations::list_invitations)
            .post(WORKSPACE_ADMIN.key(ManageMembers), invitations::create_invitation),
        at("/workspaces/{id}/invitations/bulk")
            .post(WORKSPACE_ADMIN.key(ManageMembers).switch(), invitations::create_invitations),
        at("/workspaces/{id}/invitations/{inv}")
            .delete(WORKSPACE_ADMIN.key(ManageMembers), invitations::delete_invitation),
        at("/workspaces/{id}/invitations/{inv}/resend")
            .post(WORKSPACE_ADMIN.key(ManageMembers), invitations::resend_invitation),
        at("/invitations/inspect").post(LOOKS, invitations::inspect_invitation),
        at("/invitations/accept").post(LOOKS, invitations::accept_invitation),
    ]
}

/// An address with one handler for each method, each with its policy. Other methods get 405 with the allowed ones.
struct Address {
    path: &'static str,
    resource: Resource,
    allowed: Vec<&'static str>,
    declared: Vec<Declared>,
}

fn at(path: &'static str) -> Address {
    Address { path, resource: web::resource(path), allowed: Vec::new(), declared: Vec::new() }
}

/// A handler that runs only if the policy admits the caller.
fn behind<F, Args>(policy: Policy, route: Route, handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    guarded(policy, route.to(handler))
}

/// Not generic, so that the program has this code once, and not once for each handler.
fn guarded(policy: Policy, route: Route) -> Route {
    route.wrap(from_fn(move |request, next| admit(policy, request, next)))
}

/// Defines a method of `Address` for each HTTP method.
macro_rules! methods {
    ($($name:ident $method:literal $allowed:literal $guard:expr;)*) => {$(
        fn $name<F, Args>(mut self, policy: Policy, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.allowed.push($allowed);
            self.declared.push(Declared { method: $method, path: self.path, policy });
            self.resource = self.resource.route(behind(policy, web::route().guard($guard), handler));
            self
        }
    )*};
}

impl Address {
    methods! {
        read "GET" "GET, HEAD" guard::Any(guard::Get()).or(guard::Head());
        // `GET` without `HEAD`, as it changes something.
        get "GET" "GET" guard::Get();
        post "POST" "POST" guard::Post();
        put "PUT" "PUT" guard::Put();
        patch "PATCH" "PATCH" guard::Patch();
        delete "DELETE" "DELETE" guard::Delete();
        options "OPTIONS" "OPTIONS" guard::Options();
        any "*" "*" guard::fn_guard(|_| true);
    }

    fn on(self, config: &mut ServiceConfig) {
        let allowed = self.allowed.join(", ");
        let other = move || {
            let mut answer = HttpResponse::from_error(Error::WrongMethod(allowed.clone()));
            if let Ok(allowed) = allowed.parse() {
                answer.headers_mut().insert(ALLOW, allowed);
            }
            std::future::ready(answer)
        };
        // At an address for applications, a wrong method is no request from another site.
        let of_applications = self.declared.iter().all(|declared| declared.policy.of_applications);
        let policy = if of_applications { OF_APPLICATIONS } else { OPEN };
        config.service(self.resource.default_service(behind(policy, web::route(), other)));
    }
}

/// The route for unknown addresses.
fn nothing() -> Route {
    behind(OPEN, web::route(), unknown)
}

async fn unknown() -> HttpResponse {
    HttpResponse::from_error(Error::NotFound(phrase!("nothing-here")))
}

/// `GET /healthz`: the process is running.
async fn healthy() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers.
async fn ready(app: Data<App>) -> Result<&'static str> {
    super::blocking::probing(&app, crate::actions::doctor::database_answers).await?;
    Ok("ready\n")
}
