//! Set-up links: with one, an organisation admin hands the SSO set-up to a person without an account.
//!
//! The holder of the link sees our values and the provider's, loads metadata and saves the connection, until the
//! connection is ready. It becomes ready by the test sign-in of an organisation admin.

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

/// The interval at which a link's last use is recorded, in seconds.
const TOUCH_SECS: i64 = 300;

/// The links of an organisation, newest first, including those that ended recently.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, organisation: &OrganisationId) -> Result<Vec<SetupLink>> {
    app.store.read(|db| db.setup_links(organisation))
}

/// Creates a link. Returns it with its URL, which cannot be shown again.
///
/// # Errors
/// `Forbidden` with code `plan_required`; `Conflict` with code `setup_done` if the connection is ready, and with code
/// `too_many_setup_links` if five links work already.
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
    // The name of the link's holder in the log, and the note about who gets the link.
    let mut name = link.id.actor_name();
    if !link.note.is_empty() {
        name = format!("{name} ({})", link.note);
    }
    Event::new(action, "setup_link", &link.id, name).within(&link.organisation)
}

/// Revokes a link: it stops working at once.
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

/// The link with this secret, if it gives access to the set-up now. An unknown secret is charged to `address`.
///
/// # Errors
/// `NotFound` when it is unknown, expired or revoked, or when its creator lost their right; `Throttled` after many
/// unknown ones; `Forbidden` with code `plan_required`; `Conflict` with code `setup_done`.
pub fn authenticate(app: &App, secret: &str, address: &str) -> Result<SetupLink> {
    let now = app.now();
    let found = app.store.read(|db| {
        let Some(link) = db.find_setup_link(secret)? else { return Ok(None) };
        let organisation = db.organisation(link.organisation.as_str())?;
        Ok(Some((link, organisation)))
    })?;
    let Some((link, organisation)) = found else {
        app.charge_sso_failure(address)?;
        return Err(setup_link::gone());
    };
    link.opens(&organisation, now)?;
    Ok(link)
}

/// Records the use of a link, and logs it, at most every `TOUCH_SECS` seconds.
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

/// Logs that the holder of a link loads the provider's metadata. `source`: its URL, or `file`.
///
/// # Errors
/// `Unavailable` when the database cannot be written; then nothing is loaded, because every load must be logged.
pub fn note_metadata(app: &App, caller: &Caller, link: &SetupLink, source: &str) -> Result<()> {
    let author = caller.author.clone();
    let event = event("setup_link.metadata_read", link).with(json!({ "source": source }));
    app.write(&caller.claim, move |tx| author.log(tx, &event))
}

/// A warning about the number of set-up links of a person that end with their right; `None` if there are none.
pub(super) fn ended_links(db: &Db, organisation: &OrganisationId, created_by: &str) -> Result<Option<Phrase>> {
    let links = db.setup_links(organisation)?;
    let live = |link: &&SetupLink| link.created_by == created_by && link.status(db.now()) == SetupLinkStatus::Live;
    Ok(match links.iter().filter(live).count() {
        0 => None,
        count => Some(phrase!("warning-set-up-links-end", count = count)),
    })
}
