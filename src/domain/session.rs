//! Sessions: a signed-in person with their grants.

use super::access::Standing;
use super::branding::Brand;
use super::custom_role::ApplicationRole;
use super::ids::{OrganisationId, SessionId};
use super::level::Level;
use super::lives::Lives;
use super::method::Method;
use super::organisation::Organisation;
use super::person::{Place, User};
use super::phrase::phrase;
use super::{Error, Result, Timestamp};
use std::cmp::Reverse;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// How often the last uses of sessions are saved, in seconds.
pub const USES_SECS: i64 = 60;
/// The time without a use of a session after which its next use is saved at once, in seconds.
pub const PAUSE_SECS: i64 = 300;

/// Access to one organisation, obtained by one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The method.
    pub method: Method,
    /// When it was obtained.
    pub at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When the identity provider ends it, if it says so; never before `expires_at`.
    pub ends_at: Option<Timestamp>,
}

/// The digest of a session's secret.
pub type SecretDigest = Vec<u8>;

/// A session as stored.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id, as in its owner's list.
    pub id: SessionId,
    /// The digest of its secret, which is replaced when the password is given or changed in the session.
    pub digest: SecretDigest,
    /// When this person's own password was given in it; without that, their own settings are not accessible.
    pub password_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to within `USES_SECS`.
    pub last_seen_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The IP address from which it began.
    pub address: String,
    /// The User-Agent of the browser.
    pub agent: String,
    /// Its grants.
    pub grants: Vec<Grant>,
}

/// A person's membership of one organisation, with the organisation and its plan, as a session reads it.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The organisation.
    pub organisation: Organisation,
    /// The person's membership status in it.
    pub standing: Standing,
}

/// The part of a session that concerns some of its organisations.
#[derive(Debug)]
pub struct PartOfSession {
    /// The session, with only its open grants for these organisations, and with the times of these grants.
    pub session: Session,
    /// The IP address of its sign-in; `None` if its latest sign-in was to another organisation.
    pub address: Option<String>,
}

impl PartOfSession {
    /// Its position in a list, newest first. It contains only times that the list shows: the cursor of a page must not
    /// reveal sign-ins to other organisations.
    pub fn position(&self) -> (Reverse<i64>, String) {
        (Reverse(self.session.created_at.0), self.session.id.to_string())
    }
}

impl Session {
    /// The part with the grants that `concerns` accepts; `None` if none of these grants is open.
    pub fn part(self, now: Timestamp, concerns: impl Fn(&Grant) -> bool) -> Option<PartOfSession> {
        let latest_sign_in = self.created_at;
        let grants = self.grants.into_iter().filter(|grant| now < grant.expires_at && concerns(grant));
        let grants: Vec<_> = grants.collect();
        let created_at = grants.iter().map(|grant| grant.at).min()?;
        let last_seen_at = grants.iter().map(|grant| grant.at).max()?;
        let expires_at = grants.iter().map(|grant| grant.expires_at).max()?;
        let address = Some(self.address.clone()).filter(|_| last_seen_at >= latest_sign_in);
        let session = Self { created_at, last_seen_at, expires_at, grants, ..self };
        Some(PartOfSession { session, address })
    }
}

/// A valid session with everything that decides its access, as read from the database at one moment.
#[derive(Debug)]
pub struct Live {
    /// The person.
    pub user: User,
    /// Their session.
    pub session: Session,
    /// Their memberships.
    pub seats: Vec<Seat>,
    /// The lifetimes of sessions on this appliance.
    pub lives: Lives,
    /// The details that pages show of each seat, once they have been read.
    pub details: OnceLock<Vec<SeatDetails>>,
}

/// The details that pages show of a seat.
#[derive(Debug)]
pub struct SeatDetails {
    /// The person's workspaces in the organisation.
    pub workspaces: Vec<Place>,
    /// The name and the logo of the organisation, if it has set any.
    pub brand: Option<Brand>,
    /// For its admins: when the last certificate of its connection expires.
    pub certificates_end_at: Option<Timestamp>,
}

