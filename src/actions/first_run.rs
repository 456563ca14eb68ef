//! The first run: the set-up link, and the first operator.

use super::mail::Outbox;
use super::new_password::{Payer, hash_of, new_password};
use super::sessions::{Earned, SignIn, begin};
use super::{Author, Browser};
use crate::app::App;
use crate::domain::access::Standing;
use crate::domain::audit::{Actor, Event};
use crate::domain::password::Owner;
use crate::domain::person::Role;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::Plan;
use crate::domain::principal::Claim;
use crate::domain::seal::secret;
use crate::domain::text::slug_of;
use crate::domain::{Email, Error, Name, Result, Together};
use std::sync::atomic::Ordering;

/// The input of the first person, not parsed yet.
pub struct SetUp {
    /// The secret of the set-up link.
    pub token: String,
    /// The person's display name.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// The person's password.
    pub password: String,
    /// The name of the person's organisation.
    pub organisation: String,
    /// The id of the organisation's plan.
    pub plan: String,
}

/// Makes a new set-up link if the appliance has no people; the previous one stops working. Returns `None` if there are
/// people.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn link(app: &App) -> Result<Option<String>> {
    let token = secret();
    let kept = token.clone();
    let empty = app.write(&Claim::job(), move |tx| {
        let empty = tx.is_empty()?;
        if empty { tx.set_setup_token(&kept).map(|()| true) } else { Ok(false) }
    })?;
    Ok(empty.then(|| app.config.public_url.join(&format!("/setup?token={token}"))))
}

/// A warning for a database that was used and has no people. `None` if there are people, or no traces of use.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn doubt(app: &App) -> Result<Option<Phrase>> {
    let (organisations, lines) = app.store.read(|db| if db.is_empty()? { db.traces_of_use() } else { Ok((0, 0)) })?;
    Ok((organisations + lines > 0).then(|| {
        let path = app.store.path().display().to_string();
        phrase!("first-run-used-before", path = path, organisations = organisations, lines = lines)
    }))
}

/// True if the appliance has not been set up yet.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn is_pending(app: &App) -> Result<bool> {
    if app.set_up.load(Ordering::Relaxed) {
        return Ok(false);
    }
    let pending = app.store.read(|db| db.is_empty())?;
    app.set_up.store(!pending, Ordering::Relaxed);
    Ok(pending)
}

/// True if this is the secret of the set-up link and the appliance has no people.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn is_open(app: &App, token: &str) -> Result<bool> {
    app.store.read(|db| Ok(db.is_empty()? && db.is_setup_token(token)?))
}

/// The plans to choose from for the first organisation, for the holder of the set-up link.
///
/// # Errors
/// `NotFound` when the link is unknown, replaced or used.
pub fn inspect(app: &App, token: &str) -> Result<Vec<Plan>> {
    if !is_open(app, token)? {
        return Err(used());
    }
    Ok(app.store.read(|db| db.plans())?.into_iter().map(|used| used.plan).collect())
}

/// Creates the first operator with their organisation and its first workspace, and begins their session.
///
/// # Errors
/// `NotFound` when the link is unknown, replaced or used; `Invalid` or `SeveralInvalid` with the fields that are not valid.
pub fn set_up(app: &App, given: SetUp, browser: Browser) -> Result<SignIn> {
    if !is_open(app, &given.token)? {
        return Err(used());
    }
    let SetUp { token: setup_token, name, email, password, organisation: called, plan } = given;
    let owner = Owner::new(&name, &email, [called.as_str()]);
    let payer = Payer::new(&browser.address, &setup_token, &browser.address);
    let (name, email, password, called, plan) = (
        Name::parse("name", &name),
        Email::parse(&email),
        new_password(app, &payer, "password", password, &owner),
        Name::parse("organisation", &called),
        app.store.read(|db| db.plan(&plan)),
    )
        .together()?;
    let hash = hash_of(app, &payer, &password)?;
    let outbox = Outbox::of(app);
    app.write(&Claim::first_run(), move |tx| {
        if !(tx.is_empty()? && tx.is_setup_token(&setup_token)?) {
            return Err(used());
        }
        tx.delete_setup_token()?;
        let user = tx.add_user(&email, name.as_str(), Some(&hash), true)?;
        let slug = slug_of(called.as_str());
        let organisation = tx.add_organisation(&called, &slug, &plan.id)?;
        let workspace = tx.add_workspace(&organisation.id, &called)?;
        tx.add_person(&organisation.id, &user, Standing { admin: true, password_agreed: true })?;
        tx.set_place(&organisation.id, &workspace.id, &user, &Role::Admin)?;
        let event = Event::new("appliance.set_up", "organisation", &organisation.id, &organisation.name);
        let begun = begin(tx, &outbox, &user, Earned::by_password([organisation.id.clone()], tx.now()), &browser)?;
        let actor = Actor::Operator { id: user.id, email: user.email.to_string() };
        Author { actor, address: browser.address }.log(tx, &event.within(&organisation.id))?;
        Ok(begun)
    })
}

fn used() -> Error {
    Error::NotFound(phrase!("first-run-link-used"))
}
