//! The AuthnRequest.

use super::{ServiceProvider, escape, ns};
use crate::domain::Timestamp;
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use url::form_urlencoded;

/// A request for a sign-in, sent by HTTP-Redirect.
#[derive(Debug)]
pub struct AuthnRequest<'a> {
    /// Its id: the response must answer it.
    pub id: &'a str,
    /// Where it goes.
    pub sign_on_url: &'a str,
    /// Who asks.
    pub sp: &'a ServiceProvider,
    /// What the provider is to send back with its answer.
    pub relay_state: Option<&'a str>,
    /// When.
    pub issued_at: Timestamp,
}

impl AuthnRequest<'_> {
    /// The message.
    ///
    /// It asks for no format of the NameID, so that each provider answers with what it was set up for.
    ///
    /// Source: SAML 2.0 Core 3.4.1; Profiles 4.1.4.1.
    fn xml(&self) -> String {
        format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{}\" xmlns:saml=\"{}\" ID=\"{}\" Version=\"2.0\" IssueInstant=\"{}\" \
             Destination=\"{}\" ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
             AssertionConsumerServiceURL=\"{}\"><saml:Issuer>{}</saml:Issuer><samlp:NameIDPolicy AllowCreate=\"true\"/>\
             </samlp:AuthnRequest>",
            ns::PROTOCOL,
            ns::ASSERTION,
            escape(self.id),
            self.issued_at,
            escape(self.sign_on_url),
            escape(&self.sp.acs_url),
            escape(&self.sp.entity_id)
        )
    }

    /// The provider's sign-on URL with the message; a query of its own stays as it is.
    ///
    /// Source: SAML 2.0 Bindings 3.4.4.1 (DEFLATE, base64, URL-encoding).
    pub fn redirect_url(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("SAMLRequest", &STANDARD.encode(deflate(self.xml().as_bytes())));
        if let Some(relay_state) = self.relay_state {
            query.append_pair("RelayState", relay_state);
        }
        let joint = if self.sign_on_url.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.sign_on_url, query.finish())
    }
}

#[allow(clippy::expect_used)] // writing to memory does not fail
fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::mint::parse_authn_request;
    use url::Url;

    fn url(sign_on_url: &str, relay_state: Option<&str>) -> Url {
        let sp = ServiceProvider {
            entity_id: "https://sp.test/saml/1/metadata?a&b".into(),
            acs_url: "https://sp.test/saml/1/acs".into(),
            keys: Vec::new(),
        };
        let request =
            AuthnRequest { id: "_a1", sign_on_url, sp: &sp, relay_state, issued_at: Timestamp(1_795_510_800) };
        Url::parse(&request.redirect_url()).expect("a URL")
    }

    #[test]
    fn s29_the_request_says_who_asks_and_where_to_answer() {
        let url = url("https://idp.test/sso", None);
        let (name, message) = url.query_pairs().next().expect("a query");
        assert_eq!(name, "SAMLRequest");
        let read = parse_authn_request(&message).expect("a request");
        assert_eq!((read.id.as_str(), read.issuer.as_str()), ("_a1", "https://sp.test/saml/1/metadata?a&b"));
        assert_eq!(read.acs_url, "https://sp.test/saml/1/acs");
    }

    #[test]
    fn a_sign_on_url_keeps_its_own_query() {
        let url = url("https://accounts.google.com/o/saml2/idp?idpid=C01", Some("mark"));
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["idpid", "SAMLRequest", "RelayState"]);
    }
}
