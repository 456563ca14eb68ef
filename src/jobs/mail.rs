//! Sends the e-mails in the queue.

use crate::app::{App, JobKind};
use crate::domain::audit::{Actor, Event};
use crate::domain::mail::Mail;
use crate::domain::principal::Claim;
use crate::domain::{Error, Result};
use crate::mail::{Failure, Outgoing};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The longest pause between two reads of the queue, in seconds.
const LONGEST_PAUSE_SECS: i64 = JobKind::Mail.period_secs();

/// Starts the mail thread; does nothing if no e-mail is sent.
///
/// # Errors
/// `Internal` when no thread can be started.
pub(super) fn start(app: &Arc<App>) -> Result<()> {
    if app.mail.is_none() {
        return Ok(());
    }
    super::spawn("mail", app, run)
}

fn run(app: &Weak<App>) {
    while let Some(app) = app.upgrade() {
        let pause = || {
            let next = app.store.read(|db| db.next_mail_at()).ok().flatten();
            next.map_or(LONGEST_PAUSE_SECS, |at| (at.0 - app.now().0).clamp(1, LONGEST_PAUSE_SECS))
        };
        let failed_before = failing(&app);
        let Some(done) = app.jobs.run(JobKind::Mail, || app.now(), pause, || deliver(&app)) else { return };
        if let Err(cause) = done {
            log::error!("mail could not be delivered: {cause}");
        }
        if failing(&app) != failed_before {
            // The thread of the other jobs saves the record, for commands that run beside the server.
            app.jobs_wakeup.notify();
        }
        let pause = Duration::from_secs(pause().unsigned_abs());
        let wakeup = app.mail_wakeup.clone();
        // Release the appliance during the pause, so that it can stop.
        drop(app);
        wakeup.wait(pause);
    }
}

/// True if the last run could not deliver mail.
fn failing(app: &App) -> bool {
    app.jobs.records().get(&JobKind::Mail).is_some_and(|record| !record.ok)
}

/// Sends all e-mails that are due; stops early if the mail server cannot be reached.
fn deliver(app: &App) -> Result<()> {
    let Some(sender) = &app.mail else { return Ok(()) };
    loop {
        let due = app.write(&Claim::job(), move |tx| {
            tx.take_mails_back()?;
            tx.give_up_dead_mails()?;
            tx.find_due_mail()
        });
        let Some(mail) = due? else { return Ok(()) };
        match sender.send(&Outgoing::from(&mail), &mut |_, _| {}) {
            Ok(()) => delete_sent(app, &mail)?,
            Err(failure) => {
                note_failure(app, mail, &failure)?;
                if !failure.reached {
                    return Ok(());
                }
            }
        }
    }
}

/// Deletes an e-mail that was sent. An operator may have discarded it meanwhile.
fn delete_sent(app: &App, mail: &Mail) -> Result<()> {
    let id = mail.id.clone();
    let gone = |cause| if matches!(cause, Error::NotFound(_)) { Ok(()) } else { Err(cause) };
    app.write(&Claim::job(), move |tx| tx.delete_mail(&id).or_else(gone))?;
    app.store.forget();
    Ok(())
}

/// Sets the time of the next attempt, or gives up and adds an entry to the audit log.
fn note_failure(app: &App, mail: Mail, failure: &Failure) -> Result<()> {
    let now = app.now();
    let again = mail.retry_at(now).filter(|_| !failure.permanent);
    let said = failure.words();
    log::warn!("mail {} was not accepted: {said}", mail.id);
    app.write(&Claim::job(), move |tx| {
        tx.set_mail_failed(&mail.id, again, &said)?;
        if again.is_some() {
            return Ok(());
        }
        let event = Event::new("mail.failed", "mail", &mail.id, &mail.to);
        let event = event.with(serde_json::json!({ "kind": mail.kind, "reason": said }));
        tx.add_event(&Actor::System, "", &event)
    })
}
