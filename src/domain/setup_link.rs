//! Set-up links, which give a person without an account access to the SSO set-up and to nothing else.

use super::access::ConnectionStatus;
use super::audit::Actor;
use super::ids::{OrganisationId, SetupLinkId};
use super::organisation::Organisation;
use super::phrase::{Phrase, phrase};
use super::{Error, Name, Result, Timestamp};
use serde::Serialize;

/// The maximum number of links that an organisation has at a time.
pub const MOST_SETUP_LINKS: usize = 5;
/// The default lifetime of a link, in days.
pub const USUAL_DAYS: i64 = 7;
/// The maximum lifetime of a link, in days.
pub const MOST_DAYS: i64 = 30;

/// The status of a set-up link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupLinkStatus {
    /// It gives access to the set-up.
    Live,
    /// The connection has become ready.
    Done,
    /// It has expired.
    Expired,
    /// Its creator no longer has the right to create one.
    Orphaned,
}

/// A set-up link, without its secret.
#[derive(Debug, Clone)]
pub struct SetupLink {
    /// Its id, as in its creator's list.
    pub id: SetupLinkId,
    /// The organisation whose connection it sets up.
    pub organisation: OrganisationId,
    /// The creator's note, such as the recipient; empty if there is none.
    pub note: String,
    /// The e-mail address or name of its creator.
    pub created_by: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When it was last used, to within a few minutes.
    pub last_used_at: Option<Timestamp>,
    /// When the connection became ready, which completed the set-up.
    pub done_at: Option<Timestamp>,
    /// True if its creator still has the right to create one.
    pub backed: bool,
}

impl SetupLink {
    /// Its status at this time.
    pub fn status(&self, now: Timestamp) -> SetupLinkStatus {
        match self.done_at {
            _ if !self.backed => SetupLinkStatus::Orphaned,
            _ if self.expires_at <= now => SetupLinkStatus::Expired,
            Some(_) => SetupLinkStatus::Done,
            None => SetupLinkStatus::Live,
        }
    }

    /// Checks that the link gives access to the set-up of its organisation now.
    ///
    /// # Errors
    /// `NotFound` when it has expired, or its creator has lost the right; `Forbidden` with code `plan_required`;
    /// `Conflict` with code `setup_done`.
    pub fn opens(&self, organisation: &Organisation, now: Timestamp) -> Result<()> {
        match self.status(now) {
            SetupLinkStatus::Live => {}
            SetupLinkStatus::Done => return Err(done()),
            SetupLinkStatus::Expired | SetupLinkStatus::Orphaned => return Err(gone()),
        }
        organisation.sso_in_plan()?;
        not_done(organisation)
    }

    /// The link's holder as the actor in the audit log: named by the link, because the person is unknown.
    pub fn actor(&self) -> Actor {
        Actor::SetupLink { id: self.id.clone(), name: self.id.actor_name() }
    }
}

/// Checks that the connection is not ready. Once it is ready, set-up links no longer work.
///
/// # Errors
/// `Conflict` with code `setup_done`.
pub fn not_done(organisation: &Organisation) -> Result<()> {
    if organisation.connection_status == ConnectionStatus::Ready { Err(done()) } else { Ok(()) }
}

/// The error for a link that has expired, or whose creator has lost the right.
pub fn gone() -> Error {
    Error::NotFound(phrase!("set-up-link-over"))
}

fn done() -> Error {
    Error::conflict("setup_done", phrase!("setup-done"))
}

/// The start of the name of a link's holder in the audit log. It is stored in English and translated when it is read.
const ACTOR: &str = "set-up link ";

impl SetupLinkId {
    /// The name of this link's holder in the audit log.
    pub fn actor_name(&self) -> String {
        format!("{ACTOR}{}", self.as_str().get(..8).unwrap_or_default())
    }
}

/// A name from the audit log in the reader's language: the name of a link's holder is translated, other names are
/// unchanged.
pub fn told_name(name: &str) -> Phrase {
    name.strip_prefix(ACTOR).map_or_else(|| Phrase::words(name), |link| phrase!("set-up-link-named", link = link))
}

/// A request for a new link.
#[derive(Debug, Clone)]
pub struct NewSetupLink {
    days: i64,
    note: String,
}

impl NewSetupLink {
    /// Reads a request. `days`: 1 to 30, by default 7. `note`: at most 100 characters.
    ///
    /// # Errors
    /// `Invalid` with field `days` or `note`.
    pub fn parse(days: Option<i64>, note: Option<&str>) -> Result<Self> {
        let days = days.unwrap_or(USUAL_DAYS);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Error::invalid("days", phrase!("field-days", most = MOST_DAYS)));
        }
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        let note = note.map(|note| Name::parse("note", note)).transpose()?;
        Ok(Self { days, note: note.map(|note| note.to_string()).unwrap_or_default() })
    }

    /// Makes the link. `created_by`: the creator's name in the audit log.
    pub fn made(self, organisation: &OrganisationId, created_by: &str, now: Timestamp) -> SetupLink {
        SetupLink {
            id: SetupLinkId::random(),
            organisation: organisation.clone(),
            note: self.note,
            created_by: created_by.into(),
            created_at: now,
            expires_at: now.plus(self.days * 24 * 3600),
            last_used_at: None,
            done_at: None,
            backed: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lasts_a_week_or_the_requested_time() {
        let lasts = |days| {
            let new = NewSetupLink::parse(days, None).expect("usable");
            new.made(&OrganisationId::random(), "ann@acme.test", Timestamp(0)).expires_at.0 / (24 * 3600)
        };
        assert_eq!((lasts(None), lasts(Some(1)), lasts(Some(30))), (7, 1, 30));
        assert!([0, -1, 31, i64::MAX].into_iter().all(|days| NewSetupLink::parse(Some(days), None).is_err()));
        assert!(NewSetupLink::parse(None, Some(&"x".repeat(101))).is_err());
    }

    #[test]
    fn a_link_is_live_until_it_is_done_or_expired_or_its_creator_loses_the_right() {
        let new = NewSetupLink::parse(Some(1), Some(" For Ida ")).expect("usable");
        let link = new.made(&OrganisationId::random(), "ann@acme.test", Timestamp(0));
        assert_eq!((link.note.as_str(), link.status(Timestamp(86_399))), ("For Ida", SetupLinkStatus::Live));
        assert_eq!(link.status(Timestamp(86_400)), SetupLinkStatus::Expired);
        let done = SetupLink { done_at: Some(Timestamp(5)), ..link.clone() };
        assert_eq!(done.status(Timestamp(6)), SetupLinkStatus::Done);
        assert_eq!(SetupLink { backed: false, ..done }.status(Timestamp(6)), SetupLinkStatus::Orphaned);
        let Actor::SetupLink { name, .. } = link.actor() else { panic!("another actor") };
        assert!(name.starts_with("set-up link ") && !name.contains('@'));
    }
}
