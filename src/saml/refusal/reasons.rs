//! Every reason that a sign-in can be refused for: its code, its cause, a sentence for the admin, and the fix.

use super::{Fault, Reason, places};

/// Makes a named reason of each line, so that none can be given that stands not in this list, and the list of them all.
macro_rules! reasons {
    ($($name:ident $code:literal $fault:ident $message:literal $fix:ident;)*) => {
        $(
            #[doc = $message]
            pub(in crate::saml) static $name: Reason =
                Reason { code: $code, fault: Fault::$fault, message: $message, fix: &places::$fix };
        )*
        /// All of them.
        pub static REASONS: &[&Reason] = &[$(&$name),*];
    };
}

reasons! {
    // The form, before any cryptography.
    TOO_LARGE "too_large" Provider "The response is larger than 256 KiB." FEWER_ATTRIBUTES;
    NOT_BASE64 "not_base64" Provider "The message received is not a SAML response in base64." PLAIN_MESSAGE;
    NOT_UTF8 "not_utf8" Provider "The response is not UTF-8 text." PLAIN_MESSAGE;
    DEFLATED "deflated" Provider
        "The response is compressed (DEFLATE), as for HTTP-Redirect; the callback accepts HTTP-POST." POST_BACK;
    MALFORMED_XML "malformed_xml" Provider
        "The response is not plain XML." PLAIN_MESSAGE;
    COMMENT "comment" Provider "The response contains a comment, which some parsers see and others ignore." PLAIN_MESSAGE;
    CDATA "cdata" Provider "The response contains a CDATA section, which parsers treat differently." PLAIN_MESSAGE;
    PROCESSING_INSTRUCTION "processing_instruction" Provider
        "The response contains a processing instruction." PLAIN_MESSAGE;
    DOCTYPE "doctype" Provider "The response contains a DOCTYPE, which could change the meaning of the rest." PLAIN_MESSAGE;
    ENTITY "entity" Provider "The response contains an entity other than XML's five predefined ones." PLAIN_MESSAGE;
    TOO_COMPLEX "too_complex" Provider
        "The response has too many elements, attributes or namespaces, or they are nested too deeply." FEWER_ATTRIBUTES;
    OTHER_INPUT "other_input" Nobody "The input is not the response of a sign-in." COPY_MESSAGE;
    NOT_A_RESPONSE "not_a_response" Provider "The message is not a SAML 2.0 Response." POST_BACK;
    UNKNOWN_NAMESPACE "unknown_namespace" Provider
        "The response contains an element that does not belong there." PLAIN_MESSAGE;
    BAD_ID "bad_id" Provider "An ID in the response is missing, malformed or used twice." PLAIN_MESSAGE;
    REPEATED_ELEMENT "repeated_element" Provider "An element that may appear only once appears twice." PLAIN_MESSAGE;
    SIGNATURE_MISPLACED "signature_misplaced" Provider "A signature is in a place where none is allowed." PLAIN_MESSAGE;
    SIGNATURE_SHAPE "signature_shape" Provider
        "A signature does not have the form that SAML prescribes." PLAIN_MESSAGE;
    SIGNATURE_REFERENCE "signature_reference" Provider
        "A signature does not cover the element that contains it." PLAIN_MESSAGE;
    SIGNATURE_TRANSFORM "signature_transform" Provider "A signature uses a transform that is refused." CANONICAL;
    INCLUSIVE_C14N "inclusive_c14n" Provider "The signature uses inclusive canonicalisation." CANONICAL;
    SHA1 "sha1" Provider "The signature uses SHA-1, which is no longer secure." ALGORITHM;
    RSA_PSS "rsa_pss" Provider "The signature uses RSA-PSS, which is not supported." ALGORITHM;
    SIGNATURE_ALGORITHM "signature_algorithm" Provider
        "The signature uses an algorithm that is refused." ALGORITHM;
    ENCRYPTED_ASSERTION "encrypted_assertion" Provider
        "The assertion is encrypted, and there is no key to decrypt it with." ENCRYPT;
    ENCRYPTION_SHAPE "encryption_shape" Provider
        "The encrypted assertion does not have the form that we accept." ENCRYPT;
    RSA_1_5 "rsa_1_5" Provider "The assertion's key is encrypted with RSA PKCS #1 v1.5, which can leak it." ENCRYPT;
    KEY_TRANSPORT "key_transport" Provider
        "The assertion's key is encrypted with an algorithm that is refused." ENCRYPT;
    TRIPLE_DES "triple_des" Provider "The assertion is encrypted with Triple DES, which is no longer secure." ENCRYPT;
    CONTENT_ENCRYPTION "content_encryption" Provider
        "The assertion is encrypted with an algorithm that is refused." ENCRYPT;
    CBC_UNSIGNED "cbc_unsigned" Provider
        "The assertion is encrypted with AES-CBC in a response that is not signed." ENCRYPT;
    DECRYPTION "decryption" Provider "The encrypted assertion cannot be decrypted with our keys." ENCRYPT;
    ENCRYPTED_ID "encrypted_id" Provider
        "The NameID or an attribute is encrypted, which is not supported." NO_ENCRYPTION;
    ADVICE "advice" Provider "The assertion carries another assertion in its Advice." PLAIN_MESSAGE;
    STATUS "status" Provider "The identity provider itself refused the sign-in." ASSIGNED;
    NO_ASSERTION "no_assertion" Provider "The response contains no assertion." POST_BACK;
    SEVERAL_ASSERTIONS "several_assertions" Provider "The response contains more than one assertion." PLAIN_MESSAGE;

    // The signature.
    UNSIGNED "unsigned" Provider "Neither the response nor the assertion is signed." SIGN;
    NO_CERTIFICATE "no_certificate" Settings "The connection has no usable certificate." CERTIFICATE;
    WEAK_KEY "weak_key" Provider "The key of the provider's certificate is too short." STRONG_KEY;
    BAD_SIGNATURE "bad_signature" Settings
        "The signature does not match any of the connection's certificates." CERTIFICATE;
    FORMATTED "formatted" Nobody
        "The message is formatted: it has white space between its elements, which its signature does not match." AS_SENT;
    CERTIFICATE_EXPIRED "certificate_expired" Provider
        "The response is signed with a certificate that has expired, and the operator has chosen to refuse those." CERTIFICATE;
    BROKEN "broken" Provider "The message could not be checked." PLAIN_MESSAGE;

    // The signed content.
    VERSION "version" Provider "The message does not use SAML version 2.0." POST_BACK;
    ISSUER "issuer" Settings "The response comes from another identity provider than the connection's." ISSUER;
    ISSUER_FORMAT "issuer_format" Provider "The Issuer has a format other than that of an entity ID." PLAIN_MESSAGE;
    DESTINATION "destination" Provider "The response was made for another address than our callback URL." CALLBACK;
    IN_RESPONSE_TO "in_response_to" Nobody "The response answers another request than ours." AGAIN;
    ISSUE_INSTANT "issue_instant" Clock "The response was made at a time that is too far from now." CLOCK;
    NO_SUBJECT_CONFIRMATION "no_subject_confirmation" Provider
        "The assertion has no bearer subject confirmation." POST_BACK;
    RECIPIENT "recipient" Provider "The assertion was made for another recipient than our callback URL." CALLBACK;
    SUBJECT_EXPIRED "subject_expired" Clock "The time for delivering the assertion has passed." CLOCK;
    SUBJECT_NOT_YET_VALID "subject_not_yet_valid" Clock "The time for delivering the assertion has not begun." CLOCK;
    SUBJECT_IN_RESPONSE_TO "subject_in_response_to" Nobody "The assertion answers another request than ours." AGAIN;
    NO_CONDITIONS "no_conditions" Provider "The assertion has no Conditions." AUDIENCE;
    NOT_YET_VALID "not_yet_valid" Clock "The assertion is not valid yet." CLOCK;
    EXPIRED "expired" Clock "The assertion is no longer valid." CLOCK;
    AUDIENCE "audience" Provider "The assertion was made for another application." AUDIENCE;
    SESSION_EXPIRED "session_expired" Clock "The provider's session had already ended when the response arrived." CLOCK;
    STALE_AUTHENTICATION "stale_authentication" Provider
        "The request asked for a fresh sign-in, and the provider did not ask the person to sign in again." FRESH;
    EMPTY_NAME_ID "empty_name_id" Provider "The assertion has a NameID that is empty." EMAIL;
    NAME_QUALIFIER "name_qualifier" Provider
        "The NameID was made for another application (SPNameQualifier)." AUDIENCE;
    NO_EMAIL "no_email" Provider "The assertion contains no e-mail address." EMAIL;
    SEVERAL_EMAILS "several_emails" Provider "The assertion carries several different e-mail addresses." ONE_EMAIL;
    BAD_EMAIL "bad_email" Provider "The assertion's value for the e-mail address is not an e-mail address." EMAIL;

    // Once, and by whom.
    UNKNOWN_REQUEST "unknown_request" Nobody
        "The response answers a request that we did not make for this connection." AGAIN;
    REQUEST_EXPIRED "request_expired" Person "The response arrived more than ten minutes after the request." AGAIN;
    REQUEST_USED "request_used" Person "The request was answered already; each response works once." AGAIN;
    ASSERTION_USED "assertion_used" Person "The assertion was used already; each works once." AGAIN;
    UNSOLICITED "unsolicited" Provider
        "The provider sent a response without being asked: it names no request of ours." TILE;
    OTHER_BROWSER "other_browser" Person
        "The sign-in ended in another browser than the one that started it, or cookies are blocked." SAME_BROWSER;
    CONNECTION_CHANGED "connection_changed" Nobody
        "The SSO settings were changed while the sign-in was under way." AGAIN;
    TEST_WITHOUT_SESSION "test_without_session" Settings
        "The connection is a draft: only the test sign-in of an organisation admin is accepted." TEST_SIGN_IN;
    SSO_OFF "sso_off" Operator "SSO is off for this organisation." PLAN;
    NOT_A_MEMBER "not_a_member" Settings
        "The provider identified a person who is not a member of the organisation." INVITE;
    GUEST_NAME "guest_name" Provider
        "The provider sent the internal name of a guest in place of their e-mail address." GUEST_EMAIL;
    DIRECTORY_NAME "directory_name" Provider
        "The provider identified a person who is not a member, by what looks like a directory's user name instead of an e-mail address." EMAIL;
    DISABLED "disabled" Operator "The provider identified a person whom an operator has disabled here." ENABLE;
    TEST_OF_OTHER_PERSON "test_of_other_person" Person
        "The test sign-in was made as another person than the admin who started it." TEST_AS_YOURSELF;
}
