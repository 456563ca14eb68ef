//! Tells people what has happened to their account and their organisations: by mail, and in *Your account*.
//!
//! Each is written in the transaction of what it tells. Where no mail is sent, *Your account* alone has it.

use super::mail::Outbox;
use super::{Author, Browser};
use crate::app::App;
use crate::domain::access::Door;
use crate::domain::audit::Actor;
use crate::domain::ids::OrganisationId;
use crate::domain::mail::Place;
use crate::domain::notice::{AccountEvent, Change, News, Recovered, Scene};
use crate::domain::organisation::Organisation;
use crate::domain::person::User;
use crate::domain::session::SignedIn;
use crate::domain::{Listing, Page, Result, Timestamp};
use crate::mail;
use crate::store::{Db, Tx};

/// The people who get a notice by e-mail as well as in *Your account*.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mailed {
    Yes,
    No,
}

impl Outbox {
    /// Tells all admins of an organisation.
    pub fn tell_admins(&self, tx: &Tx, author: &Author, organisation: &OrganisationId, news: &News) -> Result<()> {
        let people = tx.admins(organisation)?;
        self.tell(tx, people, news, &scene(tx, author, Some(organisation))?, Mailed::Yes)
    }

    /// Tells all admins of an organisation if SAML-only is on and was not under the door `before`, or the other way round.
    pub fn tell_of_door(&self, tx: &Tx, author: &Author, organisation: &Organisation, before: Door) -> Result<()> {
        let on = organisation.door().is_saml_only();
        if on == before.is_saml_only() {
            return Ok(());
        }
        self.tell_admins(tx, author, &organisation.id, &News::SamlOnlyChanged(on))
    }

    /// Tells a person and all admins of the organisation, of which that person may be one.
    pub fn tell_of_admin(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        (user, news): (&User, &News),
    ) -> Result<()> {
        let mut people = other_admins(tx, organisation, user)?;
        people.push(user.clone());
        self.tell(tx, people, news, &scene(tx, author, Some(organisation))?, Mailed::Yes)
    }

    /// Tells all other admins of an organisation that somebody accepted an invitation which made them one.
    pub fn tell_of_new_admin(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        user: &User,
    ) -> Result<()> {
        let people = other_admins(tx, organisation, user)?;
        let news = News::AdminAdded(user.email.clone());
        self.tell(tx, people, &news, &scene(tx, author, Some(organisation))?, Mailed::Yes)
    }

    /// Tells all operators.
    pub fn tell_operators(&self, tx: &Tx, author: &Author, news: &News) -> Result<()> {
        self.tell(tx, tx.operators()?, news, &scene(tx, author, None)?, Mailed::Yes)
    }

    /// Tells all admins of an organisation that its connection changed. What came through a set-up link they are mailed of in words
    /// of its own: it waits for their test sign-in.
    pub fn tell_of_connection(
        &self,
        tx: &Tx,
        author: &Author,
        organisation: &OrganisationId,
        change: Change,
    ) -> Result<()> {
        let mailed = if matches!(author.actor, Actor::SetupLink { .. }) { Mailed::No } else { Mailed::Yes };
        let (people, news) = (tx.admins(organisation)?, News::ConnectionChanged(change));
        self.tell(tx, people, &news, &scene(tx, author, Some(organisation))?, mailed)
    }

    /// Tells all admins of an organisation that somebody came in by a way back.
    pub fn tell_of_recovery(
        &self,
        tx: &Tx,
        user: &User,
        organisation: &Organisation,
        how: Recovered,
        browser: &Browser,
    ) -> Result<()> {
        let scene = own_scene(user, browser, Some(organisation.clone()), tx.now());
        let news = News::RecoveryUsed(user.email.clone(), how);
        self.tell(tx, tx.admins(&organisation.id)?, &news, &scene, Mailed::Yes)
    }

    /// Tells a person that their password was set or changed. `browser`: where that was done.
    pub fn tell_of_password(&self, tx: &Tx, user: &User, browser: &Browser) -> Result<()> {
        let scene = own_scene(user, browser, None, tx.now());
        self.tell(tx, vec![user.clone()], &News::PasswordChanged, &scene, Mailed::Yes)
    }

    /// Tells a person that somebody signed in as them from a browser that was not known to their account: by mail those who run the
    /// appliance or an organisation, and others who want it. `through`: the organisation whose identity provider it was.
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
        self.tell(tx, vec![user.clone()], &News::NewBrowser, &own_scene(user, browser, organisation, tx.now()), mailed)
    }

    fn tell(&self, tx: &Tx, people: Vec<User>, news: &News, scene: &Scene, mailed: Mailed) -> Result<()> {
        let letter = mail::notice(news, scene, |path| self.page(path));
        let place = scene.organisation.as_ref().map_or_else(Place::default, |one| Place::of(&one.id));
        let place = if matches!(news, News::RecoveryUsed(..)) { place.urgent() } else { place };
        for user in people {
            tx.add_account_event(&user.id, news, scene)?;
            if mailed == Mailed::Yes {
                self.news(tx, &user.email, &letter, &place)?;
            }
        }
        Ok(())
    }
}

/// The admins of an organisation without this person.
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

/// The notices of a person, newest first. Without a password grant, of the organisations alone that the session opens.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn own_events(app: &App, asking: &SignedIn, page: &Page) -> Result<Listing<AccountEvent>> {
    let open = asking.seats.iter().filter(|seat| asking.opens(seat)).map(|seat| seat.organisation.id.clone());
    let within: Option<Vec<_>> = (!asking.has_password()).then(|| open.collect());
    app.store.read(|db| db.account_events(&asking.user.id, within.as_deref(), page))
}
