//! Addresses of OpenID Connect clients, as admins register them.
//!
//! An address is kept as given, because it is compared byte for byte. Therefore only spellings that every program reads in the
//! same way are accepted: here it is read as browsers read it (WHATWG URL), and host and path must be the same as typed.

use super::connection::is_loopback;
use super::phrase::{Phrase, phrase};
use super::{Error, Result};
use url::Url;
use url::form_urlencoded::parse;

/// The longest address, in bytes.
const MOST_BYTES: usize = 2048;
/// The longest host, and the longest label of a name, in bytes (RFC 1035).
const MOST_HOST_BYTES: usize = 253;
const MOST_LABEL_BYTES: usize = 63;
/// The parameters of answers to authorization requests, which a redirect URI must not have: a client may read the first or
/// the last value.
pub const ANSWER: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "session_state",
    "response",
    "id_token",
    "access_token",
    "refresh_token",
    "token_type",
    "expires_in",
    "scope",
];
/// The parameter of answers to requests for logout.
pub const LOGOUT_ANSWER: &[&str] = &["state"];
/// The parameter of notices that a session has ended.
pub const NOTICE: &[&str] = &["logout_token"];

/// Reads an address: https, or http on loopback. `added`: the names of parameters that the address must not have.
///
/// # Errors
/// `Invalid` with `field`.
pub fn read(field: &str, uri: String, added: &[&str]) -> Result<String> {
    match fault(&uri, added) {
        None => Ok(uri),
        Some(why) => Err(Error::invalid(field, why)),
    }
}

fn fault(uri: &str, added: &[&str]) -> Option<Phrase> {
    if uri.len() > MOST_BYTES || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(phrase!("field-uri-characters", value = shown(uri)));
    }
    if uri.contains(['#', '*', '\\', '"', '<', '>', '`', '{', '}', '|', '^']) {
        return Some(phrase!("field-uri-parts", value = shown(uri)));
    }
    let absolute = || phrase!("field-uri-absolute", value = shown(uri));
    let Some((scheme, rest)) = uri.split_once("://") else { return Some(absolute()) };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Some(phrase!("field-uri-parts", value = shown(uri)));
    }
    let Some((host, port)) = parts(authority).filter(|(host, _)| !host.is_empty()) else { return Some(absolute()) };
    match scheme {
        "https" => {}
        "http" if is_loopback(host) => {}
        "http" | "HTTP" | "HTTPS" => return Some(phrase!("field-uri-https", value = shown(uri))),
        _ => return Some(absolute()),
    }
    if !port.is_none_or(is_port) {
        return Some(phrase!("field-uri-port", value = shown(uri)));
    }
    let url = Url::parse(uri).ok();
    if !is_plain(host) || url.as_ref().and_then(Url::host_str) != Some(&host.to_ascii_lowercase()[..]) {
        return Some(phrase!("field-uri-host", value = shown(uri)));
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if url.is_none_or(|url| url.path() != path && !(path.is_empty() && url.path() == "/")) {
        return Some(phrase!("field-uri-path", value = shown(uri)));
    }
    let name = added_in(query, added)?;
    Some(phrase!("field-uri-parameter", value = shown(uri), name = name))
}

/// The host and the port of an authority; `None` if brackets do not match.
fn parts(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(end);
    if port.is_empty() { Some((host, None)) } else { Some((host, Some(port.strip_prefix(':')?))) }
}

fn is_port(port: &str) -> bool {
    !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// True for an IPv6 address in brackets, and for a name or an IPv4 address of labels as in the DNS. A dot at the end, and
/// labels without a character, mean the same host to some programs and another one to others.
fn is_plain(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MOST_LABEL_BYTES).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    host.starts_with('[') || (host.len() <= MOST_HOST_BYTES && host.split('.').all(is_label))
}

