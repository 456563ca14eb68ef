//! Notices to people about their account and their organisations.

use super::audit::Actor;
use super::browser_name::browser_name;
use super::organisation::Organisation;
use super::phrase::{Phrase, phrase};
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
    /// To the person: somebody signed in as them from a browser that they had not signed in from before.
    NewBrowser,
    /// To all operators: there is one more, or will be.
    OperatorAdded,
    /// To the person and all admins: they are an organisation admin now.
    AdminAdded,
    /// To the person and all admins: they no longer are.
    AdminRemoved,
    /// To all admins, or all operators: an API key was made.
    KeyMade,
    /// To all admins: the connection, its certificates or our keys for it changed.
    ConnectionChanged,
    /// To all admins: SAML-only was turned on or off.
    SamlOnlyChanged,
    /// To all admins: somebody came in with a recovery code or link.
    RecoveryUsed,
}

impl NoticeKind {
    /// Each of them.
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

    /// Reads that word.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }
}

/// The event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
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
    /// This person is no longer one.
    AdminRemoved(Email),
    /// A key of this name was made.
    KeyMade(String),
    /// The changed part of a connection.
    ConnectionChanged(Change),
    /// SAML-only was turned on, or off.
    SamlOnlyChanged(bool),
    /// This person came in by recovery.
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
    /// Its settings.
    Settings,
    /// There is none any more.
    Removed,
    /// One more of the identity provider's certificates is trusted.
    CertificateAdded,
    /// Our own keys.
    OwnKeys,
}

impl News {
    /// Its kind.
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

    /// What else there is to know, for *Your account*.
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

/// Where it happened, when, and by whom.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Who did it.
    pub actor: Actor,
    /// The address they came from; empty on the command line.
    pub address: String,
    /// Their browser's User-Agent; empty if there is none.
    pub agent: String,
    /// When.
    pub at: Timestamp,
    /// In which organisation, if in one.
    pub organisation: Option<Organisation>,
}

impl Scene {
    /// The actor, in a sentence of an e-mail: people by their address, and nothing else that looks like one.
    pub fn who(&self) -> Phrase {
        match &self.actor {
            Actor::Person { email, .. } | Actor::Operator { email, .. } => Phrase::words(email),
            Actor::Key { name, .. } => phrase!("who-key", name = plain_name(name)),
            Actor::SetupLink { name, .. } => phrase!("who-link", name = plain_name(name)),
            Actor::CommandLine => phrase!("who-command-line"),
            Actor::System => phrase!("who-system"),
            Actor::Anonymous => phrase!("who-anonymous"),
        }
    }

    /// True if this person did it.
    pub fn is_by(&self, person: &Email) -> bool {
        matches!(&self.actor, Actor::Person { email, .. } | Actor::Operator { email, .. } if email == person.as_str())
    }

    /// From where, in a sentence; nothing where nothing is known.
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
    /// Later ones have larger numbers.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: NoticeKind,
    /// The id and name of the organisation that it happened in, if in one.
    pub organisation: Option<(String, String)>,
    /// Who did it: an address, or what the audit log calls them.
    pub by: String,
    /// The kind of actor, as in the audit log.
    pub by_kind: String,
    /// The address they came from; empty on the command line.
    pub address: String,
    /// Their browser's User-Agent; empty if there is none.
    pub agent: String,
    /// What else there is to know.
    pub detail: Value,
}
