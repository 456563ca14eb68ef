//! Organisations and their workspaces.

use super::access::{ConnectionStatus, SignInPolicy};
use super::catalogue::Language;
use super::ids::{ConnectionId, OrganisationId, WorkspaceId};
use super::lives::{Lives, OwnLives};
use super::phrase::phrase;
use super::{Error, Plan, Result, Timestamp};

/// An organisation, with everything that decides who may sign in to it.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name in URLs.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// Its plan.
    pub plan: Plan,
    /// The id in our entity ID and callback URL for it, which never changes.
    pub connection_id: ConnectionId,
    /// The state of its SAML set-up.
    pub connection_status: ConnectionStatus,
    /// True if SAML-only is on.
    pub saml_only: bool,
    /// The portal key of the connection, if there is one.
    pub portal_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The tag of the language for people who have chosen none, such as `en`; `None` if the organisation has set none.
    pub language: Option<String>,
    /// The lifetimes of invitations and sessions that it has set.
    pub own_lives: OwnLives,
    /// The lifetimes that apply to it: the appliance's, shortened by its own.
    pub lives: Lives,
}

impl Organisation {
    /// The language for people who have chosen none, if the product offers it.
    pub fn default_language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::nearest)
    }

    /// Its current sign-in policy.
    pub const fn sign_in_policy(&self) -> SignInPolicy {
        SignInPolicy { mode: self.plan.auth_mode, connection: self.connection_status, saml_only: self.saml_only }
    }

    /// Checks that the plan includes SSO.
    ///
    /// # Errors
    /// `Forbidden` with code `plan_required`.
    pub fn sso_in_plan(&self) -> Result<()> {
        if self.sign_in_policy().sso_available() {
            return Ok(());
        }
        Err(Error::Forbidden {
            code: "plan_required",
            message: phrase!("sso-needs-plan", organisation = &self.name, plan = &self.plan.name),
        })
    }
}

/// An organisation and its size.
#[derive(Debug, Clone)]
pub struct OrganisationSummary {
    /// The organisation.
    pub organisation: Organisation,
    /// The number of its people.
    pub people: i64,
    /// The number of its workspaces.
    pub workspaces: i64,
}

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// The organisation to which it belongs.
    pub organisation: OrganisationId,
    /// Its name in URLs and commands, after the organisation's.
    pub slug: String,
    /// Its display name.
    pub name: String,
    /// The number of its members.
    pub members: i64,
    /// When it was made.
    pub created_at: Timestamp,
}
