//! Plans: what an organisation may use, and how it may sign in.

use super::access::AuthMode;
use super::phrase::phrase;
use super::{Error, Result};

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// At first `starter`, `business` or `enterprise`.
    pub id: String,
    /// Its display name.
    pub name: String,
    /// How members of its organisations may sign in.
    pub auth_mode: AuthMode,
    /// The most people that an organisation may have; null means no limit.
    pub max_members: Option<i64>,
    /// The most workspaces that an organisation may have; null means no limit.
    pub max_workspaces: Option<i64>,
    /// The most e-mails a day that its people may cause (invitations, reminders); null means no limit.
    pub max_mails_per_day: Option<i64>,
}

/// A plan, and how many are on it.
#[derive(Debug, Clone)]
pub struct PlanUse {
    /// The plan.
    pub plan: Plan,
    /// Organisations on it.
    pub organisations: i64,
    /// People in these.
    pub people: i64,
}

impl Plan {
    /// True if there is room for one more person beside `people` (pending invitations counted).
    ///
    /// # Errors
    /// `PlanLimit`, naming the limit.
    pub fn room_for_member(&self, people: i64) -> Result<()> {
        self.room(self.max_members, people, "members")
    }

    /// True if there is room for one more workspace beside `workspaces`.
    ///
    /// # Errors
    /// `PlanLimit`, naming the limit.
    pub fn room_for_workspace(&self, workspaces: i64) -> Result<()> {
        self.room(self.max_workspaces, workspaces, "workspaces")
    }

    fn room(&self, limit: Option<i64>, taken: i64, what: &str) -> Result<()> {
        match limit {
            Some(limit) if taken >= limit => {
                Err(Error::PlanLimit(phrase!("plan-full", plan = &self.name, limit = limit, what = what)))
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

    /// Reads that word.
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
    fn a_limit_is_the_last_that_fits() {
        let plan = Plan {
            id: "small".into(),
            name: "Small".into(),
            auth_mode: AuthMode::Password,
            max_members: Some(2),
            max_workspaces: None,
            max_mails_per_day: None,
        };
        assert!(plan.room_for_member(1).is_ok());
        assert_eq!(plan.room_for_member(2).expect_err("full").code(), "plan_limit");
        assert!(plan.room_for_workspace(1_000_000).is_ok());
    }
}
