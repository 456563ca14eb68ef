//! The origin of a request: the client's address, and whether a browser sends it for another site.

use super::facts::once;
use crate::config::Config;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result, forwarded};
use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use std::net::IpAddr;

/// The client of a request.
struct Client(Option<IpAddr>);

/// The client's address: the peer, or the address that trusted proxies report. `None` without a connection.
pub fn client(config: &Config, request: &HttpRequest) -> Option<IpAddr> {
    let read = |request: &HttpRequest| {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        Client(peer.map(|peer| forwarded::client(peer, hops(request.headers()), |address| config.trusts(address))))
    };
    once(request, read).0
}

/// The client's address as text; empty without a connection.
pub fn client_address(config: &Config, request: &HttpRequest) -> String {
    client(config, request).map(|client| client.to_string()).unwrap_or_default()
}

/// Reads the client address that one proxy reports.
type ReadHop = fn(&[u8]) -> Option<IpAddr>;

/// The client addresses that the proxies report, from right to left. If both headers are present, X-Forwarded-For
/// counts.
pub fn hops(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let (name, read): (_, ReadHop) = if headers.contains_key("x-forwarded-for") {
        ("x-forwarded-for", forwarded::x_forwarded_for)
    } else {
        ("forwarded", forwarded::forwarded)
    };
    forwarded::from_the_right(lines(headers, name)).map(read)
}

/// All lines of a header.
pub fn lines<'a>(headers: &'a HeaderMap, name: &'static str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
    headers.get_all(name).map(HeaderValue::as_bytes)
}

/// The host that the browser asked for: as a trusted proxy reports it, otherwise the Host header. The sender of the
/// request can choose it.
fn asked_host<'r>(config: &Config, request: &'r HttpRequest) -> Option<&'r str> {
    let trusted = request.peer_addr().is_some_and(|peer| config.trusts(peer.ip()));
    let forwarded = request.headers().get("x-forwarded-host").filter(|_| trusted);
    forwarded.or_else(|| request.headers().get(HOST))?.to_str().ok()
}

/// True if the request's host is not that of the public URL.
pub fn is_elsewhere(config: &Config, request: &HttpRequest) -> bool {
    let url = &config.public_url;
    asked_host(config, request).is_some_and(|host| !url.without_default_port(host).eq_ignore_ascii_case(url.host()))
}

/// True if a proxy sends the request that may speak for the hosts of applications.
pub fn is_believed(config: &Config, request: &HttpRequest) -> bool {
    request.peer_addr().is_some_and(|peer| config.believes(peer.ip()))
}

/// Refuses a request that a browser sends for another site.
///
/// # Errors
/// `Forbidden` with code `cross_site`, or `other_address` for one of our pages that was opened at another host than the
/// public URL's.
pub fn same_origin(config: &Config, request: &HttpRequest) -> Result<()> {
    let headers = request.headers();
    if is_own(headers, config.public_url.origin()) {
        return Ok(());
    }
    if is_elsewhere(config, request) && is_of_asked_host(config, request) {
        let message = phrase!("other-address", home = config.public_url.origin());
        return Err(Error::Forbidden { code: "other_address", message });
    }
    Err(Error::Forbidden { code: "cross_site", message: phrase!("cross-site") })
}

/// True if the browser opened the address directly: it was typed, or is a link or bookmark outside web pages.
pub fn is_from_outside(request: &HttpRequest) -> bool {
    request.headers().get("sec-fetch-site").is_some_and(|site| site == "none")
}

/// True if the page that sends the request is on the requested host. On plain http, browsers send only Origin.
fn is_of_asked_host(config: &Config, request: &HttpRequest) -> bool {
    let headers = request.headers();
    let origin = headers.get(ORIGIN).filter(|_| !headers.contains_key("sec-fetch-site"));
    let host = origin.and_then(|origin| Some(origin.to_str().ok()?.split_once("://")?.1));
    host.is_some() && host == asked_host(config, request)
}

fn is_own(headers: &HeaderMap, public_origin: &str) -> bool {
    match (headers.get("sec-fetch-site"), headers.get(ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin == public_origin,
        // Not a browser: browsers send at least one of the two headers.
        (None, None) => true,
    }
}
