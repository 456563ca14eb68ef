//! One server for one folder: its writer gathers transactions, and its memory slows down guessing, for all of them.

use crate::domain::{Error, Result};
use std::fs::{File, TryLockError};
use std::path::Path;

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
        super::make_folder(folder)?;
        let path = folder.join("vestibule.lock");
        let unusable =
            |cause: std::io::Error| Error::unavailable(format!("{} cannot be used: {cause}.", path.display()));
        let file = File::create(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(Error::unavailable(format!(
                "Another Vestibule serves from {}. Stop it first, or name another folder with --data.",
                folder.display()
            ))),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }
}
