//! The networks and sites to which limits apply.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address itself; for IPv6 its /64, which belongs to one customer.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        ip @ IpAddr::V4(_) => ip,
    }
}

/// The site of a network: its /48; for IPv4 its /24. The networks of a site may belong to one owner, so limits on many
/// networks compare their sites first.
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

/// The network of an address, both as text; the text itself if it is not an address.
pub fn network_of(address: &str) -> String {
    address.parse::<IpAddr>().map_or_else(|_| address.to_owned(), |ip| network(ip).to_string())
}
