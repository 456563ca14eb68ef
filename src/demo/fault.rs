//! The most common faults, to try out what the trace says about them.

use crate::domain::Timestamp;
use crate::saml::test_idp::{Minted, Sign, SigningKey};

/// One thing that the practice provider can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It answers another application than us.
    Audience,
    /// It sends to an old callback URL of ours.
    Callback,
    /// It signs with a key whose certificate we do not have.
    Certificate,
    /// Its clock is ten minutes fast.
    Clock,
    /// It sends no e-mail address.
    Email,
}

/// How fast a wrong clock is, in seconds.
const FAST_SECS: i64 = 600;

impl Fault {
    /// All of them, the commonest first.
    pub const ALL: [Self; 5] = [Self::Audience, Self::Callback, Self::Certificate, Self::Clock, Self::Email];

    /// The word in the form.
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
    pub const fn words(self) -> &'static str {
        match self {
            Self::Audience => "Another application’s Entity ID",
            Self::Callback => "An old Callback URL",
            Self::Certificate => "Another certificate",
            Self::Clock => "A clock ten minutes fast",
            Self::Email => "No e-mail address",
        }
    }

    /// Reads that word; nothing for any other.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == raw)
    }

    /// An answer with this fault, signed.
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
