//! The requests of clients: their parameters, how they prove their identity, and the answers that they get.

use crate::actions::oidc::client::Proof;
use crate::domain::oauth_error::OauthError;
use crate::domain::oidc_client::TokenAuth;
use crate::domain::oidc_request::{Pairs, has_repeated};
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};
use crate::http::body;
use crate::http::head_size::judge_query;
use crate::http::pages::see_other;
use crate::http::query::{MOST_PAIRS, are_too_many, pairs};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, PRAGMA, WWW_AUTHENTICATE};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use std::future::Future;
use std::pin::Pin;
use url::form_urlencoded::Serializer;

/// The maximum size of a form, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// All fields of a form, in their order. A body of another type is refused.
pub struct Fields(pub Pairs);

impl FromRequest for Fields {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = body::collect(request, payload, MOST_BYTES);
        let kind = request.headers().get(CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
        let is_form = kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded"));
        Box::pin(async move {
            let form = bytes.await?;
            if !is_form && !form.is_empty() {
                let message = phrase!("form-other-type");
                return Err(Error::BadRequest { code: "invalid_request", message });
            }
            if are_too_many(&form) {
                return Err(Error::TooLarge(phrase!("form-too-many", most = MOST_PAIRS)));
            }
            Ok(Self(pairs(&form).collect()))
        })
    }
}

impl Fields {
    /// The value of a field that is not empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Redirects a form that any site may have sent to the same request by GET, which has the browser's cookies: those of
    /// a form from another site are left out (`SameSite=Lax`).
    ///
    /// # Errors
    /// `AddressTooLong` when no request by GET can be that long.
    pub fn to_query(&self, path: &str) -> Result<HttpResponse> {
        let query = Serializer::new(String::new()).extend_pairs(&self.0).finish();
        judge_query(&query)?;
        Ok(see_other(&format!("{path}?{query}")))
    }

    /// How the client proves its identity.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter or two methods at once; `invalid_client` for an unreadable header.
    pub fn proof(&self, headers: &HeaderMap) -> Result<Proof, OauthError> {
        if has_repeated(&self.0) {
            return Err(OauthError::invalid_request("a parameter occurs more than once"));
        }
        let (id, secret) = (self.given("client_id"), self.given("client_secret"));
        let mut lines = headers.get_all(AUTHORIZATION);
        let Some(header) = lines.next() else {
            let method = if secret.is_some() { TokenAuth::ClientSecretPost } else { TokenAuth::None };
            let (id, secret) = (id.unwrap_or_default().into(), secret.unwrap_or_default().into());
            return Ok(Proof { id, secret, method });
        };
        if secret.is_some() || lines.next().is_some() {
            return Err(OauthError::invalid_request("the client uses two methods to prove its identity"));
        }
        let (name, secret) = header.to_str().ok().and_then(basic).ok_or_else(OauthError::invalid_client)?;
        if id.is_some_and(|id| id != name) {
            return Err(OauthError::invalid_request("client_id differs from the Authorization header"));
        }
        Ok(Proof { id: name, secret, method: TokenAuth::ClientSecretBasic })
    }
}

/// The id and the secret in a header; both are encoded like the fields of a form.
///
/// Source: RFC 6749 2.3.1.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, value) = header.split_once(' ')?;
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':').filter(|_| scheme.eq_ignore_ascii_case("Basic"))?;
    let decoded = |text: &str| {
        let encoded = format!("={text}");
        url::form_urlencoded::parse(encoded.as_bytes()).next().map(|(_, value)| value.into_owned())
    };
    Some((decoded(id)?, decoded(secret)?))
}

/// An answer that must not be stored.
pub fn unstored(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
    answer
}

/// An error for a client.
pub fn refused(error: OauthError) -> HttpResponse {
    let status = if error.code == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let mut answer = unstored(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"OpenID Connect\""));
    }
    answer.json(json!({ "error": error.code, "error_description": error.description }))
}
