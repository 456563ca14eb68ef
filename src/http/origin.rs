//! Where a request comes from: its address, and whether a browser sends it for another site.

use super::doctor;
use crate::app::App;
use crate::config::Config;
use crate::domain::{Error, forwarded};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderValue, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use std::net::IpAddr;

/// The address of the client: the peer, or what trusted proxies say it is.
pub fn client_address(config: &Config, request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else { return String::new() };
    forwarded::client(peer, &hops(request.headers()), |address| config.trusts(address)).to_string()
}

/// Whom the proxies say that they heard, from left to right. Where both headers are there, X-Forwarded-For counts.
pub fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    if headers.contains_key("x-forwarded-for") {
        forwarded::x_forwarded_for(lines(headers, "x-forwarded-for"))
    } else {
        forwarded::forwarded(lines(headers, "forwarded"))
    }
}

/// All lines of a header.
pub fn lines<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(name).map(HeaderValue::as_bytes)
}

/// Refuses what a browser sends for another site. The callback alone takes such: it is how SAML's POST binding works.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let safe = [Method::GET, Method::HEAD].contains(request.method());
    let callback = request.path().starts_with("/saml/") && request.path().ends_with("/acs");
    if let Some(app) = request.app_data::<Data<App>>() {
        doctor::note(app, request.request());
    }
    let public_origin = request.app_data::<Data<App>>().map(|app| app.config.public_url.origin().to_owned());
    if safe || callback || public_origin.is_some_and(|origin| is_own(request.headers(), &origin)) {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let refusal = Error::Forbidden { code: "cross_site", message: "This request came from another site.".into() };
    // Not `into_response`, which loses the error: the security log hears of it.
    Ok(ServiceResponse::new(request.into_parts().0, HttpResponse::from_error(refusal)))
}

fn is_own(headers: &HeaderMap, public_origin: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin == public_origin,
        // No browser: those send at least one of the two.
        (None, None) => true,
    }
}
