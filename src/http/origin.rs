//! Where a request comes from: its address, and whether a browser sends it for another site.

use super::doctor;
use crate::app::App;
use crate::config::Config;
use crate::domain::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, ResponseError};
use std::net::IpAddr;

/// The address of whoever asks: the peer, or what a trusted proxy says it is.
pub fn client_address(config: &Config, request: &HttpRequest) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip()) else { return String::new() };
    if !config.trusts(peer) {
        return peer.to_string();
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<IpAddr> =
        forwarded.flat_map(|value| value.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    // Each proxy appends who spoke to it: the last one that is no proxy of ours is the client.
    let client = hops.iter().rev().find(|hop| !config.trusts(**hop)).or(hops.first());
    client.unwrap_or(&peer).to_string()
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
    Ok(request.into_response(refusal.error_response()))
}

fn is_own(headers: &HeaderMap, public_origin: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin == public_origin,
        // No browser: those send at least one of the two.
        (None, None) => true,
    }
}
