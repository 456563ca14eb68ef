//! The log of decisions about requests to an application.

use super::Timestamp;
use super::application_rule::Require;
use super::forward_auth::{Decision, OriginalRequest};
use super::level::Level;
use super::phrase::{Phrase, phrase};
use serde::Serialize;

/// The longest path in the log, in characters.
const MOST_PATH: usize = 200;

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The request passed.
    Allowed,
    /// A person had to sign in.
    SignIn,
    /// The person who was signed in was refused.
    Denied,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number in the log of the application, from 1.
    pub number: u64,
    /// When it was made.
    pub at: Timestamp,
    /// The e-mail address of the person who was signed in.
    pub email: Option<String>,
    /// The method of the request.
    pub method: String,
    /// The path of the request, without the query.
    pub path: String,
    /// The answer.
    pub outcome: Outcome,
    reason: Reason,
}

/// Why a decision was made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    /// A rule of a proxy application, and the level of the person.
    Rule { needs: Require, level: Option<Level> },
    /// What happened at an OpenID Connect client.
    Client(ClientEvent),
}

/// What happened at an OpenID Connect client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// A person signed in.
    SignedIn,
    /// A person was refused, because they may not open the application.
    NoAccess,
    /// The client got tokens.
    Tokens,
    /// The client got no tokens. The code of the error.
    Refused(&'static str),
    /// The client could not be told that a session has ended. Why.
    NotToldOfLogout(Phrase),
}

impl LogEntry {
    /// Its memory in bytes.
    pub fn bytes(&self) -> usize {
        let Self { email, method, path, .. } = self;
        size_of::<Self>() + email.as_ref().map_or(0, String::len) + method.len() + path.len()
    }

    /// An entry about a decision, not numbered yet.
    pub fn new(at: Timestamp, original: &OriginalRequest, needs: Require, decision: &Decision) -> Self {
        let (outcome, person) = match decision {
            Decision::Allowed(person) => (Outcome::Allowed, person.as_ref()),
            Decision::SignIn => (Outcome::SignIn, None),
            Decision::Denied(person) => (Outcome::Denied, Some(person)),
        };
        let path = String::from_utf8_lossy(&original.path).chars().take(MOST_PATH).collect();
        let (email, level) = (person.map(|person| person.email.clone()), person.map(|person| person.level));
        Self {
            number: 0,
            at,
            email,
            method: original.method.clone(),
            path,
            outcome,
            reason: Reason::Rule { needs, level },
        }
    }

    /// An entry about an OpenID Connect client, not numbered yet. `path`: the address at which it happened.
    pub fn of_client(at: Timestamp, path: &str, email: Option<&str>, event: ClientEvent) -> Self {
        let outcome = match event {
            ClientEvent::SignedIn | ClientEvent::Tokens => Outcome::Allowed,
            ClientEvent::NoAccess | ClientEvent::Refused(_) | ClientEvent::NotToldOfLogout(_) => Outcome::Denied,
        };
        let method = if path == "/oauth2/authorize" { "GET" } else { "POST" };
        let (email, reason) = (email.map(ToOwned::to_owned), Reason::Client(event));
        Self { number: 0, at, email, method: method.into(), path: path.into(), outcome, reason }
    }

    /// The reason for the decision, as a sentence.
    pub fn reason(&self) -> Phrase {
        match &self.reason {
            Reason::Rule { needs, .. } if self.outcome == Outcome::SignIn => {
                phrase!("decision-sign-in", needs = needs.as_str())
            }
            Reason::Rule { needs, level: Some(level) } => {
                phrase!("decision-level", needs = needs.as_str(), level = level.as_str())
            }
            Reason::Rule { level: None, .. } => phrase!("decision-public"),
            Reason::Client(ClientEvent::SignedIn) => phrase!("decision-signed-in"),
            Reason::Client(ClientEvent::NoAccess) => phrase!("decision-no-access"),
            Reason::Client(ClientEvent::Tokens) => phrase!("decision-tokens"),
            Reason::Client(ClientEvent::Refused(code)) => phrase!("decision-tokens-refused", code = *code),
            Reason::Client(ClientEvent::NotToldOfLogout(why)) => phrase!("decision-logout-not-told", why = why.clone()),
        }
    }
}
