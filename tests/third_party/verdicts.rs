//! The messages for which our result differs from that in the list, with the reason; and the rule that each refused
//! message is intended to violate.

/// Messages that other projects accept and Vestibule refuses.
pub struct Stricter {
    pub refused_as: &'static str,
    /// Why the rule requires the refusal.
    pub why: &'static str,
    pub files: &'static [&'static str],
}

pub const STRICTER: [Stricter; 9] = [
    Stricter {
        refused_as: "advice",
        why: "An Advice that holds an Assertion is refused: there must be one Assertion to read.",
        files: &[
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-signed.1advice-signed.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-signed.1advice-unsigned.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-signed.2advice-signed.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-signed.2advice-unsigned.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned.1advice-unsigned.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned.2advice-unsigned.xml",
            "node-saml/test/static/signatures/valid/response.root-unsigned.assertion-signed.1advice-signed.xml",
            "node-saml/test/static/signatures/valid/response.root-unsigned.assertion-signed.1advice-unsigned.xml",
        ],
    },
    Stricter {
        refused_as: "issue_instant",
        why: "IssueInstant must be within five minutes: these Responses are of 2015, the Assertions in them of 2020.",
        files: &[
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-signed.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned-13-signature.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned-13.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned-encrypted.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned-xd-signature.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned-xd.xml",
            "node-saml/test/static/signatures/valid/response.root-signed.assertion-unsigned.xml",
            "node-saml/test/static/signatures/valid/response.root-unsigned.assertion-signed.xml",
        ],
    },
    Stricter {
        refused_as: "encrypted_id",
        why: "EncryptedID and EncryptedAttribute are refused by name.",
        files: &[
            "python3-saml/tests/data/responses/response_encrypted_nameid.xml.base64",
            "ruby-saml/test/responses/response_encrypted_attrs.xml.base64",
            "ruby-saml/test/responses/response_encrypted_nameid.xml.base64",
        ],
    },
    Stricter {
        refused_as: "audience",
        why: "An AudienceRestriction that names us is required; these have none.",
        files: &[
            "node-saml/test/static/response-with-uncomplete-attribute.xml",
            "samael/test_vectors/multi_saml_response_signed_2.xml",
        ],
    },
    Stricter {
        refused_as: "several_assertions",
        why: "Exactly one Assertion; these have two, of which one is signed.",
        files: &[
            "python3-saml/tests/data/responses/response4.xml.base64",
            "python3-saml/tests/data/responses/response_with_ampersands.xml.base64",
            "ruby-saml/test/responses/response_with_ampersands.xml.base64",
        ],
    },
    Stricter {
        refused_as: "issuer",
        why: "What is present must be right: here Response and Assertion name different issuers.",
        files: &[
            "ruby-saml/test/responses/inclusive_namespaces.xml",
            "ruby-saml/test/responses/response_with_signed_assertion_3.xml",
            "ruby-saml/test/responses/response_with_signed_message_and_assertion.xml",
        ],
    },
    Stricter {
        refused_as: "inclusive_c14n",
        why: "Inclusive canonicalisation is refused by name.",
        files: &["ruby-saml/test/responses/starfield_response.xml.base64"],
    },
    Stricter {
        refused_as: "destination",
        why: "Destination and Recipient must both be our callback URL: these name two addresses.",
        files: &[
            "ruby-saml/test/responses/valid_response.xml.base64",
            "ruby-saml/test/responses/valid_response_with_formatted_x509certificate.xml.base64",
        ],
    },
    Stricter {
        refused_as: "signature_reference",
        why: "A signature must cover the element that it stands in; this one stands in the Response and covers the Assertion.",
        files: &["samlify/test/misc/response_signed.xml"],
    },
];

/// Messages that the list refuses and Vestibule accepts, with the reason.
pub const OVERRULED: [(&str, &str); 7] = [
    (
        "node-saml/test/static/signatures/invalid/response.root-resigned-by-attacker-assertion-unsigned-attackers-cert-at-keyinfo.xml",
        "the list names the attacker's own certificate as the connection's; by the provider's it is refused",
    ),
    (
        "python3-saml/tests/data/responses/signed_assertion_response.xml.base64",
        "refused upstream by another certificate than the signer's that the list names; by that one it holds",
    ),
    ("python3-saml/tests/data/responses/signed_assertion_response2.xml.base64", "the same"),
    (
        "python3-saml/tests/data/responses/invalids/no_authnstatement.xml.base64",
        "AuthnStatement is optional: accepted with a warning",
    ),
    ("ruby-saml/test/responses/invalids/no_authnstatement.xml.base64", "the same"),
    (
        "python3-saml/tests/data/responses/invalids/no_issuer_response.xml.base64",
        "the Issuer of a Response is optional where the signed assertion has one (SAML 2.0 Profiles 4.1.4.2)",
    ),
    ("ruby-saml/test/responses/invalids/no_issuer_response.xml.base64", "the same"),
];

/// A part of a file's name or note, and the rules that the message is intended to violate. The first match counts.
const INTENDED: &[(&str, &[&str])] = &[
    ("logout", &["form"]),
    ("false_signed_request", &["form"]),
    ("authn_request", &["form"]),
    ("xpointer_attack", &["form", "structure"]),
    ("XSW", &["structure"]),
    ("wrapping", &["structure", "encryption"]),
    // The RetrievalMethod points to the adjacent EncryptedKey, which is read. The audience of the content is missing
    // from the list.
    ("RetrievalMethod", &["audience"]),
    // The signed response covers the assertion. The audience is missing from the list here, too.
    ("signed_message_encrypted_unsigned", &["audience"]),
    ("HMAC", &["structure"]),
    ("XPath", &["structure"]),
    ("ds:Object", &["structure"]),
    ("well-formed", &["form"]),
    ("bad_reference", &["structure", "signature"]),
    ("per upstream", &["structure", "signature"]),
    ("KeyInfo", &["signature"]),
    ("altered", &["signature"]),
    ("invalids/no_saml2", &["form"]),
    ("invalids/multiple_", &["structure"]),
    ("signed_element", &["structure"]),
    ("invalids/encrypted_", &["encryption"]),
    ("response_encrypted_attrs", &["encryption"]),
    ("subjectconfirmation_in", &["subject_in_response_to"]),
    ("subjectconfirmation_n", &["subject_time"]),
    ("subjectconfirmation", &["subject_confirmation", "destination"]),
    // The list contains the audience of the message itself, so that only the name of another application is wrong.
    ("audience", &["name_id"]),
    ("duplicate issuer", &["structure", "certificate"]),
    ("issuer", &["issuer"]),
    ("nameid", &["name_id"]),
    ("spnamequalifier", &["name_id"]),
    ("destination", &["destination"]),
    ("conditions", &["conditions"]),
    // The position of a signature among its siblings does not change the elements that it covers. Destination and
    // Recipient differ.
    ("signature_position", &["destination"]),
    ("signed", &["form"]),
    ("no signature", &["form", "signature"]),
];

/// The rules of which at least one must have failed. If a message is unsigned, encrypted or has another status, later
/// rules are not checked.
pub fn right_rules(file: &str, note: &str) -> Vec<&'static str> {
    let found = INTENDED.iter().find(|(part, _)| file.contains(part) || note.contains(part));
    let intended = found.map_or(&[][..], |(_, rules)| *rules);
    intended.iter().copied().chain(["status", "encryption", "signed"]).collect()
}
