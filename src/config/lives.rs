//! The lifetimes of invitations and sessions.

use super::within;
use crate::domain::Result;
use crate::domain::lives::Lives;

/// Flags and environment variables about lifetimes, unparsed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LifeFlags {
    /// Hours during which an invitation can be accepted, 1 to 336 (14 days) [default: 24]
    #[arg(long, env = "VESTIBULE_INVITATION_HOURS", value_name = "HOURS")]
    pub invitation_hours: Option<i64>,
    /// Hours without a request after which a session ends, 1 to 2160 [default: 12]
    #[arg(long, env = "VESTIBULE_SESSION_IDLE_HOURS", value_name = "HOURS")]
    pub session_idle_hours: Option<i64>,
    /// Days after which a session ends, even if it is in use, 1 to 90 [default: 7]
    #[arg(long, env = "VESTIBULE_SESSION_DAYS", value_name = "DAYS")]
    pub session_days: Option<i64>,
}

impl LifeFlags {
    /// Reads the flags; returns a result for each, so that all faults are reported.
    pub(super) fn read(&self) -> [Result<i64>; 3] {
        let (usual, longest) = (Lives::default(), Lives::LONGEST);
        [
            within("--invitation-hours", self.invitation_hours, usual.invitation_hours, longest.invitation_hours),
            within(
                "--session-idle-hours",
                self.session_idle_hours,
                usual.session_idle_hours,
                longest.session_idle_hours,
            ),
            within("--session-days", self.session_days, usual.session_days, longest.session_days),
        ]
    }
}
