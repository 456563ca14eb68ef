//! Scheduled backups: made when they are due, deleted when they are outdated, and a warning when they are missing.

use super::super::Caller;
use super::super::mail::Outbox;
use super::{Progress, unwritable, write_file};
use crate::app::App;
use crate::config::BackupConfig;
use crate::domain::audit::{Actor, Event};
use crate::domain::backup::{name_of, time_of};
use crate::domain::mail::Place;
use crate::domain::principal::Claim;
use crate::domain::{Result, Timestamp};
use crate::mail;
use serde_json::json;
use std::fs::{DirBuilder, read_dir, remove_file};
use std::os::unix::fs::DirBuilderExt;

/// A background job reports no progress.
const SILENT: Progress = &|_, _| {};

/// Makes a backup if one is due, and deletes outdated ones. Warns the operators if no backup was made in two periods.
///
/// # Errors
/// The errors of `write_file`; `Unavailable` when the folder cannot be read or written.
pub fn make_due(app: &App) -> Result<()> {
    let Some(config) = &app.config.backups else { return Ok(()) };
    let done = make_if_due(app, config);
    warn_if_late(app)?;
    done
}

fn make_if_due(app: &App, config: &BackupConfig) -> Result<()> {
    let now = app.now();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.folder)
        .map_err(|cause| unwritable(&config.folder, &cause))?;
    let newest = times(config)?.into_iter().filter(|at| *at <= now).max();
    if newest.is_some_and(|newest| newest.plus(config.every_secs) > now) {
        return Ok(());
    }
    let made = write_file(app, &Caller::job(), &config.folder.join(name_of(now)), false, SILENT)?;
    made.proof.notes.iter().for_each(|note| log::warn!("the backup was made, but: {note}"));
    for outdated in config.keep.outdated(&times(config)?, now) {
        let file = config.folder.join(name_of(outdated));
        remove_file(&file).map_err(|cause| unwritable(&file, &cause))?;
    }
    Ok(())
}

/// The times of the scheduled backups in the folder.
fn times(config: &BackupConfig) -> Result<Vec<Timestamp>> {
    let unreadable = |cause: std::io::Error| unwritable(&config.folder, &cause);
    let mut found = Vec::new();
    for entry in read_dir(&config.folder).map_err(unreadable)? {
        found.extend(entry.map_err(unreadable)?.file_name().to_str().and_then(time_of));
    }
    Ok(found)
}

/// Warns all operators if no backup was made in two periods, at most once a period.
fn warn_if_late(app: &App) -> Result<()> {
    let outbox = Outbox::of(app);
    app.write(&Claim::job(), move |tx| {
        let (Some(schedule), last) = (tx.find_backup_schedule()?, tx.find_last_backup()?) else { return Ok(()) };
        let is_told = tx.backup_warned_at()?.is_some_and(|at| at.plus(schedule.every_secs.max(24 * 3600)) > tx.now());
        if is_told || !schedule.is_late(last, tx.now()) {
            return Ok(());
        }
        tx.set_backup_warned()?;
        let at = last.map(|last| last.made_at());
        let event = Event::new("security.backup_late", "security", "", "vestibule.db");
        tx.add_event(&Actor::System, "", &event.with(json!({ "last": at })))?;
        let letter = mail::backup_late(at, outbox.page("/doctor"));
        let operators = tx.able_operators()?;
        operators.iter().try_for_each(|operator| outbox.notify(tx, &operator.email, &letter, &Place::default()))
    })
}
