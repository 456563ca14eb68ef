//! The first run: the set-up link, and the first operator.

use super::mail::Outbox;
use super::new_password::{Payer, hash_of, hash_of_new, new_password};
use super::sessions::{Earned, SignIn, begin};
use super::{Author, Browser, Caller};
use crate::app::App;
use crate::domain::access::Standing;
use crate::domain::audit::{Actor, Event};
use crate::domain::mail::Place;
use crate::domain::organisation::Organisation;
use crate::domain::password::Owner;
use crate::domain::person::{LinkUse, Role, User};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::plan::Plan;
use crate::domain::principal::Claim;
use crate::domain::seal::secret;
use crate::domain::text::slug_of;
use crate::domain::{Email, Error, Name, Result, Together};
use crate::mail::operator_link;
use crate::store::Tx;
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
        let (user, organisation) = create(tx, &First { email, name, called, plan }, Some(&hash))?;
        let event = Event::new("appliance.set_up", "organisation", &organisation.id, &organisation.name);
        let begun = begin(tx, &outbox, &user, Earned::by_password([organisation.id.clone()], tx.now()), &browser)?;
        let actor = Actor::Operator { id: user.id, email: user.email.to_string() };
        Author { actor, address: browser.address }.log(tx, &event.within(&organisation.id))?;
        Ok(begun)
    })
}

/// The first operator, their organisation and its plan.
struct First {
    email: Email,
    name: Name,
    called: Name,
    plan: Plan,
}

/// Creates the first operator, with their organisation and its first workspace.
fn create(tx: &Tx, first: &First, hash: Option<&str>) -> Result<(User, Organisation)> {
    let First { email, name, called, plan } = first;
    tx.delete_setup_token()?;
    let user = tx.add_user(email, name.as_str(), hash, true)?;
    let organisation = tx.add_organisation(called, &slug_of(called.as_str()), &plan.id)?;
    let workspace = tx.add_workspace(&organisation.id, called)?;
    tx.add_person(&organisation.id, &user, Standing { admin: true, password_agreed: true })?;
    tx.set_place(&organisation.id, &workspace.id, &user, &Role::Admin)?;
    Ok((user, organisation))
}

/// The input of a set-up by command, not parsed yet.
pub struct ByCommand {
    /// The operator's e-mail address.
    pub email: String,
    /// The operator's display name; `None` for the part of the address before the `@`.
    pub name: Option<String>,
    /// The operator's password; `None` to make a link that sets it.
    pub password: Option<String>,
    /// The name of the operator's organisation.
    pub organisation: String,
    /// The id of the organisation's plan.
    pub plan: String,
}

/// An appliance that was set up by command.
pub struct ByCommandDone {
    /// The operator.
    pub user: User,
    /// The operator's organisation.
    pub organisation: Organisation,
    /// The one-time link that sets the operator's password; `None` if they have one.
    pub link: Option<String>,
}

/// Sets an appliance without people up, without a set-up link.
///
/// # Errors
/// `Conflict` with code `set_up_already`; `Invalid` or `SeveralInvalid` with the fields that are not valid.
pub fn set_up_by_command(app: &App, caller: &Caller, given: ByCommand) -> Result<ByCommandDone> {
    if !app.store.read(|db| db.is_empty())? {
        return Err(set_up_already());
    }
    let ByCommand { email, name, password, organisation, plan } = given;
    let address = Email::parse(&email).map_err(|fault| fault.for_field("operator"));
    let local_part = address.as_ref().map_or("", Email::local_part).to_owned();
    let name = name.unwrap_or(local_part);
    let owner = Owner::new(&name, &email, [organisation.as_str()]);
    let payer = Payer::new("command line", "command line", "");
    let hash = password.map(|password| hash_of_new(app, &payer, "password", password, &owner)).transpose();
    let (email, name, organisation, plan, hash) = (
        address,
        Name::parse("name", &name),
        Name::parse("organisation", &organisation),
        app.store.read(|db| db.plan(&plan)),
        hash,
    )
        .together()?;
    // Without e-mail, so that the link is returned to the person at the shell.
    let (outbox, author) = (Outbox::of(app), caller.author.clone());
    app.write(&caller.claim, move |tx| {
        if !tx.is_empty()? {
            return Err(set_up_already());
        }
        let first = First { email, name, called: organisation, plan };
        let (user, organisation) = create(tx, &first, hash.as_deref())?;
        let link = if hash.is_none() {
            let link_use = (&user, LinkUse::Password);
            outbox.password_link(tx, Some(&author), link_use, operator_link, Place::default().urgent())?
        } else {
            None
        };
        let event = Event::new("appliance.set_up", "organisation", &organisation.id, &organisation.name);
        author.log(tx, &event.within(&organisation.id))?;
        Ok(ByCommandDone { user, organisation, link })
    })
}

fn set_up_already() -> Error {
    Error::conflict("set_up_already", phrase!("first-run-done"))
}

fn used() -> Error {
    Error::NotFound(phrase!("first-run-link-used"))
}
