//! Every reason for saying no, with what was expected, what came, and where to mend it.

use serde::Serialize;

/// Why a response, or a sign-in, is refused. Precise: for the admin's trace alone; the person who tried is told one neutral
/// sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Stable, for programs.
    pub code: &'static str,
    /// A sentence for the admin.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub received: String,
    /// What to change, and where, in the providers' own words.
    pub fix: String,
}

const CALLBACK: &str = "At the identity provider, set our Callback URL. Google Workspace: ACS URL. Okta: Single sign-on URL (also \
    used for Recipient URL and Destination URL). Entra ID: Basic SAML Configuration > Reply URL. Keycloak: Valid redirect URIs \
    and Assertion Consumer Service POST Binding URL.";
const AUDIENCE: &str = "At the identity provider, set our Entity ID. Google Workspace: Entity ID. Okta: Audience URI (SP Entity \
    ID). Entra ID: Basic SAML Configuration > Identifier (Entity ID). Keycloak: Client ID.";
const ISSUER: &str = "Compare the entity ID in the SSO settings with the provider's. Google Workspace: Entity ID. Okta: Issuer. \
    Entra ID: Microsoft Entra Identifier. Keycloak: the realm URL.";
const CLOCK: &str =
    "Compare the clocks: of this server (timedatectl) and of the identity provider. Both should be set by NTP.";
const SIGN: &str = "Let the provider sign the assertion. Okta: Assertion Signature: Signed. Google Workspace and Entra ID sign it \
    always. Keycloak: Sign assertions: On.";
const ALGORITHM: &str = "Choose RSA with SHA-256. Okta: Signature Algorithm RSA-SHA256 and Digest Algorithm SHA256. Entra ID: SAML \
    Certificates > Signing Algorithm SHA-256. Keycloak: Signature Algorithm RSA_SHA256.";
const CERTIFICATE: &str = "Paste the provider's present signing certificate into the SSO settings; keep the old one beside it while \
    the provider changes over. Google Workspace: Certificate. Okta: Sign On > Metadata details > Signing Certificate. Entra ID: \
    SAML Certificates > Certificate (Base64). Keycloak: Realm settings > Keys > RS256 > Certificate.";
const ENCRYPTION: &str = "Turn encryption off; the message still travels over TLS. Okta: Assertion Encryption: Unencrypted. Entra \
    ID: Token encryption: remove the certificate. Google Workspace never encrypts. Keycloak: Encrypt assertions: Off.";
const MESSAGE: &str = "The provider, or something between it and us, sent a message of an unusual form. Ask its maker.";
const EMAIL: &str = "Let the provider send the e-mail address. Google Workspace: Name ID: Basic Information > Primary email. Okta: \
    Name ID format EmailAddress, Application username Email. Entra ID: Attributes & Claims > Unique User Identifier: user.mail. \
    Keycloak: a mapper User Attribute email with SAML attribute name email.";
const AGAIN: &str = "Sign in once more, from the portal URL. If it happens each time, tell the operator.";

