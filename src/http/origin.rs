//! Where a request comes from: its address, and whether a browser sends it for another site.

use crate::config::Config;
use crate::domain::{Error, Result, forwarded};
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderValue, ORIGIN};
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

/// Refuses a request that a browser sends for another site.
///
/// # Errors
/// `Forbidden` with code `cross_site`.
pub fn same_origin(config: &Config, headers: &HeaderMap) -> Result<()> {
    if is_own(headers, config.public_url.origin()) {
        return Ok(());
    }
    Err(Error::Forbidden { code: "cross_site", message: "This request came from another site.".into() })
}

fn is_own(headers: &HeaderMap, public_origin: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin == public_origin,
        // No browser: those send at least one of the two.
        (None, None) => true,
    }
}
