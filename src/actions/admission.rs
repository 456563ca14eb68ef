//! Admission: finds out who sends a request, and whether they have the right that its route requires. The right is
//! judged when the request arrives, and again in the action's own transaction.

use super::{Author, Caller, keys, sessions, setup_links};
use crate::app::App;
use crate::domain::application::Application;
use crate::domain::audit::Actor;
use crate::domain::catalogue::Language;
use crate::domain::ids::ApplicationId;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::Role;
use crate::domain::phrase::phrase;
use crate::domain::principal::{Asking, Claim, Granted, Need, Place, Right};
use crate::domain::session::{Seat, SignedIn};
use crate::domain::{Error, Result};
use crate::store::Db;

/// The secret that identifies the sender of a request.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The secret of a session.
    Session(String),
    /// The secret of an API key.
    Key(String),
    /// The secret of a set-up link.
    SetupLink(String),
}

/// The organisation or workspace that the address of a route names.
#[derive(Debug, Clone)]
pub enum Named {
    /// No organisation or workspace: the route is about the whole appliance.
    Appliance,
    /// An organisation, by its id or slug.
    Organisation(String),
    /// A workspace, by its id or as `organisation/workspace`.
    Workspace(String),
    /// An application, by its id; the caller needs the right in its workspace.
    Application(String),
}

/// The outcome of checking a request's right.
pub struct Judged {
    /// The principal, if known: for the security log, even if the request is refused.
    pub actor: Option<Actor>,
    /// The languages of the person, and of their only organisation, also for a refusal.
    pub languages: Languages,
    /// The request that was let in, or its refusal.
    pub outcome: Result<Admitted>,
}

/// The languages in which a principal's answers can be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Languages {
    /// The language that the person has chosen.
    pub person: Option<Language>,
    /// The default language of the person's only organisation.
    pub organisation: Option<Language>,
}

impl Languages {
    /// The languages of the person who is signed in.
    pub fn of(person: &SignedIn) -> Self {
        Self {
            person: person.user.chosen_language(),
            organisation: person.only_organisation().and_then(Organisation::default_language),
        }
    }
}

/// A request that was let in.
pub struct Admitted {
    /// The principal of the request.
    pub asking: Asking,
    /// The right that the principal has.
    pub granted: Granted,
    /// The organisation that the request is about, if any.
    pub organisation: Option<Organisation>,
    /// The workspace that the request is about, if any.
    pub workspace: Option<Workspace>,
    /// The application that the request is about, if any.
    pub application: Option<Application>,
    /// The person's role in that workspace.
    pub role: Option<Role>,
    /// The principal and the right, as the action needs them.
    pub caller: Caller,
}

/// Identifies the principal that sends a request from `address`, and judges the right that its route requires;
/// `right.place` is set from `named`. The outcome is `SessionOver` or `Refused` when the credential is unknown, and `Forbidden`,
/// `NotFound` or `Reauthenticate` when the right is missing.
pub fn admit(app: &App, credential: &Credential, right: Right, named: &Named, address: &str) -> Judged {
    match recognise(app, credential, address) {
        Ok(asking) => judged(asking, |asking| judge(app, asking, right, named, address)),
        Err(refusal) => Judged { actor: None, languages: Languages::default(), outcome: Err(refusal) },
    }
}

/// As `admit`, but only from the in-memory cache; `None` where the database is needed.
pub fn admit_from_memory(
    app: &App,
    credential: &Credential,
    right: &Right,
    named: &Named,
    address: &str,
) -> Option<Judged> {
    let Credential::Session(token) = credential else { return None };
    let name = match named {
        Named::Appliance => None,
        Named::Organisation(name) => Some(name),
        Named::Workspace(_) | Named::Application(_) => return None,
    };
    let person = sessions::known(app, token)?;
    let organisation = match name {
        Some(name) => Some(seat_of(&person, name)?.organisation.clone()),
        None => None,
    };
    let right = Right { place: place(organisation.as_ref(), None), ..right.clone() };
    let asking = Asking::Person(Box::new(person));
    Some(judged(asking, |asking| {
        let granted = asking.judge(&right, None)?;
        if let Some(organisation) = organisation.as_ref().filter(|_| right.sso_plan) {
            organisation.sso_in_plan()?;
        }
        Ok(admitted(asking, granted, Found { organisation, ..Found::default() }, right, address))
    }))
}

fn seat_of<'p>(person: &'p SignedIn, name: &str) -> Option<&'p Seat> {
    let name = name.to_ascii_lowercase();
    person.seats.iter().find(|seat| seat.organisation.id.as_str() == name || seat.organisation.slug == name)
}

