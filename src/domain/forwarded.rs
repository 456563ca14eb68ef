//! Finds the client's address in the headers `X-Forwarded-For` and `Forwarded`.
//!
//! Each proxy appends the address of its own client, so only the elements at the right are known to come from a proxy;
//! the client can write anything to the left of them.

use std::net::{IpAddr, Ipv6Addr};

/// The maximum number of proxies in a chain.
const MOST_HOPS: usize = 20;
/// The maximum length of one element, in bytes.
const MOST_ELEMENT_BYTES: usize = 1024;

/// The address of the client behind `peer`: from the right, the first hop that is not a trusted proxy. If a hop cannot
/// be read, it is the address to the right of that hop: the client may have written everything further to the left.
///
/// `hops`: from right to left, `None` for one that cannot be read. Hops to the left of the client are not read.
pub fn client(peer: IpAddr, hops: impl IntoIterator<Item = Option<IpAddr>>, trusts: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer;
    let mut hops = hops.into_iter().take(MOST_HOPS);
    while trusts(client) {
        let Some(Some(hop)) = hops.next() else { break };
        client = hop;
    }
    client
}

/// The hop that an element of X-Forwarded-For names.
pub fn x_forwarded_for(element: &[u8]) -> Option<IpAddr> {
    text(element).and_then(node)
}

/// The hop that an element of Forwarded names.
///
/// Source: RFC 7239, 4. A comma inside quotes ends an element here; such elements name no address, and count as unreadable.
pub fn forwarded(element: &[u8]) -> Option<IpAddr> {
    parameter(text(element)?, "for").and_then(node)
}

/// The first value of a parameter of Forwarded, such as `host`, which comes from the proxy nearest to the client.
pub fn first_parameter<'a>(lines: impl IntoIterator<Item = &'a [u8]>, name: &str) -> Option<&'a str> {
    let first = lines.into_iter().next()?.split(|byte| *byte == b',').next()?;
    parameter(text(first)?, name)
}

/// The elements of all lines of one of these headers, from right to left, each read only when needed.
pub fn from_the_right<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','))
}

fn text(element: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(element.get(..=MOST_ELEMENT_BYTES).map_or(element, |_| b"")).ok()?;
    Some(text.trim_matches([' ', '\t']))
}

/// The value of a parameter without its quotes; `None` unless the parameter occurs exactly once.
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let mut found = None;
    for pair in element.split(';') {
        let (key, value) = pair.split_once('=')?;
        let value = unquoted(value.trim_end_matches([' ', '\t']))?;
        if key.trim_start_matches([' ', '\t']).eq_ignore_ascii_case(name) && found.replace(value).is_some() {
            return None;
        }
    }
    found
}

/// A token, or a quoted string without its quotes. A value with a backslash is refused: addresses contain nothing that
/// needs one.
fn unquoted(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"').map_or(Some(value), |rest| rest.strip_suffix('"'))?;
    (!inner.is_empty() && !inner.contains(['"', '\\'])).then_some(inner)
}

/// Reads `address`, `address:port`, `[v6]` or `[v6]:port`; an IPv6 address without brackets has no port.
fn node(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let plain = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return v6(address).filter(|_| plain);
    }
    if let Some(address) = v6(text) {
        return Some(address);
    }
    let address = match text.split_once(':') {
        Some((address, port)) if is_port(port) => address,
        Some(_) => return None,
        None => text,
    };
    address.parse().ok().map(IpAddr::V4)
}

/// Reads an IPv6 address. A zone is ignored, because it is the proxy's name for one of its own networks.
fn v6(text: &str) -> Option<IpAddr> {
    let (address, zone) = text.split_once('%').unwrap_or((text, "1"));
    address.parse::<Ipv6Addr>().ok().filter(|_| is_name(zone)).map(|ip| IpAddr::V6(ip).to_canonical())
}

