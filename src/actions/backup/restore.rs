//! Restores a backup in the place of the database.

use super::super::Caller;
use super::{Proof, in_words, prove};
use crate::domain::audit::Event;
use crate::domain::phrase::phrase;
use crate::domain::{Clock, Error, Result, Timestamp};
use crate::store::{ServerLock, Store, replace};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How the names of the folders begin in which backups are prepared.
const ROOM: &str = ".vestibule-restore-";

/// A restored backup.
pub struct Restored {
    /// What was found in it.
    pub proof: Proof,
    /// The folder in which the files of the replaced database are kept; `None` if there was none.
    pub kept: Option<PathBuf>,
}

/// Replaces the database of a data folder by the backup that `backup` reads. Unless `keep_sessions`, all sessions, tokens and
/// one-time links in it end, because those that have ended since the backup would be valid again.
///
/// # Errors
/// `Unavailable` when a server runs in the folder, when the backup is no database of this or an older version, or when a file
/// cannot be written; `Conflict` with code `backup_faulty`. The old database is then unchanged.
pub fn restore(folder: &Path, backup: &mut dyn Read, keep_sessions: bool, caller: &Caller) -> Result<Restored> {
    let _lock = ServerLock::take(folder)?;
    delete_leftovers(folder);
    let room = tempfile::Builder::new().prefix(ROOM).tempdir_in(folder).map_err(|cause| failed(&cause))?;
    let staged = room.path().join("vestibule.db");
    copy(backup, &staged).map_err(|cause| failed(&cause))?;
    let newest_event_at = adapt(&room, keep_sessions, caller)?;
    let proof = prove(&staged, Clock::System)?;
    if !proof.faults.is_empty() {
        return Err(Error::conflict("backup_faulty", phrase!("restore-faulty", faults = in_words(&proof.faults))));
    }
    let kept = kept_folder(folder);
    replace(folder, &staged, &kept)?;
    Ok(Restored { proof: Proof { newest_event_at, ..proof }, kept: kept.exists().then_some(kept) })
}

/// Deletes what a restoration left behind that was killed. None other runs, because this one holds the lock.
fn delete_leftovers(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(ROOM)) {
        if let Err(cause) = std::fs::remove_dir_all(entry.path()) {
            log::warn!("{} could not be deleted: {cause}", entry.path().display());
        }
    }
}

fn failed(cause: &io::Error) -> Error {
    Error::unavailable(phrase!("restore-failed", cause = cause.to_string()))
}

fn copy(backup: &mut dyn Read, target: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
    io::copy(backup, &mut file)?;
    file.sync_all()
}

/// Upgrades the copy of the backup to the schema of this program, and ends what must not be valid again. Returns when the
/// newest entry of its audit log was written.
fn adapt(room: &TempDir, keep_sessions: bool, caller: &Caller) -> Result<Option<Timestamp>> {
    let path = room.path().join("vestibule.db");
    if std::fs::metadata(&path).is_ok_and(|file| file.len() == 0) {
        return Err(Error::unavailable(phrase!("restore-empty")));
    }
    let store = Store::open_copy(room.path(), Clock::System)?;
    if store.is_cut_off() {
        return Err(Error::unavailable(phrase!("restore-cut-off")));
    }
    let author = caller.author.clone();
    let newest = store.write(&caller.claim, move |tx| {
        let newest = tx.newest_event_at()?;
        if !keep_sessions {
            tx.end_all_access()?;
        }
        let from = newest.map(|at| at.to_string());
        author
            .log(tx, &Event::new("security.restored", "security", "", "vestibule.db").with(json!({ "from": from })))?;
        Ok(newest)
    })?;
    store.finish();
    drop(store);
    File::open(&path).and_then(|file| file.sync_all()).map_err(|cause| failed(&cause))?;
    Ok(newest)
}

/// The path of a folder, which does not exist yet, for the files that are replaced.
fn kept_folder(folder: &Path) -> PathBuf {
    let at = Clock::System.now().to_string().replace(':', "-");
    let mut kept = folder.join(format!("before-restore-{at}"));
    let mut number = 1;
    while kept.exists() {
        number += 1;
        kept = folder.join(format!("before-restore-{at}-{number}"));
    }
    kept
}
