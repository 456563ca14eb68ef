//! The progress of an organisation's people towards SAML, and reminders for those who have not tried it.

use super::mail::Outbox;
use super::mail_limits::room_for_reminder;
use super::{Author, Caller};
use crate::app::App;
use crate::domain::access::ConnectionStatus;
use crate::domain::audit::Event;
use crate::domain::connection::Connection;
use crate::domain::ids::UserId;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::phrase;
use crate::domain::readiness::{Readiness, Reminded};
use crate::domain::{Email, Error, Result};
use crate::mail;
use crate::store::Tx;

/// The time before a person can be reminded again, in seconds.
const PAUSE_SECS: i64 = 24 * 3600;
/// The largest number of people reminded by one call; further calls remind the others.
const MOST: usize = 1000;

/// The number of people who have signed in through SAML since the connection was tested, and the portal URL for the
/// others.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn readiness(app: &App, organisation: &Organisation) -> Result<Readiness> {
    let outbox = Outbox::of(app);
    app.store.read(|db| {
        let connection = db.find_connection(&organisation.id)?;
        let (ready, total) = db.count_ready(&organisation.id)?;
        Ok(Readiness {
            ready,
            total,
            since: connection.as_ref().and_then(|connection| connection.tested_at),
            portal_url: connection.map(|connection| portal_url(app, &connection)),
            mail_server: outbox.is_open(),
        })
    })
}

fn portal_url(app: &App, connection: &Connection) -> String {
    app.portal_url(connection.settings.portal_key.as_str())
}

/// Sends a reminder to everybody who has not signed in through SAML since the connection was tested, or only to the
/// person with this address; to each person at most once a day.
///
/// # Errors
/// `Conflict` with code `not_ready` before the test sign-in, `no_mail_server` if no e-mail is sent, `already_ready`,
/// `reminded_already` or `disabled`; `MailLimit`; `Invalid` when no member has this address.
pub fn remind(app: &App, caller: &Caller, organisation: &Organisation, only: Option<Email>) -> Result<Reminded> {
    let connection = app.read(&caller.claim, |db| db.find_connection(&organisation.id))?;
    let ready = connection.filter(|_| organisation.connection_status == ConnectionStatus::Ready);
    let not_ready = || Error::conflict("not_ready", phrase!("not-ready"));
    let url = ready.map(|connection| portal_url(app, &connection)).ok_or_else(not_ready)?;
    let outbox = Outbox::of(app);
    if !outbox.is_open() {
        return Err(Error::conflict("no_mail_server", phrase!("no-mail-server-for-reminders", url = url)));
    }
    let (author, organisation) = (caller.author.clone(), organisation.clone());
    app.write_long(&caller.claim, move |tx| {
        let letter = mail::saml_reminder(&organisation.name, url);
        match only {
            Some(email) => {
                let user = due(tx, &organisation, &email)?;
                outbox.remind(tx, &organisation, (&user, &email), &letter)?;
                tx.set_reminded(&organisation.id, &user)?;
                let event = Event::new("member.reminded", "member", &user, &email);
                author.log(tx, &event.within(&organisation.id))?;
                Ok(Reminded { reminded: 1, ..Reminded::default() })
            }
            None => remind_all(tx, &author, &organisation, &outbox, &letter),
        }
    })
}

fn remind_all(
    tx: &Tx,
    author: &Author,
    organisation: &Organisation,
    outbox: &Outbox,
    letter: &mail::Letter,
) -> Result<Reminded> {
    let mut due = tx.people_to_remind(&organisation.id, tx.now().plus(-PAUSE_SECS))?;
    let (ready, total) = tx.count_ready(&organisation.id)?;
    let waiting = usize::try_from(total - ready).unwrap_or_default();
    let mut result =
        Reminded { reminded: 0, skipped: waiting.saturating_sub(due.len()), left: due.len().saturating_sub(MOST) };
    due.truncate(MOST);
    for (at, (user, email)) in due.iter().enumerate() {
        match room_for_reminder(tx, organisation) {
            Err(Error::MailLimit { .. }) if at > 0 => {
                result.left += due.len() - at;
                break;
            }
            room => room?,
        }
        match outbox.remind(tx, organisation, (user, email), letter) {
            // This address is at its daily limit; the others are still reminded.
            Err(Error::MailLimit { .. }) => result.skipped += 1,
            sent => {
                sent?;
                tx.set_reminded(&organisation.id, user)?;
                result.reminded += 1;
            }
        }
    }
    if result.reminded > 0 {
        let event = Event::new("connection.reminded", "connection", &organisation.id, &organisation.name);
        author.log(tx, &event.within(&organisation.id).with(serde_json::json!({ "people": result.reminded })))?;
    }
    Ok(result)
}

/// The person with this address, if they can be reminded.
fn due(tx: &Tx, organisation: &Organisation, email: &Email) -> Result<UserId> {
    let no_member = || Error::invalid("email", phrase!("field-not-member"));
    let user = tx.find_user(email)?.ok_or_else(no_member)?;
    user.takes_links()?;
    let (ready, reminded_at) = tx.find_readiness(&organisation.id, &user.id)?.ok_or_else(no_member)?;
    if ready {
        return Err(Error::conflict("already_ready", phrase!("already-ready", email = email)));
    }
    if reminded_at.is_some_and(|at| tx.now().plus(-PAUSE_SECS) < at && at <= tx.now()) {
        return Err(Error::conflict("reminded_already", phrase!("reminded-already", email = email)));
    }
    Ok(user.id)
}
