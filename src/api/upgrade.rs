//! The rehearsal of an upgrade.

use crate::actions::upgrade::Rehearsal;
use serde::Serialize;

/// The rehearsal of an upgrade, as the command line prints it.
#[derive(Serialize)]
pub struct RehearsalView {
    /// The version of the schema of the database.
    from: i64,
    /// The version of the schema of this program.
    to: i64,
    /// The time of the copy, in milliseconds.
    copy_ms: u128,
    /// The time of the upgrade, in milliseconds.
    upgrade_ms: u128,
    /// The time of the proof, in milliseconds.
    proof_ms: u128,
    /// The tables whose number of rows differs.
    differences: Vec<DifferenceView>,
    /// The number of organisations.
    organisations: i64,
    /// The number of people.
    people: i64,
    /// Why a server could not run with the upgraded copy; empty if it could.
    faults: Vec<String>,
    /// Warnings.
    notes: Vec<String>,
}

/// A table whose number of rows differs.
#[derive(Serialize)]
pub struct DifferenceView {
    /// The table.
    table: String,
    /// The number of rows before; null if the table did not exist.
    before: Option<i64>,
    /// The number of rows after; null if the table no longer exists.
    after: Option<i64>,
}

impl From<&Rehearsal> for RehearsalView {
    fn from(done: &Rehearsal) -> Self {
        let [copy_ms, upgrade_ms, proof_ms] = done.times.map(|time| time.as_millis());
        let difference = |(table, before, after): &(String, Option<i64>, Option<i64>)| DifferenceView {
            table: table.clone(),
            before: *before,
            after: *after,
        };
        Self {
            from: done.versions.0,
            to: done.versions.1,
            copy_ms,
            upgrade_ms,
            proof_ms,
            differences: done.differences.iter().map(difference).collect(),
            organisations: done.proof.organisations,
            people: done.proof.people,
            faults: done.proof.faults.iter().map(ToString::to_string).collect(),
            notes: done.proof.notes.iter().map(ToString::to_string).collect(),
        }
    }
}
