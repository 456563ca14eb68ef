//! The audit log: who did what to what, and when.

use super::ids::{KeyId, OrganisationId, UserId, WorkspaceId};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by right of their own place.
    Person {
        /// Who.
        id: UserId,
        /// Their address at the time.
        email: String,
    },
    /// A person, by right of running the appliance.
    Operator {
        /// Who.
        id: UserId,
        /// Their address at the time.
        email: String,
    },
    /// An API key.
    Key {
        /// Which.
        id: KeyId,
        /// Its name.
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
            Self::CommandLine => ("command_line", None, "command line"),
            Self::System => ("system", None, "Vestibule"),
            Self::Anonymous => ("anonymous", None, ""),
        }
    }
}

/// What was done, to be written in the same transaction as the doing.
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
