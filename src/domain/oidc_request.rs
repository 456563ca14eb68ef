//! Authorization requests of OpenID Connect.
//!
//! Source: OpenID Connect Core 1.0, 3.1.2.1; RFC 6749 4.1.1; RFC 7636.

use super::ids::{ApplicationId, UserId, hex};
use super::oauth_error::OauthError;
use super::oidc_client::{ClientType, OidcClient};
use super::session::{Grant, SecretDigest, Session};
use super::{Result, Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// The names and values of a request.
pub type Pairs = Vec<(String, String)>;

/// The scopes that a client can ask for. Others are left out.
pub const SCOPES: [&str; 6] = ["openid", "profile", "email", "groups", "vestibule", "offline_access"];
/// The values of `prompt` that are understood. Applications are made by admins, so `consent` asks nothing.
const PROMPTS: [&str; 4] = ["none", "login", "select_account", "consent"];
/// The longest `state`, `nonce` and `login_hint`, in bytes: the request must fit into a cookie.
const MOST_TEXT_BYTES: usize = 1600;
/// How long a sign-in answers the request for which it was made, if that asks for a new one, in seconds.
pub const ANSWER_SECS: i64 = 60;
/// The names of claims that can be asked for one by one.
pub const CLAIMS: [&str; 6] = ["name", "preferred_username", "email", "email_verified", "groups", "vestibule"];

/// The single value of a parameter; `None` if it is absent.
///
/// # Errors
/// `Repeated` if it occurs more than once.
pub fn single<'p>(pairs: &'p [(String, String)], name: &str) -> Result<Option<&'p str>, Repeated> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let first = values.next();
    if values.next().is_some() { Err(Repeated) } else { Ok(first) }
}

/// A parameter that occurs more than once, which two programs may read differently.
#[derive(Debug)]
pub struct Repeated;

/// True if any parameter occurs more than once.
pub fn has_repeated(pairs: &[(String, String)]) -> bool {
    let mut seen = HashSet::new();
    !pairs.iter().all(|(name, _)| seen.insert(name))
}

/// Claims that a request asks for by name.
///
/// Source: OpenID Connect Core 1.0, 5.5.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedClaims {
    /// For userinfo.
    #[serde(default, rename = "u", skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    /// For the ID token.
    #[serde(default, rename = "i", skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// The person who must sign in.
    #[serde(default, rename = "s", skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The values of `acr` of which one is essential; empty if any is accepted.
    #[serde(default, rename = "a", skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
}

impl WantedClaims {
    fn parse(text: &str) -> Option<Self> {
        let all: Value = serde_json::from_str(text).ok()?;
        let part = |name: &str| match all.as_object()?.get(name) {
            None | Some(Value::Null) => Some(serde_json::Map::new()),
            Some(members) => members.as_object().cloned(),
        };
        let (userinfo, id_token) = (part("userinfo")?, part("id_token")?);
        let names = |part: &serde_json::Map<String, Value>| -> Vec<String> {
            CLAIMS.iter().filter(|name| part.contains_key(**name)).map(ToString::to_string).collect()
        };
        let mut subs = wanted_values(id_token.get("sub"))?;
        subs.extend(wanted_values(userinfo.get("sub"))?);
        subs.dedup();
        // A wish that cannot be met must not be answered with another person.
        if subs.len() > 1 {
            return None;
        }
        let acr = wanted_values(id_token.get("acr").filter(|acr| acr["essential"] == true))?;
        Some(Self { userinfo: names(&userinfo), id_token: names(&id_token), sub: subs.pop(), acr })
    }
}

/// The values that a request wants of a claim; empty if any will do. `None` if they are malformed.
fn wanted_values(claim: Option<&Value>) -> Option<Vec<String>> {
    let text_of = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let Some(claim) = claim.filter(|claim| !claim.is_null()) else { return Some(Vec::new()) };
    let claim = claim.as_object()?;
    match (claim.get("value"), claim.get("values")) {
        (None, None) => Some(Vec::new()),
        (Some(value), None) => Some(vec![text_of(value)?]),
        (None, Some(values)) => {
            values.as_array()?.iter().map(text_of).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
        }
        (Some(_), Some(_)) => None,
    }
}

/// An authorization request that is in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools)] // independent properties
pub struct AuthorizationRequest {
    /// The client's id.
    pub client: String,
    /// The address to which the person returns, which is registered.
    pub redirect_uri: String,
    /// The client's own value, which is returned to it.
    #[serde(default)]
    pub state: Option<String>,
    /// The value that the ID token contains.
    #[serde(default)]
    pub nonce: Option<String>,
    /// The scopes that we know, separated by spaces.
    pub scope: String,
    /// The digest of the client's PKCE verifier.
    #[serde(default)]
    pub challenge: Option<String>,
    /// True if nothing may be shown to the person.
    #[serde(default)]
    pub silent: bool,
    /// True if the person must sign in again.
    #[serde(default)]
    pub login: bool,
    /// True if the person wants to choose who signs in.
    #[serde(default)]
    pub select: bool,
    /// The longest time since the sign-in, in seconds.
    #[serde(default)]
    pub max_age: Option<i64>,
    /// The e-mail address that the person is expected to use.
    #[serde(default)]
    pub login_hint: Option<String>,
    /// The languages that the person prefers.
    #[serde(default)]
    pub ui_locales: Option<String>,
    /// The claims that are asked for by name.
    #[serde(default)]
    pub claims: WantedClaims,
}

