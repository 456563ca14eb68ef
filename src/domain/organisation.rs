//! Organisations and their workspaces.

use super::access::{ConnectionStatus, Door};
use super::catalogue::Language;
use super::ids::{ConnectionId, OrganisationId, WorkspaceId};
use super::lives::{Lives, OwnLives};
use super::phrase::phrase;
use super::{Error, Plan, Result, Timestamp};

/// An organisation, with all that decides who may sign in to it.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name in addresses.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// Its plan.
    pub plan: Plan,
    /// Stands in its entity ID and callback URL, from the day it was made.
    pub connection_id: ConnectionId,
    /// The state of its SAML set-up.
    pub connection_status: ConnectionStatus,
    /// True if SAML-only is on.
    pub saml_only: bool,
    /// Of the connection, once there is one.
    pub portal_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The tag of the language of those who have chosen none, such as `en`; `None` where it has chosen none.
    pub language: Option<String>,
    /// How long invitations and sessions live, where it has chosen.
    pub own_lives: OwnLives,
    /// How long they live in it: the appliance's lives, narrowed by its own.
    pub lives: Lives,
}

impl Organisation {
    /// The language of those who have chosen none, where it is offered.
    pub fn default_language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::nearest)
    }

    /// Its door as it stands.
    pub const fn door(&self) -> Door {
        Door { mode: self.plan.auth_mode, connection: self.connection_status, saml_only: self.saml_only }
    }

    /// SAML is for plans that have it.
    ///
    /// # Errors
    /// `Forbidden` with code `plan_required`.
    pub fn sso_in_plan(&self) -> Result<()> {
        if self.door().sso_available() {
            return Ok(());
        }
        Err(Error::Forbidden {
            code: "plan_required",
            message: phrase!("sso-needs-plan", organisation = &self.name, plan = &self.plan.name),
        })
    }
}

/// An organisation, and how large it is.
#[derive(Debug, Clone)]
pub struct OrganisationSummary {
    /// The organisation.
    pub organisation: Organisation,
    /// How many people it has.
    pub people: i64,
    /// How many workspaces.
    pub workspaces: i64,
}

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its name in addresses and commands, behind the organisation's.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// How many people are in it.
    pub members: i64,
    /// When it was made.
    pub created_at: Timestamp,
}