/// The sentence and the mending of every reason that a response can be refused for.
const REASONS: &[(&str, &str, &str)] = &[
    (
        "too_large",
        "The response is larger than 256 KiB.",
        "Let the provider send fewer attributes, for example only the groups that matter.",
    ),
    ("not_base64", "What came is not a SAML response in base64.", MESSAGE),
    ("not_utf8", "The response is not UTF-8 text.", MESSAGE),
    ("malformed_xml", "The response is not plain XML; comments, DOCTYPEs and the like are refused.", MESSAGE),
    (
        "not_a_response",
        "The message is not a SAML 2.0 Response.",
        "The provider must answer with a SAML 2.0 Response by HTTP-POST.",
    ),
    ("unknown_namespace", "The response holds an element that does not belong in it.", MESSAGE),
    ("bad_id", "An ID of the response is missing, malformed or there twice.", MESSAGE),
    ("signature_misplaced", "A signature stands where none may stand.", MESSAGE),
    ("signature_shape", "A signature is not of the one form that SAML prescribes.", MESSAGE),
    ("signature_reference", "A signature does not cover the element that it stands in.", MESSAGE),
    (
        "signature_transform",
        "A signature uses a transform that is refused.",
        "The provider must use the enveloped-signature transform and exclusive canonicalisation (exc-c14n), without comments.",
    ),
    (
        "inclusive_c14n",
        "The signature uses inclusive canonicalisation.",
        "Let the provider use exclusive canonicalisation (exc-c14n). Keycloak: Canonicalization Method EXCLUSIVE.",
    ),
    ("sha1", "The signature uses SHA-1, which no longer protects.", ALGORITHM),
    ("rsa_pss", "The signature uses RSA-PSS, which is not supported.", ALGORITHM),
    ("signature_algorithm", "The signature uses an algorithm that is refused.", ALGORITHM),
    ("encrypted_assertion", "The assertion is encrypted, which is not supported yet.", ENCRYPTION),
    ("encrypted_id", "The NameID or an attribute is encrypted, which is not supported.", ENCRYPTION),
    ("advice", "The assertion carries another assertion in its Advice.", MESSAGE),
    (
        "status",
        "The identity provider itself refused the sign-in.",
        "Look into the provider's own log. Often the person is not assigned to the application. Google Workspace: Service status ON for everyone. Okta: Assignments. Entra ID: Users and groups.",
    ),
    ("no_assertion", "The response holds no assertion.", MESSAGE),
    ("several_assertions", "The response holds more than one assertion.", MESSAGE),
    ("unsigned", "Neither the response nor the assertion is signed.", SIGN),
    ("no_certificate", "The connection has no usable certificate.", CERTIFICATE),
    ("weak_key", "The certificate's key is too short.", CERTIFICATE),
    ("bad_signature", "The signature does not fit any of the connection's certificates.", CERTIFICATE),
    ("version", "The message is not of SAML version 2.0.", MESSAGE),
    ("issuer", "The response comes from another identity provider than the connection's.", ISSUER),
    ("destination", "The response was made for another address than our callback URL.", CALLBACK),
    ("in_response_to", "The response answers another request than ours.", AGAIN),
    ("issue_instant", "The response was made at a time that is too far from now.", CLOCK),
    ("no_subject_confirmation", "The assertion has no bearer subject confirmation.", MESSAGE),
    ("recipient", "The assertion was made for another recipient than our callback URL.", CALLBACK),
    ("subject_expired", "The assertion may no longer be delivered.", CLOCK),
    ("subject_not_yet_valid", "The assertion may not be delivered yet.", CLOCK),
    ("subject_in_response_to", "The assertion answers another request than ours.", AGAIN),
    ("no_conditions", "The assertion has no Conditions.", AUDIENCE),
    ("not_yet_valid", "The assertion is not valid yet.", CLOCK),
    ("expired", "The assertion is no longer valid.", CLOCK),
    ("audience", "The assertion was made for another application.", AUDIENCE),
    ("session_expired", "The provider's session was over before it began here.", CLOCK),
    ("empty_name_id", "The assertion has a NameID that is empty.", EMAIL),
    ("name_qualifier", "The NameID was made for another application (SPNameQualifier).", AUDIENCE),
    ("no_email", "The assertion names nobody by e-mail address.", EMAIL),
    ("several_emails", "The assertion carries several different e-mail addresses.", EMAIL),
    ("bad_email", "What the assertion calls the e-mail address is none.", EMAIL),
    ("unknown_request", "The response answers a request that we did not make for this connection.", AGAIN),
    ("request_expired", "The answer came more than ten minutes after the question.", AGAIN),
    ("request_used", "The request was answered already; each answer works once.", AGAIN),
    ("assertion_used", "The assertion was used already; each works once.", AGAIN),
    (
        "unsolicited",
        "The provider answered without being asked, also after we began anew.",
        "Let the provider's app tile open the portal URL, or let it answer the AuthnRequest that we send (InResponseTo).",
    ),
    (
        "other_browser",
        "The sign-in came back in another browser than the one that began it, or cookies are blocked.",
        AGAIN,
    ),
    ("connection_changed", "The SSO settings were changed while the sign-in was under way.", AGAIN),
    (
        "test_without_session",
        "The connection is a draft: only the test sign-in of an organisation admin goes through.",
        "Sign in with your password and press Test sign-in in the SSO settings.",
    ),
    ("sso_off", "SSO is off for this organisation.", "Ask the operator which plan the organisation is on."),
    (
        "not_a_member",
        "The provider vouched for somebody who is no member of the organisation.",
        "Invite them under Users & Permissions, or remove them from the application at the provider. Accounts are never made automatically.",
    ),
    (
        "test_of_other_person",
        "The test sign-in came back as somebody else than the admin who began it.",
        "Sign out at the provider and test again as yourself.",
    ),
    ("broken", "The message could not be judged.", MESSAGE),
];

