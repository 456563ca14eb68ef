//! Where a request comes from: its address, and whether a browser sends it for another site.

use crate::config::Config;
use crate::domain::{Error, Result};
use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, ORIGIN};
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
