//! The part of an address that limits count by.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address itself; for IPv6 its /64, which is one customer's.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        ip @ IpAddr::V4(_) => ip,
    }
}

/// The addresses around a network that somebody may have together: its /48; for IPv4 its /24. Where many networks are there at once,
/// limits weigh these first.
pub fn site(network: IpAddr) -> IpAddr {
    match network.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
        }
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
    }
}

/// The network of an address in text, in text; the text itself where it is no address.
pub fn network_of(address: &str) -> String {
    address.parse::<IpAddr>().map_or_else(|_| address.to_owned(), |ip| network(ip).to_string())
}
