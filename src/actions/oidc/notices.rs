//! Tells clients that sessions of people have ended.
//!
//! Source: OpenID Connect Back-Channel Logout 1.0.

use super::client::find;
use super::issuer;
use crate::actions::signing_keys;
use crate::app::App;
use crate::domain::application_log::{ClientEvent, LogEntry};
use crate::domain::authorization::LogoutNotice;
use crate::domain::ids::{hex, random_bytes};
use crate::domain::oidc_claims::{LOGOUT_TOKEN, LogoutToken};
use crate::domain::oidc_client::Signing;
use crate::domain::phrase::Phrase;
use crate::domain::principal::Claim;
use crate::domain::signing_key::Algorithm;
use crate::domain::{Error, Result, Timestamp};
use crate::tokens::signed;

/// The pauses before the next attempts, in seconds.
const PAUSES_SECS: [i64; 3] = [1, 5, 25];
/// The number of clients that are told at once, so that a slow one does not delay the others for long.
const AT_ONCE: usize = 8;

/// When the next notice is due; `None` if there is none.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn next_at(app: &App) -> Result<Option<Timestamp>> {
    app.store.read(|db| db.next_logout_notice_at())
}

/// Tells all clients for which a notice is due.
///
/// # Errors
/// `Unavailable` when the database cannot be used.
pub fn deliver_due(app: &App) -> Result<()> {
    let due = app.store.read(|db| db.due_logout_notices())?;
    for part in due.chunks(AT_ONCE) {
        let outcomes: Vec<_> = std::thread::scope(|threads| {
            let running: Vec<_> = part.iter().map(|notice| threads.spawn(|| deliver(app, notice))).collect();
            let panicked = || Err(Error::internal("a notice panicked"));
            running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| panicked())).collect()
        });
        for outcome in outcomes {
            outcome?;
        }
    }
    Ok(())
}

fn deliver(app: &App, notice: &LogoutNotice) -> Result<()> {
    let told = tell(app, notice)?;
    if let Err(why) = &told
        && let Some(client) = find(app, notice.application.as_str())?
    {
        let event = ClientEvent::NotToldOfLogout(why.clone());
        let entry = LogEntry::of_client(app.now(), "backchannel_logout_uri", None, event);
        app.application_log.note(&client.application.organisation, &client.application.id, entry);
    }
    let pause = usize::try_from(notice.attempts).ok().and_then(|attempts| PAUSES_SECS.get(attempts));
    let (sid, next_at) = (notice.sid.clone(), pause.map(|secs| app.now().plus(*secs)));
    app.write(&Claim::job(), move |tx| match next_at.filter(|_| told.is_err()) {
        Some(next_at) => tx.postpone_logout_notice(&sid, next_at),
        None => tx.delete_logout_notice(&sid),
    })
}

/// Sends a notice. The inner error is why it did not arrive.
fn tell(app: &App, notice: &LogoutNotice) -> Result<Result<(), Phrase>> {
    let Some(client) = find(app, notice.application.as_str())? else { return Ok(Ok(())) };
    let Some(uri) = &client.client.backchannel_logout_uri else { return Ok(Ok(())) };
    let algorithm = match client.client.signing {
        Signing::Rs256 => Algorithm::Rs256,
        Signing::Es256 => Algorithm::Es256,
    };
    let keys = signing_keys::keys(app)?;
    let key = keys.current(algorithm).ok_or_else(|| Error::internal("no key signs"))?;
    let (id, jti) = (notice.application.as_str(), hex(&random_bytes::<16>()));
    let claims = LogoutToken::new(issuer(app), id, &notice.user, &notice.sid, jti, app.now());
    let token = signed(key, LOGOUT_TOKEN, &claims)?;
    Ok(app.logout_fetcher.post(uri, &[("logout_token", &token)]))
}
