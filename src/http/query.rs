//! Query parameters.

use super::facts::once;
use crate::actions::Run;
use crate::actions::handed_over::KnownPasswords;
use crate::domain::audit::{Filter, RESOURCE_TYPES};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Page, Result};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use url::form_urlencoded;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Required};

/// The maximum number of parameters of an address, and of fields of a form. Our largest search form has eight.
pub const MOST_PAIRS: usize = 50;

/// The parameters of a query, decoded.
struct Query(Vec<(String, String)>);

/// A parameter of the query, decoded. If it occurs twice, the first counts.
pub fn param(request: &HttpRequest, name: &str) -> Option<String> {
    if request.query_string().is_empty() {
        return None;
    }
    // `head_size.rs` refuses queries with more parameters.
    let query = once(request, |request| Query(pairs(request.query_string().as_bytes()).take(MOST_PAIRS).collect()));
    query.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// The decoded names and values of a query or a form.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    form_urlencoded::parse(text).into_owned()
}

/// True if a query or form has more than `MOST_PAIRS` parts. No request of our pages has, and each part takes time to decode.
pub fn are_too_many(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'&').nth(MOST_PAIRS).is_some()
}

/// A parameter that is `true` or `false`; false if absent.
fn is_wanted(request: &HttpRequest, name: &str) -> Result<bool> {
    match param(request, name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Error::invalid(name, phrase!("field-true-or-false"))),
    }
}

impl FromRequest for Page {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(param(request, "limit").as_deref(), param(request, "cursor").as_deref()))
    }
}

impl FromRequest for KnownPasswords {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(is_wanted(request, "end_passwords").map(Self::that_end))
    }
}

/// The number of people of each list of an effect to skip.
pub struct Skip(pub usize);

impl FromRequest for Skip {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let skip = param(request, "skip").map(|text| text.parse::<u32>()).transpose();
        let skip = skip.map_err(|_| Error::invalid("skip", phrase!("field-whole-number")));
        ready(skip.map(|skip| Self(skip.unwrap_or_default() as usize)))
    }
}

impl FromRequest for Run {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let skip = Skip::from_request(request, payload).into_inner();
        ready(skip.and_then(|Skip(skip)| {
            let dry = is_wanted(request, "dry_run")?;
            Ok(if dry { Self::Dry { skip } } else { Self::Real })
        }))
    }
}

/// A query parameter of the API's description.
pub(super) fn described(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// The schema of a text.
pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// The schema of a parameter that is `true` or `false`; false if absent.
pub(super) fn yes_or_no() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean).default(Some(false.into()))
}

impl IntoParams for Page {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(200));
        vec![
            described("limit", "The maximum number of items.", limit.default(Some(50.into()))),
            described("cursor", "The `next` of the previous page.", text().pattern(Some("^[A-Za-z0-9_-]*$"))),
        ]
    }
}

impl IntoParams for KnownPasswords {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Also end the passwords that were set with links that it or they received, the sessions of their people, and all API keys, links and passwords that were made with these.";
        vec![described("end_passwords", description, yes_or_no())]
    }
}

fn count() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(u32::MAX)).default(Some(0.into()))
}

impl IntoParams for Skip {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![described("skip", "How many people of each list to skip; at most 200 are returned.", count())]
    }
}

impl IntoParams for Run {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            described("dry_run", "Only report what would happen.", yes_or_no()),
            described("skip", "In a dry run: how many people of each list to skip; at most 200 are returned.", count()),
        ]
    }
}

impl IntoParams for Filter {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        // A form also sends fields that were left empty; they are ignored.
        let empty = || text().max_length(Some(0));
        let either = |schema: ObjectBuilder| AnyOfBuilder::new().item(schema).item(empty());
        let format = |format| text().format(Some(SchemaFormat::KnownFormat(format)));
        let moment = || either(format(KnownFormat::Date)).item(format(KnownFormat::DateTime)).examples(["2026-11-24"]);
        let id = text().pattern(Some("^[0-9a-f]{32}$"));
        vec![
            described(
                "user",
                "Who did it: id, or any part of a name or e-mail, also of a key's name. A whole e-mail or key's name means only that one.",
                text(),
            ),
            described("resource_type", "The kind of resource.", either(text().enum_values(Some(RESOURCE_TYPES)))),
            described("resource", "Part of the resource's name.", text()),
            described("workspace", "The id of a workspace.", either(id)),
            described("from", "A day or a time, UTC; included.", moment()),
            described("to", "A day or a time, UTC; included.", moment()),
        ]
    }
}
