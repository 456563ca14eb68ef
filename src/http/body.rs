//! Request bodies, read with a size limit and a deadline; JSON errors name the field.

use super::client;
use super::in_flight::client_network;
use super::load::{BodyShare, Load, SMALL_BODY_BYTES};
use super::pace::Pace;
use crate::app::App;
use crate::config::Limits;
use crate::domain::language_tag::LanguageTag;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use utoipa::ToSchema;

/// The size limit of most routes, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// The size limit of routes that take metadata or a list of people, in bytes. In JSON, each quote and line break of XML
/// takes two bytes.
const MOST_METADATA_BYTES: usize = 2 * 1024 * 1024 + MOST_BYTES;

/// The secret of a link. It is sent in bodies, since addresses are visible and logged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    pub token: String,
}

/// A JSON body of at most 64 KiB. It is parsed only when the handler calls `read`, so a missing right is reported
/// first.
pub struct Body<T>(Collected, PhantomData<T>);

/// A JSON body that may contain up to 1 MiB of an identity provider's metadata or of a list of people.
pub struct LargeBody<T>(Body<T>);

impl<T: DeserializeOwned> Body<T> {
    /// Parses the body.
    ///
    /// # Errors
    /// `Malformed` if it is not JSON; `Invalid` with the field that is unknown, missing or of the wrong type.
    pub fn read(self) -> Result<T> {
        parse(&self.0)
    }
}

impl<T: DeserializeOwned> LargeBody<T> {
    /// Parses the body.
    ///
    /// # Errors
    /// The errors of `Body::read`.
    pub fn read(self) -> Result<T> {
        self.0.read()
    }

    /// Parses the body for work that starts after a wait; its memory is counted until then.
    ///
    /// # Errors
    /// The errors of `Body::read`.
    pub fn read_and_count(self) -> Result<Counted<T>> {
        let collected = self.0.0;
        Ok(Counted { value: parse(&collected)?, share: collected.share })
    }
}

/// The value of a body, and its share of the memory.
pub struct Counted<T> {
    value: T,
    share: Option<BodyShare>,
}

impl<T> Counted<T> {
    /// Does work with the value; its memory is counted until the work is done.
    pub fn used<R>(self, work: impl FnOnce(T) -> R) -> R {
        let Self { value, share: _share } = self;
        work(value)
    }
}

impl<T> Deref for Counted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = collect(request, payload, MOST_BYTES);
        Box::pin(async move { Ok(Self(bytes.await?, PhantomData)) })
    }
}

impl<T> FromRequest for LargeBody<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = collect(request, payload, MOST_METADATA_BYTES);
        Box::pin(async move { Ok(Self(Body(bytes.await?, PhantomData))) })
    }
}

/// A whole body. Its memory is counted until it is dropped.
pub struct Collected {
    bytes: Vec<u8>,
    share: Option<BodyShare>,
}

