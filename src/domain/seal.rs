//! Values that are given to others and must come back unchanged: each has a MAC for one purpose.

use super::Timestamp;
use super::ids::{ConnectionId, hex, random_bytes, unhex};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// How long after a SAML request its response may arrive, in seconds.
pub const REQUEST_SECS: i64 = 600;

/// SHA-256, for storing secrets that are random enough to need no slow hash.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// The appliance's own MAC key. It is stored in the database and never sent anywhere.
#[derive(Clone)]
pub struct Seal([u8; 32]);

impl Seal {
    /// The seal with the key from the database.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    #[allow(clippy::expect_used)] // HMAC takes keys of any length
    fn mac(&self, purpose: &str, text: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        // The length separates the purpose from the text, so that another purpose cannot give the same MAC.
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(text);
        mac
    }

    /// Writes `value` as text that only this appliance can make, valid for `secs` seconds.
    pub fn seal<T: Serialize>(&self, purpose: &str, value: &T, now: Timestamp, secs: i64) -> String {
        let body = serde_json::to_vec(&(now.plus(secs).0, value)).unwrap_or_default();
        let tag = self.mac(purpose, &body).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&body), URL_SAFE_NO_PAD.encode(tag))
    }

    /// Reads a text that `seal` made for the same purpose; `None` if it is not ours or has expired.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &str, now: Timestamp) -> Option<T> {
        self.open_until(purpose, sealed, now).map(|(_, value)| value)
    }

    /// As `open`, but returns also when the text expires.
    pub fn open_until<T: DeserializeOwned>(
        &self,
        purpose: &str,
        sealed: &str,
        now: Timestamp,
    ) -> Option<(Timestamp, T)> {
        self.open_late(purpose, sealed).filter(|(expires_at, _)| now < *expires_at)
    }

    /// As `open_until`, but also reads a text that has expired.
    pub fn open_late<T: DeserializeOwned>(&self, purpose: &str, sealed: &str) -> Option<(Timestamp, T)> {
        let (body, tag) = sealed.split_once('.')?;
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        self.mac(purpose, &body).verify_slice(&tag).ok()?;
        let (expires_at, value): (i64, T) = serde_json::from_slice(&body).ok()?;
        Some((Timestamp(expires_at), value))
    }

    /// A new AuthnRequest id for this connection. It contains all that is needed to recognise it, so that nothing is
    /// stored.
    pub fn request_id(&self, connection: &ConnectionId, manner: Manner, now: Timestamp) -> RequestId {
        let nonce = random_bytes::<20>();
        let expires_at = now.plus(REQUEST_SECS);
        let mut bytes = nonce.to_vec();
        bytes.extend(expires_at.0.to_be_bytes());
        let tag = self.mac(&manner.purpose(connection), &bytes).finalize().into_bytes();
        RequestId { text: format!("_{}{}", hex(&bytes), hex(&tag[..16])), expires_at, manner }
    }

    /// Reads the AuthnRequest id in a response.
    ///
    /// # Errors
    /// The reason why it names no request that can still be answered.
    pub fn open_request_id(
        &self,
        connection: &ConnectionId,
        raw: &str,
        now: Timestamp,
    ) -> Result<RequestId, UnknownRequest> {
        let bytes: [u8; 44] = raw.strip_prefix('_').and_then(unhex).ok_or(UnknownRequest::NotOurs)?;
        let mut at = [0; 8];
        at.copy_from_slice(&bytes[20..28]);
        let expires_at = Timestamp(i64::from_be_bytes(at));
        let made_for = |manner: &Manner| {
            let mac = self.mac(&manner.purpose(connection), &bytes[..28]);
            mac.verify_truncated_left(&bytes[28..]).is_ok()
        };
        let manner = Manner::ALL.into_iter().find(made_for).ok_or(UnknownRequest::NotOurs)?;
        let request = RequestId { text: raw.into(), expires_at, manner };
        if now >= expires_at { Err(UnknownRequest::Expired(request)) } else { Ok(request) }
    }

    /// A mark of `subject`, valid for `secs` seconds, in 32 characters: some providers keep at most 80 bytes of a
    /// RelayState.
    ///
    /// Source: SAML 2.0 Bindings 3.4.3.
    pub fn mark(&self, purpose: &str, subject: &str, now: Timestamp, secs: i64) -> String {
        let mut bytes = now.plus(secs).0.to_be_bytes().to_vec();
        let tag = self.mark_mac(purpose, subject, &bytes).finalize().into_bytes();
        bytes.extend(&tag[..16]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// True if `mark` was made for the same purpose and subject, and has not expired.
    pub fn is_marked(&self, purpose: &str, subject: &str, mark: &str, now: Timestamp) -> bool {
        let Ok(Ok(bytes)) = URL_SAFE_NO_PAD.decode(mark).map(<[u8; 24]>::try_from) else { return false };
        let mut at = [0; 8];
        at.copy_from_slice(&bytes[..8]);
        let mac = self.mark_mac(purpose, subject, &at);
        mac.verify_truncated_left(&bytes[8..]).is_ok() && now.0 < i64::from_be_bytes(at)
    }

    fn mark_mac(&self, purpose: &str, subject: &str, at: &[u8]) -> Hmac<Sha256> {
        self.mac(&format!("mark: {purpose}"), &[at, subject.as_bytes()].concat())
    }
}

/// The properties of a request that its id encodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manner {
    /// True if the person must sign in at the provider after the request.
    pub fresh: bool,
    /// True if it replaces a request that was answered too late. It is not replaced itself.
    pub second: bool,
}

