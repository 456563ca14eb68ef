//! The record of the last backup.

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// The last backup that was made and proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRecord {
    /// When its content was read from the database, in Unix seconds.
    pub at: i64,
    /// Its size, in bytes.
    pub bytes: u64,
}

impl BackupRecord {
    /// When its content was read from the database.
    pub const fn made_at(&self) -> Timestamp {
        Timestamp(self.at)
    }
}