/// The first of these names that a query has, however it separates or encodes its parameters.
fn added_in<'a>(query: &str, added: &[&'a str]) -> Option<&'a str> {
    let names = query.split(['&', ';']).flat_map(|part| parse(part.as_bytes()).map(|(name, _)| name.into_owned()));
    names.into_iter().find_map(|name| {
        // `code[]` is a list with this name to some programs.
        let name = name.split('[').next().unwrap_or_default().trim().to_ascii_lowercase();
        added.iter().find(|added| **added == name).copied()
    })
}

/// The beginning of an address, for a message.
fn shown(uri: &str) -> String {
    uri.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(uri: &str, part: &str) {
        let why = fault(uri, ANSWER).unwrap_or_else(|| panic!("{uri} was taken")).to_string();
        assert!(why.contains(part), "{uri}: {why}");
    }

    #[test]
    fn usual_addresses_are_accepted_in_each_spelling_that_means_the_same_to_all() {
        for uri in [
            "https://wiki.example.com",
            "https://Wiki.Example.com:443/Callback?a=%2F&b",
            "https://wiki/cb",
            "https://my_host.corp.example/cb",
            "https://xn--bcher-kva.example/cb",
            "https://192.0.2.1:8443/cb",
            "https://[2001:db8::1]/cb",
            "http://[::1]:3000/cb",
            "http://127.1.2.3:8080/",
            "https://x.test/?q=a@b&decode=1&codes=2&my_state=3",
            "https://x.test/@me",
            "https://x.test/it's;v=1/%41",
            "https://x.test?next=%3Fcode%3D1",
        ] {
            assert_eq!(fault(uri, ANSWER).map(|why| why.to_string()), None, "{uri}");
        }
    }

    #[test]
    fn hosts_that_programs_read_differently_are_refused() {
        for host in [
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "017700000001",
            "127.1",
            "127.0.0.01",
            "1.2.3.4.5",
            "256.1.1.1",
            "a..b",
            ".a.b",
            "a.b.",
            "wiki.example.com.",
            "127.0.0.1.",
            "a%2eb",
            "a,b",
            "a&b.test",
            "a;b",
            "a'b.test",
            "a$b.test",
            "a=b",
            "xn--a",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[2001:DB8::01]",
        ] {
            is_refused(&format!("https://{host}/cb"), "a host");
        }
        is_refused(&format!("https://{}.test/", "a".repeat(64)), "a host");
        is_refused(&format!("https://{}test/", "a.".repeat(130)), "a host");
        for host in ["2130706433", "127.1", "0x7f.1"] {
            assert!(fault(&format!("http://{host}/cb"), ANSWER).is_some(), "{host}");
        }
    }

    #[test]
    fn ports_paths_and_parameters_are_checked() {
        for port in ["0", "00443", "0443", "", "65536", "+80", "80a", "8 0", "-1"] {
            assert!(fault(&format!("https://x.test:{port}/cb"), ANSWER).is_some(), "{port}");
        }
        is_refused("https://x.test:0/cb", "port");
        is_refused("https://x.test:", "port");
        for path in ["/a/../b", "/./a", "/a/%2e%2E/b", "/a/..", "/%2e"] {
            is_refused(&format!("https://x.test{path}"), "a path");
        }
        for name in ANSWER {
            is_refused(&format!("https://x.test/cb?a=1&{name}=x"), name);
        }
        for query in ["code", "c%6fde=1", "a;code=1", "code[]=1", "code%5B0%5D=1", "CODE=1", "+code=1", "a&&state"] {
            is_refused(&format!("https://x.test/?{query}"), "parameter");
        }
        assert!(fault("https://x.test/?code=1&state=1", NOTICE).is_none());
        assert!(fault("https://x.test/?code=1", LOGOUT_ANSWER).is_none());
        assert!(fault("https://x.test/?state=1", LOGOUT_ANSWER).is_some());
        assert!(fault("https://x.test/?logout_token=1", NOTICE).is_some());
    }
}