impl Manner {
    const ALL: [Self; 4] = [
        Self { fresh: false, second: false },
        Self { fresh: true, second: false },
        Self { fresh: false, second: true },
        Self { fresh: true, second: true },
    ];

    fn purpose(self, connection: &ConnectionId) -> String {
        let fresh = if self.fresh { "fresh " } else { "" };
        let second = if self.second { "second " } else { "" };
        format!("{fresh}{second}request {connection}")
    }
}

/// The reason why an InResponseTo names no request that can still be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownRequest {
    /// We did not make it, or made it for another connection.
    NotOurs,
    /// It is ours, but has expired.
    Expired(RequestId),
}

/// An AuthnRequest id: 160 random bits, its expiry, and a MAC over these and its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId {
    text: String,
    /// When the request expires.
    pub expires_at: Timestamp,
    /// The properties that it encodes.
    pub manner: Manner,
}

impl RequestId {
    /// The id as the AuthnRequest contains it, which is an XML name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When it was made.
    pub fn issued_at(&self) -> Timestamp {
        self.expires_at.plus(-REQUEST_SECS)
    }

    /// The part that names its cookie: 8 hexadecimal digits of its random bits.
    pub fn short(&self) -> &str {
        self.text.get(1..9).unwrap_or_default()
    }
}

/// A secret for a link, a cookie or a key: 256 random bits as hexadecimal digits.
pub fn secret() -> String {
    hex(&random_bytes::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    #[test]
    fn a_sealed_value_opens_only_for_its_purpose_and_until_it_expires() {
        let seal = Seal::new([7; 32]);
        let text = seal.seal("notice", &"ann", NOW, 60);
        assert_eq!(seal.open::<String>("notice", &text, NOW.plus(59)).as_deref(), Some("ann"));
        assert_eq!(seal.open::<String>("notice", &text, NOW.plus(60)), None);
        assert_eq!(seal.open::<String>("sso", &text, NOW), None);
        assert_eq!(Seal::new([8; 32]).open::<String>("notice", &text, NOW), None);
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            let opened = seal.open::<String>("notice", &changed, NOW);
            assert!(opened.is_none() || opened.as_deref() == Some("ann"), "{changed}");
        }
    }

    #[test]
    fn a_mark_fits_into_a_relay_state_and_is_valid_only_for_its_subject_and_until_it_expires() {
        let seal = Seal::new([7; 32]);
        let mark = seal.mark("restart", "acme", NOW, 60);
        assert_eq!(mark.len(), 32);
        assert!(seal.is_marked("restart", "acme", &mark, NOW.plus(59)));
        assert!(!seal.is_marked("restart", "acme", &mark, NOW.plus(60)));
        assert!(!seal.is_marked("restart", "globex", &mark, NOW) && !seal.is_marked("other", "acme", &mark, NOW));
        assert!(!Seal::new([8; 32]).is_marked("restart", "acme", &mark, NOW));
        for at in 0..mark.len() {
            let mut bytes = mark.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(!seal.is_marked("restart", "acme", &String::from_utf8(bytes).expect("ASCII"), NOW), "{at}");
        }
        for bad in ["", "A", &mark[1..], &format!("{mark}AA"), "é"] {
            assert!(!seal.is_marked("restart", "acme", bad, NOW), "{bad}");
        }
    }

    #[test]
    fn a_request_id_is_recognised_for_its_connection_until_it_expires() {
        let (seal, connection) = (Seal::new([7; 32]), ConnectionId::random());
        for manner in Manner::ALL {
            let id = seal.request_id(&connection, manner, NOW);
            assert_eq!(seal.open_request_id(&connection, id.as_str(), NOW).map(|id| id.manner), Ok(manner));
        }
        let id = seal.request_id(&connection, Manner::default(), NOW);
        assert_eq!(id.as_str().len(), 1 + 88);
        assert_eq!(seal.open_request_id(&connection, id.as_str(), NOW.plus(599)), Ok(id.clone()));
        let refused = |connection: &ConnectionId, text: &str, at| seal.open_request_id(connection, text, at);
        assert_eq!(refused(&connection, id.as_str(), NOW.plus(600)), Err(UnknownRequest::Expired(id.clone())));
        assert_eq!(refused(&ConnectionId::random(), id.as_str(), NOW), Err(UnknownRequest::NotOurs));
        for bad in ["", "_", "_00", &id.as_str().to_uppercase(), &id.as_str().replace('_', "a")] {
            assert_eq!(refused(&connection, bad, NOW), Err(UnknownRequest::NotOurs), "{bad}");
        }
    }
}
