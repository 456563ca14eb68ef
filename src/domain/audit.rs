//! The audit log: who did what to what, and when.

use super::ids::{KeyId, OrganisationId, SetupLinkId, UserId, WorkspaceId};
use super::phrase::phrase;
use super::{Error, Result, Timestamp};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by right of their own place.
    Person {
        /// The person.
        id: UserId,
        /// Their address at the time.
        email: String,
    },
    /// A person, by right of running the appliance.
    Operator {
        /// The person.
        id: UserId,
        /// Their address at the time.
        email: String,
    },
    /// An API key.
    Key {
        /// The key.
        id: KeyId,
        /// Its name.
        name: String,
    },
    /// Whoever came with a set-up link: nobody knows who that is.
    SetupLink {
        /// The link.
        id: SetupLinkId,
        /// What the log calls it.
        name: String,
    },
    /// Somebody with a shell on the machine.
    CommandLine,
    /// The appliance by itself.
    System,
    /// Nobody who is known.
    Anonymous,
}

impl Actor {
    /// The kind of actor, its id and its name at the time.
    pub fn columns(&self) -> (&'static str, Option<&str>, &str) {
        match self {
            Self::Person { id, email } => ("person", Some(id.as_str()), email),
            Self::Operator { id, email } => ("operator", Some(id.as_str()), email),
            Self::Key { id, name } => ("key", Some(id.as_str()), name),
            Self::SetupLink { id, name } => ("setup_link", Some(id.as_str()), name),
            Self::CommandLine => ("command_line", None, "command line"),
            Self::System => ("system", None, "Vestibule"),
            Self::Anonymous => ("anonymous", None, ""),
        }
    }
}

/// An audit entry, written in the same transaction as the action.
#[derive(Debug, Clone)]
pub struct Event {
    /// For example `member.revoked`.
    pub action: &'static str,
    /// In which organisation, if in one.
    pub organisation: Option<OrganisationId>,
    /// In which workspace, if in one.
    pub workspace: Option<WorkspaceId>,
    /// The kind of thing: `member`, `workspace`, `connection`, `session` ...
    pub resource_type: &'static str,
    /// Its id.
    pub resource_id: String,
    /// Its name at the time.
    pub resource_name: String,
    /// What else to know, such as the new role. Never a secret.
    pub detail: serde_json::Value,
}

impl Event {
    /// An event about a thing, so far in no organisation.
    pub fn new(action: &'static str, resource_type: &'static str, id: impl ToString, name: impl ToString) -> Self {
        Self {
            action,
            organisation: None,
            workspace: None,
            resource_type,
            resource_id: id.to_string(),
            resource_name: name.to_string(),
            detail: serde_json::Value::Null,
        }
    }

    /// In this organisation.
    #[must_use]
    pub fn within(mut self, organisation: &OrganisationId) -> Self {
        self.organisation = Some(organisation.clone());
        self
    }

    /// In this workspace.
    #[must_use]
    pub fn at(mut self, workspace: &WorkspaceId) -> Self {
        self.workspace = Some(workspace.clone());
        self
    }

    /// With this to know.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// The kinds of things that events are about.
pub const RESOURCE_TYPES: [&str; 13] = [
    "branding",
    "connection",
    "invitation",
    "key",
    "mail",
    "member",
    "organisation",
    "person",
    "plan",
    "security",
    "session",
    "setup_link",
    "workspace",
];

/// A line of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number: later ones are larger.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// `person`, `operator`, `key`, `setup_link`, `command_line`, `system` or `anonymous`.
    pub actor_kind: String,
    /// Who did it, where that has an id.
    pub actor_id: Option<String>,
    /// Their address or name at the time.
    pub actor_name: String,
    /// Their present name, if it is a person who still exists.
    pub actor_full_name: Option<String>,
    /// The address that they came from; empty on the command line.
    pub address: String,
    /// For example `member.revoked`.
    pub action: String,
    /// In which organisation, and its name while it exists.
    pub organisation: Option<(String, Option<String>)>,
    /// In which workspace, and its name while it exists.
    pub workspace: Option<(String, Option<String>)>,
    /// The kind of thing.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// Its name at the time.
    pub resource_name: String,
    /// What else there is to know.
    pub detail: serde_json::Value,
}

/// Which lines of the log are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this organisation.
    pub organisation: Option<OrganisationId>,
    /// Who did it: an id, or a whole address or name as it was at the time, or a part of one.
    pub user: Option<String>,
    /// The kind of thing: one of `RESOURCE_TYPES`.
    pub resource_type: Option<String>,
    /// Part of the thing's name, without case.
    pub resource: Option<String>,
    /// In this workspace.
    pub workspace: Option<WorkspaceId>,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub before: Option<Timestamp>,
}

/// The number of actions in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// From this moment.
    pub from: Timestamp,
    /// Before this moment.
    pub before: Timestamp,
    /// The number of log lines in it.
    pub count: i64,
}

/// Seconds of an hour.
const HOUR_SECS: i64 = 3600;
/// Seconds of a day.
const DAY_SECS: i64 = 24 * HOUR_SECS;
/// The default period of the chart.
const USUAL_DAYS: i64 = 30;
/// The most days of a picture: each costs a count.
const MOST_DAYS: i64 = 90;
/// Up to here hours tell more than days.
const HOURLY_DAYS: i64 = 2;

