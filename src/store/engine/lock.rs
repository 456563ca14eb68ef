//! The lock that allows only one server for a data folder, because the limits on password guessing and the group commit
//! work within one process.
//!
//! The lock file also contains the id of an unfinished checkpoint, in case the server is killed during it: see
//! `log_file.rs`.

use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The random id of a checkpoint.
pub(super) type CheckpointId = [u8; 8];

/// The server lock of a folder. The system releases it when the process ends, even if it is killed.
#[derive(Debug)]
pub struct ServerLock {
    _held: File,
}

impl ServerLock {
    /// Takes the lock for this process. Commands that run beside the server do not need it.
    ///
    /// # Errors
    /// `Unavailable` when another process serves from this folder.
    pub fn take(folder: &Path) -> Result<Self> {
        make_folder(folder)?;
        let path = lock_path(folder);
        let unusable = |cause: std::io::Error| {
            Error::unavailable(Phrase::words(format!("{} cannot be used: {cause}.", path.display())))
        };
        // Not truncated, because it may contain the id of an unfinished checkpoint.
        let file = open_to_write(&path).map_err(unusable)?;
        match try_for_a_moment(&file) {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(Error::unavailable(Phrase::words(format!(
                "Another Vestibule serves from {}. Stop it first, or name another folder with --data.",
                folder.display()
            )))),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }

    /// True if a process serves from this folder.
    pub(super) fn is_held(folder: &Path) -> bool {
        File::open(lock_path(folder)).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// Retries for a fifth of a second, because a command that checks for a running server holds the lock for a moment.
fn try_for_a_moment(file: &File) -> std::result::Result<(), TryLockError> {
    for _ in 0..10 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
    file.try_lock()
}

/// The unfinished checkpoint of this folder; `None` if the last one was completed.
pub(super) fn unfinished_checkpoint(folder: &Path) -> Option<CheckpointId> {
    let text = std::fs::read_to_string(lock_path(folder)).ok()?;
    let digits = text.trim_end().strip_prefix(UNDER_WAY)?;
    Some(u64::from_str_radix(digits, 16).ok()?.to_be_bytes())
}

/// Records that a checkpoint begins. The record is on the disk when this returns.
pub(super) fn begin_checkpoint(folder: &Path, id: CheckpointId) -> std::io::Result<()> {
    note(folder, &format!("{UNDER_WAY}{:016x}\n", u64::from_be_bytes(id)))?.sync_data()
}

/// Records that no checkpoint is unfinished. It does no harm if this record is lost.
pub(super) fn end_checkpoint(folder: &Path) -> std::io::Result<()> {
    note(folder, &format!("{:width$}\n", "", width = UNDER_WAY.len() + 16)).map(drop)
}

const UNDER_WAY: &str = "checkpoint ";

/// Overwrites the record with one of the same length, which works even if the disk is full.
fn note(folder: &Path, text: &str) -> std::io::Result<File> {
    let file = open_to_write(&lock_path(folder))?;
    file.write_all_at(text.as_bytes(), 0)?;
    Ok(file)
}

fn open_to_write(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn lock_path(folder: &Path) -> PathBuf {
    folder.join("vestibule.lock")
}

/// Creates the data folder, which only the server's user can read.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|cause| {
        Error::unavailable(Phrase::words(format!("The data folder {} cannot be made: {cause}.", folder.display())))
    })
}
