//! The lifetimes of invitations and sessions: settings of the appliance, which an organisation may shorten for itself.
#![allow(clippy::option_option)] // a change may keep a lifetime, reset it to the appliance's, or set it

use super::phrase::phrase;
use super::{Error, Result, Together};

const HOUR_SECS: i64 = 3600;
const DAY_SECS: i64 = 24 * HOUR_SECS;

/// The lifetimes of invitations and sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lives {
    /// Hours for which an invitation can be accepted.
    pub invitation_hours: i64,
    /// Hours without a request after which a session ends.
    pub session_idle_hours: i64,
    /// Days after which a sign-in ends, even if it is in use.
    pub session_days: i64,
}

impl Default for Lives {
    fn default() -> Self {
        Self { invitation_hours: 24, session_idle_hours: 12, session_days: 7 }
    }
}

impl Lives {
    /// The longest lifetimes that an appliance may set.
    pub const LONGEST: Self = Self { invitation_hours: 14 * 24, session_idle_hours: 90 * 24, session_days: 90 };

    /// Seconds for which an invitation can be accepted.
    pub const fn invitation_secs(self) -> i64 {
        self.invitation_hours * HOUR_SECS
    }

    /// Seconds without a request after which a session ends.
    pub const fn idle_secs(self) -> i64 {
        self.session_idle_hours * HOUR_SECS
    }

    /// Seconds after which a sign-in ends, even if it is in use.
    pub const fn session_secs(self) -> i64 {
        self.session_days * DAY_SECS
    }

    /// The lifetimes of the appliance, with those that an organisation has shortened.
    #[must_use]
    pub fn narrowed(self, own: OwnLives) -> Self {
        let least = |appliance: i64, own: Option<i64>| own.map_or(appliance, |own| own.min(appliance));
        Self {
            invitation_hours: least(self.invitation_hours, own.invitation_hours),
            session_idle_hours: least(self.session_idle_hours, own.session_idle_hours),
            session_days: least(self.session_days, own.session_days),
        }
    }

    /// The form in which the database stores them.
    pub fn to_text(self) -> String {
        format!("{} {} {}", self.invitation_hours, self.session_idle_hours, self.session_days)
    }

    /// Reads the form in which the database stores them; `None` for anything else.
    pub fn of_text(text: &str) -> Option<Self> {
        let numbers: Vec<i64> = text.split(' ').map(str::parse).collect::<std::result::Result<_, _>>().ok()?;
        match numbers[..] {
            [invitation_hours, session_idle_hours, session_days] => {
                Some(Self { invitation_hours, session_idle_hours, session_days })
            }
            _ => None,
        }
    }
}

/// The lifetimes that an organisation has set; `None` for the appliance's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct OwnLives {
    /// Hours for which an invitation can be accepted.
    pub invitation_hours: Option<i64>,
    /// Hours without a request after which its sign-ins end.
    pub session_idle_hours: Option<i64>,
    /// Days after which its sign-ins end, even if they are in use.
    pub session_days: Option<i64>,
}

/// Changes to an organisation's lifetimes: `None` keeps a value, `Some(None)` resets it to the appliance's.
#[derive(Debug, Clone, Copy, Default)]
pub struct LivesChange {
    /// The change of the hours for which an invitation can be accepted.
    pub invitation_hours: Option<Option<i64>>,
    /// The change of the hours without a request after which a sign-in ends.
    pub session_idle_hours: Option<Option<i64>>,
    /// The change of the days after which a sign-in ends.
    pub session_days: Option<Option<i64>>,
}

impl LivesChange {
    /// True if it changes nothing.
    pub const fn is_empty(&self) -> bool {
        self.invitation_hours.is_none() && self.session_idle_hours.is_none() && self.session_days.is_none()
    }

    /// The organisation's lifetimes after the change. `most`: those of the appliance.
    ///
    /// # Errors
    /// `Invalid` or `SeveralInvalid` with the fields that are less than 1, or more than the appliance's.
    pub fn over(self, own: OwnLives, most: Lives) -> Result<OwnLives> {
        let changed = |field: &str, change: Option<Option<i64>>, own, most| match change {
            None => Ok(own),
            Some(Some(number)) if !(1..=most).contains(&number) => Err(Error::invalid(
                field,
                phrase!("field-life", most = most, unit = field.rsplit('_').next().unwrap_or_default()),
            )),
            Some(wanted) => Ok(wanted),
        };
        let (invitation_hours, session_idle_hours, session_days) = (
            changed("invitation_hours", self.invitation_hours, own.invitation_hours, most.invitation_hours),
            changed("session_idle_hours", self.session_idle_hours, own.session_idle_hours, most.session_idle_hours),
            changed("session_days", self.session_days, own.session_days, most.session_days),
        )
            .together()?;
        Ok(OwnLives { invitation_hours, session_idle_hours, session_days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_can_shorten_the_appliances_lifetimes_but_not_extend_them() {
        let appliance = Lives { session_days: 3, ..Lives::default() };
        let own = OwnLives { session_idle_hours: Some(2), session_days: Some(7), ..OwnLives::default() };
        let narrowed = Lives { session_idle_hours: 2, ..appliance };
        assert_eq!(appliance.narrowed(own), narrowed);
        assert_eq!(Lives::of_text(&appliance.to_text()), Some(appliance));
        for bad in ["", "1 2", "1 2 3 4", "a b c"] {
            assert_eq!(Lives::of_text(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_change_must_be_within_the_limits_and_null_resets_it_to_the_appliances() {
        let own = OwnLives { invitation_hours: Some(3), ..OwnLives::default() };
        let days = |number| LivesChange { session_days: Some(Some(number)), ..LivesChange::default() };
        assert_eq!(days(7).over(own, Lives::default()).expect("usable"), OwnLives { session_days: Some(7), ..own });
        for bad in [0, 8, -1] {
            let Err(Error::Invalid { field, .. }) = days(bad).over(own, Lives::default()) else {
                panic!("{bad} was taken")
            };
            assert_eq!(field, "session_days");
        }
        let back = LivesChange { invitation_hours: Some(None), ..LivesChange::default() };
        assert_eq!(back.over(own, Lives::default()).expect("usable"), OwnLives::default());
    }
}
