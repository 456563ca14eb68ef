//! Applications, and the hosts that are granted to organisations.

use super::answer::shown;
use super::blocking::{blocking, costly};
use super::body::{Body, LargeBody, given_text};
use super::guard::{
    ApplicationAdmin, ApplicationMember, Member, OrganisationAdmin, Person, WorkspaceAdmin, WorkspaceMember,
};
use super::own_lists::own_list;
use super::query::param;
use crate::actions::applications::{self, NewApplication, Reader};
use crate::actions::{Run, forward_auth, host_grants, snippets};
use crate::api::applications::{
    AccessView, ApplicationSessionView, ApplicationView, DecisionView, HostsView, SnippetsView, TileView,
};
use crate::api::effect::EffectView;
use crate::api::page::Listing;
use crate::app::App;
use crate::domain::application::{
    Application, ApplicationKind, ApplicationSession, ProxySettings, Tile, read_description, read_url,
};
use crate::domain::application_host::{AppHost, HostGrant};
use crate::domain::application_rule::{self, Require, Rule};
use crate::domain::ids::UserId;
use crate::domain::oidc_client::{ClientType, GivenClient, Signing, TokenAuth};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Name, Page, Result, Together};
use crate::logo::read_icon;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// `GET /api/v1/workspaces/{id}/applications`.
#[utoipa::path(
    get, path = "/workspaces/{id}/applications", tag = "Applications", summary = "List the applications of a workspace",
    description = "Admins of the workspace get all; others get those that they may open, without the settings for the proxy.",
    params(Page),
    responses((status = 200, body = Listing<ApplicationView>)),
)]
pub async fn list_applications(
    app: Data<App>,
    member: WorkspaceMember,
    page: Page,
) -> Result<Json<Listing<ApplicationView>>> {
    let (workspace, caller, reader) = (member.workspace.clone(), member.caller.clone(), reader(member));
    let view = view_for(&reader);
    let listing = blocking(&app, move |app| applications::list(app, &caller, &workspace, &reader, &page)).await?;
    Ok(Json(listing.map(view).into()))
}

/// `GET /api/v1/applications/{app}`.
#[utoipa::path(
    get, path = "/applications/{app}", tag = "Applications", summary = "Show an application",
    responses((status = 200, body = ApplicationView)),
)]
pub async fn show_application(app: Data<App>, member: ApplicationMember) -> Result<Json<ApplicationView>> {
    let ApplicationMember { application, member } = member;
    let reader = reader(member);
    let view = view_for(&reader);
    blocking(&app, move |app| applications::shown(app, application, &reader)).await.map(view).map(Json)
}

fn reader(member: WorkspaceMember) -> Reader {
    let WorkspaceMember { granted, role, asking, .. } = member;
    Reader { granted, role, asking }
}

/// The shape in which a reader sees applications.
fn view_for(reader: &Reader) -> fn(Application) -> ApplicationView {
    if reader.manages() { ApplicationView::managed } else { ApplicationView::opened }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPathRule)]
pub struct WantedRule {
    /// A prefix if it ends in `/` or `*`, otherwise the whole path.
    #[schema(example = "/static/")]
    path: String,
    /// All methods if absent.
    #[serde(default)]
    methods: Option<Vec<String>>,
    #[schema(value_type = Require)]
    require: String,
}

fn read_rules(rules: Vec<WantedRule>) -> Result<Vec<Rule>> {
    let each = rules.into_iter().enumerate();
    let rules: Vec<_> =
        each.map(|(number, rule)| Rule::parse(number, &rule.path, rule.methods, &rule.require)).collect();
    let rules = rules.together()?;
    application_rule::few_enough(&rules)?;
    Ok(rules)
}

fn read_hosts(hosts: &[String]) -> Result<Vec<AppHost>> {
    let hosts: Vec<_> = hosts.iter().map(|host| AppHost::parse(host)).collect();
    ProxySettings::hosts_of(hosts.together()?)
}

