//! Notices to people about their account and their organisations.

use super::audit::Actor;
use super::browser_name::browser_name;
use super::organisation::Organisation;
use super::phrase::{Phrase, phrase};
use super::setup_link::told_name;
use super::text::plain_name;
use super::{Email, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::net::IpAddr;

/// The kind of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// To the person: their password was set or changed.
    PasswordChanged,
    /// To the person: their account was used to sign in from a browser that was not known to it.
    NewBrowser,
    /// To all operators: a person became an operator, or will become one.
    OperatorAdded,
    /// To the person and all admins: the person became an organisation admin.
    AdminAdded,
    /// To the person and all admins: the person is no longer an organisation admin.
    AdminRemoved,
    /// To all admins, or all operators: an API key was created.
    KeyMade,
    /// To all admins: the connection, its certificates or our keys for it changed.
    ConnectionChanged,
    /// To all admins: SAML-only was turned on or off.
    SamlOnlyChanged,
    /// To all admins: a person signed in with a recovery code or link.
    RecoveryUsed,
}

impl NoticeKind {
    /// All kinds.
    pub(super) const ALL: [Self; 9] = [
        Self::PasswordChanged,
        Self::NewBrowser,
        Self::OperatorAdded,
        Self::AdminAdded,
        Self::AdminRemoved,
        Self::KeyMade,
        Self::ConnectionChanged,
        Self::SamlOnlyChanged,
        Self::RecoveryUsed,
    ];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::NewBrowser => "new_browser",
            Self::OperatorAdded => "operator_added",
            Self::AdminAdded => "admin_added",
            Self::AdminRemoved => "admin_removed",
            Self::KeyMade => "key_made",
            Self::ConnectionChanged => "connection_changed",
            Self::SamlOnlyChanged => "saml_only_changed",
            Self::RecoveryUsed => "recovery_used",
        }
    }

    /// Reads the word in the database and the API.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }
}

/// The event that a notice reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeEvent {
    /// A password was set or changed.
    PasswordChanged,
    /// A sign-in from a browser that was not known to the account.
    NewBrowser,
    /// This person became an operator.
    OperatorAdded(Email),
    /// This person becomes an operator once they have used their link.
    OperatorWanted(Email),
    /// This person became an organisation admin.
    AdminAdded(Email),
    /// This person is no longer an organisation admin.
    AdminRemoved(Email),
    /// An API key with this name was created.
    KeyMade(String),
    /// The changed part of a connection.
    ConnectionChanged(Change),
    /// SAML-only was turned on, or off.
    SamlOnlyChanged(bool),
    /// This person signed in by recovery.
    RecoveryUsed(Email, Recovered),
}

/// The means of a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovered {
    /// One of the organisation's codes.
    Code,
    /// A link that an operator printed.
    Link,
}

/// The changed part of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The settings.
    Settings,
    /// The whole connection, which was removed.
    Removed,
    /// One more of the identity provider's certificates is trusted.
    CertificateAdded,
    /// Our own keys for the connection.
    OwnKeys,
}

impl NoticeEvent {
    /// The kind of the notice.
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::PasswordChanged => NoticeKind::PasswordChanged,
            Self::NewBrowser => NoticeKind::NewBrowser,
            Self::OperatorAdded(_) | Self::OperatorWanted(_) => NoticeKind::OperatorAdded,
            Self::AdminAdded(_) => NoticeKind::AdminAdded,
            Self::AdminRemoved(_) => NoticeKind::AdminRemoved,
            Self::KeyMade(_) => NoticeKind::KeyMade,
            Self::ConnectionChanged(_) => NoticeKind::ConnectionChanged,
            Self::SamlOnlyChanged(_) => NoticeKind::SamlOnlyChanged,
            Self::RecoveryUsed(..) => NoticeKind::RecoveryUsed,
        }
    }

    /// Further details, for *Your account*.
    pub fn detail(&self) -> Value {
        match self {
            Self::PasswordChanged | Self::NewBrowser => Value::Null,
            Self::OperatorAdded(who) | Self::AdminAdded(who) | Self::AdminRemoved(who) => json!({ "person": who }),
            Self::OperatorWanted(who) => json!({ "person": who, "pending": true }),
            Self::KeyMade(name) => json!({ "key": name }),
            Self::ConnectionChanged(change) => json!({ "change": change }),
            Self::SamlOnlyChanged(on) => json!({ "on": on }),
            Self::RecoveryUsed(who, how) => json!({ "person": who, "how": how }),
        }
    }
}

/// The circumstances of an event.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The actor.
    pub actor: Actor,
    /// The actor's IP address; empty on the command line.
    pub address: String,
    /// The actor's User-Agent; empty if there is none.
    pub agent: String,
    /// When it happened.
    pub at: Timestamp,
    /// The organisation, if any.
    pub organisation: Option<Organisation>,
}

impl Scene {
    /// The actor, for a sentence in an e-mail. People are named by their e-mail address; other names cannot look like
    /// one.
    pub fn who(&self) -> Phrase {
        match &self.actor {
            Actor::Person { email, .. } | Actor::Operator { email, .. } => Phrase::words(email),
            Actor::Key { name, .. } => phrase!("who-key", name = plain_name(name)),
            Actor::SetupLink { name, .. } => phrase!("who-link", name = told_name(&plain_name(name))),
            Actor::CommandLine => phrase!("who-command-line"),
            Actor::System => phrase!("who-system"),
            Actor::Anonymous => phrase!("who-anonymous"),
        }
    }

    /// True if this person is the actor.
    pub fn is_by(&self, person: &Email) -> bool {
        matches!(&self.actor, Actor::Person { email, .. } | Actor::Operator { email, .. } if email == person.as_str())
    }

    /// The address and the browser of the actor, for a sentence; `None` if neither is known.
    pub fn from(&self) -> Option<Phrase> {
        let address = self.address.parse::<IpAddr>().ok().map(|ip| ip.to_string());
        let browser = (!self.agent.is_empty()).then(|| browser_name(&self.agent));
        match (address, browser) {
            (Some(address), Some(browser)) => Some(phrase!("from-both", address = address, browser = browser)),
            (Some(address), None) => Some(phrase!("from-address", address = address)),
            (None, Some(browser)) => Some(phrase!("from-browser", browser = browser)),
            (None, None) => None,
        }
    }
}

/// A notice, as the person sees it in *Your account*.
#[derive(Debug, Clone)]
pub struct AccountEvent {
    /// The sequence number: later notices have larger ones.
    pub number: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The kind of event.
    pub kind: NoticeKind,
    /// The id and name of the organisation, if any.
    pub organisation: Option<(String, String)>,
    /// The actor's e-mail address, or their name in the audit log.
    pub by: String,
    /// The kind of actor, as in the audit log.
    pub by_kind: String,
    /// The actor's IP address; empty on the command line.
    pub address: String,
    /// The actor's User-Agent; empty if there is none.
    pub agent: String,
    /// Further details.
    pub detail: Value,
}
