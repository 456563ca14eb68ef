//! The path to which a person is redirected after sign-in.

use super::error::{Error, Result};
use super::phrase::phrase;

/// A path on this site, to which a person is redirected after sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath(String);

/// Paths that would immediately start another sign-in, or sign the person out.
const NOT_A_LANDING: [&str; 3] = ["/sso", "/saml", "/logout"];

impl ReturnPath {
    /// Accepts visible ASCII up to 1,024 bytes such as `/members?page=2`; refuses `//evil.test` and `/\evil.test`.
    ///
    /// # Errors
    /// `Invalid` when a browser could read it as another host, a header could not carry it, or it would start another
    /// sign-in.
    pub fn parse(raw: &str) -> Result<Self> {
        let local = raw.starts_with('/')
            && !raw.starts_with("//")
            && raw.len() <= 1024
            && raw.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let path = raw.split(['?', '#']).next().unwrap_or_default();
        let loops = NOT_A_LANDING
            .iter()
            .any(|no| path.strip_prefix(no).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
        // A dot segment or an escape could spell a forbidden path another way.
        let plain = !path.contains("/.") && !path.contains('%') && !path.contains("//");
        if local && !loops && plain {
            Ok(Self(raw.into()))
        } else {
            Err(Error::invalid("return", phrase!("field-return-path")))
        }
    }

    /// The path, with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_this_site_are_accepted() {
        for good in ["/", "/members?page=2", "/o/acme/workspaces#top", "/ssoabc", "/invitation?token=a%20b"] {
            assert_eq!(ReturnPath::parse(good).expect(good).as_str(), good);
        }
    }

    #[test]
    fn another_host_and_sign_in_loops_are_refused() {
        let long = format!("/{}", "a".repeat(1024));
        for bad in [
            "",
            "members",
            "//evil.test",
            "/\\evil.test",
            "https://evil.test",
            "/a\r\nSet-Cookie: x",
            "/ü",
            "/a b",
            "/sso?key=a",
            "/sso/finish",
            "/saml/x/acs",
            "/logout",
            "/./sso",
            "/x/../sso",
            "/%73so",
            "/x//evil",
            &long,
        ] {
            assert!(ReturnPath::parse(bad).is_err(), "{bad:?} was taken");
        }
    }
}
