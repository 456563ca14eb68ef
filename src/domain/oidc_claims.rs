//! What OpenID Connect clients learn about a person.
//!
//! Source: OpenID Connect Core 1.0, 2, 5.1 and 5.4.

use super::Timestamp;
use super::application::Hosted;
use super::forward_auth::Identity;
use super::ids::UserId;
use super::method::Method;
use super::oidc_request::has_scope;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// The `typ` of ID tokens.
pub const ID_TOKEN: &str = "JWT";
/// The `typ` of logout tokens.
pub const LOGOUT_TOKEN: &str = "logout+jwt";
/// How long access tokens and ID tokens are valid, in seconds.
pub const TOKEN_SECS: i64 = 600;
/// How long a logout token is valid, in seconds.
const LOGOUT_SECS: i64 = 120;

/// The names of all claims in tokens and userinfo.
pub const CLAIM_NAMES: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "nonce",
    "at_hash",
    "name",
    "preferred_username",
    "email",
    "email_verified",
    "groups",
    "vestibule",
];

/// The claims, each with the scope that contains it.
const OF_SCOPES: [(&str, &str); 6] = [
    ("name", "profile"),
    ("preferred_username", "profile"),
    ("email", "email"),
    ("email_verified", "email"),
    ("groups", "groups"),
    ("vestibule", "vestibule"),
];

/// The claims about a person. `wanted`: those that are asked for by name, besides those of the scopes.
pub fn about(
    person: &Identity,
    hosted: &Hosted,
    email_verified: bool,
    scope: &str,
    wanted: &[String],
) -> Map<String, Value> {
    let organisation = &hosted.organisation;
    let value = |name: &str| match name {
        "name" => json!(person.name),
        "groups" => json!(person.groups()),
        "email_verified" => json!(email_verified),
        "vestibule" => json!({
            "organisation": { "id": organisation.id, "slug": organisation.slug, "name": organisation.name },
            "workspace": { "id": hosted.workspace_id, "name": hosted.workspace },
            "role": person.role,
            "level": person.level,
        }),
        // `email` and `preferred_username`
        _ => json!(person.email),
    };
    let given = |name: &str, of: &str| has_scope(scope, of) || wanted.iter().any(|one| one == name);
    let all = OF_SCOPES.into_iter().filter(|(name, of)| given(name, of));
    all.map(|(name, _)| (name.to_owned(), value(name))).collect()
}

/// How a person signed in, as `acr`; the only element of `amr` is the same word.
pub const fn acr(method: Method) -> &'static str {
    match method {
        Method::Saml => "saml",
        Method::Password | Method::Recovery => "pwd",
    }
}

/// The claims of an ID token.
#[derive(Serialize)]
pub struct IdToken<'a> {
    /// The public URL.
    pub iss: &'a str,
    /// The person.
    pub sub: &'a str,
    /// The client.
    pub aud: &'a str,
    /// The session.
    pub sid: &'a str,
    /// When it was made, in Unix seconds.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// When the person signed in.
    pub auth_time: i64,
    /// How they signed in.
    pub acr: &'static str,
    /// As `acr`, in a list.
    pub amr: [&'static str; 1],
    /// The value of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// The digest of the access token.
    pub at_hash: String,
    /// What the scopes and the request ask for.
    #[serde(flatten)]
    pub about: Map<String, Value>,
}

/// The `at_hash` of an access token: the left half of its SHA-256.
pub fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token.as_bytes())[..16])
}

/// The claims of a logout token.
///
/// Source: OpenID Connect Back-Channel Logout 1.0, 2.4.
#[derive(Serialize)]
pub struct LogoutToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    sid: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
}

impl<'a> LogoutToken<'a> {
    /// A token that says that a session has ended. `jti`: an id of its own.
    pub fn new(
        issuer: &'a str,
        client: &'a str,
        person: &'a UserId,
        sid: &'a str,
        jti: String,
        now: Timestamp,
    ) -> Self {
        Self {
            iss: issuer,
            sub: person.as_str(),
            aud: client,
            sid,
            iat: now.0,
            exp: now.plus(LOGOUT_SECS).0,
            jti,
            events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        }
    }
}
