//! What surrounds an upgrade of the schema: the copy that is made before it, and the rehearsal on a copy.

use super::connection::{Connection, failed, unusable};
use super::schema;
use crate::domain::phrase::Phrase;
use crate::domain::{Clock, Error, Result};
use rusqlite::OpenFlags;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How the names of the copies begin that are made before an upgrade.
const BEFORE: &str = "before-upgrade-";
/// The number of these copies that are kept.
const KEPT: usize = 3;

/// Makes a copy of a database that is about to be upgraded, in its folder, and deletes older ones.
///
/// # Errors
/// `Unavailable` when the copy cannot be made, or when the database is damaged: then it is not upgraded.
pub(super) fn keep_copy(connection: &Connection, folder: &Path) -> Result<()> {
    let version = connection.schema_version()?;
    let at = Clock::System.now().to_string().replace(':', "-");
    let target = folder.join(format!("{BEFORE}{version}-{at}.db"));
    log::info!(
        "upgrading the database from schema {version} to {}; the old one is kept in {}",
        schema::current_version(),
        target.display()
    );
    let kept = copy(connection, &target).and_then(|()| {
        let faults = Connection::open_to_read(&target)?.faults()?;
        if faults.is_empty() { Ok(()) } else { Err(damaged(&faults)) }
    });
    kept.inspect_err(|_| drop(fs::remove_file(&target)))?;
    let mut copies = copies(folder);
    copies.sort_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok());
    for old in copies.iter().rev().skip(KEPT) {
        if let Err(cause) = fs::remove_file(old) {
            log::warn!("{} could not be deleted: {cause}", old.display());
        }
    }
    Ok(())
}

fn damaged(faults: &[String]) -> Error {
    Error::unavailable(Phrase::words(format!(
        "The database is damaged, and was not upgraded: {}. Restore the last backup with `vestibule restore FILE`.",
        faults.join("; ")
    )))
}

/// The copies in a folder that were made before upgrades.
fn copies(folder: &Path) -> Vec<PathBuf> {
    let is_copy = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(BEFORE) && path.extension().is_some_and(|end| end == "db")
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(is_copy).collect()
}

/// How to return to this version from a database of a newer one; empty if no copy of this or an older schema is in the
/// folder.
pub(super) fn way_back(folder: &Path) -> String {
    let version = |path: &PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        name.strip_prefix(BEFORE)?.split('-').next()?.parse::<i64>().ok()
    };
    let usable =
        copies(folder).into_iter().filter(|path| version(path).is_some_and(|v| v <= schema::current_version()));
    let newest = usable.max_by_key(|path| fs::metadata(path).and_then(|file| file.modified()).ok());
    newest.map_or_else(String::new, |path| {
        format!(
            " To go back to this version, without what happened since the upgrade, run: vestibule restore {}",
            path.display()
        )
    })
}

/// Copies the database into the new file `target`.
fn copy(connection: &Connection, target: &Path) -> Result<()> {
    let unwritable = |cause: String| {
        Error::unavailable(Phrase::words(format!(
            "{} cannot be written: {cause}. The database was not upgraded: a copy is made before. Free space, or check who may write there.",
            target.display()
        )))
    };
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target);
    made.map_err(|cause| unwritable(cause.to_string()))?;
    let path = target.to_string_lossy();
    connection.0.execute("VACUUM INTO ?1", [path.as_ref()]).map_err(|cause| unwritable(cause.to_string()))?;
    File::open(target).and_then(|file| file.sync_all()).map_err(|cause| unwritable(cause.to_string()))
}

/// Copies the database of a folder as it is, whatever its version, into the new file `target`. Returns the version of its
/// schema.
///
/// # Errors
/// `Unavailable` when there is no database, or when the copy cannot be made.
pub fn copy_as_it_is(folder: &Path, target: &Path) -> Result<i64> {
    let path = folder.join("vestibule.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(&path, flags).map_err(|cause| unusable(&path, &cause))?;
    let connection = Connection(connection);
    connection.add_functions()?;
    if !schema::is_ours(&connection).map_err(|cause| unusable(&path, &cause))? {
        let told = format!("{} is not a database of Vestibule.", path.display());
        return Err(Error::unavailable(Phrase::words(told)));
    }
    let version = connection.schema_version()?;
    copy(&connection, target)?;
    Ok(version)
}

/// The tables of a database, each with the number of its rows.
///
/// # Errors
/// `Unavailable` when the file cannot be read.
pub fn row_counts(path: &Path) -> Result<Vec<(String, i64)>> {
    let connection = Connection::open_to_read(path)?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'users!_found%' ESCAPE '!'
        ORDER BY name";
    let tables: Vec<String> = connection.all(sql, (), |row| row.get(0))?;
    let count = |table: String| {
        let sql = format!("SELECT count(*) FROM \"{table}\"");
        let rows = connection.0.query_row(&sql, [], |row| row.get(0)).map_err(failed)?;
        Ok((table, rows))
    };
    tables.into_iter().map(count).collect()
}
