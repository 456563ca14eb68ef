//! Backups of the database: written while others use it, and proved before they count.

mod proof;
mod restore;
mod schedule;

pub use proof::{Proof, prove};
pub use restore::{Restored, restore};
pub use schedule::make_due;

use super::Caller;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::backup::BackupRecord;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result};
use serde_json::json;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;
use tempfile::{NamedTempFile, TempDir};

/// How the names of the folders begin in which backups are prepared.
const ROOM: &str = ".vestibule-backup-";
/// A prepared backup of this age, in seconds, was left behind by a process that was killed.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 3600);

/// The pause between two reports of progress.
const PAUSE: Duration = Duration::from_millis(200);

/// Receives the size of the unfinished backup and of the database, in bytes, a few times a second.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// A backup that was made and proved.
pub struct Made {
    /// Its time and size.
    pub record: BackupRecord,
    /// What was found in it.
    pub proof: Proof,
}

/// Writes a backup to the new file `path`; `replace`: also to an existing one. The file appears only when the backup is
/// complete and proved.
///
/// # Errors
/// `Conflict` with code `backup_exists`, `backup_in_data_folder` or `backup_faulty`; `Unavailable` when a file cannot be read
/// or written.
pub fn write_file(app: &App, caller: &Caller, path: &Path, replace: bool, progress: Progress) -> Result<Made> {
    let folder = folder_of(path);
    refuse_data_folder(app, path, &folder)?;
    if !replace && path.exists() {
        return Err(exists(path));
    }
    let Staged { file, made, _room } = stage(app, &folder, progress)?;
    let kept = if replace { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map_err(|cause| match cause.error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => unwritable(path, &cause.error),
    })?;
    File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|cause| unwritable(path, &cause))?;
    record(app, caller, &made, &path.file_name().unwrap_or_default().to_string_lossy());
    Ok(made)
}

/// Writes a proved backup to `out`.
///
/// # Errors
/// `Conflict` with code `backup_faulty`; `Unavailable` when a file cannot be read or written.
pub fn write_to(app: &App, caller: &Caller, out: &mut dyn Write, progress: Progress) -> Result<Made> {
    let Staged { file, made, _room } = stage(app, &std::env::temp_dir(), progress)?;
    let sent = File::open(file.path()).and_then(|mut file| io::copy(&mut file, out).and_then(|_| out.flush()));
    sent.map_err(|cause| unwritable(Path::new("standard output"), &cause))?;
    record(app, caller, &made, "-");
    Ok(made)
}

/// The folder in which a path is.
fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new(".")).to_owned()
}

/// Refuses a backup in the data folder, with which it would be lost.
fn refuse_data_folder(app: &App, path: &Path, folder: &Path) -> Result<()> {
    let folder = folder.canonicalize().map_err(|cause| unwritable(path, &cause))?;
    let data = app.config.data.canonicalize().map_err(|cause| unwritable(&app.config.data, &cause))?;
    if folder.starts_with(&data) {
        let message = phrase!("backup-in-data-folder", path = path.display().to_string());
        return Err(Error::conflict("backup_in_data_folder", message));
    }
    Ok(())
}

fn exists(path: &Path) -> Error {
    Error::conflict("backup_exists", phrase!("backup-exists", path = path.display().to_string()))
}

fn unwritable(path: &Path, cause: &io::Error) -> Error {
    let (path, cause) = (path.display().to_string(), cause.to_string());
    Error::unavailable(phrase!("backup-unwritable", path = path, cause = cause))
}

/// A proved backup in a temporary file, which is deleted unless it is kept.
struct Staged {
    file: NamedTempFile,
    made: Made,
    /// The folder of the file, which is deleted together with what SQLite wrote beside it.
    _room: TempDir,
}

/// Makes a backup in a new folder in `folder`, which only this user can read.
fn stage(app: &App, folder: &Path, progress: Progress) -> Result<Staged> {
    let failed = |cause: io::Error| unwritable(folder, &cause);
    delete_leftovers(folder);
    let room = tempfile::Builder::new().prefix(ROOM).tempdir_in(folder).map_err(failed)?;
    // Permissions of temporary files are 0600.
    let file = NamedTempFile::new_in(room.path()).map_err(failed)?;
    let at = app.now();
    copy(app, file.path(), progress)?;
    let proof = prove(file.path(), app.store.clock())?;
    if !proof.faults.is_empty() {
        return Err(Error::conflict("backup_faulty", phrase!("backup-faulty", faults = in_words(&proof.faults))));
    }
    let bytes = file.as_file().metadata().map_err(failed)?.len();
    Ok(Staged { file, made: Made { record: BackupRecord { at: at.0, bytes }, proof }, _room: room })
}

/// Deletes the backups that killed processes left behind in `folder`.
fn delete_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
        if entry.file_name().to_string_lossy().starts_with(ROOM) && age.is_some_and(|age| age > LEFT_BEHIND) {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

/// Copies the database, and reports the progress meanwhile.
fn copy(app: &App, target: &Path, progress: Progress) -> Result<()> {
    let size = |path: &Path| path.metadata().map_or(0, |file| file.len());
    let whole = size(app.store.path());
    let (end, ended) = channel::<()>();
    thread::scope(|threads| {
        threads.spawn(move || {
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                progress(size(target), whole);
            }
        });
        let copied = app.store.back_up(target);
        drop(end);
        copied
    })
}

/// Faults in one line, without the full stop of the last one.
fn in_words(faults: &[Phrase]) -> String {
    let faults: Vec<_> = faults.iter().map(|fault| fault.spoken().trim_end_matches('.').to_owned()).collect();
    faults.join("; ")
}

/// Records that a backup was made. The backup is valid even if the record cannot be written.
fn record(app: &App, caller: &Caller, made: &Made, name: &str) {
    let (author, last) = (caller.author.clone(), made.record);
    let event = Event::new("security.backup_made", "security", "", name).with(json!({ "bytes": last.bytes }));
    let recorded = app.write(&caller.claim, move |tx| {
        tx.set_last_backup(&last)?;
        author.log(tx, &event)
    });
    if let Err(cause) = recorded {
        log::warn!("the backup was made, but could not be recorded: {cause}");
    }
}