impl Live {
    /// The session at another moment, if it was last used at `seen_at`; `None` if it may have expired in between, which
    /// must then be checked in the database.
    pub fn at(self: &Arc<Self>, now: Timestamp, seen_at: Timestamp) -> Option<SignedIn> {
        let idle_secs = now.0 - seen_at.0;
        let in_time = now < self.session.expires_at && idle_secs < self.lives.idle_secs();
        let idle =
            |seat: &Seat| seat.organisation.own_lives.session_idle_hours.is_some_and(|hours| idle_secs >= 3600 * hours);
        if !in_time || self.seats.iter().any(idle) {
            return None;
        }
        Some(SignedIn::new(self.clone(), now)).filter(|person| !person.is_over())
    }
}

/// The session of a request, checked by the current access rule.
#[derive(Debug, Clone)]
pub struct SignedIn {
    live: Arc<Live>,
    /// The time of the request.
    pub now: Timestamp,
}

impl Deref for SignedIn {
    type Target = Live;

    fn deref(&self) -> &Live {
        &self.live
    }
}

impl SignedIn {
    /// The session at this moment.
    pub const fn new(live: Arc<Live>, now: Timestamp) -> Self {
        Self { live, now }
    }

    /// The session as read from the database, for the in-memory cache.
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The methods by which this session has access to `seat` now.
    pub fn methods<'a>(&'a self, seat: &'a Seat) -> impl Iterator<Item = Method> + 'a {
        self.opening(seat).map(|grant| grant.method)
    }

