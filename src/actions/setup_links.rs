//! Set-up links: an organisation admin hands the SSO set-up to somebody who has no account here.
//!
//! Its bearer sees our values and the provider's, reads metadata and saves the connection until that is ready. The test sign-in
//! that makes it ready is an organisation admin's own.

use super::Caller;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::ids::{OrganisationId, SetupLinkId};
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::seal::secret;
use crate::domain::setup_link::{self, MOST_SETUP_LINKS, NewSetupLink, SetupLink, SetupLinkStatus};
use crate::domain::{Error, Result};
use crate::store::Db;
use serde_json::json;

/// How often a link's last use is written down, in seconds.
const TOUCH_SECS: i64 = 300;

/// The links of an organisation, newest first, with those that ended within the last weeks.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, organisation: &OrganisationId) -> Result<Vec<SetupLink>> {
    app.store.read(|db| db.setup_links(organisation))
}

/// Makes a link and gives it with its address, which is not to be had again.
///
/// # Errors
/// `Forbidden` with code `plan_required`; `Conflict` with code `setup_done` once the connection is ready, and with code
/// `too_many_setup_links` when five are live.
pub fn create(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    new: NewSetupLink,
) -> Result<(SetupLink, String)> {
    let (author, id, token) = (caller.author.clone(), organisation.id.clone(), secret());
    let url = app.config.public_url.join(&format!("/sso-setup?token={token}"));
    let link = app.write(&caller.claim, move |tx| {
        let organisation = tx.organisation(id.as_str())?;
        organisation.sso_in_plan()?;
        setup_link::not_done(&organisation)?;
        let links = tx.setup_links(&id)?;
        if links.iter().filter(|link| link.status(tx.now()) == SetupLinkStatus::Live).count() >= MOST_SETUP_LINKS {
            return Err(Error::conflict(
                "too_many_setup_links",
                phrase!("too-many-set-up-links", most = MOST_SETUP_LINKS),
            ));
        }
        let link = new.made(&id, author.name(), tx.now());
        tx.add_setup_link(&link, &token, &author.actor)?;
        author.log(tx, &event("setup_link.created", &link).with(json!({ "expires_at": link.expires_at })))?;
        Ok(link)
    })?;
    Ok((link, url))
}

fn event(action: &'static str, link: &SetupLink) -> Event {
    // The name under which its bearer stands in the log, and for whom it was made.
    let mut name = link.id.actor_name();
    if !link.note.is_empty() {
        name = format!("{name} ({})", link.note);
    }
    Event::new(action, "setup_link", &link.id, name).within(&link.organisation)
}

/// Revokes a link: it opens nothing from now on.
///
/// # Errors
/// `NotFound`.
pub fn revoke(app: &App, caller: &Caller, organisation: &Organisation, id: SetupLinkId) -> Result<()> {
    let (author, organisation) = (caller.author.clone(), organisation.id.clone());
    app.write(&caller.claim, move |tx| {
        let link = tx.setup_link(&organisation, &id)?;
        tx.delete_setup_link(&id)?;
        author.log(tx, &event("setup_link.revoked", &link))
    })
}

/// The link with this secret, where it opens the set-up now. Only an unknown one is charged to `address`.
///
/// # Errors
/// `NotFound` when it is unknown, expired, revoked, or its maker lost their right; `Throttled` after many such; `Forbidden` with
/// code `plan_required`; `Conflict` with code `setup_done`.
pub fn authenticate(app: &App, secret: &str, address: &str) -> Result<SetupLink> {
    let now = app.now();
    let found = app.store.read(|db| {
        let Some(link) = db.find_setup_link(secret)? else { return Ok(None) };
        let organisation = db.organisation(link.organisation.as_str())?;
        Ok(Some((link, organisation)))
    })?;
    let Some((link, organisation)) = found else {
        app.charge_door(address)?;
        return Err(setup_link::gone());
    };
    link.opens(&organisation, now)?;
    Ok(link)
}

/// Notes that a link was opened: in the log when that is the first time for a while.
pub fn note_opened(app: &App, caller: &Caller, link: &SetupLink) {
    let now = app.now();
    if link.last_used_at.is_some_and(|at| (now.0 - at.0).abs() < TOUCH_SECS) {
        return;
    }
    let (author, link) = (caller.author.clone(), link.clone());
    app.store.note_if_possible(move |note| {
        note.touch_setup_link(&link.id)?;
        author.log(note, &event("setup_link.opened", &link))
    });
}

/// Notes that a link's bearer had the provider's metadata read. `source`: its address, or `file`.
///
/// # Errors
/// `Unavailable` when the database cannot be written: nothing is fetched that the log does not tell of.
pub fn note_metadata(app: &App, caller: &Caller, link: &SetupLink, source: &str) -> Result<()> {
    let author = caller.author.clone();
    let told = event("setup_link.metadata_read", link).with(json!({ "source": source }));
    app.write(&caller.claim, move |tx| author.log(tx, &told))
}

/// How many links a change of somebody's right ends, in words; nothing where none.
pub(super) fn ended_links(db: &Db, organisation: &OrganisationId, created_by: &str) -> Result<Option<Phrase>> {
    let links = db.setup_links(organisation)?;
    let live = |link: &&SetupLink| link.created_by == created_by && link.status(db.now()) == SetupLinkStatus::Live;
    Ok(match links.iter().filter(live).count() {
        0 => None,
        count => Some(phrase!("warning-set-up-links-end", count = count)),
    })
}
