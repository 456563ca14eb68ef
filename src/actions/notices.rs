//! Notices about events of a person's account and organisations: by e-mail, and in *Your account*.
//!
//! Each notice is stored in the transaction of the event. If no e-mail is sent, it is only in *Your account*.

use super::mail::Outbox;
use super::{Author, Browser};
use crate::app::App;
use crate::domain::access::SignInPolicy;
use crate::domain::audit::Actor;
use crate::domain::ids::OrganisationId;
use crate::domain::mail::Place;
use crate::domain::notice::{AccountEvent, Change, NoticeEvent, Recovered, Scene};
use crate::domain::organisation::Organisation;
use crate::domain::person::User;
use crate::domain::session::SignedIn;
use crate::domain::{Listing, Page, Result, Timestamp};
use crate::mail;
use crate::store::{Db, Tx};

/// Whether a notice is sent by e-mail, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mailed {
    Yes,
    No,
}

impl Outbox {
    /// Notifies all admins of an organisation.
    pub fn tell_admins(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        event: &NoticeEvent,
    ) -> Result<()> {
        let people = tx.admins(organisation)?;
        self.tell(tx, people, event, &scene(tx, author, Some(organisation))?, Mailed::Yes)
    }

    /// Notifies all admins of an organisation if its current sign-in policy and `before` differ in SAML-only.
    pub fn tell_of_saml_only(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &Organisation,
        before: SignInPolicy,
    ) -> Result<()> {
        let on = organisation.sign_in_policy().is_saml_only();
        if on == before.is_saml_only() {
            return Ok(());
        }
        self.tell_admins(tx, author, &organisation.id, &NoticeEvent::SamlOnlyChanged(on))
    }

    /// Notifies a person and all admins of the organisation, of whom that person may be one.
    pub fn tell_of_admin(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        (user, event): (&User, &NoticeEvent),
    ) -> Result<()> {
        let mut people = other_admins(tx, organisation, user)?;
        people.push(user.clone());
        self.tell(tx, people, event, &scene(tx, author, Some(organisation))?, Mailed::Yes)
    }

    /// Notifies all other admins of an organisation that a person accepted an invitation which made them an admin.
    pub fn tell_of_new_admin(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        user: &User,
    ) -> Result<()> {
        let people = other_admins(tx, organisation, user)?;
        let event = NoticeEvent::AdminAdded(user.email.clone());
        self.tell(tx, people, &event, &scene(tx, author, Some(organisation))?, Mailed::Yes)
    }

    /// Notifies all operators.
    pub fn tell_operators(&self, tx: &Tx, author: &Author, event: &NoticeEvent) -> Result<()> {
        self.tell(tx, tx.operators()?, event, &scene(tx, author, None)?, Mailed::Yes)
    }

    /// Notifies all admins of an organisation that its connection changed. A change through a set-up link is not
    /// e-mailed here: its admins get another e-mail, which asks for a test sign-in.
    pub fn tell_of_connection(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        change: Change,
    ) -> Result<()> {
        let mailed = if matches!(author.actor, Actor::SetupLink { .. }) { Mailed::No } else { Mailed::Yes };
        let (people, event) = (tx.admins(organisation)?, NoticeEvent::ConnectionChanged(change));
        self.tell(tx, people, &event, &scene(tx, author, Some(organisation))?, mailed)
    }

    /// Notifies all admins of an organisation that a person signed in with a recovery code or link.
    pub fn tell_of_recovery(
        &self,
        tx: &Tx,
        user: &User,
        organisation: &Organisation,
        how: Recovered,
        browser: &Browser,
    ) -> Result<()> {
        let scene = own_scene(user, browser, Some(organisation.clone()), tx.now());
        let event = NoticeEvent::RecoveryUsed(user.email.clone(), how);
        self.tell(tx, tx.admins(&organisation.id)?, &event, &scene, Mailed::Yes)
    }

    /// Notifies a person that their password was set or changed. `browser`: the browser that did it.
    pub fn tell_of_password(&self, tx: &Tx, user: &User, browser: &Browser) -> Result<()> {
        let scene = own_scene(user, browser, None, tx.now());
        self.tell(tx, vec![user.clone()], &NoticeEvent::PasswordChanged, &scene, Mailed::Yes)
    }

    /// Notifies a person of a sign-in to their account from an unknown browser. Operators, organisation admins, and
    /// people who asked for it also get an e-mail. `through`: the organisation whose identity provider was used.
    pub fn tell_of_browser(
        &self,
        tx: &Tx,
        user: &User,
        browser: &Browser,
        through: Option<&OrganisationId>,
    ) -> Result<()> {
        let wanted = user.operator || user.notify_new_browser || tx.is_admin_somewhere(&user.id)?;
        let organisation = through.map(|id| tx.organisation(id.as_str())).transpose()?;
        let mailed = if wanted { Mailed::Yes } else { Mailed::No };
        self.tell(
            tx,
            vec![user.clone()],
            &NoticeEvent::NewBrowser,
            &own_scene(user, browser, organisation, tx.now()),
            mailed,
        )
    }

    fn tell(&self, tx: &Tx, people: Vec<User>, event: &NoticeEvent, scene: &Scene, mailed: Mailed) -> Result<()> {
        let letter = mail::notice(event, scene, |path| self.page(path));
        let place = scene.organisation.as_ref().map_or_else(Place::default, |one| Place::of(&one.id));
        let place = if matches!(event, NoticeEvent::RecoveryUsed(..)) { place.urgent() } else { place };
        for user in people {
            tx.add_account_event(&user.id, event, scene)?;
            if mailed == Mailed::Yes {
                self.notify(tx, &user.email, &letter, &place)?;
            }
        }
        Ok(())
    }
}

/// The admins of an organisation except this person.
fn other_admins(db: &Db, organisation: &OrganisationId, user: &User) -> Result<Vec<User>> {
    Ok(db.admins(organisation)?.into_iter().filter(|admin| admin.id != user.id).collect())
}

fn scene(db: &Db, author: &Author, organisation: Option<&OrganisationId>) -> Result<Scene> {
    Ok(Scene {
        actor: author.actor.clone(),
        address: author.address.clone(),
        agent: author.actor.columns().1.map_or_else(|| Ok(String::new()), |id| db.agent_at(id, &author.address))?,
        at: db.now(),
        organisation: organisation.map(|id| db.organisation(id.as_str())).transpose()?,
    })
}

fn own_scene(user: &User, browser: &Browser, organisation: Option<Organisation>, now: Timestamp) -> Scene {
    let Author { actor, address } = Author::person(user, &browser.address);
    Scene { actor, address, agent: browser.agent.clone(), at: now, organisation }
}

/// The notices of a person, newest first. A session without a password grant sees only those of the organisations to
/// which it gives access.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn own_events(app: &App, asking: &SignedIn, page: &Page) -> Result<Listing<AccountEvent>> {
    let open = asking.seats.iter().filter(|seat| asking.opens(seat)).map(|seat| seat.organisation.id.clone());
    let within: Option<Vec<_>> = (!asking.has_password()).then(|| open.collect());
    app.store.read(|db| db.account_events(&asking.user.id, within.as_deref(), page))
}
