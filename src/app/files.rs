//! The limit of files and connections that this process may have open.

use crate::domain::phrase::{Phrase, phrase};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit of open files that the systemd unit sets; enough for all of the server's own limits.
const WANTED: u64 = 65_536;
/// Below this limit the server warns: a few thousand clients could use it up.
const LOW: u64 = 4096;

/// The number of files, including connections, that may be open at once.
pub fn file_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Raises the soft limit to `WANTED`, or to the hard limit if that is lower.
pub fn raise_file_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_some_and(|current| current < wanted)
        && let Err(cause) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
    {
        log::warn!("the limit of open files could not be raised to {wanted}: {cause}");
    }
}

/// A warning that this limit is too low, with what to do; `None` if it is high enough.
pub fn low_file_limit(limit: u64) -> Option<Phrase> {
    let clients = connections_within(limit);
    (limit < LOW).then(|| {
        phrase!(
            "doctor-files-low",
            limit = limit.to_string(),
            clients = clients.to_string(),
            wanted = WANTED.to_string()
        )
    })
}

/// The number of further connections that may be open briefly, to tell their clients that the server is full.
pub fn connections_turned_away(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(connections_within(limit)) / 2
}

/// The number of connections that leaves enough files for the database, e-mails and fetches under this limit.
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
    fn only_a_low_limit_gives_a_warning_with_the_setting_to_change() {
        let why = low_file_limit(1024).expect("a warning").to_string();
        assert!(why.contains("LimitNOFILE=65536") && why.contains("only 1024 files"), "{why}");
        assert_eq!(low_file_limit(65_536), None);
    }
}
