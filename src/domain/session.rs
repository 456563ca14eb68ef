//! Sessions: a person, plus the grants they have earned.

use super::access::{Method, Standing};
use super::ids::{OrganisationId, SessionId};
use super::organisation::Organisation;
use super::person::User;
use super::{Error, Result, Timestamp};

/// A session ends after this long without a request, in seconds.
pub const IDLE_SECS: i64 = 12 * 3600;
/// And this long after its sign-in at the latest, in seconds.
pub const LIFETIME_SECS: i64 = 7 * 24 * 3600;
/// How often a session's last use is written down, in seconds.
pub const TOUCH_SECS: i64 = 300;

/// Permission for one organisation, earned in one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// For which.
    pub organisation: OrganisationId,
    /// How.
    pub method: Method,
    /// When.
    pub at: Timestamp,
    /// From then on it opens nothing.
    pub expires_at: Timestamp,
}

/// A session as stored.
#[derive(Debug, Clone)]
pub struct Session {
    /// As its owner sees it.
    pub id: SessionId,
    /// When this person's own password was given in it; without one, nothing of their own is open.
    pub password_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to within `TOUCH_SECS`.
    pub last_seen_at: Timestamp,
    /// From then on it is dead.
    pub expires_at: Timestamp,
    /// Where it began.
    pub address: String,
    /// The browser's own name for itself.
    pub agent: String,
    /// What it has earned.
    pub grants: Vec<Grant>,
}

/// One of a person's organisations, as it stands now.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The organisation.
    pub organisation: Organisation,
    /// What the person is to it.
    pub standing: Standing,
}

/// Who is asking: a session, judged by the rule as it stands now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub user: User,
    /// Their session.
    pub session: Session,
    /// Their organisations.
    pub seats: Vec<Seat>,
    /// The time of the request.
    pub now: Timestamp,
}

impl SignedIn {
    /// The methods by which this session opens `seat` now.
    pub fn methods<'a>(&'a self, seat: &'a Seat) -> impl Iterator<Item = Method> + 'a {
        self.session
            .grants
            .iter()
            .filter(|grant| grant.organisation == seat.organisation.id && self.now < grant.expires_at)
            .map(|grant| grant.method)
            .filter(|method| seat.organisation.door().opens(*method, seat.standing))
    }

    /// Whether this session opens `seat` now.
    pub fn opens(&self, seat: &Seat) -> bool {
        self.methods(seat).next().is_some()
    }

    /// The seat in this organisation, if this session opens it now.
    pub fn open_seat(&self, organisation: &OrganisationId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.organisation.id == *organisation && self.opens(seat))
    }

    /// Whether this session may be told of `seat`: an identity provider shows nothing of another's.
    pub fn sees(&self, seat: &Seat) -> bool {
        self.has_password() || self.opens(seat)
    }

    /// Whether this session holds a password grant.
    pub fn has_password(&self) -> bool {
        self.session.password_at.is_some_and(|at| self.now < at.plus(LIFETIME_SECS))
    }

    /// Whether operator rights are in force: they need a password grant in this session.
    pub fn is_operator(&self) -> bool {
        self.user.operator && self.has_password()
    }

    /// Whether anything at all is open.
    pub fn opens_anything(&self) -> bool {
        self.is_operator() || self.seats.iter().any(|seat| self.opens(seat))
    }

    /// Own settings are for the person who gave their password in this session.
    ///
    /// # Errors
    /// `Forbidden` with code `password_required`.
    pub fn own_settings(&self) -> Result<()> {
        if self.has_password() {
            return Ok(());
        }
        Err(Error::Forbidden {
            code: "password_required",
            message: "Sign in with your own password to change your account.".into(),
        })
    }
}
