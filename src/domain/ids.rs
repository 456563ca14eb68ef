//! Identifiers, with a type for each kind of object, so that they cannot be confused.

use super::error::{Error, Result};
use super::phrase::phrase;
use serde::{Serialize, Serializer};

/// `length` random bytes from the operating system.
///
/// # Panics
/// When the operating system provides no random bytes: without them nothing is secure.
#[allow(clippy::expect_used)]
pub fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Writes bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)] as char, DIGITS[usize::from(b & 15)] as char]).collect()
}

/// Reads lower-case hexadecimal of exactly `LENGTH` bytes; None for anything else.
pub fn unhex<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let digits = text.as_bytes();
    if digits.len() != LENGTH * 2 {
        return None;
    }
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; LENGTH];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $unknown:literal)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// A new id: 128 random bits.
            pub fn random() -> Self {
                Self(hex(&random_bytes::<16>()))
            }

            /// Reads 32 lower-case hexadecimal digits.
            ///
            /// # Errors
            /// `NotFound` for a text that is not an id.
            pub fn parse(raw: &str) -> Result<Self> {
                unhex::<16>(raw).map(|_| Self(raw.into())).ok_or_else(|| Error::NotFound(phrase!($unknown)))
            }

            /// The digits.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A person.
    UserId "person-not-found"
    /// An organisation.
    OrganisationId "organisation-not-found"
    /// The part of our entity ID and callback URL that identifies an organisation. It cannot be guessed.
    ConnectionId "connection-not-found"
    /// A workspace.
    WorkspaceId "workspace-not-found"
    /// An application.
    ApplicationId "application-not-found"
    /// A secret of an OpenID Connect client, as in the list of its secrets; not the secret itself.
    ClientSecretId "client-secret-not-found"
    /// A custom role.
    RoleId "role-not-found"
    /// An invitation.
    InvitationId "invitation-not-found"
    /// A session, as in its owner's list; not the secret in the cookie.
    SessionId "session-not-found"
    /// An API key, as in its owner's list; not the key itself.
    KeyId "key-not-found"
    /// An e-mail that waits to be sent.
    MailId "mail-not-found"
    /// An attempt: the stored record of one SAML sign-in.
    AttemptId "attempt-not-found"
    /// A set-up link, as in its creator's list; not the secret in it.
    SetupLinkId "set-up-link-not-found"
    /// A logo, as in its URL.
    LogoId "logo-not-found"
    /// A generation of our own SAML keys.
    OwnKeysId "keys-not-found"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_are_parsed() {
        let id = UserId::random();
        assert_eq!(UserId::parse(id.as_str()).expect("own id"), id);
        assert_ne!(UserId::random(), UserId::random());
        for bad in ["", "abc", &"A".repeat(32), &"g".repeat(32), &"a".repeat(33), &"é".repeat(16)] {
            assert!(UserId::parse(bad).is_err(), "{bad:?} was taken");
        }
    }
}
