//! The bodies of refusals, for the description of the API: `error.rs` writes them.

use crate::domain::method::Method;
use serde::Serialize;
use utoipa::ToSchema;

/// The body of every refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody {
    error: ErrorText,
}

/// What went wrong, and what to do next.
#[derive(Serialize, ToSchema)]
pub struct ErrorText {
    /// Stable, for programs.
    #[schema(example = "invalid")]
    code: String,
    /// For people.
    #[schema(example = "must be an e-mail address such as ann@acme.test")]
    message: String,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "email")]
    field: Option<String>,
    /// Where several fields cannot be taken: all of them, the first of which is `field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<FieldFault>>,
    /// With `reauthentication_required`: the ways to sign in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    methods: Option<Vec<Method>>,
}

/// A field that cannot be taken as it is.
#[derive(Serialize, ToSchema)]
pub struct FieldFault {
    #[schema(example = "name")]
    field: String,
    /// What it must be instead.
    #[schema(example = "must not be empty")]
    message: String,
}

/// The password is right; these are the ways in.
#[derive(Serialize, ToSchema)]
pub struct SsoRequired {
    error: ErrorText,
    #[serde(skip_serializing_if = "Option::is_none")]
    portal_urls: Option<Vec<String>>,
}
