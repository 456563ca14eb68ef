//! Plans: the limits of an organisation, and how its members may sign in.

use super::access::AuthMode;
use super::phrase::phrase;
use super::{Error, Result, Together};
use std::collections::BTreeMap;

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// Its id. The initial plans are `starter`, `business` and `enterprise`.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// How members of its organisations may sign in.
    pub auth_mode: AuthMode,
    /// The limits for each organisation.
    #[serde(flatten)]
    pub limits: PlanLimits,
}

/// A limit of plans. `ARCHITECTURE.md` has the recipe for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanLimit {
    /// The number of people.
    Members,
    /// The number of workspaces.
    Workspaces,
    /// The number of e-mails per day.
    MailsPerDay,
}

impl PlanLimit {
    /// All limits, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Members, Self::Workspaces, Self::MailsPerDay];

    /// Its name in the database and the API; its flag on the command line has `-` for `_`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Members => "max_members",
            Self::Workspaces => "max_workspaces",
            Self::MailsPerDay => "max_mails_per_day",
        }
    }

    /// Its description in `--help` and in `OpenAPI`.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Members => "People in an organisation, including pending invitations",
            Self::Workspaces => "Workspaces in an organisation",
            Self::MailsPerDay => "Invitations and reminders that an organisation may send by mail in a day",
        }
    }

    /// Checks a new value of the limit.
    ///
    /// # Errors
    /// `Invalid` if it is less than 1.
    pub fn checked(self, most: Option<i64>) -> Result<(Self, Option<i64>)> {
        if most.is_some_and(|most| most < 1) {
            return Err(Error::invalid(self.as_str(), phrase!("field-limit")));
        }
        Ok((self, most))
    }

    /// Its value on plans for which none is set, such as plans that are older than the limit; `None` means no limit.
    const fn default(self) -> Option<i64> {
        match self {
            Self::Members | Self::Workspaces => None,
            Self::MailsPerDay => Some(500),
        }
    }
}

/// Values of some limits, by name; `None` means no limit.
pub type NamedLimits = BTreeMap<String, Option<i64>>;

/// Changes of some limits; `None` means no limit.
pub type LimitChanges = BTreeMap<PlanLimit, Option<i64>>;

/// The limits of a plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "NamedLimits", into = "NamedLimits")]
pub struct PlanLimits(LimitChanges);

impl From<NamedLimits> for PlanLimits {
    fn from(named: NamedLimits) -> Self {
        let value = |limit: PlanLimit| named.get(limit.as_str()).copied().unwrap_or_else(|| limit.default());
        Self(PlanLimit::ALL.map(|limit| (limit, value(limit))).into())
    }
}

impl From<PlanLimits> for NamedLimits {
    fn from(limits: PlanLimits) -> Self {
        limits.0.into_iter().map(|(limit, most)| (limit.as_str().to_owned(), most)).collect()
    }
}

impl PlanLimits {
    /// The value of a limit; `None` means no limit.
    pub fn most(&self, limit: PlanLimit) -> Option<i64> {
        self.0.get(&limit).copied().flatten()
    }

    /// The limits after some changes.
    ///
    /// # Errors
    /// `Invalid` or `SeveralInvalid` with the limits that are less than 1.
    pub fn with(mut self, changes: LimitChanges) -> Result<Self> {
        let checked: Vec<_> = changes.into_iter().map(|(limit, most)| limit.checked(most)).collect();
        self.0.extend(checked.together()?);
        Ok(self)
    }
}

/// A plan, and its use.
#[derive(Debug, Clone)]
pub struct PlanUse {
    /// The plan.
    pub plan: Plan,
    /// The number of organisations on the plan.
    pub organisations: i64,
    /// The number of people in these organisations.
    pub people: i64,
}

impl Plan {
    /// Checks that there is room for one more. `taken`: the number that the organisation has already.
    ///
    /// # Errors
    /// `PlanLimit`, naming the limit.
    pub fn room(&self, limit: PlanLimit, taken: i64) -> Result<()> {
        match self.limits.most(limit) {
            Some(most) if taken >= most => {
                Err(Error::PlanLimit(phrase!("plan-full", plan = &self.name, limit = most, what = limit.as_str())))
            }
            _ => Ok(()),
        }
    }
}

impl AuthMode {
    /// The word in the database, the API and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::PasswordOrSaml => "password_or_saml",
            Self::Saml => "saml",
        }
    }

    /// Reads the word in the database, the API and on the command line.
    ///
    /// # Errors
    /// `Invalid` with field `auth_mode`.
    pub fn parse(raw: &str) -> Result<Self> {
        [Self::Password, Self::PasswordOrSaml, Self::Saml]
            .into_iter()
            .find(|mode| mode.as_str() == raw)
            .ok_or_else(|| Error::invalid("auth_mode", phrase!("field-auth-mode")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_can_be_reached_but_not_exceeded() {
        let limits = NamedLimits::from([("max_members".to_owned(), Some(2))]).into();
        let plan = Plan { id: "small".into(), name: "Small".into(), auth_mode: AuthMode::Password, limits };
        assert!(plan.room(PlanLimit::Members, 1).is_ok());
        assert_eq!(plan.room(PlanLimit::Members, 2).expect_err("full").code(), "plan_limit");
        assert!(plan.room(PlanLimit::Workspaces, 1_000_000).is_ok());
    }

    #[test]
    fn an_absent_limit_has_its_default_and_null_means_no_limit() {
        let limits = |json: &str| serde_json::from_str::<PlanLimits>(json).expect("limits");
        assert_eq!(limits("{}").most(PlanLimit::MailsPerDay), Some(500));
        assert_eq!(limits(r#"{"max_mails_per_day": null}"#).most(PlanLimit::MailsPerDay), None);
        assert_eq!(limits("{}").most(PlanLimit::Members), None);
    }

    #[test]
    fn every_limit_below_one_is_refused_by_name() {
        let changes = LimitChanges::from([(PlanLimit::Members, Some(0)), (PlanLimit::Workspaces, Some(-1))]);
        let refused = PlanLimits::from(NamedLimits::new()).with(changes).expect_err("refused").to_string();
        assert!(refused.contains("max_members: ") && refused.contains("max_workspaces: "), "{refused}");
    }
}
