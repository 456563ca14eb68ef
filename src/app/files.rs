//! How many files and connections this process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that the systemd unit sets; enough for every limit of the server.
const WANTED: u64 = 65_536;
/// A lower limit than this is worth a warning: a few thousand clients could use it up.
const LOW: u64 = 4096;

/// How many files, connections among them, may be open at once.
pub fn file_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Raises the limit to what is wanted, as far as the hard limit allows.
pub fn raise_file_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_some_and(|current| current < wanted)
        && let Err(cause) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        log::warn!("the limit of open files could not be raised to {wanted}: {cause}");
    }
}

/// Why this limit is too low, and what to do; `None` where it is not.
pub fn low_file_limit(limit: u64) -> Option<String> {
    (limit < LOW).then(|| {
        format!(
            "the server may open only {limit} files, and each connection takes one: {} clients use them up. Set \
             LimitNOFILE={WANTED} in its systemd unit, or `ulimit -n {WANTED}` before it starts.",
            connections_within(limit)
        )
    })
}

/// The number of further connections that may be open briefly, to be answered that the server is full.
pub fn connections_turned_away(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(connections_within(limit)) / 2
}

/// How many connections leave enough files for the database, letters and fetches under this limit.
pub fn connections_within(limit: u64) -> usize {
    let reserve = (limit / 8).max(64);
    usize::try_from(limit.saturating_sub(reserve).max(8)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_everything_else() {
        assert_eq!(connections_within(128), 64);
        assert_eq!(connections_within(1024), 896);
        assert_eq!(connections_within(65_536), 57_344);
    }

    #[test]
    fn a_low_limit_says_what_to_set_and_a_high_one_nothing() {
        let why = low_file_limit(1024).expect("a warning");
        assert!(why.contains("LimitNOFILE=65536") && why.contains("only 1024 files"), "{why}");
        assert_eq!(low_file_limit(65_536), None);
    }
}
