//! Tells clients that sessions of people have ended.
//!
//! Source: OpenID Connect Back-Channel Logout 1.0.

use super::client::find;
use super::issuer;
use crate::actions::signing_keys;
use crate::app::App;
use crate::domain::application_log::{ClientEvent, LogEntry};
use crate::domain::ids::{hex, random_bytes};
use crate::domain::logout_notice::{LogoutNotice, Sending};
use crate::domain::oidc_claims::{LOGOUT_TOKEN, LogoutToken};
use crate::domain::oidc_client::Signing;
use crate::domain::phrase::Phrase;
use crate::domain::principal::Claim;
use crate::domain::signing_key::Algorithm;
use crate::domain::{Error, Result, Timestamp};
use crate::tokens::signed;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// When a notice is due again if the server stops before it has recorded the outcome, in seconds.
const TAKEN_SECS: i64 = 30;
/// How often notices that have become due are looked for while others are being sent.
const LOOK: Duration = Duration::from_millis(100);

/// When the next notice is due; `None` if there is none.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn next_at(app: &App) -> Result<Option<Timestamp>> {
    app.store.read(|db| db.next_logout_notice_at())
}

/// Makes the notices of sessions that have expired, to which nothing else puts an end.
///
/// # Errors
/// `Unavailable` when the database cannot be used.
pub fn end_expired(app: &App) -> Result<()> {
    while app.store.read(|db| db.has_expired_client_sessions())?
        && app.write_long(&Claim::job(), |tx| tx.end_expired_client_sessions())?
    {}
    Ok(())
}

/// Sends all notices that are due, and those that become due meanwhile: several at once, so that a slow client delays no
/// other one.
///
/// # Errors
/// `Unavailable` when the database cannot be used.
pub fn deliver_due(app: &App) -> Result<()> {
    let (tell, told) = channel();
    let (mut sending, mut outcome) = (Sending::default(), Ok(()));
    thread::scope(|threads| {
        loop {
            for notice in begin(app, &mut sending)? {
                let tell = tell.clone();
                threads.spawn(move || {
                    let panicked = |_| Err(Error::internal("a notice panicked"));
                    let done = catch_unwind(AssertUnwindSafe(|| deliver(app, &notice))).unwrap_or_else(panicked);
                    // Nobody listens if reading the database has failed.
                    drop(tell.send((notice, done)));
                });
            }
            if sending.is_idle() {
                return outcome;
            }
            for (notice, done) in told.recv_timeout(LOOK).into_iter().chain(told.try_iter()) {
                sending.end(&notice);
                outcome = outcome.and(done);
            }
        }
    })
}

/// Takes the notices that are sent next. Each is marked before it is sent, so that it is not sent twice at the same time.
fn begin(app: &App, sending: &mut Sending) -> Result<Vec<LogoutNotice>> {
    let due = app.store.read(|db| db.due_logout_notices())?;
    if due.is_empty() || app.jobs.is_stopping() || !can_sign(app)? {
        return Ok(Vec::new());
    }
    let chosen = sending.begin(due);
    if chosen.is_empty() {
        return Ok(chosen);
    }
    let mut taken = app.write(&Claim::job(), move |tx| {
        let next_at = tx.now().plus(TAKEN_SECS);
        let marked = |notice: LogoutNotice| {
            if notice.is_used_up() {
                tx.delete_logout_notice(&notice.sid)?;
            }
            Ok((tx.take_logout_notice(&notice.sid, next_at)?, notice))
        };
        chosen.into_iter().map(marked).collect::<Result<Vec<_>>>()
    })?;
    taken.retain(|(is_ours, notice)| {
        if !is_ours {
            sending.end(notice);
        }
        *is_ours
    });
    Ok(taken.into_iter().map(|(_, notice)| LogoutNotice { attempts: notice.attempts + 1, ..notice }).collect())
}

/// False while another thread is making the keys; then the notices wait.
fn can_sign(app: &App) -> Result<bool> {
    match signing_keys::keys(app) {
        Ok(_) => Ok(true),
        Err(Error::Unavailable { code: "busy", .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

fn deliver(app: &App, notice: &LogoutNotice) -> Result<()> {
    let told = tell(app, notice);
    if let Ok(Err(why)) = &told {
        note_failure(app, notice, why)?;
    }
    let pause = notice.pause_secs().filter(|_| !matches!(told, Ok(Ok(()))));
    let (sid, next_at) = (notice.sid.clone(), pause.map(|secs| app.now().plus(secs)));
    app.write(&Claim::job(), move |tx| match next_at {
        Some(next_at) => tx.postpone_logout_notice(&sid, next_at),
        None => tx.delete_logout_notice(&sid),
    })?;
    told.map(drop)
}

fn note_failure(app: &App, notice: &LogoutNotice, why: &Phrase) -> Result<()> {
    // An application that was removed has no log.
    if find(app, notice.application.as_str())?.is_some() {
        let event = ClientEvent::NotToldOfLogout(why.clone());
        let entry = LogEntry::of_client(app.now(), "backchannel_logout_uri", None, event);
        app.application_log.note(&notice.organisation, &notice.application, entry);
    } else if notice.pause_secs().is_none() {
        log::warn!("the removed application {} was not told that a session has ended: {why}", notice.application);
    }
    Ok(())
}

/// Sends a notice. The inner error is why it did not arrive.
fn tell(app: &App, notice: &LogoutNotice) -> Result<Result<(), Phrase>> {
    let algorithm = match notice.signing {
        Signing::Rs256 => Algorithm::Rs256,
        Signing::Es256 => Algorithm::Es256,
    };
    let keys = signing_keys::keys(app)?;
    let key = keys.current(algorithm).ok_or_else(|| Error::internal("no key signs"))?;
    let (id, jti) = (notice.application.as_str(), hex(&random_bytes::<16>()));
    let claims = LogoutToken::new(issuer(app), id, &notice.user, &notice.sid, jti, app.now());
    let token = signed(key, LOGOUT_TOKEN, &claims)?;
    Ok(app.logout_fetcher.post(&notice.uri, &[("logout_token", &token)]))
}
