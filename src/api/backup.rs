//! A backup.

use crate::actions::backup::{Made, Restored};
use crate::domain::Timestamp;
use serde::Serialize;

/// A backup that was made and proved, as the command line prints it.
#[derive(Serialize)]
pub struct BackupView {
    /// When its content was read.
    at: Timestamp,
    /// Its size, in bytes.
    bytes: u64,
    /// The number of organisations.
    organisations: i64,
    /// The number of people.
    people: i64,
    /// Warnings.
    notes: Vec<String>,
}

impl From<&Made> for BackupView {
    fn from(made: &Made) -> Self {
        let Made { record, proof } = made;
        Self {
            at: record.made_at(),
            bytes: record.bytes,
            organisations: proof.organisations,
            people: proof.people,
            notes: proof.notes.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A restored backup, as the command line prints it.
#[derive(Serialize)]
pub struct RestoredView {
    /// When the newest entry of its audit log was written.
    newest_event_at: Option<Timestamp>,
    /// The number of organisations.
    organisations: i64,
    /// The number of people.
    people: i64,
    /// The folder in which the files of the replaced database are kept.
    kept: Option<String>,
    /// Warnings.
    notes: Vec<String>,
}

impl From<&Restored> for RestoredView {
    fn from(restored: &Restored) -> Self {
        let Restored { proof, kept } = restored;
        Self {
            newest_event_at: proof.newest_event_at,
            organisations: proof.organisations,
            people: proof.people,
            kept: kept.as_ref().map(|kept| kept.display().to_string()),
            notes: proof.notes.iter().map(ToString::to_string).collect(),
        }
    }
}