    /// The grants of this session that give access to `seat` now.
    fn opening<'a>(&'a self, seat: &'a Seat) -> impl Iterator<Item = &'a Grant> + 'a {
        self.opening_by(&self.session, seat)
    }

    /// The grants of one of this person's sessions that give access to `seat` now.
    fn opening_by<'a>(&'a self, session: &'a Session, seat: &'a Seat) -> impl Iterator<Item = &'a Grant> + 'a {
        let live = |grant: &&Grant| grant.organisation == seat.organisation.id && self.now < grant.expires_at;
        let opens = |grant: &&Grant| seat.organisation.sign_in_policy().opens(grant.method, seat.standing);
        session.grants.iter().filter(live).filter(opens)
    }

    /// The newest grant that gives this session access to applications of `seat` now. It is one by password or SAML,
    /// because a recovery code gives access only to the organisation's settings.
    pub fn application_grant<'a>(&'a self, seat: &'a Seat) -> Option<&'a Grant> {
        self.opening(seat).filter(|grant| grant.method != Method::Recovery).max_by_key(|grant| grant.at)
    }

    /// The level of this session in an application of `seat`. `role`: the person's role there.
    pub fn level(&self, seat: &Seat, role: Option<&ApplicationRole>) -> Level {
        self.application_grant(seat).map_or(Level::NoAccess, |_| Level::of(seat.standing, role))
    }

    /// When the newest grant that gives access to `seat` now was obtained.
    pub fn newest_grant(&self, seat: &Seat) -> Option<Timestamp> {
        self.opening(seat).map(|grant| grant.at).max()
    }

    /// The methods by which this person can renew the grants for `seat`: a recovery grant is renewed by the password.
    pub fn ways_to_prove(&self, seat: &Seat) -> Vec<Method> {
        let policy = seat.organisation.sign_in_policy();
        let recovery = self.methods(seat).any(|method| method == Method::Recovery);
        let password = policy.password(seat.standing) || recovery;
        let saml = policy.opens(Method::Saml, seat.standing);
        [(password, Method::Password), (saml, Method::Saml)]
            .into_iter()
            .filter_map(|(open, method)| open.then_some(method))
            .collect()
    }

    /// The only organisation that this session shows; `None` if there are several. A session through one organisation's
    /// provider does not reveal whether the person belongs to others.
    pub fn only_organisation(&self) -> Option<&Organisation> {
        let mut seen = self.seats.iter().filter(|seat| self.sees(seat));
        let only = seen.next()?;
        seen.next().is_none().then_some(&only.organisation)
    }

    /// True if this session has access to `seat` now.
    pub fn opens(&self, seat: &Seat) -> bool {
        self.methods(seat).next().is_some()
    }

    /// The seat in this organisation, if this session has access to it now.
    pub fn open_seat(&self, organisation: &OrganisationId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.organisation.id == *organisation && self.opens(seat))
    }

    /// True if this session shows `seat`: a sign-in through one organisation's provider reveals nothing about other
    /// organisations.
    pub fn sees(&self, seat: &Seat) -> bool {
        self.has_password() || self.opens(seat)
    }

    /// True if this session holds a password grant.
    pub fn has_password(&self) -> bool {
        self.proves_password(&self.session)
    }

    /// True if this session of the person holds a password grant.
    fn proves_password(&self, session: &Session) -> bool {
        session.password_at.is_some_and(|at| self.now < at.plus(self.lives.session_secs()))
    }

    /// The name of the throttle's allowance that this session uses: the person's own if it proves their password, else
    /// one for the person and the organisation through which they signed in.
    pub fn allowance(&self) -> String {
        match self.session.grants.first().filter(|_| !self.has_password()) {
            Some(grant) => format!("{} through {}", self.user.id, grant.organisation),
            None => self.user.id.to_string(),
        }
    }

    /// True if the person has an operator's rights in this session, which require a password grant.
    pub fn is_operator(&self) -> bool {
        self.user.operator && self.has_password()
    }

    /// True if the session has ended because it no longer gives access to anything. An operator's rights count as
    /// access.
    pub fn is_over(&self) -> bool {
        self.has_ended(&self.session)
    }

    /// As `is_over`, but for any of this person's sessions.
    pub fn has_ended(&self, session: &Session) -> bool {
        let operator = self.user.operator && self.proves_password(session);
        let open = || self.seats.iter().any(|seat| self.opening_by(session, seat).next().is_some());
        self.user.is_disabled() || !(operator || open())
    }

    /// True if this session shows another session of the same person. Without a password grant, sessions in other
    /// organisations are not shown.
    pub fn sees_session(&self, session: &Session) -> bool {
        let open = |grant: &Grant| self.now < grant.expires_at && self.open_seat(&grant.organisation).is_some();
        let seen = || self.has_password() || session.grants.iter().any(open);
        session.id == self.session.id || (seen() && !self.has_ended(session))
    }

    /// One of this person's sessions as this one shows it: without a password grant, only the part of it that concerns
    /// the organisations to which this session has access. `None` if it is not shown.
    pub fn shown(&self, session: Session) -> Option<PartOfSession> {
        if !self.sees_session(&session) {
            return None;
        }
        if self.has_password() || session.id == self.session.id {
            let address = Some(session.address.clone());
            return Some(PartOfSession { session, address });
        }
        session.part(self.now, |grant| self.open_seat(&grant.organisation).is_some())
    }

    /// Checks that the person gave their password in this session, which their own settings require.
    ///
    /// # Errors
    /// `Forbidden` with code `password_required`.
    pub fn own_settings(&self) -> Result<()> {
        if self.has_password() {
            return Ok(());
        }
        Err(Error::Forbidden { code: "password_required", message: phrase!("own-password-needed") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::{AuthMode, ConnectionStatus};
    use crate::domain::ids::{ConnectionId, UserId};
    use crate::domain::lives::OwnLives;
    use crate::domain::plan::NamedLimits;
    use crate::domain::{Email, Plan};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_795_510_800);

    fn seat(mode: AuthMode, status: ConnectionStatus, standing: Standing) -> Seat {
        let (id, name) = ("p".into(), "P".into());
        let plan = Plan { id, name, auth_mode: mode, limits: NamedLimits::new().into() };
        let organisation = Organisation {
            id: OrganisationId::random(),
            slug: "o".into(),
            name: "O".into(),
            plan,
            connection_id: ConnectionId::random(),
            connection_status: status,
            saml_only: false,
            portal_key: None,
            language: None,
            own_lives: OwnLives::default(),
            lives: Lives::default(),
            created_at: NOW,
        };
        Seat { organisation, standing }
    }

    fn asking(seats: Vec<Seat>, grants: Vec<Grant>, password_at: Option<Timestamp>) -> SignedIn {
        let user = User {
            id: UserId::random(),
            email: Email::parse("ann@acme.test").expect("usable"),
            name: "Ann".into(),
            language: None,
            operator: true,
            password_hash: None,
            last_workspace: None,
            notify_new_browser: false,
            disabled_at: None,
            password_by: None,
        };
        let (address, agent) = (String::new(), String::new());
        let (id, expires_at) = (SessionId::random(), NOW.plus(Lives::default().session_secs()));
        let session = Session {
            id,
            digest: Vec::new(),
            password_at,
            created_at: NOW,
            last_seen_at: NOW,
            expires_at,
            address,
            agent,
            grants,
        };
        let live = Live { user, session, seats, lives: Lives::default(), details: OnceLock::new() };
        SignedIn::new(Arc::new(live), NOW)
    }

    fn any_seat() -> impl Strategy<Value = Seat> {
        let modes = prop::sample::select(vec![AuthMode::Password, AuthMode::PasswordOrSaml, AuthMode::Saml]);
        let statuses =
            prop::sample::select(vec![ConnectionStatus::None, ConnectionStatus::Draft, ConnectionStatus::Ready]);
        (modes, statuses, any::<bool>(), any::<bool>())
            .prop_map(|(mode, status, admin, password_agreed)| seat(mode, status, Standing { admin, password_agreed }))
    }

    fn grant(organisation: &OrganisationId, method: Method, secs: i64) -> Grant {
        Grant { organisation: organisation.clone(), method, at: NOW, expires_at: NOW.plus(secs), ends_at: None }
    }

    proptest! {
        #[test]
        fn a_session_gives_no_access_to_organisations_without_a_membership(seats in prop::collection::vec(any_seat(), 0..4)) {
            let stranger = OrganisationId::random();
            let grants = [Method::Password, Method::Saml, Method::Recovery].map(|method| grant(&stranger, method, 60));
            let asking = asking(seats, grants.to_vec(), Some(NOW));
            prop_assert!(asking.open_seat(&stranger).is_none());
            prop_assert!(!asking.seats.iter().any(|seat| asking.opens(seat)));
        }

        #[test]
        fn a_saml_grant_gives_access_to_one_organisation_and_reveals_no_other(seats in prop::collection::vec(any_seat(), 1..5)) {
            let own = seats[0].organisation.id.clone();
            let asking = asking(seats, vec![grant(&own, Method::Saml, 60)], None);
            for seat in asking.seats.iter().filter(|seat| asking.opens(seat) || asking.sees(seat)) {
                prop_assert_eq!(&seat.organisation.id, &own);
            }
            prop_assert!(!asking.is_operator());
            prop_assert!(asking.own_settings().is_err());
        }

        #[test]
        fn an_expired_grant_gives_no_access(one in any_seat(), secs in -1000_i64..=0) {
            let id = one.organisation.id.clone();
            let grants = [Method::Password, Method::Saml, Method::Recovery].map(|method| grant(&id, method, secs));
            let asking = asking(vec![one], grants.to_vec(), Some(NOW.plus(-Lives::default().session_secs())));
            prop_assert!(asking.open_seat(&id).is_none());
            prop_assert!(!asking.has_password());
        }
    }
}