/// Refuses fields of clients for another kind.
fn only_for_clients(kind: ApplicationKind, given: &GivenClient) -> Result<()> {
    match given.first_field().filter(|_| kind != ApplicationKind::Oidc) {
        Some(field) => Err(Error::invalid(field, phrase!("field-only-oidc"))),
        None => Ok(()),
    }
}

/// Refuses fields of proxy applications for another kind.
fn only_for_proxies(kind: ApplicationKind, given: [(&str, bool); 3]) -> Result<()> {
    match given.into_iter().find(|(_, given)| *given && kind != ApplicationKind::Proxy) {
        Some((field, _)) => Err(Error::invalid(field, phrase!("field-only-proxy"))),
        None => Ok(()),
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApplication, example = json!({
    "kind": "proxy", "name": "Wiki", "url": "https://wiki.example.com/", "hosts": ["wiki.example.com"],
    "rules": [{"path": "/static/", "require": "public"}, {"path": "/admin/", "require": "admin"}]
}))]
#[allow(clippy::option_option)] // absent, null and a text are three things
pub struct Wanted {
    #[schema(value_type = ApplicationKind)]
    kind: String,
    #[schema(value_type = Name)]
    name: String,
    /// http or https.
    url: String,
    /// A data URL of a PNG, a WebP, or an SVG without scripts; at most 32 KiB.
    icon: Option<String>,
    description: Option<String>,
    /// The hosts of a proxy application, each granted to the organisation.
    hosts: Option<Vec<String>>,
    rules: Option<Vec<WantedRule>>,
    /// True if each request carries a signed statement about the person, in `X-Vestibule-Assertion`.
    assertion: Option<bool>,
    /// The addresses to which people may return from sign-in to an OpenID Connect client: https, or http on loopback.
    redirect_uris: Option<Vec<String>>,
    /// The addresses to which people may return from sign-out.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The address that is told when a session ends; null for none.
    #[serde(default, deserialize_with = "given_text")]
    #[schema(value_type = Option<String>)]
    backchannel_logout_uri: Option<Option<String>>,
    /// `confidential` if absent.
    #[schema(value_type = Option<ClientType>)]
    client_type: Option<String>,
    /// `none` for public clients only.
    #[schema(value_type = Option<TokenAuth>)]
    token_auth: Option<String>,
    #[schema(value_type = Option<Signing>)]
    signing: Option<String>,
    /// Whether a confidential client may leave out PKCE, which is a weakness.
    pkce_optional: Option<bool>,
}

impl Wanted {
    /// Takes the settings of a client out of the fields.
    fn client(&mut self) -> GivenClient {
        GivenClient {
            redirect_uris: self.redirect_uris.take(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.take(),
            backchannel_logout_uri: self.backchannel_logout_uri.take(),
            client_type: self.client_type.take(),
            token_auth: self.token_auth.take(),
            signing: self.signing.take(),
            pkce_optional: self.pkce_optional,
        }
    }

    fn read(mut self) -> Result<NewApplication> {
        let icon = self.icon.as_deref().map(read_icon).transpose();
        let description = self.description.as_deref().map_or(Ok(None), read_description);
        let (kind, name, url, icon, description) = (
            ApplicationKind::parse(&self.kind),
            Name::parse("name", &self.name),
            read_url(&self.url),
            icon,
            description,
        )
            .together()?;
        let tile = Tile { name, url, icon, description };
        let client = self.client();
        only_for_clients(kind, &client)?;
        let proxy = match kind {
            ApplicationKind::Proxy => {
                let hosts = self.hosts.ok_or_else(|| Error::invalid("hosts", phrase!("field-missing")));
                let hosts = hosts.and_then(|hosts| read_hosts(&hosts));
                let rules = read_rules(self.rules.unwrap_or_default());
                let (hosts, rules) = (hosts, rules).together()?;
                ProxySettings { hosts, rules, assertion: self.assertion.unwrap_or_default() }
            }
            ApplicationKind::Link | ApplicationKind::Oidc => {
                let (hosts, rules) = (self.hosts.is_some(), self.rules.is_some());
                let given = [("hosts", hosts), ("rules", rules), ("assertion", self.assertion.is_some())];
                only_for_proxies(kind, given)?;
                ProxySettings::default()
            }
        };
        let oidc = if kind == ApplicationKind::Oidc { Some(client.create()?) } else { None };
        Ok(NewApplication { kind, tile, proxy, oidc })
    }
}

/// `POST /api/v1/workspaces/{id}/applications`.
#[utoipa::path(
    post, path = "/workspaces/{id}/applications", tag = "Applications", summary = "Create an application",
    description = "The hosts of a proxy application must be granted to the organisation by an operator. The secret of a \
        confidential OpenID Connect client is only in this answer.",
    request_body = Wanted,
    responses((status = 201, body = ApplicationView), (status = 409)),
)]
pub async fn create_application(
    app: Data<App>,
    admin: WorkspaceAdmin,
    body: LargeBody<Wanted>,
) -> Result<HttpResponse> {
    let WorkspaceMember { workspace, caller, .. } = admin.0;
    let body = body.read_and_count()?;
    let saved = costly(&app, caller, move |app, caller| {
        body.used(|wanted| applications::create(app, caller, &workspace, wanted.read()?))
    })
    .await?;
    Ok(HttpResponse::Created().json(ApplicationView::saved(saved)))
}

