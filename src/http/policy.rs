//! The policy of a route: who may use it, and how it may be reached. It is declared with the route in `routes.rs`,
//! enforced by `admission.rs` before the handler, and part of the API's description.

use crate::domain::key::Scope;
use crate::domain::principal::{Need, Place, Right};

/// The policy of one route.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // independent properties
pub struct Policy {
    /// The required right; `None` if the route is open to everybody.
    pub need: Option<Need>,
    /// True if an open route finds out who is signed in.
    pub looks: bool,
    /// The scope that an API key of the organisation needs; `None` if such keys cannot use the route.
    pub scope: Option<Scope>,
    /// True if the organisation's plan must include SSO.
    pub sso_plan: bool,
    /// True if the person's grant must be fresh.
    pub sensitive: bool,
    /// True for a switch: with `dry_run=true` it only reports its effect.
    pub switch: bool,
    /// True for a request that may take long, because it reads all people of an organisation or an SVG logo. Only a few
    /// such requests run at once for each organisation.
    pub costly: bool,
    /// True if a browser may send the request from another site.
    pub cross_site: bool,
    /// True if the route is for applications and their proxies: it reads no cookie of the console, and its requests have
    /// the hosts of applications.
    pub of_applications: bool,
    /// True if the route works before the set-up.
    pub before_set_up: bool,
}

/// The policy of routes that are open to everybody.
pub const OPEN: Policy = Policy {
    need: None,
    looks: false,
    scope: None,
    sso_plan: false,
    sensitive: false,
    switch: false,
    costly: false,
    cross_site: false,
    of_applications: false,
    before_set_up: false,
};
/// Open to everybody: the route reads who is signed in at an application.
pub const OF_APPLICATIONS: Policy = Policy { cross_site: true, of_applications: true, ..OPEN };
/// Open to everybody; the handler learns who is signed in.
pub const LOOKS: Policy = Policy { looks: true, ..OPEN };
/// Any active session or key.
pub const ANYBODY: Policy = needs(Need::Anybody);
/// A person with a session.
pub const PERSON: Policy = needs(Need::Person);
/// A person who gave their own password in this session.
pub const OWN_SETTINGS: Policy = needs(Need::OwnSettings);
/// An operator.
pub const OPERATOR: Policy = needs(Need::Operator);
/// An operator with a session, not an operator's key.
pub const OPERATOR_IN_PERSON: Policy = needs(Need::OperatorInPerson);
/// A caller who can access the organisation.
pub const MEMBER: Policy = needs(Need::Member);
/// An organisation admin, or an operator.
pub const ADMIN: Policy = needs(Need::OrganisationAdmin);
/// An organisation admin or an operator, if the organisation's plan includes SSO.
pub const SSO_ADMIN: Policy = Policy { sso_plan: true, ..ADMIN };
/// As `SSO_ADMIN`, but with a session, not a key.
pub const SSO_ADMIN_IN_PERSON: Policy = Policy { sso_plan: true, ..needs(Need::OrganisationAdminInPerson) };
/// A caller who can access the workspace.
pub const WORKSPACE_MEMBER: Policy = needs(Need::WorkspaceMember);
/// An Admin of the workspace, an organisation admin, or an operator.
pub const WORKSPACE_ADMIN: Policy = needs(Need::WorkspaceAdmin);
/// The holder of a set-up link.
pub const SETUP_LINK: Policy = needs(Need::SetupLink);

const fn needs(need: Need) -> Policy {
    Policy { need: Some(need), ..OPEN }
}

impl Policy {
    /// Also admits API keys of the organisation with this scope.
    #[must_use]
    pub const fn key(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// Requires a fresh grant: otherwise the person must confirm with their password or a SAML sign-in.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// Marks a switch: with `dry_run=true` it changes nothing and needs no fresh grant.
    #[must_use]
    pub const fn switch(self) -> Self {
        Self { switch: true, costly: true, ..self }
    }

    /// Marks a route whose requests may take long, because they read all people of an organisation, all sessions of a
    /// person, certificates and metadata, or an SVG logo.
    #[must_use]
    pub const fn costly(self) -> Self {
        Self { costly: true, ..self }
    }

    /// Also admits requests that a browser sends from another site, as SAML's POST binding does.
    #[must_use]
    pub const fn cross_site(self) -> Self {
        Self { cross_site: true, ..self }
    }

    /// Also works before the set-up.
    #[must_use]
    pub const fn before_set_up(self) -> Self {
        Self { before_set_up: true, ..self }
    }

    /// The right to be judged, without the organisation or workspace, which is set later. `fresh_secs`: the maximum age
    /// of the grant, if it is limited.
    pub fn right(self, need: Need, fresh_secs: Option<i64>) -> Right {
        Right { scope: self.scope, sso_plan: self.sso_plan, fresh_secs, ..Right::of(need, Place::Appliance) }
    }

    /// The names, in the API's description, of the conditions for a person besides their role.
    pub fn conditions(self) -> Vec<&'static str> {
        let conditions = [
            (self.need == Some(Need::OwnSettings), "own_password"),
            (self.sso_plan, "sso_plan"),
            (self.sensitive, "fresh_sign_in"),
        ];
        conditions.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
    }

    /// The name, in the API's description, of the role that a person needs.
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
