//! Removing a person from an organisation, and ending their sessions for it.

use super::dry_run::switch;
use super::lost_applications::{named, opened_by};
use super::mail::Outbox;
use super::members::{end_of_grants, end_of_rights, last_admin};
use super::some_of::some_of;
use super::{Caller, Run, invitations};
use crate::app::App;
use crate::domain::access::{Effect, Line};
use crate::domain::audit::Event;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::notice::NoticeEvent;
use crate::domain::organisation::Organisation;
use crate::domain::person::{Place, Role};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::session::{Grant, PartOfSession};
use crate::domain::{Error, Result};
use crate::store::Db;

/// Removes a member from all workspaces of an organisation, and their rights as its admin.
///
/// # Errors
/// `NotFound`; `Conflict` with code `last_admin` for the last admin of the organisation or of one of its workspaces;
/// `Forbidden` when an organisation's key would remove an admin.
pub fn remove(app: &App, caller: &Caller, organisation: &Organisation, user: UserId, run: Run) -> Result<Effect> {
    let (author, claim, id) = (caller.author.clone(), caller.claim.clone(), organisation.id.clone());
    let outbox = Outbox::of(app);
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        let standing = db.find_standing(&id, &user)?.ok_or_else(no_member)?;
        if standing.admin && !db.judge_again(&claim)?.makes_admins() {
            return Err(Error::forbidden(phrase!("removal-of-organisation-admin")));
        }
        if standing.admin && !db.has_other_admin(&id, &user)? {
            return Err(last_admin());
        }
        let places = db.places(&id, &user)?;
        for place in places.iter().filter(|place| place.role == Role::Admin) {
            if !db.has_other_workspace_admin(&place.id, &user)? {
                return Err(Error::conflict("last_admin", phrase!("last-admin-of-workspace", workspace = &place.name)));
            }
        }
        let mut effect = end_of_grants(db, &organisation, &user, false)?;
        effect.applications = named(opened_by(db, &id, &user)?);
        let user = db.user(&user)?;
        // Also a person who cannot sign in now is a member no longer.
        let reason = what_they_lose(&organisation, &places, standing.admin);
        effect.loses = vec![Line { user: user.id.clone(), email: user.email.clone(), reason, organisation: None }];
        effect.counts.loses = 1;
        effect.warnings.extend(end_of_rights(db, &id, &user)?);
        effect.warnings.extend(invitations::ended_links(db, &id, &user.id, |_| true)?);
        Ok((effect, (organisation.id, user, standing.admin)))
    };
    switch(app, caller, run, planned, move |tx, (organisation, user, was_admin)| {
        tx.set_admin(&organisation, &user.id, false)?;
        tx.delete_places(&organisation, &user.id)?;
        tx.delete_person_without_place(&organisation, &user.id)?;
        tx.delete_setup_links_of(&organisation, "person", user.id.as_str())?;
        if was_admin {
            outbox.tell_of_admin(
                tx,
                &author,
                &organisation,
                (&user, &NoticeEvent::AdminRemoved(user.email.clone())),
            )?;
        }
        let event = Event::new("member.removed", "member", &user.id, &user.email);
        author.log(tx, &event.within(&organisation))
    })
}

/// What a person who is removed from an organisation loses there, as a clause. `places`: their workspaces.
fn what_they_lose(organisation: &Organisation, places: &[Place], admin: bool) -> Phrase {
    let name = &organisation.name;
    let places: Vec<_> = places.iter().map(|place| place.name.clone()).collect();
    match (places.is_empty(), admin) {
        (true, false) => phrase!("reason-loses-access", organisation = name),
        (true, true) => phrase!("reason-loses-access-as-admin", organisation = name),
        (false, false) => phrase!("reason-loses-access-to-places", organisation = name, places = some_of(&places)),
        (false, true) => {
            phrase!("reason-loses-access-to-places-as-admin", organisation = name, places = some_of(&places))
        }
    }
}

fn no_member() -> Error {
    Error::NotFound(phrase!("member-not-found"))
}

/// The sessions of a member that hold grants for an organisation, newest first, with only these grants.
///
/// # Errors
/// `NotFound`.
pub fn sessions(app: &App, organisation: &Organisation, user: &UserId) -> Result<Vec<PartOfSession>> {
    app.store.read(|db| {
        db.find_standing(&organisation.id, user)?.ok_or_else(no_member)?;
        let own = |grant: &Grant| grant.organisation == organisation.id;
        Ok(db.sessions(user)?.into_iter().filter_map(|session| session.part(db.now(), own)).collect())
    })
}

/// Ends the grants that a member holds for an organisation, in all their sessions or only in `one`, and the sessions
/// that give access to nothing else.
///
/// # Errors
/// `NotFound`; `Forbidden` when an organisation's key would end an admin's sessions, because it could keep the admin
/// out that way.
pub fn end_sessions(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    user: UserId,
    one: Option<SessionId>,
) -> Result<()> {
    let (author, organisation) = (caller.author.clone(), organisation.id.clone());
    app.write(&caller.claim, move |tx| {
        let standing = tx.find_standing(&organisation, &user)?.ok_or_else(no_member)?;
        if standing.admin && !tx.granted().makes_admins() {
            return Err(Error::forbidden(phrase!("sessions-of-organisation-admin")));
        }
        let user = tx.user(&user)?;
        let action = if let Some(session) = &one {
            tx.delete_grants_of(&organisation, &user.id, session)?;
            "member.session_ended"
        } else {
            tx.delete_grants(&organisation, &user.id)?;
            "member.sessions_ended"
        };
        let event = Event::new(action, "member", &user.id, &user.email);
        author.log(tx, &event.within(&organisation))
    })
}