/// The fields to change; those left out keep their value. `icon` and `description` can be null.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ApplicationChanges, example = json!({"name": "Handbook"}))]
#[allow(clippy::option_option)] // absent, null and a text are three things
pub struct Changes {
    #[schema(value_type = Option<Name>)]
    name: Option<String>,
    /// http or https.
    url: Option<String>,
    /// A data URL of a PNG, a WebP, or an SVG without scripts; at most 32 KiB.
    #[serde(default, deserialize_with = "given_text")]
    #[schema(value_type = Option<String>)]
    icon: Option<Option<String>>,
    #[serde(default, deserialize_with = "given_text")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// The hosts of a proxy application, each granted to the organisation.
    hosts: Option<Vec<String>>,
    rules: Option<Vec<WantedRule>>,
    /// True if each request carries a signed statement about the person, in `X-Vestibule-Assertion`.
    assertion: Option<bool>,
    /// The addresses to which people may return from sign-in to an OpenID Connect client: https, or http on loopback.
    redirect_uris: Option<Vec<String>>,
    /// The addresses to which people may return from sign-out.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The address that is told when a session ends; null for none.
    #[serde(default, deserialize_with = "given_text")]
    #[schema(value_type = Option<String>)]
    backchannel_logout_uri: Option<Option<String>>,
    /// A client that becomes confidential gets a secret; one that becomes public loses its secrets.
    #[schema(value_type = Option<ClientType>)]
    client_type: Option<String>,
    /// `none` for public clients only.
    #[schema(value_type = Option<TokenAuth>)]
    token_auth: Option<String>,
    #[schema(value_type = Option<Signing>)]
    signing: Option<String>,
    /// Whether a confidential client may leave out PKCE, which is a weakness.
    pkce_optional: Option<bool>,
}