impl AuthorizationRequest {
    /// Reads a request of a client whose redirect URI was checked. `hint`: reads an ID token of ours, and returns the
    /// person.
    ///
    /// # Errors
    /// What to report to the redirect URI.
    pub fn read(
        pairs: &[(String, String)],
        id: &ApplicationId,
        client: &OidcClient,
        hint: impl FnOnce(&str) -> Option<String>,
    ) -> Result<Self, OauthError> {
        let bad = OauthError::invalid_request;
        if has_repeated(pairs) {
            return Err(bad("a parameter occurs more than once"));
        }
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        // An empty parameter is an absent one (RFC 6749 3.1).
        let given = |name: &str| value(name).filter(|value| !value.is_empty());
        if value("request").is_some() {
            return Err(OauthError::new("request_not_supported", "request objects are not supported"));
        }
        if value("request_uri").is_some() {
            return Err(OauthError::new("request_uri_not_supported", "request_uri is not supported"));
        }
        if value("registration").is_some() {
            return Err(OauthError::new("registration_not_supported", "registration is not supported"));
        }
        match given("response_type") {
            Some("code") => {}
            None => return Err(bad("response_type is missing")),
            Some(_) => return Err(OauthError::new("unsupported_response_type", "response_type must be code")),
        }
        if given("response_mode").is_some_and(|mode| mode != "query") {
            return Err(bad("response_mode must be query"));
        }
        let scope = known_scopes(given("scope").unwrap_or_default().split(' '));
        if !has_scope(&scope, "openid") {
            return Err(OauthError::new("invalid_scope", "scope must contain openid"));
        }
        let challenge = read_challenge(given("code_challenge"), given("code_challenge_method"), client)?;
        let prompts: HashSet<_> = given("prompt").into_iter().flat_map(|all| all.split(' ')).collect();
        if prompts.iter().any(|prompt| !PROMPTS.contains(prompt)) {
            return Err(bad("prompt has an unknown value"));
        }
        let silent = prompts.contains("none");
        if silent && prompts.len() > 1 {
            return Err(bad("prompt has none together with another value"));
        }
        let number = |secs: &str| secs.parse::<u32>().ok().filter(|_| secs.bytes().all(|byte| byte.is_ascii_digit()));
        let max_age =
            given("max_age").map(|secs| number(secs).ok_or_else(|| bad("max_age must be a number of seconds")));
        let max_age = max_age.transpose()?.map(i64::from);
        let mut claims = match given("claims") {
            Some(text) => WantedClaims::parse(text).ok_or_else(|| {
                bad("claims must be a JSON object, with at most one value for sub, and texts as values")
            })?,
            None => WantedClaims::default(),
        };
        if let Some(token) = given("id_token_hint") {
            let sub = hint(token).ok_or_else(|| bad("id_token_hint is not a valid ID token of this issuer"))?;
            if claims.sub.as_ref().is_some_and(|wanted| *wanted != sub) {
                return Err(bad("id_token_hint and claims name different people"));
            }
            claims.sub = Some(sub);
        }
        let text = |name: &str| match given(name) {
            Some(text) if text.len() > MOST_TEXT_BYTES => Err(bad("state, nonce or login_hint is too long")),
            text => Ok(text.map(ToOwned::to_owned)),
        };
        Ok(Self {
            client: id.to_string(),
            redirect_uri: value("redirect_uri").unwrap_or_default().to_owned(),
            state: text("state")?,
            nonce: text("nonce")?,
            scope,
            challenge,
            silent,
            login: prompts.contains("login") || max_age == Some(0),
            select: prompts.contains("select_account"),
            max_age,
            login_hint: text("login_hint")?,
            ui_locales: given("ui_locales").map(|tags| tags.chars().take(100).collect()),
            claims,
        })
    }

    /// True if the request has this scope.
    pub fn has_scope(&self, name: &str) -> bool {
        has_scope(&self.scope, name)
    }

    /// True if the person must sign in again, because of the request and of how they are signed in. `person`: who is
    /// signed in, with the grant for the client's organisation.
    pub fn wants_fresh(&self, person: &UserId, grant: &Grant, now: Timestamp) -> bool {
        let old = self.max_age.is_some_and(|secs| now.0 - grant.at.0 > secs);
        self.login || self.select || old || self.wants_other(person)
    }

