//! One server for one folder: its writer gathers transactions, and its memory slows down guessing, for all of them.
//!
//! The lock file also says which checkpoint is under way, or was when the server was killed: see `log_file.rs`.

use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Tells one checkpoint from all others.
pub(super) type CheckpointId = [u8; 8];

/// The right to serve from a folder. It ends with the process, however that ends.
#[derive(Debug)]
pub struct ServerLock {
    _held: File,
}

impl ServerLock {
    /// Takes it for this process. Commands beside the server need none.
    ///
    /// # Errors
    /// `Unavailable` when another process serves from there.
    pub fn take(folder: &Path) -> Result<Self> {
        make_folder(folder)?;
        let path = lock_path(folder);
        let unusable = |cause: std::io::Error| {
            Error::unavailable(Phrase::words(format!("{} cannot be used: {cause}.", path.display())))
        };
        // Not truncated: it may say which checkpoint the last server did not finish.
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

/// Tries again for a moment: a command that looks whether somebody serves holds it as long.
fn try_for_a_moment(file: &File) -> std::result::Result<(), TryLockError> {
    for _ in 0..10 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
    file.try_lock()
}

/// The checkpoint that is under way in this folder; `None` where the last one came to its end.
pub(super) fn unfinished_checkpoint(folder: &Path) -> Option<CheckpointId> {
    let text = std::fs::read_to_string(lock_path(folder)).ok()?;
    let digits = text.trim_end().strip_prefix(UNDER_WAY)?;
    Some(u64::from_str_radix(digits, 16).ok()?.to_be_bytes())
}

/// Notes the checkpoint that is under way. The note is on the disk afterwards.
pub(super) fn begin_checkpoint(folder: &Path, id: CheckpointId) -> std::io::Result<()> {
    note(folder, &format!("{UNDER_WAY}{:016x}\n", u64::from_be_bytes(id)))?.sync_data()
}

/// Notes that no checkpoint is under way. Losing this note does no harm.
pub(super) fn end_checkpoint(folder: &Path) -> std::io::Result<()> {
    note(folder, &format!("{:width$}\n", "", width = UNDER_WAY.len() + 16)).map(drop)
}

const UNDER_WAY: &str = "checkpoint ";

/// Writes over what is there, in the same length, so that a full disk does not stop it.
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

/// Makes the data folder, readable by the server's user only.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|cause| {
        Error::unavailable(Phrase::words(format!("The data folder {} cannot be made: {cause}.", folder.display())))
    })
}