fn judged(asking: Asking, judge: impl FnOnce(Asking) -> Result<Admitted>) -> Judged {
    let languages = match &asking {
        Asking::Person(person) => Languages::of(person),
        Asking::Key(_) | Asking::SetupLink(_) => Languages::default(),
    };
    let actor = Some(actor(&asking, Granted::Member));
    Judged { actor, languages, outcome: judge(asking) }
}

/// What the address of a request names, and the person's role there.
#[derive(Default)]
struct Found {
    organisation: Option<Organisation>,
    workspace: Option<Workspace>,
    application: Option<Application>,
    role: Option<Role>,
}

fn place(organisation: Option<&Organisation>, workspace: Option<&Workspace>) -> Place {
    match (organisation, workspace) {
        (_, Some(workspace)) => Place::Workspace(workspace.id.clone(), workspace.organisation.clone()),
        (Some(organisation), None) => Place::Organisation(organisation.id.clone()),
        (None, None) => Place::Appliance,
    }
}

fn admitted(asking: Asking, granted: Granted, found: Found, right: Right, address: &str) -> Admitted {
    let author = Author { actor: actor(&asking, granted), address: address.into() };
    let caller = Caller { author, claim: Claim { principal: asking.principal(), right } };
    let Found { organisation, workspace, application, role } = found;
    Admitted { asking, granted, organisation, workspace, application, role, caller }
}

fn judge(app: &App, asking: Asking, mut right: Right, named: &Named, address: &str) -> Result<Admitted> {
    if matches!(right.need, Need::Operator | Need::OperatorInPerson) && !asking.is_operator() {
        // Judged before the organisation or workspace is looked up, so that other people cannot find out which ones exist.
        asking.judge(&right, None)?;
    }
    let (found, granted) = app.store.read(|db| {
        let mut found = find(db, named, &asking)?;
        right.place = place(found.organisation.as_ref(), found.workspace.as_ref());
        found.role = db.role_of(&asking, &right)?;
        let granted = db.judge(&asking, &right, found.role.as_ref()).map_err(|refusal| hidden(&found, refusal))?;
        Ok((found, granted))
    })?;
    let admitted = admitted(asking, granted, found, right, address);
    if let Asking::SetupLink(link) = &admitted.asking {
        setup_links::note_opened(app, &admitted.caller, link);
    }
    Ok(admitted)
}

fn recognise(app: &App, credential: &Credential, address: &str) -> Result<Asking> {
    match credential {
        Credential::Session(token) => sessions::authenticate(app, token).map(Box::new).map(Asking::Person),
        Credential::Key(secret) => {
            let unknown = || Error::Refused { code: "unauthorized", message: phrase!("unknown-api-key") };
            keys::authenticate(app, secret)?.map(Asking::Key).ok_or_else(unknown)
        }
        Credential::SetupLink(secret) => setup_links::authenticate(app, secret, address).map(Asking::SetupLink),
    }
}

/// Answers for an application of another tenant as for an unknown one.
fn hidden(found: &Found, refusal: Error) -> Error {
    match refusal {
        Error::NotFound(_) if found.application.is_some() => Error::NotFound(phrase!("application-not-found")),
        other => other,
    }
}

fn find(db: &Db, named: &Named, asking: &Asking) -> Result<Found> {
    let mut found = Found::default();
    match named {
        Named::Organisation(name) => found.organisation = Some(db.organisation(name)?),
        Named::Workspace(id) => found.workspace = Some(db.workspace_named(id)?),
        Named::Application(id) => {
            let application = db.application(&ApplicationId::parse(id)?)?;
            found.workspace = Some(db.workspace(&application.workspace)?);
            found.application = Some(application);
        }
        Named::Appliance => {
            if let Asking::SetupLink(link) = asking {
                found.organisation = Some(db.organisation(link.organisation.as_str())?);
            }
        }
    }
    if let Some(workspace) = &found.workspace {
        found.organisation = Some(db.organisation(workspace.organisation.as_str())?);
    }
    Ok(found)
}

fn actor(asking: &Asking, granted: Granted) -> Actor {
    match asking {
        Asking::Key(key) => Actor::Key { id: key.id.clone(), name: key.name.clone() },
        Asking::SetupLink(link) => link.actor(),
        Asking::Person(person) => {
            let (id, email) = (person.user.id.clone(), person.user.email.to_string());
            if granted == Granted::Operator { Actor::Operator { id, email } } else { Actor::Person { id, email } }
        }
    }
}