    /// True if the request is for another person.
    pub fn wants_other(&self, person: &UserId) -> bool {
        self.claims.sub.as_deref().is_some_and(|sub| sub != person.as_str())
    }
}

/// The scopes that we know among these, each once and in our order, separated by spaces.
pub fn known_scopes<'s>(wanted: impl Iterator<Item = &'s str>) -> String {
    let wanted: HashSet<_> = wanted.collect();
    SCOPES.into_iter().filter(|one| wanted.contains(one)).collect::<Vec<_>>().join(" ")
}

/// True if a text of scopes has this one.
pub fn has_scope(scope: &str, name: &str) -> bool {
    scope.split(' ').any(|one| one == name)
}

fn read_challenge(
    challenge: Option<&str>,
    method: Option<&str>,
    client: &OidcClient,
) -> Result<Option<String>, OauthError> {
    let bad = OauthError::invalid_request;
    match (challenge, method) {
        (None, None) if client.pkce_optional => Ok(None),
        (None, _) => Err(bad("code_challenge is missing: PKCE with S256 is required")),
        (Some(challenge), Some("S256")) => {
            // SHA-256 in base64url.
            let is_digest = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|bytes| bytes.len() == 32);
            if is_digest {
                Ok(Some(challenge.into()))
            } else {
                Err(bad("code_challenge is not a SHA-256 in base64url"))
            }
        }
        (Some(_), _) => Err(bad("code_challenge_method must be S256")),
    }
}

/// True if a PKCE verifier fits the challenge of the request. Without a challenge there must be none.
///
/// Source: RFC 7636 4.6; RFC 9700 4.8.2.
pub fn is_verified(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let usable = (43..=128).contains(&verifier.len())
                && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
            usable && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == challenge
        }
        _ => false,
    }
}

/// True if an address is registered, byte for byte. On loopback, a public client may use any port.
///
/// Source: RFC 8252 7.3; RFC 9700 2.1.
pub fn is_registered(client: &OidcClient, uri: &str) -> bool {
    let any_port = client.client_type == ClientType::Public;
    client.redirect_uris.iter().any(|registered| {
        registered == uri
            || any_port
                && without_loopback_port(registered)
                    .zip(without_loopback_port(uri))
                    .is_some_and(|(registered, given)| registered == given)
    })
}

/// An http address of a loopback host without its port; `None` for other addresses. Every other byte is kept.
fn without_loopback_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = match authority.rfind(':').filter(|at| !authority[*at..].contains(']')) {
        Some(at) => {
            let port = &authority[at + 1..];
            let is_port = port.parse::<u16>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit());
            is_port.then_some(&authority[..at])?
        }
        None => authority,
    };
    ["127.0.0.1", "[::1]", "localhost"].contains(&host).then_some((host, path))
}

/// A request whose person is signing in: what the browser keeps, sealed, until it returns from the sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its id, in the name of the cookie.
    pub id: String,
    /// The request.
    pub request: AuthorizationRequest,
    /// When it was made.
    pub asked_at: i64,
    /// True if the person must sign in again.
    pub fresh: bool,
    /// The session of the browser at that time.
    pub session: Option<String>,
    /// The digest of the session that began with the sign-in for this request, as `mark_of` gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl Pending {
    /// True if the person has signed in for this request, by this grant of this session, and not too long ago. A sign-in for
    /// anything else is none, although it was later: whoever began this request may be another person at the same browser.
    pub fn is_answered_by(&self, session: &Session, grant: &Grant, now: Timestamp) -> bool {
        let is_for_this = self.answer.as_deref() == Some(&mark_of(&session.digest)[..]);
        let is_new = self.session.as_deref() != Some(session.id.as_str()) && grant.at.0 >= self.asked_at;
        is_for_this && is_new && now.0 - grant.at.0 <= ANSWER_SECS
    }

    /// The name of the request, which no other one has.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.id, self.asked_at, self.answer.as_deref().unwrap_or_default())
    }
}

/// The beginning of a session's digest: a cookie has little room.
pub fn mark_of(digest: &SecretDigest) -> String {
    hex(&digest[..digest.len().min(16)])
}

/// Adds parameters to a redirect URI. Its own bytes stay as they are.
pub fn with_parameters(uri: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, own)) if own.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{}", query.finish())
}

/// The address to which an error is reported.
pub fn error_url(redirect_uri: &str, state: Option<&str>, issuer: &str, error: OauthError) -> String {
    let mut pairs = vec![("error", error.code), ("error_description", error.description)];
    pairs.extend(state.map(|state| ("state", state)));
    // RFC 9207
    pairs.push(("iss", issuer));
    with_parameters(redirect_uri, &pairs)
}

#[cfg(test)]
#[path = "oidc_request_tests.rs"]
mod tests;
