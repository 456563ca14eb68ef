//! The policy of a route: who may use it and how it may be reached. Declared with the route in `routes.rs`, enforced by
//! `admission.rs` before the handler, and told by the API's description.

use crate::domain::key::Scope;
use crate::domain::principal::{Need, Place, Right};

/// The policy of one route.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // each answers another question
pub struct Policy {
    /// The right that it needs; `None` where it is open to everybody.
    pub need: Option<Need>,
    /// True if a route that is open to everybody looks who is signed in.
    pub looks: bool,
    /// The scope that an organisation's API key needs; `None` where it is not for such keys.
    pub scope: Option<Scope>,
    /// True if the organisation's plan must have SSO.
    pub sso_plan: bool,
    /// True if the grant by which a person acts must be fresh.
    pub sensitive: bool,
    /// True if it is a switch, which `dry_run=true` only tells the effect of.
    pub switch: bool,
    /// True if it takes long, as it reads all people of an organisation or a drawing: a few of these run at once for each.
    pub costly: bool,
    /// True if a browser may send it from another site.
    pub cross_site: bool,
    /// True if it answers before the set-up.
    pub before_set_up: bool,
}

/// Open to everybody.
pub const OPEN: Policy = Policy {
    need: None,
    looks: false,
    scope: None,
    sso_plan: false,
    sensitive: false,
    switch: false,
    costly: false,
    cross_site: false,
    before_set_up: false,
};
/// Open to everybody; the handler is told who is signed in.
pub const LOOKS: Policy = Policy { looks: true, ..OPEN };
/// Any live session or key.
pub const ANYBODY: Policy = needs(Need::Anybody);
/// A person with a session.
pub const PERSON: Policy = needs(Need::Person);
/// A person who gave their own password in this session.
pub const OWN_SETTINGS: Policy = needs(Need::OwnSettings);
/// An operator.
pub const OPERATOR: Policy = needs(Need::Operator);
/// An operator with a session, not an operator's key.
pub const OPERATOR_IN_PERSON: Policy = needs(Need::OperatorInPerson);
/// Somebody to whom the organisation is open.
pub const MEMBER: Policy = needs(Need::Member);
/// An organisation admin, or an operator.
pub const ADMIN: Policy = needs(Need::OrganisationAdmin);
/// The same, of an organisation whose plan has SSO.
pub const SSO_ADMIN: Policy = Policy { sso_plan: true, ..ADMIN };
/// The same with a session, not a key.
pub const SSO_ADMIN_IN_PERSON: Policy = Policy { sso_plan: true, ..needs(Need::OrganisationAdminInPerson) };
/// Somebody to whom the workspace is open.
pub const WORKSPACE_MEMBER: Policy = needs(Need::WorkspaceMember);
/// An Admin of the workspace, an organisation admin, or an operator.
pub const WORKSPACE_ADMIN: Policy = needs(Need::WorkspaceAdmin);
/// Somebody with a set-up link.
pub const SETUP_LINK: Policy = needs(Need::SetupLink);

const fn needs(need: Need) -> Policy {
    Policy { need: Some(need), ..OPEN }
}

impl Policy {
    /// For API keys of the organisation with this scope too.
    #[must_use]
    pub const fn key(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// For a person whose grant is fresh: the password or a SAML sign-in is asked for again otherwise.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// A switch: with `dry_run=true` it changes nothing, and needs no fresh grant for that.
    #[must_use]
    pub const fn switch(self) -> Self {
        Self { switch: true, costly: true, ..self }
    }

    /// Takes long, as it reads all people of an organisation, all sessions of one of them, certificates with metadata, or a drawing.
    #[must_use]
    pub const fn costly(self) -> Self {
        Self { costly: true, ..self }
    }

    /// Also as a browser sends it for another site: SAML's POST binding works so.
    #[must_use]
    pub const fn cross_site(self) -> Self {
        Self { cross_site: true, ..self }
    }

    /// Also before the set-up.
    #[must_use]
    pub const fn before_set_up(self) -> Self {
        Self { before_set_up: true, ..self }
    }

    /// The right to be judged, so far in no place. `fresh_secs`: how old the grant may be, where that matters.
    pub fn right(self, need: Need, fresh_secs: Option<i64>) -> Right {
        Right { scope: self.scope, sso_plan: self.sso_plan, fresh_secs, ..Right::of(need, Place::Appliance) }
    }

    /// The names in the API's description of what a person needs besides their role.
    pub fn conditions(self) -> Vec<&'static str> {
        let conditions = [
            (self.need == Some(Need::OwnSettings), "own_password"),
            (self.sso_plan, "sso_plan"),
            (self.sensitive, "fresh_sign_in"),
        ];
        conditions.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
    }

    /// The name in the API's description of the role that a person needs.
    pub const fn role(self) -> Option<&'static str> {
        match self.need {
            None | Some(Need::SetupLink) => None,
            Some(Need::Anybody) => Some("anybody"),
            Some(Need::Person | Need::OwnSettings) => Some("person"),
            Some(Need::Operator | Need::OperatorInPerson) => Some("operator"),
            Some(Need::Member) => Some("member"),
            Some(Need::OrganisationAdmin | Need::OrganisationAdminInPerson) => Some("organisation_admin"),
            Some(Need::WorkspaceMember) => Some("workspace_member"),
            Some(Need::WorkspaceAdmin) => Some("workspace_admin"),
        }
    }
}
