//! All reasons for refusing a sign-in: the code, who has to fix it, and the fix. The sentence for the admin is the
//! message `refusal-CODE` of the catalogue.

use super::{Fault, Reason, places};

/// Declares a static for each line, and the list of all reasons, so that no reason can be used that is not in the list.
macro_rules! reasons {
    ($($name:ident $code:literal $fault:ident $fix:ident;)*) => {
        $(
            pub(in crate::saml) static $name: Reason =
                Reason { code: $code, fault: Fault::$fault, text: concat!("refusal-", $code), fix: &places::$fix };
        )*
        /// All reasons.
        pub static REASONS: &[&Reason] = &[$(&$name),*];
    };
}

reasons! {
    // Form, before any cryptography.
    TOO_LARGE "too_large" Provider FEWER_ATTRIBUTES;
    NOT_BASE64 "not_base64" Provider PLAIN_MESSAGE;
    NOT_UTF8 "not_utf8" Provider PLAIN_MESSAGE;
    DEFLATED "deflated" Provider POST_BACK;
    MALFORMED_XML "malformed_xml" Provider PLAIN_MESSAGE;
    COMMENT "comment" Provider PLAIN_MESSAGE;
    CDATA "cdata" Provider PLAIN_MESSAGE;
    PROCESSING_INSTRUCTION "processing_instruction" Provider PLAIN_MESSAGE;
    DOCTYPE "doctype" Provider PLAIN_MESSAGE;
    ENTITY "entity" Provider PLAIN_MESSAGE;
    TOO_COMPLEX "too_complex" Provider FEWER_ATTRIBUTES;
    OTHER_INPUT "other_input" Nobody COPY_MESSAGE;
    NOT_A_RESPONSE "not_a_response" Provider POST_BACK;
    UNKNOWN_NAMESPACE "unknown_namespace" Provider PLAIN_MESSAGE;
    BAD_ID "bad_id" Provider PLAIN_MESSAGE;
    REPEATED_ELEMENT "repeated_element" Provider PLAIN_MESSAGE;
    SIGNATURE_MISPLACED "signature_misplaced" Provider PLAIN_MESSAGE;
    SIGNATURE_SHAPE "signature_shape" Provider PLAIN_MESSAGE;
    SIGNATURE_REFERENCE "signature_reference" Provider PLAIN_MESSAGE;
    SIGNATURE_TRANSFORM "signature_transform" Provider CANONICAL;
    INCLUSIVE_C14N "inclusive_c14n" Provider CANONICAL;
    SHA1 "sha1" Provider ALGORITHM;
    RSA_PSS "rsa_pss" Provider ALGORITHM;
    SIGNATURE_ALGORITHM "signature_algorithm" Provider ALGORITHM;
    ENCRYPTED_ASSERTION "encrypted_assertion" Provider ENCRYPT;
    ENCRYPTION_SHAPE "encryption_shape" Provider ENCRYPT;
    RSA_1_5 "rsa_1_5" Provider ENCRYPT;
    KEY_TRANSPORT "key_transport" Provider ENCRYPT;
    TRIPLE_DES "triple_des" Provider ENCRYPT;
    CONTENT_ENCRYPTION "content_encryption" Provider ENCRYPT;
    CBC_UNSIGNED "cbc_unsigned" Provider ENCRYPT;
    DECRYPTION "decryption" Provider ENCRYPT;
    ENCRYPTED_ID "encrypted_id" Provider NO_ENCRYPTION;
    ADVICE "advice" Provider PLAIN_MESSAGE;
    STATUS "status" Provider ASSIGNED;
    NO_ASSERTION "no_assertion" Provider POST_BACK;
    SEVERAL_ASSERTIONS "several_assertions" Provider PLAIN_MESSAGE;

    // Signature.
    UNSIGNED "unsigned" Provider SIGN;
    NO_CERTIFICATE "no_certificate" Settings CERTIFICATE;
    WEAK_KEY "weak_key" Provider STRONG_KEY;
    BAD_SIGNATURE "bad_signature" Settings CERTIFICATE;
    FORMATTED "formatted" Nobody AS_SENT;
    CERTIFICATE_EXPIRED "certificate_expired" Provider CERTIFICATE;
    BROKEN "broken" Provider PLAIN_MESSAGE;

    // Signed content.
    VERSION "version" Provider POST_BACK;
    ISSUER "issuer" Settings ISSUER;
    ISSUER_FORMAT "issuer_format" Provider PLAIN_MESSAGE;
    DESTINATION "destination" Provider CALLBACK;
    IN_RESPONSE_TO "in_response_to" Nobody AGAIN;
    ISSUE_INSTANT "issue_instant" Clock CLOCK;
    NO_SUBJECT_CONFIRMATION "no_subject_confirmation" Provider POST_BACK;
    RECIPIENT "recipient" Provider CALLBACK;
    SUBJECT_EXPIRED "subject_expired" Clock CLOCK;
    SUBJECT_NOT_YET_VALID "subject_not_yet_valid" Clock CLOCK;
    SUBJECT_IN_RESPONSE_TO "subject_in_response_to" Nobody AGAIN;
    NO_CONDITIONS "no_conditions" Provider AUDIENCE;
    NOT_YET_VALID "not_yet_valid" Clock CLOCK;
    EXPIRED "expired" Clock CLOCK;
    AUDIENCE "audience" Provider AUDIENCE;
    SESSION_EXPIRED "session_expired" Clock CLOCK;
    STALE_AUTHENTICATION "stale_authentication" Provider FRESH;
    EMPTY_NAME_ID "empty_name_id" Provider EMAIL;
    NAME_QUALIFIER "name_qualifier" Provider AUDIENCE;
    NO_EMAIL "no_email" Provider EMAIL;
    SEVERAL_EMAILS "several_emails" Provider ONE_EMAIL;
    BAD_EMAIL "bad_email" Provider EMAIL;

    // Single use, and the person who signs in.
    UNKNOWN_REQUEST "unknown_request" Nobody AGAIN;
    REQUEST_EXPIRED "request_expired" Person AGAIN;
    REQUEST_USED "request_used" Person AGAIN;
    ASSERTION_USED "assertion_used" Person AGAIN;
    UNSOLICITED "unsolicited" Provider TILE;
    OTHER_BROWSER "other_browser" Person SAME_BROWSER;
    CONNECTION_CHANGED "connection_changed" Nobody AGAIN;
    TEST_WITHOUT_SESSION "test_without_session" Settings TEST_SIGN_IN;
    SSO_OFF "sso_off" Operator PLAN;
    NOT_A_MEMBER "not_a_member" Settings INVITE;
    GUEST_NAME "guest_name" Provider GUEST_EMAIL;
    DIRECTORY_NAME "directory_name" Provider EMAIL;
    DISABLED "disabled" Operator ENABLE;
    TEST_OF_OTHER_PERSON "test_of_other_person" Person TEST_AS_YOURSELF;
}