impl Filter {
    /// Reads the parameters of a query, of which empty ones count as absent. A date stands for its whole day, UTC.
    ///
    /// # Errors
    /// `Invalid` with the parameter.
    pub fn parse(param: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let param = |name: &str| param(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let resource_type = param("resource_type");
        if resource_type.as_deref().is_some_and(|kind| !RESOURCE_TYPES.contains(&kind)) {
            return Err(Error::invalid("resource_type", phrase!("field-one-of", choices = RESOURCE_TYPES.join(", "))));
        }
        let workspace = param("workspace").map(|id| WorkspaceId::parse(&id));
        let day_after = |at: Timestamp, is_date: bool| if is_date { at.plus(DAY_SECS) } else { at.plus(1) };
        let moment = |name: &'static str| param(name).map(|text| read_moment(name, &text)).transpose();
        Ok(Self {
            organisation: None,
            user: param("user"),
            resource_type,
            resource: param("resource").map(|part| part.to_lowercase()),
            workspace: workspace.transpose().map_err(|_| Error::invalid("workspace", phrase!("field-workspace-id")))?,
            from: moment("from")?.map(|(at, _)| at),
            before: moment("to")?.map(|(at, is_date)| day_after(at, is_date)),
        })
    }
}

impl Filter {
    /// The hours or days of a picture of what is wanted, oldest first: the last 30 days, up to and with today, where nothing is
    /// said; hours where it is at most two days; the last 90 days of what is longer. They are counted from `from`, so that
    /// whoever asks chooses when a day begins.
    pub fn stretches(&self, now: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let midnight = Timestamp(now.0 - now.0.rem_euclid(DAY_SECS) + DAY_SECS);
        let before = self.before.map_or(midnight, |before| before.min(now.plus(DAY_SECS)));
        let from = self.from.unwrap_or_else(|| before.plus(-USUAL_DAYS * DAY_SECS));
        let step = if before.0 - from.0 <= HOURLY_DAYS * DAY_SECS { HOUR_SECS } else { DAY_SECS };
        let whole = (before.0.saturating_sub(from.0)).max(0).saturating_add(step - 1) / step;
        let first = (whole - MOST_DAYS).max(0);
        let at = |n: i64| from.plus(n * step);
        (first..whole).map(|n| (at(n), at(n + 1).min(before))).collect()
    }
}

/// A moment, and whether only its day was given.
fn read_moment(field: &str, text: &str) -> Result<(Timestamp, bool)> {
    Timestamp::typed(text).ok_or_else(|| Error::invalid(field, phrase!("field-date-or-time")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(params: &[(&str, &str)]) -> Result<Filter> {
        Filter::parse(|name| params.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_date_is_its_whole_day_and_a_time_is_included() {
        let day = filter(&[("from", "2026-11-24"), ("to", "2026-11-24")]).expect("usable");
        assert_eq!((day.from, day.before), (Some(Timestamp(1_795_478_400)), Some(Timestamp(1_795_478_400 + DAY_SECS))));
        let time = filter(&[("from", "2026-11-24T10:00:00 01:00"), ("to", "2026-11-24T09:00:00Z")]).expect("usable");
        assert_eq!((time.from, time.before), (Some(Timestamp(1_795_510_800)), Some(Timestamp(1_795_510_801))));
    }

    #[test]
    fn a_picture_has_at_most_ninety_stretches_without_gap_up_to_the_end() {
        let now = Timestamp(1_795_510_800);
        let stretches = |params: &[(&str, &str)]| filter(params).expect("usable").stretches(now);
        for (params, count, step) in [
            (&[][..], 30, DAY_SECS),
            (&[("from", "2026-11-24"), ("to", "2026-11-24")], 24, HOUR_SECS),
            (&[("from", "2026-11-18T23:00:00Z"), ("to", "2026-11-24T22:59:59Z")], 6, DAY_SECS),
            (&[("from", "2001-01-01")], 90, DAY_SECS),
            (&[("to", "2026-01-30")], 30, DAY_SECS),
            (&[("from", "2026-11-20"), ("to", "2099-01-01")], 6, DAY_SECS),
            (&[("from", "2099-01-01")], 0, DAY_SECS),
            (&[("from", "0001-01-01"), ("to", "9999-12-31")], 90, DAY_SECS),
        ] {
            let all = stretches(params);
            assert_eq!(all.len(), count, "{params:?}");
            assert!(
                all.windows(2).all(|pair| pair[0].1 == pair[1].0 && pair[0].1.0 - pair[0].0.0 == step),
                "{params:?}"
            );
        }
        assert_eq!(stretches(&[]).last().map(|last| last.1), Some(Timestamp(1_795_564_800)), "today is whole");
    }

    #[test]
    fn empty_parameters_do_not_matter_and_wrong_ones_are_named() {
        assert_eq!(filter(&[("user", " "), ("from", ""), ("resource_type", "")]).expect("usable"), Filter::default());
        for (name, bad) in [("from", "yesterday"), ("to", "24.11.2026"), ("resource_type", "cake"), ("workspace", "1")]
        {
            let Err(Error::Invalid { field, .. }) = filter(&[(name, bad)]) else { panic!("{name}={bad} was taken") };
            assert_eq!(field, name);
        }
    }
}