impl Deref for Collected {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Collected {
    /// Adds a part. The buffer grows as parts arrive, and doubles, so that long bodies are not copied at each part.
    fn add(&mut self, part: &[u8], limit: usize) -> Result<()> {
        let needed = self.bytes.len() + part.len();
        if needed > limit {
            return Err(too_large(limit));
        }
        if needed > self.bytes.capacity() {
            let room = needed.max(2 * self.bytes.capacity()).clamp(SMALL_BODY_BYTES.min(limit), limit);
            if let Some(share) = &mut self.share {
                share.grow(room)?;
            }
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }
}

fn too_large(limit: usize) -> Error {
    Error::TooLarge(phrase!("body-too-large", limit = limit / 1024))
}

/// Reads a whole body of at most `limit` bytes. While it arrives or waits, it may be dropped to make room for others.
///
/// This is the only place where bodies are read, so deadline and memory limits apply to all of them.
pub fn collect(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Collected>> + use<> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let app = request.app_data::<Data<App>>();
    let load = request.app_data::<Data<Load>>();
    let share = app.zip(load).map(|(app, load)| load.body(client_network(&app.config, request)));
    let limits = load.map_or_else(Limits::default, |load| load.limits);
    let mut pace = Pace::new(payload.take(), &limits);
    async move {
        if length.is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let mut collected = Collected { bytes: Vec::new(), share };
        if let Some(share) = &collected.share {
            client::note_body(share.held());
        }
        while let Some(part) = client::unless_ended(pace.next()).await? {
            collected.add(&part, limit)?;
        }
        if let Some(share) = &collected.share {
            share.held().release()?;
        }
        Ok(collected)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|fault| {
        let path = fault.path().to_string();
        refusal(fault.inner(), &path)
    })?;
    json.end().map_err(|cause| not_json(&cause))?;
    // serde also accepts a list for a struct: its fields in order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(not_an_object());
    }
    Ok(value)
}

fn not_an_object() -> Error {
    Error::invalid("body", phrase!("field-not-object"))
}

/// The error for a text that is not JSON, with the position of the fault and the reason.
fn not_json(fault: &serde_json::Error) -> Error {
    let (line, column) = (fault.line(), fault.column());
    let text = fault.to_string();
    // serde distinguishes these faults only by its message.
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let cause = match () {
        () if fault.is_eof() => phrase!("json-ends-early"),
        () if begins(&["trailing characters"]) => phrase!("json-more-behind"),
        () if begins(&["trailing comma"]) => phrase!("json-trailing-comma"),
        () if begins(&["key must be"]) => phrase!("json-key-not-quoted"),
        () if begins(&["expected `:`"]) => phrase!("json-colon-missing"),
        () if begins(&["expected `,`"]) => phrase!("json-comma-missing"),
        () if begins(&["control character"]) => phrase!("json-control-character"),
        () if begins(&["invalid escape", "lone leading", "unexpected end of hex"]) => phrase!("json-escape"),
        () if begins(&["invalid unicode"]) => phrase!("json-not-utf-8"),
        () if begins(&["invalid number", "number out of range"]) => phrase!("json-number"),
        () if begins(&["recursion limit"]) => phrase!("json-too-deep"),
        () => phrase!("json-no-value"),
    };
    let (line, column) = (line.to_string(), column.to_string());
    Error::Malformed(phrase!("body-not-json", cause = cause, line = line, column = column))
}

/// A syntax error is 400; wrong content is 422 with the field.
fn refusal(fault: &serde_json::Error, path: &str) -> Error {
    if !fault.is_data() {
        return not_json(fault);
    }
    let text = fault.to_string();
    // For these two errors, serde names the field only in the text.
    let named = ["unknown field `", "missing field `"].iter().find_map(|start| text.strip_prefix(start));
    match named.and_then(|rest| rest.split('`').next()) {
        Some(field) if text.starts_with("missing") => Error::invalid(field, phrase!("field-missing")),
        Some(field) => Error::invalid(field, phrase!("field-unknown")),
        None if path == "." => not_an_object(),
        None => Error::invalid(path, phrase!("field-wrong-type")),
    }
}

/// A field that is a whole number or null. In JSON, `50.0` is the same whole number as `50`.
pub fn whole<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<i64>, D::Error> {
    let number: Option<Number> = Option::deserialize(value)?;
    number.map(|number| exactly(&number).ok_or_else(|| D::Error::custom("not a whole number"))).transpose()
}

/// As `whole`, but a null field differs from an absent one.
#[allow(clippy::option_option)] // absent, null and a number are three things
pub fn given<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<i64>>, D::Error> {
    whole(value).map(Some)
}

/// As `given`, for a text.
#[allow(clippy::option_option)] // absent, null and a text are three things
pub fn given_text<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// The language that a person or organisation chose, or none.
///
/// # Errors
/// `Invalid` with field `language`.
pub fn language_tag(chosen: Option<String>) -> Result<Option<LanguageTag>> {
    chosen.map(|tag| LanguageTag::parse(&tag)).transpose()
}

#[allow(clippy::cast_possible_truncation)] // exact for small numbers
fn exactly(number: &Number) -> Option<i64> {
    let exact = |value: &f64| value.fract() == 0.0 && value.abs() < 1e15;
    number.as_i64().or_else(|| number.as_f64().filter(exact).map(|value| value as i64))
}
