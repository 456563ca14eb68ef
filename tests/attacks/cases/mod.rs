//! Every attack on the verification of responses, as a table: an accepted message, the change that makes it an attack,
//! and the reason of the refusal.

mod algorithms;
mod bombs;
mod characters;
mod digests;
mod encryption;
mod identity;
mod keys;
mod message;
mod mix_ups;
mod namespaces;
mod profile;
mod references;
mod signatures;
mod times;
mod wrapping;

use base64::{Engine, engine::general_purpose::STANDARD};
pub use encryption::undecryptable;
pub use keys::{KEY, Trusted, own_keys, trusting};
pub use message::{ACS, AUDIENCE, ISSUER, NOW, PERSON, REQUEST, assertion_of, formed, valid_message};
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::test_idp::{Minted, Sign, SigningKey};
use vestibule::saml::{Certificate, Expected, IdentityProvider, ServiceProvider, decode, verify};

type Change<T> = Box<dyn Fn(&mut T)>;
type Rewrite = Box<dyn Fn(&str) -> String>;

/// The change that turns an accepted message into an attack.
enum Damage {
    /// The provider itself signs a message with wrong content.
    Content(Change<Minted>),
    /// The provider itself signs a message in another form.
    Form(Rewrite),
    /// The signed message is changed on its way.
    Altered(Rewrite),
    /// The posted base64 is changed.
    Posted(Rewrite),
    /// The message is encrypted, and the encrypted message is changed.
    EncryptedThenAltered(Rewrite),
    /// The message is signed by another key.
    OtherKey(&'static SigningKey),
}

/// One attack of the table.
pub struct Attack {
    pub kind: &'static str,
    pub name: String,
    /// The code of the refusal.
    pub refused_as: &'static str,
    sign: Sign,
    damage: Damage,
    trusted: Trusted,
}

impl Attack {
    fn new(name: impl Into<String>, sign: Sign, refused_as: &'static str, damage: Damage) -> Self {
        Self { kind: "", name: name.into(), refused_as, sign, damage, trusted: Trusted::Own }
    }

    /// The posted text without the change.
    pub fn unchanged(&self) -> String {
        let xml = match &self.damage {
            Damage::EncryptedThenAltered(_) => valid_message().sign_and_encrypt(&KEY, self.sign, &encryption::gcm()),
            _ => valid_message().sign(&KEY, self.sign),
        };
        STANDARD.encode(xml)
    }

    /// The posted text with the change.
    pub fn damaged(&self) -> String {
        let mut minted = valid_message();
        let xml = |minted: &Minted| minted.sign(&KEY, self.sign);
        match &self.damage {
            Damage::Content(change) => {
                change(&mut minted);
                STANDARD.encode(xml(&minted))
            }
            Damage::Form(rewrite) => STANDARD.encode(message::formed(self.sign, rewrite)),
            Damage::Altered(alter) => STANDARD.encode(alter(&xml(&minted))),
            Damage::EncryptedThenAltered(alter) => {
                STANDARD.encode(alter(&valid_message().sign_and_encrypt(&KEY, self.sign, &encryption::gcm())))
            }
            Damage::Posted(alter) => alter(&self.unchanged()),
            Damage::OtherKey(signer) => STANDARD.encode(minted.sign(signer, self.sign)),
        }
    }

    /// The same attack on a connection that trusts other certificates, to measure the cost of trying all of them.
    fn with_trusted(self, trusted: Trusted) -> Self {
        Self { trusted, ..self }
    }

    /// The certificates that the connection trusts when it verifies the changed message.
    pub fn trusted(&self) -> Trusted {
        self.trusted
    }
}

fn with_content(name: &str, sign: Sign, refused_as: &'static str, change: impl Fn(&mut Minted) + 'static) -> Attack {
    Attack::new(name, sign, refused_as, Damage::Content(Box::new(change)))
}

fn signed_in_form(
    name: &str,
    sign: Sign,
    refused_as: &'static str,
    rewrite: impl Fn(&str) -> String + 'static,
) -> Attack {
    Attack::new(name, sign, refused_as, Damage::Form(Box::new(rewrite)))
}

fn altered(name: &str, sign: Sign, refused_as: &'static str, alter: impl Fn(&str) -> String + 'static) -> Attack {
    Attack::new(name, sign, refused_as, Damage::Altered(Box::new(alter)))
}

fn encrypted_then_altered(
    name: &str,
    sign: Sign,
    refused_as: &'static str,
    alter: impl Fn(&str) -> String + 'static,
) -> Attack {
    Attack::new(name, sign, refused_as, Damage::EncryptedThenAltered(Box::new(alter)))
}

fn posted_as(name: &str, refused_as: &'static str, alter: impl Fn(&str) -> String + 'static) -> Attack {
    Attack::new(name, Sign::Assertion, refused_as, Damage::Posted(Box::new(alter)))
}

fn signed_by(name: &str, refused_as: &'static str, signer: &'static SigningKey, trusted: Trusted) -> Attack {
    Attack::new(name, Sign::Both, refused_as, Damage::OtherKey(signer)).with_trusted(trusted)
}

/// Replaces the first occurrence of a text.
fn swap(from: &str, to: &str) -> impl Fn(&str) -> String + use<> {
    let (from, to) = (from.to_owned(), to.to_owned());
    move |xml| xml.replacen(&from, &to, 1)
}

/// The whole table, ordered by kind.
pub fn all() -> Vec<Attack> {
    let kinds = [
        ("Missing, moved or duplicated signatures", signatures::attacks()),
        ("Signature wrapping", wrapping::attacks()),
        ("Digests and SignedInfo", digests::attacks()),
        ("References", references::attacks()),
        ("Transforms and algorithms", algorithms::attacks()),
        ("Keys", keys::attacks()),
        ("Characters and markup", characters::attacks()),
        ("Namespaces, names and ids", namespaces::attacks()),
        ("Content of the message", profile::attacks()),
        ("Times", times::attacks()),
        ("The identified person", identity::attacks()),
        ("Messages for another organisation, application or sign-in", mix_ups::attacks()),
        ("Encryption", encryption::attacks()),
        ("Resource exhaustion", bombs::attacks()),
    ];
    let of =
        |(kind, attacks): (&'static str, Vec<Attack>)| attacks.into_iter().map(move |attack| Attack { kind, ..attack });
    kinds.into_iter().flat_map(of).collect()
}

/// The person that the posted message identifies, or the code of the refusal.
pub fn judge(posted: &str, certificates: Vec<Certificate>, keys: Vec<PrivateKey>) -> Result<String, &'static str> {
    let xml = decode(posted).map_err(|refusal| refusal.reason.code)?;
    judge_xml(&xml, certificates, keys)
}

/// As `judge`, but for a decoded message.
pub fn judge_xml(xml: &str, certificates: Vec<Certificate>, keys: Vec<PrivateKey>) -> Result<String, &'static str> {
    let sp = ServiceProvider { entity_id: AUDIENCE.into(), acs_url: ACS.into(), keys };
    let idp = IdentityProvider { entity_id: ISSUER.into(), certificates };
    let expected = Expected {
        request_id: Some(REQUEST.into()),
        authenticated_after: None,
        skew_secs: 90,
        allow_sha1: false,
        refuse_expired: false,
    };
    let outcome = verify(&sp, &idp, &expected, xml, NOW).outcome;
    outcome.map(|who| who.email.to_string()).map_err(|refusal| refusal.reason.code)
}
