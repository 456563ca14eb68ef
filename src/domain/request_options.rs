//! The options of an organisation's AuthnRequests. They do not decide which responses are trusted, so changing them
//! needs no new test sign-in.

use super::phrase::phrase;
use super::{Error, Result};
use serde::{Serialize, Serializer};

/// The NameID format that a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameIdFormat {
    /// None: the provider uses the format for which it is configured.
    #[default]
    Any,
    /// An e-mail address.
    Email,
    /// A permanent name for this application only.
    Persistent,
    /// A name for one session.
    Transient,
    /// The format that SAML calls unspecified: any.
    Unspecified,
}

impl NameIdFormat {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Any, Self::Email, Self::Persistent, Self::Transient, Self::Unspecified];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "none",
            Self::Email => "email",
            Self::Persistent => "persistent",
            Self::Transient => "transient",
            Self::Unspecified => "unspecified",
        }
    }

    /// Reads the word in the database and the API.
    ///
    /// # Errors
    /// `Invalid` with field `name_id_format`.
    pub fn parse(raw: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.as_str() == raw)
            .ok_or_else(|| Error::invalid("name_id_format", phrase!("field-name-id-format")))
    }

    /// Its URI in SAML; `None` if no format is requested.
    ///
    /// Source: SAML 2.0 Core 8.3.
    pub const fn uri(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Email => Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
            Self::Persistent => Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
            Self::Transient => Some("urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
            Self::Unspecified => Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"),
        }
    }
}

impl Serialize for NameIdFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The options of a connection's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestOptions {
    /// True if requests are signed.
    pub sign: bool,
    /// True if the person must sign in again, even if the provider still has a session.
    pub force_authn: bool,
    /// The NameID format.
    pub name_id_format: NameIdFormat,
}

/// Changes to the options; `None` keeps the current value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestChange {
    /// True if requests are signed.
    pub sign: Option<bool>,
    /// True if the person must sign in again.
    pub force_authn: Option<bool>,
    /// The NameID format.
    pub name_id_format: Option<NameIdFormat>,
}

impl RequestChange {
    /// The options after the change.
    #[must_use]
    pub fn over(self, before: RequestOptions) -> RequestOptions {
        RequestOptions {
            sign: self.sign.unwrap_or(before.sign),
            force_authn: self.force_authn.unwrap_or(before.force_authn),
            name_id_format: self.name_id_format.unwrap_or(before.name_id_format),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_parsed_and_others_are_refused() {
        for format in NameIdFormat::ALL {
            assert_eq!(NameIdFormat::parse(format.as_str()), Ok(format));
        }
        for bad in ["", "Email", "kerberos", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"] {
            assert!(NameIdFormat::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn unchanged_options_are_kept() {
        let before = RequestOptions { sign: true, force_authn: true, name_id_format: NameIdFormat::Email };
        assert_eq!(RequestChange::default().over(before), before);
        let change = RequestChange { sign: Some(false), ..RequestChange::default() };
        assert_eq!(change.over(before), RequestOptions { sign: false, ..before });
    }
}
