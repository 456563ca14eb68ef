//! Where our verdict on a third-party message is not its list's, and why; and which rule each refusal is meant for.

/// Messages that others accept and we refuse.
pub struct Expected {
    pub refused_as: &'static str,
    /// The rule that asks for it.
    pub why: &'static str,
    pub files: &'static [&'static str],
}

pub const STRICTER: [Expected; 9] = [
    Expected {
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
    Expected {
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
    Expected {
        refused_as: "encrypted_id",
        why: "EncryptedID and EncryptedAttribute are refused by name.",
        files: &[
            "python3-saml/tests/data/responses/response_encrypted_nameid.xml.base64",
            "ruby-saml/test/responses/response_encrypted_attrs.xml.base64",
            "ruby-saml/test/responses/response_encrypted_nameid.xml.base64",
        ],
    },
    Expected {
        refused_as: "audience",
        why: "An AudienceRestriction that names us is required; these have none.",
        files: &[
            "node-saml/test/static/response-with-uncomplete-attribute.xml",
            "samael/test_vectors/multi_saml_response_signed_2.xml",
        ],
    },
    Expected {
        refused_as: "several_assertions",
        why: "Exactly one Assertion; these have two, of which one is signed.",
        files: &[
            "python3-saml/tests/data/responses/response4.xml.base64",
            "python3-saml/tests/data/responses/response_with_ampersands.xml.base64",
            "ruby-saml/test/responses/response_with_ampersands.xml.base64",
        ],
    },
    Expected {
        refused_as: "issuer",
        why: "What is present must be right: here Response and Assertion name different issuers.",
        files: &[
            "ruby-saml/test/responses/inclusive_namespaces.xml",
            "ruby-saml/test/responses/response_with_signed_assertion_3.xml",
            "ruby-saml/test/responses/response_with_signed_message_and_assertion.xml",
        ],
    },
    Expected {
        refused_as: "inclusive_c14n",
        why: "Inclusive canonicalisation is refused by name.",
        files: &["ruby-saml/test/responses/starfield_response.xml.base64"],
    },
    Expected {
        refused_as: "destination",
        why: "Destination and Recipient must both be our callback URL: these name two addresses.",
        files: &[
            "ruby-saml/test/responses/valid_response.xml.base64",
            "ruby-saml/test/responses/valid_response_with_formatted_x509certificate.xml.base64",
        ],
    },
    Expected {
        refused_as: "signature_reference",
        why: "A signature must cover the element that it stands in; this one stands in the Response and covers the Assertion.",
        files: &["samlify/test/misc/response_signed.xml"],
    },
];

/// Messages that their list refuses and we take, with the reason why that verdict does not bind us.
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

/// A part of a file's name or note, and the rules that it is about. The first that fits counts.
const MEANT: &[(&str, &[&str])] = &[
    ("logout", &["form"]),
    ("false_signed_request", &["form"]),
    ("authn_request", &["form"]),
    ("xpointer_attack", &["form", "structure"]),
    ("XSW", &["structure"]),
    ("wrapping", &["structure", "encryption"]),
    // It points at the EncryptedKey beside it, which is read; what it holds is for an audience that the list does not know.
    ("RetrievalMethod", &["audience"]),
    // Its response is signed, which is enough for the assertion in it; again the list does not know the audience.
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
    // The list gives the message's own audience as ours: what is left is that it names another application.
    ("audience", &["name_id"]),
    ("duplicate issuer", &["structure", "certificate"]),
    ("issuer", &["issuer"]),
    ("nameid", &["name_id"]),
    ("spnamequalifier", &["name_id"]),
    ("destination", &["destination"]),
    ("conditions", &["conditions"]),
    // Where among its parent's children a signature stands changes nothing of what it covers: Destination and Recipient differ.
    ("signature_position", &["destination"]),
    ("signed", &["form"]),
    ("no signature", &["form", "signature"]),
];

/// The rules of which one must have failed. A message that is unsigned, encrypted or of another status ends there: what else
/// is wrong with it is never judged.
pub fn right_rules(file: &str, note: &str) -> Vec<&'static str> {
    let found = MEANT.iter().find(|(part, _)| file.contains(part) || note.contains(part));
    let meant = found.map_or(&[][..], |(_, rules)| *rules);
    meant.iter().copied().chain(["status", "encryption", "signed"]).collect()
}