impl Refusal {
    /// A refusal for the reason with this code.
    pub(super) fn new(code: &'static str, expected: impl Into<String>, received: impl Into<String>) -> Self {
        let (message, fix) = REASONS
            .iter()
            .find(|(known, ..)| *known == code)
            .map_or(("The sign-in was refused.", AGAIN), |(_, message, fix)| (message, fix));
        Self {
            code,
            message: message.into(),
            expected: expected.into(),
            received: shorten(&received.into()),
            fix: fix.into(),
        }
    }

    /// The InResponseTo is no id of ours for this connection.
    pub fn unknown_request(received: &str) -> Self {
        Self::new("unknown_request", "the id of a request of this connection", received)
    }

    /// Ours, and too old.
    pub fn request_expired() -> Self {
        Self::new("request_expired", "an answer within 10 minutes", "a later one")
    }

    /// Without InResponseTo, again.
    pub fn unsolicited_twice() -> Self {
        Self::new("unsolicited", "InResponseTo with the id of our request", "none")
    }

    /// The request was answered before.
    pub fn request_used() -> Self {
        Self::new("request_used", "a request that was not answered yet", "one that was")
    }

    /// The assertion came before.
    pub fn assertion_used() -> Self {
        Self::new("assertion_used", "an assertion that was not used yet", "one that was")
    }

    /// The browser has no cookie for this sign-in.
    pub fn other_browser() -> Self {
        Self::new("other_browser", "the cookie of the browser that began this sign-in", "none")
    }

    /// The settings are not those that the response was verified under.
    pub fn connection_changed() -> Self {
        Self::new("connection_changed", "the settings that the sign-in began with", "others")
    }

    /// A draft, and no admin's test.
    pub fn test_without_session() -> Self {
        Self::new("test_without_session", "a test sign-in by a signed-in organisation admin", "another sign-in")
    }

    /// The plan has no SSO.
    pub fn sso_off() -> Self {
        Self::new("sso_off", "a plan with SSO and a connection", "neither or one of them")
    }

    /// Verified, and not a member.
    pub fn not_a_member(email: &str) -> Self {
        Self::new("not_a_member", "a member or an invited person", email)
    }

    /// Not the admin who tests.
    pub fn test_of_other_person(expected: &str, received: &str) -> Self {
        Self::new("test_of_other_person", expected, received)
    }
}

/// Cuts what came to a length that reads well.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 300 { text.into() } else { text.chars().take(300).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_stands_once_and_says_what_to_do() {
        for (index, (code, message, fix)) in REASONS.iter().enumerate() {
            assert!(message.ends_with('.') && fix.ends_with('.'), "{code}");
            assert!(!REASONS[..index].iter().any(|(other, ..)| other == code), "{code} stands twice");
        }
        assert!(REASONS.len() >= 30);
    }
}
