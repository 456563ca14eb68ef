//! The signed-in person, and what they can access.

use super::Caller;
use super::branding::ShownBrand;
use super::certificates;
use super::sessions::SignIn;
use crate::app::App;
use crate::domain::access::SamlAccess;
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::metadata::notice_days;
use crate::domain::method::Method;
use crate::domain::organisation::Organisation;
use crate::domain::person::Place;
use crate::domain::session::{Seat, SeatDetails, SignedIn};
use crate::domain::{Email, Error, Result, Timestamp};
use crate::store::Db;

/// A signed-in person.
#[derive(Debug)]
pub struct Me {
    /// The person's account.
    pub person: MyAccount,
    /// True if this session holds a password grant, which changes of the account need.
    pub password: bool,
    /// The grants that give this session access to an organisation.
    pub grants: Vec<OpenGrant>,
    /// The person's organisations that this session may know of.
    pub organisations: Vec<OrganisationOfMine>,
    /// The workspace that the person opened last, if this session has access to it.
    pub last_workspace: Option<WorkspaceId>,
}

/// A person's own account.
#[derive(Debug)]
pub struct MyAccount {
    /// The person's id.
    pub id: UserId,
    /// The person's display name.
    pub name: String,
    /// The person's e-mail address.
    pub email: Email,
    /// The tag of the language of their pages and e-mails; `None` if they have chosen none.
    pub language: Option<String>,
    /// True if this session has operator rights.
    pub operator: bool,
    /// True if the person has asked for an e-mail at each sign-in from an unknown browser; operators and organisation
    /// admins always get one.
    pub notify_new_browser: bool,
}

/// A grant that gives access to an organisation now.
#[derive(Debug)]
pub struct OpenGrant {
    /// The organisation to which the grant gives access.
    pub organisation: OrganisationId,
    /// The sign-in method of the grant.
    pub method: Method,
    /// When the grant was obtained.
    pub at: Timestamp,
    /// When the grant expires.
    pub expires_at: Timestamp,
}

/// An organisation of the signed-in person.
#[derive(Debug)]
pub struct OrganisationOfMine {
    /// The organisation's id.
    pub id: OrganisationId,
    /// The organisation's slug.
    pub slug: String,
    /// The organisation's display name.
    pub name: String,
    /// The id of the organisation's plan.
    pub plan: String,
    /// True if the person is its admin.
    pub admin: bool,
    /// True if this session has access to the organisation.
    pub open: bool,
    /// True if the person's password gives access to it.
    pub password: bool,
    /// The portal URL, if members can sign in through SAML.
    pub portal_url: Option<String>,
    /// When the last certificate of its connection expires; only for its admins, and from 30 days before.
    pub certificates_end_at: Option<Timestamp>,
    /// The organisation's name and logo on pages; `None` if it has set none.
    pub brand: Option<ShownBrand>,
    /// The person's workspaces in the organisation; empty if this session has no access to it.
    pub workspaces: Vec<Place>,
}

/// The owner of this session, and what the session gives access to now.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn me(app: &App, asking: &SignedIn) -> Result<Me> {
    if let Some(known) = me_from_memory(app, asking) {
        return Ok(known);
    }
    let read = app.store.read(|db| asking.seats.iter().map(|seat| details_of(db, asking, seat)).collect())?;
    Ok(me_with(app, asking, asking.details.get_or_init(|| read)))
}

/// As `me`, but only from the in-memory cache; `None` where the database is needed.
pub fn me_from_memory(app: &App, asking: &SignedIn) -> Option<Me> {
    Some(me_with(app, asking, asking.details.get()?))
}

