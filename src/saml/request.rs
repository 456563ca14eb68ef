//! Creates AuthnRequests.

use super::{ServiceProvider, escape, ns};
use crate::domain::own_keys::PrivateKey;
use crate::domain::request_options::RequestOptions;
use crate::domain::{Error, Result, Timestamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compress, Compression, FlushCompress, Status};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use std::sync::{Mutex, PoisonError};
use url::form_urlencoded;

/// A request for a SAML sign-in, sent by HTTP-Redirect.
#[derive(Debug)]
pub struct AuthnRequest<'a> {
    /// The id, which the response must have as its InResponseTo.
    pub id: &'a str,
    /// The identity provider's sign-on URL.
    pub sign_on_url: &'a str,
    /// The service provider that sends the request.
    pub sp: &'a ServiceProvider,
    /// The RelayState, which the provider sends back with its response.
    pub relay_state: Option<&'a str>,
    /// The connection's options for requests.
    pub options: RequestOptions,
    /// The signing key; `None` sends it unsigned.
    pub signer: Option<&'a PrivateKey>,
    /// The time of issue.
    pub issued_at: Timestamp,
}

impl AuthnRequest<'_> {
    /// The XML of the request. Without a NameID format, a provider uses the one of its own settings.
    ///
    /// Source: SAML 2.0 Core 3.4.1; Profiles 4.1.4.1.
    fn xml(&self) -> String {
        let format = self.options.name_id_format.uri().map(|uri| format!(" Format=\"{uri}\"")).unwrap_or_default();
        let force = if self.options.force_authn { " ForceAuthn=\"true\"" } else { "" };
        format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{}\" xmlns:saml=\"{}\" ID=\"{}\" Version=\"2.0\" IssueInstant=\"{}\" \
             Destination=\"{}\"{force} ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
             AssertionConsumerServiceURL=\"{}\"><saml:Issuer>{}</saml:Issuer>\
             <samlp:NameIDPolicy{format} AllowCreate=\"true\"/></samlp:AuthnRequest>",
            ns::PROTOCOL,
            ns::ASSERTION,
            escape(self.id),
            self.issued_at,
            escape(self.sign_on_url),
            escape(&self.sp.acs_url),
            escape(&self.sp.entity_id)
        )
    }

    /// The provider's sign-on URL with the request. An existing query of the URL is kept and not signed.
    ///
    /// # Errors
    /// `Internal` when the key cannot sign.
    ///
    /// Source: SAML 2.0 Bindings 3.4.4.1 (DEFLATE, base64, URL-encoding; the signed parameters and their order).
    pub fn redirect_url(&self) -> Result<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("SAMLRequest", &STANDARD.encode(deflate(self.xml().as_bytes())?));
        if let Some(relay_state) = self.relay_state {
            query.append_pair("RelayState", relay_state);
        }
        if self.signer.is_some() {
            query.append_pair("SigAlg", RSA_SHA256);
        }
        let mut query = query.finish();
        if let Some(key) = self.signer {
            let signature = sign(key, query.as_bytes()).map_err(Error::internal)?;
            let signature = form_urlencoded::byte_serialize(STANDARD.encode(signature).as_bytes()).collect::<String>();
            query = format!("{query}&Signature={signature}");
        }
        let joint = if self.sign_on_url.contains('?') { '&' } else { '?' };
        Ok(format!("{}{joint}{query}", self.sign_on_url))
    }
}

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

fn sign(key: &PrivateKey, bytes: &[u8]) -> std::result::Result<Vec<u8>, ErrorStack> {
    let key = PKey::private_key_from_der(key.der())?;
    Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(bytes)
}

/// The maximum number of compressors that are kept.
const MOST_COMPRESSORS: usize = 4;

/// Compressors for reuse: to allocate the 300 KiB of one costs more than to compress a request.
static COMPRESSORS: Mutex<Vec<Compress>> = Mutex::new(Vec::new());

fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let compressors = || COMPRESSORS.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = compressors().pop();
    let mut compressor = kept.unwrap_or_else(|| Compress::new(Compression::default(), false));
    // Deflate never adds more than a few bytes to each block.
    let mut deflated = Vec::with_capacity(bytes.len() + 64);
    let status = compressor.compress_vec(bytes, &mut deflated, FlushCompress::Finish).map_err(Error::internal)?;
    if status != Status::StreamEnd {
        return Err(Error::internal("the compressed request is larger than expected"));
    }
    compressor.reset();
    let mut kept = compressors();
    if kept.len() < MOST_COMPRESSORS {
        kept.push(compressor);
    }
    Ok(deflated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::own_keys::OwnKeys;
    use crate::domain::request_options::NameIdFormat;
    use crate::saml::make_own_keys;
    use crate::saml::test_idp::parse_authn_request;
    use openssl::sign::Verifier;
    use openssl::x509::X509;
    use std::io::Read;
    use url::Url;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    fn asked(sign_on_url: &str, relay_state: Option<&str>, options: RequestOptions, signer: Option<&OwnKeys>) -> Url {
        let sp = ServiceProvider {
            entity_id: "https://sp.test/saml/1/metadata?a&b".into(),
            acs_url: "https://sp.test/saml/1/acs".into(),
            keys: Vec::new(),
        };
        let request = AuthnRequest {
            id: "_a1",
            sign_on_url,
            sp: &sp,
            relay_state,
            options,
            signer: signer.map(|keys| &keys.signing.key),
            issued_at: NOW,
        };
        Url::parse(&request.redirect_url().expect("signed")).expect("a URL")
    }

    fn url(sign_on_url: &str, relay_state: Option<&str>) -> Url {
        asked(sign_on_url, relay_state, RequestOptions::default(), None)
    }

    fn message(url: &Url) -> String {
        let (_, message) = url.query_pairs().find(|(name, _)| name == "SAMLRequest").expect("a request");
        let deflated = STANDARD.decode(message.as_bytes()).expect("base64");
        let mut xml = String::new();
        flate2::read::DeflateDecoder::new(deflated.as_slice()).read_to_string(&mut xml).expect("deflated");
        xml
    }

    #[test]
    fn the_signature_covers_only_the_request_the_relay_state_and_the_algorithm() {
        let keys = make_own_keys("acme", NOW).expect("made");
        let certificate = X509::from_pem(keys.signing.certificate.as_bytes()).expect("a certificate");
        let public = certificate.public_key().expect("a key");
        for sign_on_url in ["https://idp.test/sso", "https://accounts.google.com/o/saml2/idp?idpid=C01"] {
            for relay_state in [None, Some("mark+/= é")] {
                let url = asked(sign_on_url, relay_state, RequestOptions::default(), Some(&keys));
                let query = url.query().expect("a query");
                let (signed, _) = query.split_once("&Signature=").expect("a signature");
                let signed = &signed[signed.find("SAMLRequest=").expect("a request")..];
                let names: Vec<_> = signed.split('&').filter_map(|pair| pair.split('=').next()).collect();
                let all = ["SAMLRequest", "RelayState", "SigAlg"];
                let expected: Vec<_> =
                    all.into_iter().filter(|name| relay_state.is_some() || *name != "RelayState").collect();
                assert_eq!(names, expected);
                let (_, signature) = url.query_pairs().find(|(name, _)| name == "Signature").expect("a signature");
                let signature = STANDARD.decode(signature.as_bytes()).expect("base64");
                let holds = |text: &str| {
                    let mut verifier = Verifier::new(MessageDigest::sha256(), &public).expect("a verifier");
                    verifier.verify_oneshot(&signature, text.as_bytes()).expect("verified")
                };
                assert!(holds(signed), "{url}");
                assert!(
                    !holds(query.split_once("&Signature=").expect("a signature").0) || query.starts_with("SAMLRequest")
                );
                assert!(!holds(&signed.replace("rsa-sha256", "rsa-sha1")));
            }
        }
        assert!(!url("https://idp.test/sso", None).as_str().contains("SigAlg"));
    }

    #[test]
    fn the_request_has_force_authn_and_a_name_id_format_only_if_configured() {
        let plain = message(&url("https://idp.test/sso", None));
        assert!(!plain.contains("ForceAuthn") && plain.contains("<samlp:NameIDPolicy AllowCreate"), "{plain}");
        let options = RequestOptions { force_authn: true, name_id_format: NameIdFormat::Persistent, sign: false };
        let asking = message(&asked("https://idp.test/sso", None, options, None));
        assert!(asking.contains(" ForceAuthn=\"true\" ") && asking.contains("nameid-format:persistent\" AllowCreate"));
    }

    #[test]
    fn the_request_has_the_issuer_and_the_callback_url() {
        let url = url("https://idp.test/sso", None);
        let (name, message) = url.query_pairs().next().expect("a query");
        assert_eq!(name, "SAMLRequest");
        let read = parse_authn_request(&message).expect("a request");
        assert_eq!((read.id.as_str(), read.issuer.as_str()), ("_a1", "https://sp.test/saml/1/metadata?a&b"));
        assert_eq!(read.acs_url, "https://sp.test/saml/1/acs");
    }

    #[test]
    fn the_query_of_a_sign_on_url_is_kept() {
        let url = url("https://accounts.google.com/o/saml2/idp?idpid=C01", Some("mark"));
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["idpid", "SAMLRequest", "RelayState"]);
    }
}
