//! Applications.

use super::effect::EffectView;
use super::oidc_clients::SecretView;
use super::page::Listing;
use crate::actions::applications::{Access, Saved};
use crate::domain::access::Effect;
use crate::domain::application::{Application, ApplicationKind, ApplicationSession, Opened};
use crate::domain::application_host::{AppHost, HostGrant};
use crate::domain::application_log::{LogEntry, Outcome};
use crate::domain::application_rule::{Require, Rule};
use crate::domain::forward_auth::Identity;
use crate::domain::ids::{ApplicationId, OrganisationId, UserId, WorkspaceId};
use crate::domain::level::Level;
use crate::domain::oidc_client::{ClientType, OidcClient, Signing, TokenAuth};
use crate::domain::snippet::Snippet;
use crate::domain::{Email, Name, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An application. Members who do not manage it do not see the settings of its proxy or client.
#[derive(Serialize, ToSchema)]
#[schema(as = Application)]
pub struct ApplicationView {
    id: ApplicationId,
    workspace: WorkspaceId,
    organisation: OrganisationId,
    kind: ApplicationKind,
    name: Name,
    url: String,
    /// A data URL.
    icon: Option<String>,
    description: Option<String>,
    created_at: Timestamp,
    /// The hosts of a proxy application.
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<Vec<AppHost>>,
    /// The rules for the paths of a proxy application; the first match decides, and a path without a rule needs `viewer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Vec<RuleView>>,
    /// True if requests to a proxy application carry a signed statement about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    assertion: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ApplicationId>,
    /// The addresses to which people may return from sign-in, compared byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uris: Option<Vec<String>>,
    /// The addresses to which people may return from sign-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The address that is told when a session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_type: Option<ClientType>,
    /// The only method by which the client may prove its identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_auth: Option<TokenAuth>,
    /// The algorithm of the ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    signing: Option<Signing>,
    /// True if the client may leave out PKCE, which is a weakness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pkce_optional: Option<bool>,
    /// The secrets of the client, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets: Option<Vec<SecretView>>,
    /// The secret; only in the answer that creates the application, or that makes its client confidential.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

mirror! {
    /// A rule for a path of a proxy application.
    #[schema(as = PathRule)]
    RuleView of Rule {
        /// A prefix if it ends in `/` or `*`, otherwise the whole path.
        path: String,
        /// All methods if absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        methods: Option<Vec<String>>,
        require: Require,
    }
}

impl ApplicationView {
    /// The application with its settings.
    pub fn managed(application: Application) -> Self {
        let proxy = Some(application.proxy.clone()).filter(|_| application.kind == ApplicationKind::Proxy);
        let client = application.oidc.clone();
        let mut view = Self::opened(application);
        if let Some(proxy) = proxy {
            view.hosts = Some(proxy.hosts);
            view.rules = Some(proxy.rules.into_iter().map(RuleView::from).collect());
            view.assertion = Some(proxy.assertion);
        }
        match client {
            Some(client) => view.with_client(client),
            None => view,
        }
    }

    fn with_client(self, client: OidcClient) -> Self {
        Self {
            client_id: Some(self.id.clone()),
            redirect_uris: Some(client.redirect_uris),
            post_logout_redirect_uris: Some(client.post_logout_redirect_uris),
            backchannel_logout_uri: client.backchannel_logout_uri,
            client_type: Some(client.client_type),
            token_auth: Some(client.token_auth),
            signing: Some(client.signing),
            pkce_optional: Some(client.pkce_optional),
            secrets: Some(client.secrets.into_iter().map(SecretView::from).collect()),
            ..self
        }
    }

    /// The application as saved, with the secret that its client got.
    pub fn saved((application, client_secret): Saved) -> Self {
        Self { client_secret, ..Self::managed(application) }
    }

    /// The application as its users see it.
    pub fn opened(application: Application) -> Self {
        let Application { id, workspace, organisation, kind, tile, created_at, .. } = application;
        let (name, url, icon, description) = (tile.name, tile.url, tile.icon, tile.description);
        Self {
            id,
            workspace,
            organisation,
            kind,
            name,
            url,
            icon,
            description,
            created_at,
            hosts: None,
            rules: None,
            assertion: None,
            client_id: None,
            redirect_uris: None,
            post_logout_redirect_uris: None,
            backchannel_logout_uri: None,
            client_type: None,
            token_auth: None,
            signing: None,
            pkce_optional: None,
            secrets: None,
            client_secret: None,
        }
    }
}

/// An application that the caller may open.
#[derive(Serialize, ToSchema)]
#[schema(as = ApplicationTile)]
pub struct TileView {
    id: ApplicationId,
    name: Name,
    url: String,
    /// A data URL.
    icon: Option<String>,
    description: Option<String>,
    kind: ApplicationKind,
    /// The display name of its organisation.
    organisation: String,
    /// The display name of its workspace.
    workspace: String,
    level: Level,
}

impl From<Opened> for TileView {
    fn from(opened: Opened) -> Self {
        let Opened { application, organisation, workspace, level } = opened;
        let Application { id, kind, tile, .. } = application;
        let (name, url, icon, description) = (tile.name, tile.url, tile.icon, tile.description);
        Self { id, name, url, icon, description, kind, organisation, workspace, level }
    }
}

impl TileView {
    /// A page of tiles.
    pub fn page(tiles: crate::domain::Listing<Opened>) -> Listing<Self> {
        tiles.map(Self::from).into()
    }
}

/// Whether a person may open an application.
#[derive(Serialize, ToSchema)]
#[schema(as = ApplicationAccess)]
pub struct AccessView {
    opens: bool,
    level: Level,
    /// The reason, as a sentence.
    reason: String,
}

impl From<Access> for AccessView {
    fn from(access: Access) -> Self {
        Self { opens: access.opens, level: access.level, reason: access.reason.spoken() }
    }
}

/// The hosts that are granted to an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = ApplicationHosts)]
pub struct HostsView {
    #[schema(example = json!(["wiki.example.com", "*.apps.example.com"]))]
    hosts: Vec<String>,
    /// The effect of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectView>,
}

impl From<Vec<HostGrant>> for HostsView {
    fn from(grants: Vec<HostGrant>) -> Self {
        Self { hosts: grants.iter().map(|grant| grant.as_str().to_owned()).collect(), effect: None }
    }
}

impl From<(Vec<HostGrant>, Effect)> for HostsView {
    fn from((grants, effect): (Vec<HostGrant>, Effect)) -> Self {
        Self { effect: Some(effect.into()), ..Self::from(grants) }
    }
}

/// The person who is signed in at an application.
#[derive(Serialize)]
pub struct ApplicationUserView {
    user: String,
    email: String,
    name: String,
    organisation: String,
    workspace: String,
    role: String,
    level: Level,
}

impl From<Identity> for ApplicationUserView {
    fn from(person: Identity) -> Self {
        let Identity { user, email, name, organisation, workspace, role, level, .. } = person;
        Self { user, email, name, organisation, workspace, role, level }
    }
}

mirror! {
    /// A session at an application.
    #[schema(as = ApplicationSession)]
    ApplicationSessionView of ApplicationSession {
        /// The person.
        user: UserId,
        /// The person's e-mail address.
        email: Email,
        /// The host at which it began; null for an OpenID Connect client.
        host: Option<AppHost>,
        created_at: Timestamp,
        /// When the session that made it was last used.
        last_seen_at: Timestamp,
    }
}

/// A decision about a request to an application.
#[derive(Serialize, ToSchema)]
#[schema(as = ApplicationDecision)]
pub struct DecisionView {
    at: Timestamp,
    /// The e-mail address of the person who was signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    method: String,
    /// The path, without the query; at most 200 characters.
    path: String,
    decision: Outcome,
    /// The reason, as a sentence.
    reason: String,
}

impl From<LogEntry> for DecisionView {
    fn from(entry: LogEntry) -> Self {
        let reason = entry.reason().spoken();
        let LogEntry { at, email, method, path, outcome, .. } = entry;
        Self { at, email, method, path, decision: outcome, reason }
    }
}

/// The configuration of a reverse proxy or client, to copy.
#[derive(Serialize, ToSchema)]
#[schema(as = Snippet)]
pub struct SnippetView {
    /// The name of the proxy or client, in lower case.
    name: &'static str,
    /// The language of the text, for highlighting.
    language: &'static str,
    text: String,
}

impl From<Snippet> for SnippetView {
    fn from(snippet: Snippet) -> Self {
        let Snippet { name, language, text } = snippet;
        Self { name, language, text }
    }
}

/// The configurations of reverse proxies or clients.
#[derive(Serialize, ToSchema)]
#[schema(as = Snippets)]
pub struct SnippetsView {
    items: Vec<SnippetView>,
}

impl From<Vec<Snippet>> for SnippetsView {
    fn from(snippets: Vec<Snippet>) -> Self {
        Self { items: snippets.into_iter().map(SnippetView::from).collect() }
    }
}
