//! The SAML sign-ins that a browser has begun and not finished, as its cookies record them.

use crate::app::App;
use crate::domain::ids::{ConnectionId, UserId};
use crate::domain::seal::{Seal, UnknownRequest};
use crate::domain::{ReturnPath, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// The purpose of a sign-in by a person who is signed in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An admin tests the connection.
    Test,
    /// A person confirms who they are.
    Confirmation,
}

/// The purposes of sealed values: a value that was sealed for one purpose cannot be opened for another.
pub(super) const STARTED: &str = "sso started";
pub(super) const LATE: &str = "sso late";
/// How long a sign-in may take at the provider and still begin again automatically, in seconds.
pub const LATE_SECS: i64 = 3600;

/// The sealed record of a sign-in that the browser keeps between the start and the finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Started {
    /// The request's id.
    pub id: String,
    /// The return path of the sign-in.
    pub return_path: Option<String>,
    /// The id of the admin whose test sign-in it is.
    pub tester: Option<String>,
    /// The digest of the settings that the admin tests.
    #[serde(default)]
    pub seen: Option<String>,
    /// The id of the person who confirms their identity by it.
    #[serde(default)]
    pub confirms: Option<String>,
}

impl Started {
    /// True if this person began the sign-in for this purpose.
    pub fn is_by(&self, person: &UserId, purpose: Purpose) -> bool {
        let by = match purpose {
            Purpose::Test => &self.tester,
            Purpose::Confirmation => &self.confirms,
        };
        by.as_deref() == Some(person.as_str())
    }

    /// The return path of the sign-in.
    pub fn return_path(&self) -> Option<ReturnPath> {
        self.return_path.as_ref().and_then(|path| ReturnPath::parse(path).ok())
    }
}

/// A second sealed record, which the browser keeps for longer: with it, a sign-in that took too long at the provider
/// begins again automatically, once, with the same return path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// The request's id.
    pub(super) id: String,
    /// The return path of the sign-in.
    pub(super) to: Option<String>,
    /// The digest of the settings that it tests, for a test sign-in.
    #[serde(default)]
    pub seen: Option<String>,
    /// True if the provider must ask the person to sign in again.
    pub fresh: bool,
    /// True if the sign-in has begun again already, which happens only once.
    pub(super) second: bool,
}

impl Late {
    /// The return path of the sign-in.
    pub fn return_path(&self) -> Option<ReturnPath> {
        self.to.as_ref().and_then(|path| ReturnPath::parse(path).ok())
    }
}

/// The values of a browser's sign-in cookies.
#[derive(Debug, Default)]
pub struct Kept {
    /// The records of the sign-ins whose requests can still be answered.
    pub started: Vec<String>,
    /// The records of the sign-ins that can begin again.
    pub late: Vec<String>,
}

/// The sign-ins that a refusal may be about, newest first.
#[derive(Debug, Default)]
pub struct UnderWay {
    started: Vec<Started>,
    late: Vec<Late>,
}

impl UnderWay {
    /// The sign-in whose request was answered; if the request is not known, all sign-ins at the connection.
    pub fn about(app: &App, request: Option<&str>, connection: Option<&str>, kept: &Kept) -> Self {
        match (request, connection.map(ConnectionId::parse)) {
            (Some(request), _) => Self::opened(app, kept, |id| id == request),
            (None, Some(Ok(connection))) => Self::at(app, &connection, kept),
            (None, _) => Self::default(),
        }
    }

    /// The sign-ins at a connection.
    pub fn at(app: &App, connection: &ConnectionId, kept: &Kept) -> Self {
        let (seal, now) = (app.store.seal(), app.now());
        let ours = |id: &str| !matches!(seal.open_request_id(connection, id, now), Err(UnknownRequest::NotOurs));
        Self::opened(app, kept, ours)
    }

    fn opened(app: &App, kept: &Kept, wanted: impl Fn(&str) -> bool) -> Self {
        let (seal, now) = (app.store.seal(), app.now());
        let mut started = newest_first::<Started>(seal, STARTED, &kept.started, now);
        let mut late = newest_first::<Late>(seal, LATE, &kept.late, now);
        started.retain(|started| wanted(&started.id));
        late.retain(|late| wanted(&late.id));
        Self { started, late }
    }

    /// True if this person began one of these sign-ins for this purpose.
    pub fn is_by(&self, person: &UserId, purpose: Purpose) -> bool {
        self.started.iter().any(|started| started.is_by(person, purpose))
    }

    /// The return path of the newest sign-in.
    pub fn return_path(&self) -> Option<ReturnPath> {
        match self.started.first() {
            Some(started) => started.return_path(),
            None => self.late.first().and_then(Late::return_path),
        }
    }

    /// The newest sign-in.
    pub(super) fn into_newest(self) -> Option<Started> {
        self.started.into_iter().next()
    }
}

fn newest_first<T: DeserializeOwned>(seal: &Seal, purpose: &str, cookies: &[String], now: Timestamp) -> Vec<T> {
    let mut all: Vec<_> = cookies.iter().filter_map(|value| seal.open_until::<T>(purpose, value, now)).collect();
    all.sort_by_key(|(expires_at, _)| Reverse(*expires_at));
    all.into_iter().map(|(_, value)| value).collect()
}

/// The record of the late sign-in with this part of its id, if it can begin again. `cookie`: the value of the browser's
/// cookie.
pub fn late(app: &App, suffix: &str, cookie: &str) -> Option<Late> {
    let kept = app.store.seal().open::<Late>(LATE, cookie, app.now());
    kept.filter(|late| !late.second && late.id.get(1..9) == Some(suffix))
}

/// When the record in a start cookie expires; `None` if it has expired already, or was not sealed by us.
pub fn started_expires_at(app: &App, cookie_value: &str) -> Option<Timestamp> {
    app.store.seal().open_until::<Started>(STARTED, cookie_value, app.now()).map(|(expires_at, _)| expires_at)
}

/// As `started_expires_at`, for the record that is kept for longer.
pub fn late_expires_at(app: &App, cookie_value: &str) -> Option<Timestamp> {
    app.store.seal().open_until::<Late>(LATE, cookie_value, app.now()).map(|(expires_at, _)| expires_at)
}
