//! Common faults of identity providers, to try out how the trace explains them.

use crate::domain::Timestamp;
use crate::domain::phrase::{Phrase, phrase};
use crate::saml::test_idp::{Minted, Sign, SigningKey};

/// A fault of the practice provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its response is for another application.
    Audience,
    /// It sends the response to a callback URL that we used before.
    Callback,
    /// It signs with a key whose certificate the connection does not have.
    Certificate,
    /// Its clock is ten minutes ahead.
    Clock,
    /// Its response has no e-mail address.
    Email,
}

/// How far the clock is ahead, in seconds.
const FAST_SECS: i64 = 600;

impl Fault {
    /// All faults, the most common first.
    pub const ALL: [Self; 5] = [Self::Audience, Self::Callback, Self::Certificate, Self::Clock, Self::Email];

    /// The value in the form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audience => "audience",
            Self::Callback => "callback",
            Self::Certificate => "certificate",
            Self::Clock => "clock",
            Self::Email => "email",
        }
    }

    /// The label of the choice.
    pub const fn words(self) -> Phrase {
        match self {
            Self::Audience => phrase!("practice-fault-audience"),
            Self::Callback => phrase!("practice-fault-callback"),
            Self::Certificate => phrase!("practice-fault-certificate"),
            Self::Clock => phrase!("practice-fault-clock"),
            Self::Email => phrase!("practice-fault-email"),
        }
    }

    /// Parses the value in the form; `None` if it is unknown.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == raw)
    }

    /// A signed response with this fault.
    pub fn sign(self, mut minted: Minted, key: &SigningKey, now: Timestamp) -> String {
        match self {
            Self::Audience => minted.audiences = vec!["https://another-application.example/metadata".into()],
            Self::Callback => {
                let old = Some("https://old.example/saml/acs".to_owned());
                (minted.destination, minted.recipient) = (old.clone(), old);
            }
            Self::Certificate => return minted.sign(&SigningKey::rsa("Another key"), Sign::Assertion),
            Self::Clock => fast(&mut minted, now.plus(FAST_SECS)),
            Self::Email => {
                minted.attributes.retain(|(name, _)| name != "email");
                minted.name_id = "employee-4711".into();
                minted.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".into();
            }
        }
        minted.sign(key, Sign::Assertion)
    }
}

fn fast(minted: &mut Minted, now: Timestamp) {
    minted.issue_instant = now.to_string();
    minted.not_before = Some(now.plus(-60).to_string());
    let end = Some(now.plus(300).to_string());
    (minted.subject_not_on_or_after, minted.not_on_or_after) = (end.clone(), end);
}
