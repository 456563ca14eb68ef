//! The rehearsal of an upgrade on a copy of the database.

use super::backup::{Proof, prove};
use crate::app::App;
use crate::domain::phrase::phrase;
use crate::domain::{Clock, Error, Result};
use crate::store::{Store, copy_as_it_is, current_version, row_counts};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The result of a rehearsal.
pub struct Rehearsal {
    /// The version of the schema before, and that of this program.
    pub versions: (i64, i64),
    /// The tables whose number of rows differs, with the numbers before and after; `None` where the table did not or does not
    /// exist. Empty tables are left out.
    pub differences: Vec<(String, Option<i64>, Option<i64>)>,
    /// The time of the copy, the upgrade and the proof.
    pub times: [Duration; 3],
    /// What was found in the upgraded copy.
    pub proof: Proof,
}

/// The version of the schema of an open database, which is that of this program.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn version(app: &App) -> Result<i64> {
    app.store.read(|db| Ok(db.schema_versions()?.0))
}

/// Copies the database, upgrades the copy, and proves it as a backup is proved. The database is unchanged, and a server may
/// run meanwhile.
///
/// # Errors
/// `Unavailable` when the database cannot be copied or upgraded.
pub fn rehearse(folder: &Path) -> Result<Rehearsal> {
    let failed = |cause: std::io::Error| Error::unavailable(phrase!("upgrade-no-room", cause = cause.to_string()));
    let room = tempfile::Builder::new().prefix("vestibule-rehearsal-").tempdir().map_err(failed)?;
    let copy = room.path().join("vestibule.db");
    let begun = Instant::now();
    let before = copy_as_it_is(folder, &copy)?;
    let rows_before = row_counts(&copy)?;
    let copied = Instant::now();
    Store::open_copy(room.path(), Clock::System)?.finish();
    let upgraded = Instant::now();
    let proof = prove(&copy, Clock::System)?;
    let times = [copied - begun, upgraded - copied, upgraded.elapsed()];
    let differences = differences(rows_before, row_counts(&copy)?);
    Ok(Rehearsal { versions: (before, current_version()), differences, times, proof })
}

fn differences(before: Vec<(String, i64)>, after: Vec<(String, i64)>) -> Vec<(String, Option<i64>, Option<i64>)> {
    let mut tables = BTreeMap::<String, (Option<i64>, Option<i64>)>::new();
    for (table, rows) in before {
        tables.entry(table).or_default().0 = Some(rows);
    }
    for (table, rows) in after {
        tables.entry(table).or_default().1 = Some(rows);
    }
    // An empty table that is new, or that no longer exists, is no difference.
    let differs = |(old, new): &(Option<i64>, Option<i64>)| old.unwrap_or_default() != new.unwrap_or_default();
    tables.into_iter().filter(|(_, rows)| differs(rows)).map(|(table, (old, new))| (table, old, new)).collect()
}