fn me_with(app: &App, asking: &SignedIn, details: &[SeatDetails]) -> Me {
    let seats = asking.seats.iter().zip(details).filter(|(seat, _)| asking.sees(seat));
    let organisations: Vec<_> = seats.map(|(seat, details)| organisation_of_mine(app, asking, seat, details)).collect();
    let last_workspace = asking.user.last_workspace.clone().filter(|last| {
        organisations.iter().any(|mine| mine.open && mine.workspaces.iter().any(|place| place.id == *last))
    });
    Me {
        person: MyAccount {
            id: asking.user.id.clone(),
            name: asking.user.name.clone(),
            email: asking.user.email.clone(),
            language: asking.user.language.clone(),
            operator: asking.is_operator(),
            notify_new_browser: asking.user.notify_new_browser,
        },
        password: asking.has_password(),
        grants: open_grants(asking),
        organisations,
        last_workspace,
    }
}

/// Adds the `Me` of the new session to a sign-in.
///
/// # Errors
/// The errors of `me_of_token`.
pub fn with_me(app: &App, sign_in: SignIn) -> Result<(SignIn, Me)> {
    let me = me_of_token(app, &sign_in.begun().token)?;
    Ok((sign_in, me))
}

/// As `me`, for a session that has just begun or has a new secret.
///
/// # Errors
/// `SessionOver` when the session has ended already.
pub fn me_of_token(app: &App, token: &str) -> Result<Me> {
    me(app, &app.store.signed_in(token)?.ok_or_else(Error::session_over)?)
}

/// As `me`, after the person changed their account.
///
/// # Errors
/// `SessionOver` when the session has ended meanwhile.
pub fn me_of_caller(app: &App, caller: &Caller) -> Result<Me> {
    let asking = app.store.read(|db| db.asking(&caller.claim))?;
    me(app, asking.person().ok_or_else(Error::session_over)?)
}

fn open_grants(asking: &SignedIn) -> Vec<OpenGrant> {
    let live = asking.session.grants.iter().filter(|grant| asking.now < grant.expires_at);
    let open = live.filter(|grant| {
        let seat = asking.seats.iter().find(|seat| seat.organisation.id == grant.organisation);
        seat.is_some_and(|seat| seat.organisation.sign_in_policy().opens(grant.method, seat.standing))
    });
    open.map(|grant| OpenGrant {
        organisation: grant.organisation.clone(),
        method: grant.method,
        at: grant.at,
        expires_at: grant.expires_at,
    })
    .collect()
}

fn organisation_of_mine(app: &App, asking: &SignedIn, seat: &Seat, details: &SeatDetails) -> OrganisationOfMine {
    let organisation = &seat.organisation;
    let open = asking.opens(seat);
    let portal_key =
        organisation.portal_key.as_deref().filter(|_| organisation.sign_in_policy().saml() == SamlAccess::Yes);
    let near = |end: &Timestamp| *end <= asking.now || notice_days(*end, asking.now).is_some();
    OrganisationOfMine {
        id: organisation.id.clone(),
        slug: organisation.slug.clone(),
        name: organisation.name.clone(),
        plan: organisation.plan.id.clone(),
        admin: seat.standing.admin,
        open,
        password: organisation.sign_in_policy().password(seat.standing),
        portal_url: portal_key.map(|key| app.portal_url(key)),
        certificates_end_at: details.certificates_end_at.filter(|end| open && near(end)),
        brand: details.brand.clone().map(|brand| ShownBrand::new(brand, &organisation.name)),
        workspaces: if open { details.workspaces.clone() } else { Vec::new() },
    }
}

fn details_of(db: &Db, asking: &SignedIn, seat: &Seat) -> Result<SeatDetails> {
    let organisation = &seat.organisation;
    Ok(SeatDetails {
        workspaces: db.places(&organisation.id, &asking.user.id)?,
        brand: db.find_brand(Some(&organisation.id))?,
        certificates_end_at: if seat.standing.admin { certificates_end(db, organisation)? } else { None },
    })
}

/// When the last certificate of an organisation's connection expires.
fn certificates_end(db: &Db, organisation: &Organisation) -> Result<Option<Timestamp>> {
    if !organisation.sign_in_policy().sso_available() {
        return Ok(None);
    }
    let connection = db.find_connection(&organisation.id)?;
    connection.map(|connection| certificates::end_at(&connection.settings)).transpose()
}
