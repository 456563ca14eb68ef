//! Signature wrapping: the signed element is moved to a place where only the verifier looks, and a forged element to a
//! place where only the reader looks.
//!
//! Shapes 1 to 8 are numbered as in "On Breaking SAML" (Somorovsky and others, USENIX Security 2012) and in SAML
//! Raider.

use super::message::{assertion_of, behind_issuer, forged, signature_of, without_signature};
use super::{Attack, altered};
use vestibule::saml::test_idp::Sign;

/// Whether the forged element has the id of the signed element or another one.
#[derive(Clone, Copy)]
enum Id {
    Same,
    Other,
}

impl Id {
    const BOTH: [(Self, &'static str); 2] = [(Self::Same, "same id"), (Self::Other, "another id")];

    /// The forged element with its id. The reference in its signature is not changed.
    fn of(self, element: &str) -> String {
        match self {
            Self::Same => element.to_owned(),
            Self::Other => {
                element.replace(" ID=\"_assertion1\"", " ID=\"_evil1\"").replace(" ID=\"_response1\"", " ID=\"_evil2\"")
            }
        }
    }
}

/// The elements from which an attack is built.
struct Pieces {
    /// The signed element, and the same without its signature.
    signed: String,
    bare: String,
    signature: String,
    /// The forged element without a signature, and with the copied signature.
    evil: String,
    evil_signed: String,
}

impl Pieces {
    fn of(element: &str, id: Id) -> Self {
        let (signature, bare) = (signature_of(element).to_owned(), without_signature(element));
        let evil = id.of(&forged(&bare));
        let evil_signed = behind_issuer(&evil, &signature);
        Self { signed: element.to_owned(), bare, signature, evil, evil_signed }
    }

    /// The forged element with the copied signature, into which `inside` is inserted in an Object.
    fn evil_with_object(&self, inside: &str) -> String {
        let object = format!("<ds:Object>{inside}</ds:Object></ds:Signature>");
        self.evil_signed.replacen("</ds:Signature>", &object, 1)
    }
}

type Shape = fn(&Pieces) -> String;

const SEVERAL: &str = "several_assertions";

/// The replacements of the signed response, each with its refusal if the ids differ.
const OF_RESPONSE: [(&str, &str, Shape); 3] = [
    ("XSW 1: the response inside the forged one's signature", SEVERAL, |it| it.evil_with_object(&it.bare)),
    ("XSW 2: the response before the forged one's signature", SEVERAL, |it| {
        behind_issuer(&it.evil, &format!("{}{}", it.bare, it.signature))
    }),
    ("XSW 2b: the signed response inside a forged one", SEVERAL, |it| behind_issuer(&it.evil, &it.signed)),
];

/// The replacements of the signed assertion.
const OF_ASSERTION: [(&str, &str, Shape); 10] = [
    ("XSW 3: a forged assertion before the signed one", SEVERAL, |it| format!("{}{}", it.evil, it.signed)),
    ("XSW 3b: a forged assertion after the signed one", SEVERAL, |it| format!("{}{}", it.signed, it.evil)),
    ("XSW 4: the signed assertion inside a forged one", SEVERAL, |it| {
        it.evil.replacen("</saml:Assertion>", &format!("{}</saml:Assertion>", it.signed), 1)
    }),
    ("XSW 5: the signature in a forged assertion, the signed one after it", SEVERAL, |it| {
        format!("{}{}", it.evil_signed, it.bare)
    }),
    ("XSW 6: the signed assertion in the signature of a forged one", SEVERAL, |it| {
        it.evil_signed.replacen("</ds:Signature>", &format!("{}</ds:Signature>", it.bare), 1)
    }),
    ("XSW 8: the signed assertion in an Object of a forged one's signature", SEVERAL, |it| {
        it.evil_with_object(&it.bare)
    }),
    ("XSW in the Advice of a forged assertion", "advice", |it| {
        it.evil.replacen(
            "<saml:AuthnStatement",
            &format!("<saml:Advice>{}</saml:Advice><saml:AuthnStatement", it.signed),
            1,
        )
    }),
    ("XSW in the Subject of a forged assertion", SEVERAL, |it| {
        it.evil.replacen("</saml:Subject>", &format!("{}</saml:Subject>", it.signed), 1)
    }),
    ("XSW in an AttributeValue of a forged assertion", SEVERAL, |it| {
        it.evil.replacen("</saml:AttributeValue>", &format!("{}</saml:AttributeValue>", it.signed), 1)
    }),
    ("XSW in the KeyInfo of a forged assertion's signature", SEVERAL, |it| {
        it.evil_signed.replacen("</ds:KeyInfo>", &format!("{}</ds:KeyInfo>", it.bare), 1)
    }),
];

pub fn attacks() -> Vec<Attack> {
    let mut all = Vec::new();
    for (id, said) in Id::BOTH {
        let code = |refused_as| if matches!(id, Id::Same) { "bad_id" } else { refused_as };
        for (name, refused_as, shape) in OF_RESPONSE {
            let damage = move |xml: &str| shape(&Pieces::of(xml, id));
            all.push(altered(&format!("{name}, {said}"), Sign::Response, code(refused_as), damage));
        }
        for (name, refused_as, shape) in OF_ASSERTION {
            let damage =
                move |xml: &str| xml.replacen(assertion_of(xml), &shape(&Pieces::of(assertion_of(xml), id)), 1);
            all.push(altered(&format!("{name}, {said}"), Sign::Assertion, code(refused_as), damage));
        }
        // Shape 7 changes two places: the signed assertion is moved to Extensions, and the forged one takes its place.
        all.push(altered(
            &format!("XSW 7: a forged assertion in Extensions, {said}"),
            Sign::Assertion,
            code(SEVERAL),
            move |xml| extended(xml, &Pieces::of(assertion_of(xml), id).evil),
        ));
        all.push(altered(
            &format!("XSW 7b: the signed assertion in Extensions, {said}"),
            Sign::Assertion,
            code(SEVERAL),
            move |xml| {
                let pieces = Pieces::of(assertion_of(xml), id);
                extended(&xml.replacen(&pieces.signed, &pieces.evil, 1), &pieces.signed)
            },
        ));
    }
    all.extend(inside_another_element());
    all
}

fn extended(xml: &str, inside: &str) -> String {
    xml.replacen("<samlp:Status>", &format!("<samlp:Extensions>{inside}</samlp:Extensions><samlp:Status>"), 1)
}

/// Attacks with the whole message inside another element.
fn inside_another_element() -> Vec<Attack> {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    vec![
        altered("A SOAP envelope around the response", Sign::Response, "not_a_response", move |xml| {
            format!("<s:Envelope xmlns:s=\"{soap}\"><s:Body>{xml}</s:Body></s:Envelope>")
        }),
        altered("The assertion without its response", Sign::Assertion, "not_a_response", |xml| {
            let namespace = "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
            assertion_of(xml).replacen("<saml:Assertion", &format!("<saml:Assertion {namespace}"), 1)
        }),
        altered("An ArtifactResponse around the response", Sign::Response, "not_a_response", |xml| {
            let protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
            format!("<p:ArtifactResponse xmlns:p=\"{protocol}\" ID=\"_a\">{xml}</p:ArtifactResponse>")
        }),
        altered("A LogoutResponse", Sign::Response, "not_a_response", |xml| {
            xml.replace("samlp:Response", "samlp:LogoutResponse")
        }),
    ]
}