/// True for a port, or an obfuscated port as RFC 7239 defines it.
fn is_port(text: &str) -> bool {
    let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok();
    number || text.strip_prefix('_').is_some_and(is_name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn of(lines: &[&str]) -> Vec<Option<String>> {
        hops(lines, x_forwarded_for)
    }

    fn rfc(lines: &[&str]) -> Vec<Option<String>> {
        hops(lines, forwarded)
    }

    /// The hops, from left to right.
    fn hops(lines: &[&str], read: fn(&[u8]) -> Option<IpAddr>) -> Vec<Option<String>> {
        let elements = from_the_right(lines.iter().map(|line| line.as_bytes()));
        let mut hops: Vec<_> = elements.map(|element| read(element).map(|address| address.to_string())).collect();
        hops.reverse();
        hops
    }

    fn some(all: &[&str]) -> Vec<Option<String>> {
        all.iter().map(|text| (!text.is_empty()).then(|| (*text).to_owned())).collect()
    }

    fn first<'a>(line: &'a str, name: &str) -> Option<&'a str> {
        first_parameter([line.as_bytes()], name)
    }

    #[test]
    fn addresses_are_read_with_and_without_ports_and_brackets() {
        for (text, address) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:4711", "192.0.2.7"),
            (" 192.0.2.7\t", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:443", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("[::ffff:192.0.2.7]:80", "192.0.2.7"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%3]:80", "fe80::1"),
        ] {
            assert_eq!(of(&[text]), some(&[address]), "{text}");
        }
        for bad in [
            "",
            " ",
            "unknown",
            "_hidden",
            "localhost",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.7:",
            "192.0.2.7:x",
            "192.0.2.7:65536",
            "192.0.2.7:+1",
            "192.0.2.7:80:80",
            "[192.0.2.7]",
            "[2001:db8::7",
            "2001:db8::7]",
            "[2001:db8::7]443",
            "[2001:db8::7]:",
            "[2001:db8::7] :80",
            "\"192.0.2.7\"",
            "192.0.2.7 192.0.2.8",
            "fe80::1%",
            "fe80::1%a/b",
            "http://192.0.2.7",
            "192.0.2.7\0",
        ] {
            assert_eq!(of(&[bad]), [None], "{bad:?} was read");
        }
        assert_eq!(x_forwarded_for(b"\xff"), None);
        assert_eq!(x_forwarded_for(format!("{}192.0.2.7", " ".repeat(1015)).as_bytes()), Some(ip("192.0.2.7")));
        assert_eq!(x_forwarded_for(format!("{}192.0.2.7", " ".repeat(1016)).as_bytes()), None, "it is too long");
    }

    #[test]
    fn header_lines_form_one_list_and_an_empty_hop_is_unreadable() {
        assert_eq!(of(&["192.0.2.1, 192.0.2.2:80", "[2001:db8::3]"]), some(&["192.0.2.1", "192.0.2.2", "2001:db8::3"]));
        assert_eq!(of(&["192.0.2.1,,192.0.2.2,", ""]), some(&["192.0.2.1", "", "192.0.2.2", "", ""]));
        assert_eq!(of(&[]), []);
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        for (line, hops) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", &["192.0.2.60"][..]),
            ("For=\"[2001:db8:cafe::17]:4711\"", &["2001:db8:cafe::17"]),
            ("for=192.0.2.43, for=198.51.100.17", &["192.0.2.43", "198.51.100.17"]),
            ("proto=https ; FOR=\"192.0.2.60:_x1\"", &["192.0.2.60"]),
            ("for=192.0.2.43,for=\"_gazonk\"", &["192.0.2.43", ""]),
            ("for=unknown, for=_SEVKISEK, proto=https", &["", "", ""]),
            ("for=\"192.0.2.1", &[""]),
            ("for=192.0.2.1\"", &[""]),
            ("for=\"192.0.2.1\\\"\"", &[""]),
            ("for=192.0.2.1;for=192.0.2.2", &[""]),
            ("for=192.0.2.1;", &[""]),
            ("for =192.0.2.1", &[""]),
            ("for=", &[""]),
            ("192.0.2.1", &[""]),
            ("xfor=192.0.2.1", &[""]),
        ] {
            assert_eq!(rfc(&[line]), some(hops), "{line}");
        }
        // A quote that the client leaves open does not affect the elements of a proxy.
        assert_eq!(rfc(&["for=\"192.0.2.9, for=198.51.100.17"]), some(&["", "198.51.100.17"]));
        assert_eq!(rfc(&["for=192.0.2.9;x=\"a", "for=198.51.100.17"]), some(&["", "198.51.100.17"]));
        assert_eq!(first("for=192.0.2.1;host=a.test;proto=https, for=192.0.2.2;host=b.test", "HOST"), Some("a.test"));
        assert_eq!(first("for=192.0.2.1", "proto"), None);
    }

    #[test]
    fn the_client_is_the_first_untrusted_hop_from_the_right_and_an_unreadable_hop_ends_the_search() {
        let trusts = |address: IpAddr| address.to_string().starts_with("10.");
        let (peer, proxy, person, liar) = (ip("10.0.0.1"), ip("10.0.0.2"), ip("192.0.2.7"), ip("198.51.100.9"));
        let found = |peer, hops: &[Option<IpAddr>]| client(peer, hops.iter().rev().copied(), trusts);
        assert_eq!(found(peer, &[Some(person)]), person);
        assert_eq!(found(peer, &[Some(liar), Some(person), Some(proxy)]), person);
        assert_eq!(found(peer, &[Some(person), Some(proxy)]), person);
        assert_eq!(found(peer, &[Some(proxy)]), proxy, "the proxy itself is the client");
        assert_eq!(found(peer, &[]), peer);
        assert_eq!(found(peer, &[Some(liar), None]), peer, "the nearest hop cannot be read");
        assert_eq!(found(peer, &[Some(liar), None, Some(proxy)]), proxy);
        assert_eq!(found(peer, &[None, Some(person)]), person);
        assert_eq!(found(person, &[Some(liar)]), person, "the header of an untrusted peer is ignored");
    }

    #[test]
    fn hops_are_read_only_up_to_the_client_and_at_most_twenty() {
        let read = |peer: &str, hop: &str| {
            let count = Cell::new(0);
            let hops = std::iter::repeat_with(|| {
                count.set(count.get() + 1);
                Some(ip(hop))
            });
            client(ip(peer), hops, |address| address.to_string().starts_with("10."));
            count.get()
        };
        assert_eq!(read("192.0.2.7", "192.0.2.8"), 0);
        assert_eq!(read("10.0.0.1", "192.0.2.8"), 1);
        assert_eq!(read("10.0.0.1", "10.0.0.2"), 20);
    }
}
