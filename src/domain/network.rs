//! The part of an address that limits count by.

use std::net::{IpAddr, Ipv6Addr};

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

/// The network of an address in text, in text; the text itself where it is no address.
pub fn network_of(address: &str) -> String {
    address.parse::<IpAddr>().map_or_else(|_| address.to_owned(), |ip| network(ip).to_string())
}
