//! The audit log, which records actors, their actions, and the resources that these concern.

use super::ids::{KeyId, OrganisationId, SetupLinkId, UserId, WorkspaceId};
use super::phrase::phrase;
use super::{Error, Result, Timestamp};

/// The actor of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person who acts by their role in the organisation.
    Person {
        /// The person.
        id: UserId,
        /// Their e-mail address at the time.
        email: String,
    },
    /// A person who acts as an operator of the appliance.
    Operator {
        /// The person.
        id: UserId,
        /// Their e-mail address at the time.
        email: String,
    },
    /// An API key.
    Key {
        /// The key.
        id: KeyId,
        /// Its name.
        name: String,
    },
    /// The unknown user of a set-up link.
    SetupLink {
        /// The link.
        id: SetupLinkId,
        /// The name of the link in the log.
        name: String,
    },
    /// A person with a shell on the machine.
    CommandLine,
    /// The appliance itself.
    System,
    /// An unknown person.
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
    /// The organisation, if any.
    pub organisation: Option<OrganisationId>,
    /// The workspace, if any.
    pub workspace: Option<WorkspaceId>,
    /// The kind of resource: `member`, `workspace`, `connection`, `session` ...
    pub resource_type: &'static str,
    /// The id of the resource.
    pub resource_id: String,
    /// The name of the resource when the event happened.
    pub resource_name: String,
    /// Further details, such as the new role. Never a secret.
    pub detail: serde_json::Value,
}

impl Event {
    /// An event about a resource; it belongs to no organisation unless `within` is called.
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

    /// Sets the organisation.
    #[must_use]
    pub fn within(mut self, organisation: &OrganisationId) -> Self {
        self.organisation = Some(organisation.clone());
        self
    }

    /// Sets the workspace.
    #[must_use]
    pub fn at(mut self, workspace: &WorkspaceId) -> Self {
        self.workspace = Some(workspace.clone());
        self
    }

    /// Sets the details.
    #[must_use]
    pub fn with(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// The kinds of resources that an event can concern.
pub const RESOURCE_TYPES: [&str; 16] = [
    "application",
    "branding",
    "connection",
    "invitation",
    "key",
    "mail",
    "member",
    "organisation",
    "person",
    "plan",
    "role",
    "security",
    "session",
    "setup_link",
    "signing_key",
    "workspace",
];

/// A line of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The sequence number: later lines have larger ones.
    pub id: i64,
    /// When the event happened.
    pub at: Timestamp,
    /// `person`, `operator`, `key`, `setup_link`, `command_line`, `system` or `anonymous`.
    pub actor_kind: String,
    /// The id of the actor, if it has one.
    pub actor_id: Option<String>,
    /// The actor's e-mail address or name when the event happened.
    pub actor_name: String,
    /// The actor's current name, if it is a person who still exists.
    pub actor_full_name: Option<String>,
    /// The actor's IP address; empty on the command line.
    pub address: String,
    /// For example `member.revoked`.
    pub action: String,
    /// The id of the organisation, and its name while it exists.
    pub organisation: Option<(String, Option<String>)>,
    /// The id of the workspace, and its name while it exists.
    pub workspace: Option<(String, Option<String>)>,
    /// The kind of resource.
    pub resource_type: String,
    /// The id of the resource.
    pub resource_id: String,
    /// The name of the resource when the event happened.
    pub resource_name: String,
    /// Further details.
    pub detail: serde_json::Value,
}

/// The conditions that lines of the log must meet. `None` means no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The organisation.
    pub organisation: Option<OrganisationId>,
    /// The actor: an id, or the e-mail address or name when the event happened, or a part of one.
    pub user: Option<String>,
    /// The kind of resource: one of `RESOURCE_TYPES`.
    pub resource_type: Option<String>,
    /// A part of the resource's name, in lower case.
    pub resource: Option<String>,
    /// The workspace.
    pub workspace: Option<WorkspaceId>,
    /// The start of the period.
    pub from: Option<Timestamp>,
    /// The end of the period, exclusive.
    pub before: Option<Timestamp>,
}

/// The number of log lines in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    /// The start of the period.
    pub from: Timestamp,
    /// The end of the period, exclusive.
    pub before: Timestamp,
    /// The number of log lines.
    pub count: i64,
}

/// Seconds of an hour.
const HOUR_SECS: i64 = 3600;
/// Seconds of a day.
const DAY_SECS: i64 = 24 * HOUR_SECS;
/// The default period of the chart, in days.
const USUAL_DAYS: i64 = 30;
/// The maximum number of days in the chart: each needs a query.
const MOST_DAYS: i64 = 90;
/// Up to this number of days, the chart counts by the hour.
const HOURLY_DAYS: i64 = 2;

impl Filter {
    /// Reads the parameters of a query; empty ones count as absent. A date means its whole day, in UTC.
    ///
    /// # Errors
    /// `Invalid` with the name of the parameter.
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
    /// The periods of a chart of the filtered log, oldest first: hours if the chart covers at most two days, else days,
    /// at most the last 90. By default it covers the last 30 days, including today. Periods are counted from `from`, so
    /// that the caller chooses when a day begins.
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

/// Reads a time; the second value is true if only a date was given.
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
    fn a_date_covers_its_whole_day_and_an_end_time_is_included() {
        let day = filter(&[("from", "2026-11-24"), ("to", "2026-11-24")]).expect("usable");
        assert_eq!((day.from, day.before), (Some(Timestamp(1_795_478_400)), Some(Timestamp(1_795_478_400 + DAY_SECS))));
        let time = filter(&[("from", "2026-11-24T10:00:00 01:00"), ("to", "2026-11-24T09:00:00Z")]).expect("usable");
        assert_eq!((time.from, time.before), (Some(Timestamp(1_795_510_800)), Some(Timestamp(1_795_510_801))));
    }

    #[test]
    fn a_chart_has_at_most_ninety_periods_without_gaps() {
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
        assert_eq!(
            stretches(&[]).last().map(|last| last.1),
            Some(Timestamp(1_795_564_800)),
            "the whole of today is included"
        );
    }

    #[test]
    fn empty_parameters_are_ignored_and_invalid_ones_are_named() {
        assert_eq!(filter(&[("user", " "), ("from", ""), ("resource_type", "")]).expect("usable"), Filter::default());
        for (name, bad) in [("from", "yesterday"), ("to", "24.11.2026"), ("resource_type", "cake"), ("workspace", "1")]
        {
            let Err(Error::Invalid { field, .. }) = filter(&[(name, bad)]) else { panic!("{name}={bad} was taken") };
            assert_eq!(field, name);
        }
    }
}
