//! Deadlines and limits of the HTTP server: the time and the memory that its clients may use.

use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::time::Duration;

/// Flags and environment variables about limits, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LimitFlags {
    /// How many connections with an unanswered request one address (IPv6: one /64) may have at once; behind a trusted
    /// proxy, how many requests in flight one client may have. Default: 200
    #[arg(long, env = "VESTIBULE_CONNECTIONS_PER_ADDRESS", value_name = "NUMBER")]
    pub connections_per_address: Option<usize>,
}

/// Deadlines and limits. `docs/security.md` documents the defaults; tests use shorter deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The headers of a request must be complete after this time.
    pub headers: Duration,
    /// The body of a request must be complete after this time, unless it keeps coming.
    pub body: Duration,
    /// The body of a request must be complete after this time in any case.
    pub longest_body: Duration,
    /// A body that takes longer than `body` must keep coming at this rate, in bytes a second.
    pub slowest_body: u64,
    /// An idle connection is closed after this time.
    pub keep_alive: Duration,
    /// A connection whose client reads nothing of its response is closed after this time.
    pub unread_answer: Duration,
    /// The number of connections with an unanswered request per address; behind a trusted proxy, the number of requests
    /// in flight per client.
    pub per_address: usize,
    /// The total number of connections.
    pub connections: usize,
    /// Memory of all bodies that are being read, in bytes.
    pub body_bytes: usize,
    /// Memory of the bodies that are being read from one address, in bytes.
    pub body_bytes_per_address: usize,
    /// Memory of all answers that are being sent, in bytes.
    pub answer_bytes: usize,
    /// Memory of the answers that are being sent to one address, in bytes.
    pub answer_bytes_per_address: usize,
    /// The number of requests per organisation that may read all its people at once.
    pub costly: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            headers: Duration::from_secs(5),
            body: Duration::from_secs(10),
            longest_body: Duration::from_secs(60),
            slowest_body: 1024,
            keep_alive: Duration::from_secs(15),
            unread_answer: Duration::from_secs(30),
            per_address: 200,
            connections: 16_384,
            body_bytes: 64 * MIB,
            body_bytes_per_address: 16 * MIB,
            answer_bytes: 128 * MIB,
            answer_bytes_per_address: 16 * MIB,
            costly: 2,
        }
    }
}

impl Limits {
    /// Reads the flags.
    ///
    /// # Errors
    /// `Invalid` with the name of the flag.
    pub fn read(flags: &LimitFlags) -> Result<Self> {
        let default = Self::default();
        let per_address = flags.connections_per_address.unwrap_or(default.per_address);
        if !(1..=default.connections).contains(&per_address) {
            let message = format!("{per_address} must be 1 to {}", default.connections);
            return Err(Error::invalid("--connections-per-address", Phrase::words(message)));
        }
        Ok(Self { per_address, ..default })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let limits = Limits::default();
        let secs = [limits.headers, limits.body, limits.longest_body, limits.keep_alive, limits.unread_answer];
        assert_eq!(secs.map(|time| time.as_secs()), [5, 10, 60, 15, 30]);
        assert_eq!((limits.slowest_body, limits.per_address, limits.connections), (1024, 200, 16_384));
        assert_eq!((limits.body_bytes >> 20, limits.body_bytes_per_address >> 20, limits.costly), (64, 16, 2));
    }

    #[test]
    fn connections_per_address_are_from_one_to_the_total() {
        let read = |number| Limits::read(&LimitFlags { connections_per_address: Some(number) });
        for number in [1, 200, 16_384] {
            assert_eq!(read(number).map(|limits| limits.per_address).ok(), Some(number));
        }
        for number in [0, 16_385] {
            let refused = read(number).expect_err("out of range");
            assert!(
                matches!(&refused, Error::Invalid { field, .. } if field == "--connections-per-address"),
                "{refused}"
            );
        }
        assert_eq!(Limits::read(&LimitFlags::default()).map(|limits| limits.per_address).ok(), Some(200));
    }
}
