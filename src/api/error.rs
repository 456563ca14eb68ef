//! The bodies of error answers.

use crate::domain::Error;
use crate::domain::method::Method;
use crate::domain::phrase::Phrase;
use crate::domain::text::shortened;
use serde::Serialize;
use utoipa::ToSchema;

/// The maximum length of a field's name and of the text about it, in characters: a client may send any text as a field.
const MOST_NAME_CHARS: usize = 100;
const MOST_WORDS_CHARS: usize = 1000;

/// The body of every error answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    error: ErrorText,
}

/// The error, and what to do next.
#[derive(Serialize, ToSchema)]
pub struct ErrorText {
    /// The error's code for programs; it does not change.
    #[schema(example = "invalid")]
    code: String,
    /// The message for people.
    #[schema(example = "must be an e-mail address such as ann@acme.test")]
    message: String,
    /// The field that the error is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "email")]
    field: Option<String>,
    /// If several fields are invalid: all of them. The first is also in `field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<FieldFault>>,
    /// With `reauthentication_required`: the methods by which to confirm the sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    methods: Option<Vec<Method>>,
    /// With `sso_required`: the id of the caller's organisation that this session cannot access.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
}

/// A field whose value was refused, and why.
#[derive(Serialize, ToSchema)]
pub struct FieldFault {
    #[schema(example = "name")]
    field: String,
    /// The reason, as the rest of a sentence that begins with the field's name.
    #[schema(example = "must not be empty")]
    message: String,
}

/// The password is right, but single sign-on is required. Names the addresses to sign in at.
#[derive(Serialize, ToSchema)]
pub struct SsoRequired {
    error: ErrorText,
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_urls: Option<Vec<String>>,
}

impl ErrorText {
    /// The error, with this message.
    fn of(error: &Error, message: String) -> Self {
        let name = |field: &str| shortened(field, MOST_NAME_CHARS);
        let code = error.code().to_owned();
        let mut text = Self { code, message, field: None, fields: None, methods: None, organisation: None };
        match error {
            Error::Invalid { field, .. } | Error::Conflict { field: Some(field), .. } => {
                text.field = Some(name(field));
            }
            Error::SeveralInvalid(faults) => {
                text.field = faults.first().map(|(field, _)| name(field));
                let fault = |(field, message): &(String, Phrase)| FieldFault {
                    field: name(field),
                    message: shortened(&message.spoken(), MOST_WORDS_CHARS),
                };
                text.fields = Some(faults.iter().map(fault).collect());
            }
            Error::Reauthenticate { methods } => text.methods = Some(methods.clone()),
            Error::Closed { organisation, .. } => text.organisation = Some(organisation.clone()),
            _ => {}
        }
        text
    }
}

impl SsoRequired {
    /// The body of an error. It is an `ErrorBody`, with portal URLs only for `sso_required`.
    pub fn of(error: &Error, message: String) -> Self {
        let portal_urls = match error {
            Error::SsoRequired { portal_urls, .. } => Some(portal_urls.clone()),
            _ => None,
        };
        Self { error: ErrorText::of(error, message), portal_urls }
    }
}