impl Changes {
    /// Takes the settings of a client out of the fields.
    fn client(&mut self) -> GivenClient {
        GivenClient {
            redirect_uris: self.redirect_uris.take(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.take(),
            backchannel_logout_uri: self.backchannel_logout_uri.take(),
            client_type: self.client_type.take(),
            token_auth: self.token_auth.take(),
            signing: self.signing.take(),
            pkce_optional: self.pkce_optional,
        }
    }

    fn apply(mut self, mut application: Application) -> Result<Application> {
        let client = self.client();
        only_for_clients(application.kind, &client)?;
        let read = |given: Option<Option<String>>, read: fn(&str) -> Result<Option<String>>| {
            given.map(|text| text.as_deref().map_or(Ok(None), read)).transpose()
        };
        let (name, url, icon, description, hosts, rules) = (
            self.name.as_deref().map(|name| Name::parse("name", name)).transpose(),
            self.url.as_deref().map(read_url).transpose(),
            read(self.icon, |icon| read_icon(icon).map(Some)),
            read(self.description, read_description),
            self.hosts.as_deref().map(read_hosts).transpose(),
            self.rules.map(read_rules).transpose(),
        )
            .together()?;
        let given = [("hosts", hosts.is_some()), ("rules", rules.is_some()), ("assertion", self.assertion.is_some())];
        only_for_proxies(application.kind, given)?;
        let Application { tile, proxy, .. } = &mut application;
        tile.name = name.unwrap_or_else(|| tile.name.clone());
        tile.url = url.unwrap_or_else(|| tile.url.clone());
        tile.icon = icon.unwrap_or_else(|| tile.icon.clone());
        tile.description = description.unwrap_or_else(|| tile.description.clone());
        proxy.hosts = hosts.unwrap_or_else(|| proxy.hosts.clone());
        proxy.rules = rules.unwrap_or_else(|| proxy.rules.clone());
        proxy.assertion = self.assertion.unwrap_or(proxy.assertion);
        application.oidc = application.oidc.map(|before| client.apply(before)).transpose()?;
        Ok(application)
    }
}

/// `PATCH /api/v1/applications/{app}`.
#[utoipa::path(
    patch, path = "/applications/{app}", tag = "Applications", summary = "Change an application",
    request_body = Changes,
    responses((status = 200, body = ApplicationView), (status = 409)),
)]
pub async fn update_application(
    app: Data<App>,
    admin: ApplicationAdmin,
    body: LargeBody<Changes>,
) -> Result<Json<ApplicationView>> {
    let ApplicationMember { application, member: WorkspaceMember { caller, .. } } = admin.0;
    let body = body.read_and_count()?;
    let saved = costly(&app, caller, move |app, caller| {
        body.used(|changes| applications::update(app, caller, &application.id, |current| changes.apply(current)))
    })
    .await?;
    Ok(Json(ApplicationView::saved(saved)))
}

/// `DELETE /api/v1/applications/{app}`: answers with the effect.
#[utoipa::path(
    delete, path = "/applications/{app}", tag = "Applications", summary = "Delete an application",
    description = "The effect names the people who could open it.",
    params(Run),
    responses((status = 200, body = EffectView)),
)]
pub async fn delete_application(app: Data<App>, admin: ApplicationAdmin, run: Run) -> Result<Json<EffectView>> {
    let ApplicationMember { application, member: WorkspaceMember { caller, .. } } = admin.0;
    costly(&app, caller, move |app, caller| applications::delete(app, caller, &application.id, run)).await.map(shown)
}

/// `GET /api/v1/applications/{app}/access?user=ID`.
#[utoipa::path(
    get, path = "/applications/{app}/access", tag = "Applications", summary = "Explain whether a person may open an application",
    params(("user" = UserId, Query, description = "A person of the application’s organisation.")),
    responses((status = 200, body = AccessView)),
)]
pub async fn show_access(app: Data<App>, admin: ApplicationAdmin, request: HttpRequest) -> Result<Json<AccessView>> {
    let ApplicationMember { application, member: WorkspaceMember { caller, .. } } = admin.0;
    let user = param(&request, "user").ok_or_else(|| Error::invalid("user", phrase!("field-missing")))?;
    let user = UserId::parse(&user)?;
    blocking(&app, move |app| applications::access(app, &caller, &application, &user)).await.map(shown)
}

/// `GET /api/v1/applications/{app}/sessions`.
#[utoipa::path(
    get, path = "/applications/{app}/sessions", tag = "Applications", summary = "List who is signed in at an application",
    description = "The newest 200 sessions at a proxy application or an OpenID Connect client.",
    params(Page),
    responses((status = 200, body = Listing<ApplicationSessionView>)),
)]
pub async fn list_application_sessions(
    app: Data<App>,
    admin: ApplicationAdmin,
    page: Page,
) -> Result<Json<Listing<ApplicationSessionView>>> {
    let ApplicationMember { application, member: WorkspaceMember { caller, .. } } = admin.0;
    let list = move |app: &App| forward_auth::list_sessions(app, &caller, &application.id);
    let sessions = blocking(&app, list).await?;
    let position = |one: &ApplicationSession| {
        (Reverse(one.created_at.0), one.email.to_string(), one.host.as_ref().map(|host| host.as_str().to_owned()))
    };
    Ok(Json(page.part_of(sessions, position)?.into()))
}

