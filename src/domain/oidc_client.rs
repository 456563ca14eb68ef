//! OpenID Connect clients: the settings of applications at which people sign in through OpenID Connect.

use super::client_uri::{self, ANSWER, LOGOUT_ANSWER, NOTICE};
use super::connection::is_loopback;
use super::ids::ClientSecretId;
use super::phrase::phrase;
use super::seal::digest;
use super::session::SecretDigest;
use super::{Error, Result, Timestamp, Together};
use serde::Serialize;
use std::collections::BTreeSet;
use url::Url;

/// The maximum number of redirect URIs, and of post-logout redirect URIs, of one client.
pub const MOST_URIS: usize = 50;
/// The most bytes of a list of URIs, so that lists of clients stay small.
const MOST_URIS_BYTES: usize = 16 * 1024;
/// The maximum number of secrets of one client: an old one and a new one, so that it can be replaced without a pause.
pub const MOST_SECRETS: usize = 2;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident $field:literal { $($(#[$each:meta])* $word:ident $text:literal)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$each])* $word,)*
        }

        impl $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($text, Self::$word),)*];

            /// The word in the database and the API.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)*
                }
            }

            /// Reads the word.
            ///
            /// # Errors
            /// `Invalid` with the field's name.
            pub fn parse(raw: &str) -> Result<Self> {
                let found = Self::WORDS.iter().find(|(word, _)| *word == raw).map(|(_, value)| *value);
                let choices = || Self::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
                found.ok_or_else(|| Error::invalid($field, phrase!("field-one-of", choices = choices())))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

words! {
    /// Whether a client can keep a secret.
    ClientType "client_type" {
        /// A program on a server, which has a secret.
        Confidential "confidential"
        /// A program on people's devices or in their browser, which has none.
        Public "public"
    }

    /// How a client proves its identity when it asks for tokens.
    TokenAuth "token_auth" {
        /// By its id and secret in the Authorization header.
        ClientSecretBasic "client_secret_basic"
        /// By its id and secret in the body.
        ClientSecretPost "client_secret_post"
        /// Not at all: a public client.
        None "none"
    }

    /// The algorithm with which its ID tokens are signed.
    Signing "signing" {
        /// RSA with SHA-256, which every client library knows.
        Rs256 "RS256"
        /// ECDSA on P-256 with SHA-256, which is faster and gives shorter tokens.
        Es256 "ES256"
    }
}

/// The settings of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcClient {
    /// The addresses to which people may return from sign-in, as registered: they are compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// The addresses to which people may return from sign-out.
    pub post_logout_redirect_uris: Vec<String>,
    /// The address that is told when a session ends.
    pub backchannel_logout_uri: Option<String>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it proves its identity; no other method is accepted.
    pub token_auth: TokenAuth,
    /// The algorithm of its ID tokens.
    pub signing: Signing,
    /// True if it may leave out PKCE, which is a weakness.
    pub pkce_optional: bool,
    /// Its secrets, oldest first; none for a public client.
    pub secrets: Vec<ClientSecret>,
}

/// A secret of a client, without the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret {
    /// Its id, as in the list of secrets.
    pub id: ClientSecretId,
    /// When it was created.
    pub created_at: Timestamp,
}

impl OidcClient {
    /// The origins of the pages that may read the answers for this client: those of a public client's redirect URIs, as
    /// `page_origin` gives them.
    pub fn page_origins(&self) -> BTreeSet<String> {
        match self.client_type {
            ClientType::Public => self.redirect_uris.iter().filter_map(|uri| page_origin(uri)).collect(),
            ClientType::Confidential => BTreeSet::new(),
        }
    }
}

