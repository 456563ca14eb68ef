//! What stands behind the `?`.

use crate::actions::Run;
use crate::domain::{Error, Page, Result};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use url::form_urlencoded;

/// One parameter of the query, decoded; the first where it is there twice.
pub fn param(request: &HttpRequest, name: &str) -> Option<String> {
    form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

impl FromRequest for Page {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(param(request, "limit").as_deref(), param(request, "cursor").as_deref()))
    }
}

impl FromRequest for Run {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match param(request, "dry_run").as_deref() {
            None | Some("" | "false") => Ok(Self::Real),
            Some("true") => Ok(Self::Dry),
            Some(_) => Err(Error::invalid("dry_run", "must be true or false")),
        })
    }
}