/// `GET /api/v1/applications/{app}/log`.
#[utoipa::path(
    get, path = "/applications/{app}/log", tag = "Applications", summary = "List the last decisions about an application",
    description = "The last 1,000 decisions about requests to a proxy application, or by an OpenID Connect client, since the server was started, newest first.",
    params(Page),
    responses((status = 200, body = Listing<DecisionView>)),
)]
pub async fn list_decisions(
    app: Data<App>,
    admin: ApplicationAdmin,
    page: Page,
) -> Result<Json<Listing<DecisionView>>> {
    let Application { id, organisation, .. } = &admin.0.application;
    let decisions = app.application_log.newest_first(organisation, id);
    Ok(Json(page.part_of(decisions, |one| Reverse(one.number))?.into()))
}

/// `GET /api/v1/applications/{app}/snippets`.
#[utoipa::path(
    get, path = "/applications/{app}/snippets", tag = "Applications", summary = "Show configurations of reverse proxies or clients",
    description = "With the addresses of this appliance and of the application, and the id of a client, but never a secret. None for links.",
    responses((status = 200, body = SnippetsView)),
)]
pub async fn show_snippets(app: Data<App>, admin: ApplicationAdmin) -> Json<SnippetsView> {
    shown(snippets::of(&app.config, &admin.0.application))
}

/// `GET /api/v1/me/applications`.
#[utoipa::path(
    get, path = "/me/applications", tag = "Own account", summary = "List the applications that you may open",
    params(Page),
    responses((status = 200, body = Listing<TileView>)),
)]
pub async fn list_tiles(app: Data<App>, person: Person, page: Page) -> Result<Json<Listing<TileView>>> {
    let Person { asking, caller } = person;
    let reader = asking.clone();
    let tiles = own_list(&app, &caller, &asking, move |app| applications::tiles(app, &reader, &page)).await?;
    Ok(Json(TileView::page(tiles)))
}

/// `GET /api/v1/organisations/{org}/application-hosts`.
#[utoipa::path(
    get, path = "/organisations/{org}/application-hosts", tag = "Applications", summary = "Show the granted hosts",
    responses((status = 200, body = HostsView)),
)]
pub async fn show_hosts(app: Data<App>, admin: OrganisationAdmin) -> Result<Json<HostsView>> {
    let Member { organisation, caller, .. } = admin.0;
    blocking(&app, move |app| host_grants::list(app, &caller, &organisation.id)).await.map(shown)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApplicationHosts, example = json!({"hosts": ["wiki.example.com", "*.apps.example.com"]}))]
pub struct WantedHosts {
    hosts: Vec<String>,
}

/// `PUT /api/v1/organisations/{org}/application-hosts`.
#[utoipa::path(
    put, path = "/organisations/{org}/application-hosts", tag = "Applications", summary = "Grant hosts to the organisation",
    description = "For operators. Replaces all grants. The effect names the hosts that are no longer granted, and the applications there.",
    params(Run),
    request_body = WantedHosts,
    responses((status = 200, body = HostsView), (status = 409)),
)]
pub async fn update_hosts(
    app: Data<App>,
    operator: Member,
    run: Run,
    body: Body<WantedHosts>,
) -> Result<Json<HostsView>> {
    let Member { organisation, caller, .. } = operator;
    costly(&app, caller, move |app, caller| {
        let hosts = body.read()?.hosts;
        if hosts.len() > MOST_GRANTS {
            return Err(Error::invalid("hosts", phrase!("field-too-many-hosts", most = MOST_GRANTS)));
        }
        let grants: Vec<_> = hosts.iter().map(|host| HostGrant::parse(host)).collect();
        host_grants::set(app, caller, &organisation, grants.together()?, run)
    })
    .await
    .map(shown)
}

/// The maximum number of hosts that are granted to one organisation.
const MOST_GRANTS: usize = 200;