/// The origin of a page at this address; without the port for http on loopback, where a public client may use any port.
/// `None` if a page there has no origin.
pub fn page_origin(address: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    let origin = url.origin();
    if url.scheme() == "http" && url.host_str().is_some_and(is_loopback) {
        url.set_port(None).ok()?;
        return Some(url.origin().ascii_serialization());
    }
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// The value of an `Origin` header as `page_origin` gives it; `None` if no browser sends it.
pub fn sent_origin(origin: &str) -> Option<String> {
    let url = Url::parse(origin).ok()?;
    (url.origin().ascii_serialization() == origin).then(|| page_origin(origin))?
}

/// The settings of a client as given: for a new client, or to change one.
#[derive(Debug, Clone, Default)]
#[allow(clippy::option_option)] // absent, null and a text are three things
pub struct GivenClient {
    /// The addresses to which people may return from sign-in.
    pub redirect_uris: Option<Vec<String>>,
    /// The addresses to which people may return from sign-out.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// The address that is told when a session ends; `Some(None)` for none.
    pub backchannel_logout_uri: Option<Option<String>>,
    /// `confidential` or `public`.
    pub client_type: Option<String>,
    /// `client_secret_basic`, `client_secret_post` or `none`.
    pub token_auth: Option<String>,
    /// `RS256` or `ES256`.
    pub signing: Option<String>,
    /// True if the client may leave out PKCE.
    pub pkce_optional: Option<bool>,
}

impl GivenClient {
    /// The name of the first setting that is given, if any.
    pub fn first_field(&self) -> Option<&'static str> {
        let given = [
            ("redirect_uris", self.redirect_uris.is_some()),
            ("post_logout_redirect_uris", self.post_logout_redirect_uris.is_some()),
            ("backchannel_logout_uri", self.backchannel_logout_uri.is_some()),
            ("client_type", self.client_type.is_some()),
            ("token_auth", self.token_auth.is_some()),
            ("signing", self.signing.is_some()),
            ("pkce_optional", self.pkce_optional.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(field, _)| field)
    }

    /// A new client with these settings, and the defaults for those that are left out.
    ///
    /// # Errors
    /// `Invalid` with the fields.
    pub fn create(self) -> Result<OidcClient> {
        if self.redirect_uris.is_none() {
            return Err(Error::invalid("redirect_uris", phrase!("field-missing")));
        }
        self.apply(OidcClient {
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            client_type: ClientType::Confidential,
            token_auth: TokenAuth::ClientSecretBasic,
            signing: Signing::Rs256,
            pkce_optional: false,
            secrets: Vec::new(),
        })
    }

    /// A client with these settings in place of its earlier ones. A client whose type changes gets the usual method of
    /// its type, if none is given.
    ///
    /// # Errors
    /// `Invalid` with the fields.
    pub fn apply(self, before: OidcClient) -> Result<OidcClient> {
        // Addresses of earlier versions stay as they are until they are changed, so that people can still sign in.
        let uris = |field: &str, least: usize, given: Option<Vec<String>>, before: Vec<String>, added| match given {
            Some(uris) => read_uris(field, least, uris, added),
            None => Ok(before),
        };
        let (redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, client_type, token_auth, signing) = (
            uris("redirect_uris", 1, self.redirect_uris, before.redirect_uris, ANSWER),
            uris(
                "post_logout_redirect_uris",
                0,
                self.post_logout_redirect_uris,
                before.post_logout_redirect_uris,
                LOGOUT_ANSWER,
            ),
            match self.backchannel_logout_uri {
                Some(uri) => uri.map(|uri| client_uri::read("backchannel_logout_uri", uri, NOTICE)).transpose(),
                None => Ok(before.backchannel_logout_uri),
            },
            self.client_type.as_deref().map_or(Ok(before.client_type), ClientType::parse),
            self.token_auth.as_deref().map(TokenAuth::parse).transpose(),
            self.signing.as_deref().map_or(Ok(before.signing), Signing::parse),
        )
            .together()?;
        let token_auth = match token_auth {
            Some(given) => given,
            None if client_type == before.client_type => before.token_auth,
            None if client_type == ClientType::Public => TokenAuth::None,
            None => TokenAuth::ClientSecretBasic,
        };
        // PKCE is all that protects a public client, so a client that becomes public must use it.
        let keeps = before.pkce_optional && client_type == ClientType::Confidential;
        let pkce_optional = self.pkce_optional.unwrap_or(keeps);
        match client_type {
            ClientType::Confidential if token_auth == TokenAuth::None => {
                return Err(Error::invalid("token_auth", phrase!("field-token-auth-confidential")));
            }
            ClientType::Public if token_auth != TokenAuth::None => {
                return Err(Error::invalid("token_auth", phrase!("field-token-auth-public")));
            }
            ClientType::Public if pkce_optional => {
                return Err(Error::invalid("pkce_optional", phrase!("field-pkce-public")));
            }
            _ => {}
        }
        Ok(OidcClient {
            redirect_uris,
            post_logout_redirect_uris,
            backchannel_logout_uri,
            client_type,
            token_auth,
            signing,
            pkce_optional,
            secrets: before.secrets,
        })
    }
}

fn read_uris(field: &str, least: usize, uris: Vec<String>, added: &[&str]) -> Result<Vec<String>> {
    if uris.len() < least {
        return Err(Error::invalid(field, phrase!("field-uris-least")));
    }
    if uris.len() > MOST_URIS {
        return Err(Error::invalid(field, phrase!("field-uris-most", most = MOST_URIS)));
    }
    if uris.iter().map(String::len).sum::<usize>() > MOST_URIS_BYTES {
        return Err(Error::invalid(field, phrase!("field-uris-bytes", most = MOST_URIS_BYTES)));
    }
    let mut read: Vec<String> = Vec::with_capacity(uris.len());
    for uri in uris {
        let uri = client_uri::read(field, uri, added)?;
        if !read.contains(&uri) {
            read.push(uri);
        }
    }
    Ok(read)
}

/// True if a presented secret has one of these digests. The time that it takes does not depend on the digests: for an
/// unknown client, call it with none.
pub fn is_secret(digests: &[SecretDigest], presented: &str) -> bool {
    const NONE: [u8; 32] = [0; 32];
    let presented = digest(presented);
    let mut found = false;
    for number in 0..MOST_SECRETS {
        let stored = digests.get(number);
        let differs = stored.map_or(&NONE[..], Vec::as_slice).iter().zip(&presented);
        let differs = std::hint::black_box(differs.fold(0, |sum, (one, other)| sum | (one ^ other)));
        found |= differs == 0 && stored.is_some_and(|stored| stored.len() == presented.len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(uris: &[&str]) -> GivenClient {
        GivenClient { redirect_uris: Some(uris.iter().map(ToString::to_string).collect()), ..GivenClient::default() }
    }

    fn field(result: Result<OidcClient>) -> String {
        match result {
            Err(Error::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_client_is_confidential_signs_with_rs256_and_needs_pkce_by_default() {
        let client = given(&["https://wiki.example.com/callback"]).create().expect("usable");
        assert_eq!(
            (client.client_type, client.token_auth, client.signing, client.pkce_optional),
            (ClientType::Confidential, TokenAuth::ClientSecretBasic, Signing::Rs256, false)
        );
        let public = GivenClient { client_type: Some("public".into()), ..given(&["http://127.0.0.1/cb"]) };
        assert_eq!(public.create().expect("usable").token_auth, TokenAuth::None);
    }

    #[test]
    fn redirect_uris_are_kept_as_given_and_each_once() {
        let uris = ["https://Wiki.Example.com:443/Callback?a=%2F&b", "http://localhost:3000/cb", "http://[::1]/cb"];
        let twice = given(&[uris[0], uris[1], uris[2], uris[0]]).create().expect("usable");
        assert_eq!(twice.redirect_uris, uris);
        for uri in ["https://x.test", "http://127.1.2.3:8080/", "https://x.test/?q=a@b", "https://x.test/@me"] {
            assert!(given(&[uri]).create().is_ok(), "{uri}");
        }
    }

    #[test]
    fn uris_that_two_programs_may_read_differently_are_refused() {
        for uri in [
            "",
            "callback",
            "/callback",
            "http://wiki.example.com/cb",
            "http://127.0.0.1.example.com/cb",
            "HTTPS://wiki.example.com/cb",
            "https:/wiki.example.com/cb",
            "https:wiki.example.com/cb",
            "https:///wiki.example.com/cb",
            "https://wiki.example.com/cb#x",
            "https://wiki.example.com/cb#",
            "https://*.example.com/cb",
            "https://wiki.example.com/*",
            "https://user@wiki.example.com/cb",
            "https://user:secret@wiki.example.com/cb",
            "https://@wiki.example.com/cb",
            "https://wiki.example.com\\@evil.test/cb",
            " https://wiki.example.com/cb",
            "https://wiki.example.com/c b",
            "https://wiki.example.com/\"",
            "https://wiki.example.com/<x>",
            "https://wiki.example.com/${x}",
            "https://wiki.example.com/c\tb",
            "https://wiki.example.com/é",
            "https://",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.example.app:/cb",
            "ftp://127.0.0.1/cb",
            &format!("https://x.test/{}", "a".repeat(2048)),
            "https://wiki.example.com:0/cb",
            "https://2130706433/cb",
            "https://wiki..example.com/cb",
        ] {
            assert_eq!(field(given(&[uri]).create()), "redirect_uris", "{uri}");
            let mut other = given(&["https://x.test"]);
            other.post_logout_redirect_uris = Some(vec![uri.into()]);
            assert_eq!(field(other.create()), "post_logout_redirect_uris", "{uri}");
            let mut other = given(&["https://x.test"]);
            other.backchannel_logout_uri = Some(Some(uri.into()));
            assert_eq!(field(other.create()), "backchannel_logout_uri", "{uri}");
        }
        assert_eq!(field(GivenClient::default().create()), "redirect_uris");
        assert_eq!(field(given(&[]).create()), "redirect_uris");
        let long: Vec<_> = (0..9).map(|n| format!("https://x.test/{n}{}", "a".repeat(1900))).collect();
        assert_eq!(field(given(&long.iter().map(String::as_str).collect::<Vec<_>>()).create()), "redirect_uris");
        let many: Vec<_> = (0..=MOST_URIS).map(|n| format!("https://x.test/{n}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(field(given(&many).create()), "redirect_uris");
        assert!(given(&many[1..]).create().is_ok());
    }

    #[test]
    fn a_public_client_has_no_secret_and_needs_pkce() {
        let with = |client_type: &str, token_auth: &str, pkce_optional| GivenClient {
            client_type: Some(client_type.into()),
            token_auth: Some(token_auth.into()),
            pkce_optional: Some(pkce_optional),
            ..given(&["https://x.test"])
        };
        for (client_type, token_auth, pkce_optional, refused) in [
            ("confidential", "none", false, "token_auth"),
            ("public", "client_secret_basic", false, "token_auth"),
            ("public", "client_secret_post", false, "token_auth"),
            ("public", "none", true, "pkce_optional"),
            ("native", "none", false, "client_type"),
            ("public", "private_key_jwt", false, "token_auth"),
        ] {
            assert_eq!(field(with(client_type, token_auth, pkce_optional).create()), refused);
        }
        let lax = with("confidential", "client_secret_post", true).create().expect("usable");
        assert!(lax.pkce_optional);
        let to = |client_type: &str| GivenClient { client_type: Some(client_type.into()), ..GivenClient::default() };
        let public = to("public").apply(lax).expect("usable");
        assert_eq!((public.token_auth, public.pkce_optional), (TokenAuth::None, false));
        let back = to("confidential").apply(public).expect("usable");
        assert_eq!(back.token_auth, TokenAuth::ClientSecretBasic);
        let same = to("confidential").apply(back.clone()).expect("usable");
        assert_eq!(same, back);
        let none = GivenClient { signing: Some("none".into()), ..GivenClient::default() };
        assert_eq!(field(none.apply(back)), "signing");
    }

    #[test]
    fn only_the_origins_of_a_public_clients_redirect_uris_may_read_its_answers() {
        let client = |kind: &str, uris: &[&str]| {
            GivenClient { client_type: Some(kind.into()), ..given(uris) }.create().expect("usable")
        };
        let app = client("public", &["https://spa.test/cb", "http://127.0.0.1/cb", "https://Port.test:8443/"]);
        let origins = app.page_origins();
        for (origin, known) in [
            ("https://spa.test", true),
            ("http://127.0.0.1:5173", true),
            ("https://127.0.0.1:5173", false),
            ("http://localhost:5173", false),
            ("http://127.0.0.1", true),
            ("https://port.test:8443", true),
            ("https://port.test", false),
            ("https://spa.test:443", false),
            ("https://spa.test/", false),
            ("https://SPA.test", false),
            ("http://127.0.0.1:5173/cb", false),
            ("https://spa.test:8443", false),
            ("http://spa.test", false),
            ("https://evil.test", false),
            ("null", false),
            ("", false),
        ] {
            let sent = sent_origin(origin);
            assert_eq!(sent.is_some_and(|sent| origins.contains(&sent)), known, "{origin}");
        }
        assert!(client("confidential", &["https://spa.test/cb"]).page_origins().is_empty());
    }

    #[test]
    fn only_the_secrets_of_a_client_are_accepted() {
        let digests = [digest("first"), digest("second")];
        for (presented, known) in [("first", true), ("second", true), ("third", false), ("", false)] {
            assert_eq!(is_secret(&digests, presented), known, "{presented}");
        }
        assert!(is_secret(&digests[1..], "second") && !is_secret(&digests[1..], "first"));
        assert!(!is_secret(&[], "first") && !is_secret(&[Vec::new()], "first") && !is_secret(&[Vec::new()], ""));
    }
}
