//! The access rule: who may sign in by which method, and who loses access through a switch.
//!
//! All code that needs to know whether a grant gives access to an organisation asks this module, at each request and
//! about the current state.

use super::Email;
use super::ids::{ApplicationId, OrganisationId, UserId};
use super::level::Level;
use super::method::Method;
use super::phrase::{Phrase, phrase};
use serde::Serialize;
use std::cmp::Reverse;

/// The methods by which members of the organisations on a plan may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Passwords only.
    Password,
    /// Passwords, and SAML if the organisation has set it up.
    PasswordOrSaml,
    /// SAML; passwords only for the admins who set it up.
    Saml,
}

/// The state of an organisation's SAML set-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Nothing saved.
    None,
    /// Saved, but not yet confirmed by a test sign-in with its current settings.
    Draft,
    /// Confirmed: an organisation admin has signed in through it.
    Ready,
}

/// The people who may sign in through SAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SamlAccess {
    /// Nobody: a sign-in is refused.
    No,
    /// An organisation admin, as a test sign-in.
    TestOnly,
    /// All members whom the identity provider identifies.
    Yes,
}

/// An organisation's sign-in policy in its current state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInPolicy {
    /// The authentication mode of the plan.
    pub mode: AuthMode,
    /// The status of the connection.
    pub connection: ConnectionStatus,
    /// True if *Enable SAML-only authentication* is on.
    pub saml_only: bool,
}

/// A member's status in an organisation: whether they are an admin, and whether a password may give them access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// True for an organisation admin.
    pub admin: bool,
    /// True if the person accepted this membership with their password, or used a reset link that was e-mailed after
    /// SAML had created the membership.
    pub password_agreed: bool,
}

impl Standing {
    /// All combinations.
    pub const ALL: [Self; 4] = [
        Self { admin: false, password_agreed: false },
        Self { admin: false, password_agreed: true },
        Self { admin: true, password_agreed: false },
        Self { admin: true, password_agreed: true },
    ];
}

impl SignInPolicy {
    /// True if members can sign in through SAML only.
    pub const fn enforced(self) -> bool {
        matches!(
            (self.mode, self.connection, self.saml_only),
            (AuthMode::PasswordOrSaml, ConnectionStatus::Ready, true) | (AuthMode::Saml, ConnectionStatus::Ready, _)
        )
    }

    /// True if SAML-only is on, enabled by an admin or by the plan.
    pub const fn is_saml_only(self) -> bool {
        self.saml_only || self.enforced()
    }

    /// True if the plan includes SSO.
    pub const fn sso_available(self) -> bool {
        !matches!(self.mode, AuthMode::Password)
    }

    /// The people who may sign in through SAML under this sign-in policy.
    pub const fn saml(self) -> SamlAccess {
        match (self.mode, self.connection) {
            (AuthMode::Password, _) | (_, ConnectionStatus::None) => SamlAccess::No,
            (_, ConnectionStatus::Draft) => SamlAccess::TestOnly,
            (_, ConnectionStatus::Ready) => SamlAccess::Yes,
        }
    }

    /// True if this sign-in policy lets a member with this status sign in with a password.
    pub const fn password(self, standing: Standing) -> bool {
        let by_rule = match self.mode {
            AuthMode::Password => true,
            AuthMode::PasswordOrSaml => !self.enforced(),
            AuthMode::Saml => !self.enforced() && standing.admin,
        };
        by_rule && standing.password_agreed
    }

    /// True if a grant obtained by `method` gives access under this sign-in policy.
    pub const fn opens(self, method: Method, standing: Standing) -> bool {
        match method {
            Method::Password => self.password(standing),
            Method::Saml => matches!(self.saml(), SamlAccess::Yes),
            Method::Recovery => standing.admin,
        }
    }
}

/// A member, with everything that decides how a switch affects them.
#[derive(Debug, Clone)]
pub struct Affected {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: Email,
    /// Their membership status before the switch.
    pub before: Standing,
    /// Their membership status after it; `None` when the switch ends their membership.
    pub after: Option<Standing>,
    /// True if they have a password at all.
    pub has_password: bool,
    /// True if they have signed in through SAML since the connection was tested: only then is the provider known to
    /// accept them.
    pub proved_saml: bool,
    /// True if an operator has disabled them: then a switch does not change their access.
    pub disabled: bool,
    /// For each of their sessions, the methods of its open grants for this organisation.
    pub sessions: Vec<Vec<Method>>,
}

impl Affected {
    /// True if a switch takes away their access although they may use a password: a link to set one restores access.
    pub fn wants_link(&self, before: SignInPolicy, after: SignInPolicy) -> bool {
        let Some(standing) = self.after.filter(|_| !self.disabled) else { return false };
        let with_link = Standing { password_agreed: true, ..standing };
        self.loses_access(before, after) && after.password(with_link)
    }

    /// True if no sign-in method is known to work for them after a switch, while before it one did, or SAML might have:
    /// it is unknown whether a provider accepts a person until it has done so.
    fn loses_access(&self, before: SignInPolicy, after: SignInPolicy) -> bool {
        let perhaps =
            |policy: SignInPolicy, standing: Option<Standing>| standing.is_some() && policy.saml() == SamlAccess::Yes;
        let had_method = self.known_methods(before, Some(self.before)).is_some();
        let perhaps_saml = perhaps(before, Some(self.before)) && !perhaps(after, self.after);
        self.known_methods(after, self.after).is_none() && (had_method || perhaps_saml)
    }

    /// How a person with this membership status can sign in, as a clause; `None` if no method is known to work for
    /// them.
    fn known_methods(&self, policy: SignInPolicy, standing: Option<Standing>) -> Option<Phrase> {
        let standing = standing?;
        let password = self.has_password && policy.password(standing);
        // Under SAML-only, a person whom the provider does not know cannot sign in: they count as having access once it
        // has signed them in.
        let saml = policy.saml() == SamlAccess::Yes && (self.proved_saml || !policy.enforced());
        match (password, saml) {
            (true, true) => Some(phrase!("reason-password-or-saml")),
            (true, false) => Some(phrase!("reason-password")),
            (false, true) => Some(phrase!("reason-saml")),
            (false, false) => None,
        }
    }

    fn line(&self, reason: Phrase) -> Line {
        Line { user: self.user.clone(), email: self.email.clone(), reason, organisation: None }
    }

    fn why_not(&self, after: SignInPolicy) -> Phrase {
        match self.after {
            None => phrase!("reason-no-member"),
            Some(_) if after.enforced() => phrase!("reason-not-through-saml"),
            Some(standing) if after.mode == AuthMode::Saml && !standing.admin => phrase!("reason-plan-saml"),
            Some(standing) if !standing.password_agreed => phrase!("reason-password-unconfirmed"),
            Some(_) => phrase!("reason-no-password"),
        }
    }
}

/// One line of an effect: a person who keeps or loses access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: Email,
    /// Why they keep or lose access, as a clause.
    pub reason: Phrase,
    /// The organisation, if the switch affects several.
    pub organisation: Option<OrganisationId>,
}

/// The effect of a switch of several organisations on the people of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its display name.
    pub name: String,
    /// The totals for this organisation.
    pub counts: Counts,
}

/// A person who gets another level in an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelChange {
    /// The person.
    pub user: UserId,
    /// Their e-mail address.
    pub email: Email,
    /// The application.
    pub application: ApplicationId,
    /// The application's name.
    pub name: String,
    /// The level before.
    pub from: Level,
    /// The level after.
    pub to: Level,
}

/// The totals of an effect. Unlike the lists, they are complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// People who keep access.
    pub keeps: usize,
    /// People who lose access.
    pub loses: usize,
    /// Sessions that lose their access to this organisation.
    pub sessions: usize,
    /// Grants that no longer give access to this organisation.
    pub grants: usize,
    /// Changed levels: for each person the applications in which they get another level.
    pub levels: usize,
    /// Sessions at applications behind a reverse proxy that end.
    pub application_sessions: usize,
    /// Refresh tokens of applications that end.
    pub refresh_tokens: usize,
}

/// The effect of a switch on people: the same for the dry and the real run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// False in a dry run.
    pub applied: bool,
    /// The people who can still sign in, and how; at most 200.
    pub keeps: Vec<Line>,
    /// The people who no longer can, and why; at most 200.
    pub loses: Vec<Line>,
    /// The totals, not only of the people listed.
    pub counts: Counts,
    /// Warnings to read before the switch is made.
    pub warnings: Vec<Phrase>,
    /// The applications that people can no longer open, each with its name.
    pub applications: Vec<(ApplicationId, String)>,
    /// The levels that people get in place of others; at most 200.
    pub levels: Vec<LevelChange>,
    /// For a switch of several organisations: the effect on each, at most 200, those with the most losses first.
    pub organisations: Vec<Share>,
}

/// The maximum number of people that an effect lists at a time; its counts include all.
pub const MOST_LINES: usize = 200;

impl Effect {
    /// The effect on `people` of changing the sign-in policy from `before` to `after`.
    pub fn of(before: SignInPolicy, after: SignInPolicy, people: &[Affected]) -> Self {
        let mut effect = Self::default();
        for person in people {
            effect.add(before, after, person);
        }
        effect
    }

    /// The effect of disabling a person, in one of their organisations.
    pub fn of_disabling(policy: SignInPolicy, person: &Affected) -> Self {
        let gone = Affected { after: None, disabled: false, ..person.clone() };
        let mut effect = Self::of(policy, policy, &[gone]);
        for line in &mut effect.loses {
            line.reason = phrase!("reason-disabled");
        }
        effect
    }

    /// The effect of enabling a person, in one of their organisations.
    pub fn of_enabling(policy: SignInPolicy, person: &Affected) -> Self {
        Self::of(policy, policy, &[Affected { disabled: false, ..person.clone() }])
    }

    /// Adds the effect that deleting a workspace or an organisation has on a person, whether or not they can sign in
    /// now. They keep access if `after` says that they stay in the organisation.
    pub fn end_place(&mut self, policy: SignInPolicy, person: &Affected, reason: Phrase) {
        if person.after.is_some() {
            self.counts.keeps += 1;
            self.keeps.push(person.line(reason));
            return;
        }
        self.counts.loses += 1;
        self.loses.push(person.line(reason));
        for grants in &person.sessions {
            let open = grants.iter().filter(|method| policy.opens(**method, person.before)).count();
            self.counts.grants += open;
            self.counts.sessions += usize::from(open > 0);
        }
    }

    /// Labels the effect as that on one organisation, in a switch of several.
    #[must_use]
    pub fn in_organisation(mut self, id: &OrganisationId, name: &str) -> Self {
        for line in self.keeps.iter_mut().chain(&mut self.loses) {
            line.organisation = Some(id.clone());
        }
        let of_it = |warning| phrase!("warning-of-organisation", organisation = name, warning = warning);
        self.warnings = self.warnings.into_iter().map(of_it).collect();
        self.organisations = vec![Share { organisation: id.clone(), name: name.into(), counts: self.counts }];
        self
    }

    /// Adds the effect on another organisation.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.keeps.extend(other.keeps);
        self.loses.extend(other.loses);
        self.counts.keeps += other.counts.keeps;
        self.counts.loses += other.counts.loses;
        self.counts.sessions += other.counts.sessions;
        self.counts.grants += other.counts.grants;
        self.counts.levels += other.counts.levels;
        self.counts.application_sessions += other.counts.application_sessions;
        self.counts.refresh_tokens += other.counts.refresh_tokens;
        self.warnings.extend(other.warnings);
        self.warnings.truncate(MOST_LINES);
        self.applications.extend(other.applications);
        self.applications.truncate(MOST_LINES);
        self.levels.extend(other.levels);
        self.levels.truncate(MOST_LINES);
        self.organisations.extend(other.organisations);
        self.organisations.sort_by_key(|share| Reverse(share.counts.loses));
        self.organisations.truncate(MOST_LINES);
        self
    }

    /// Adds the sessions at applications and the refresh tokens that end.
    #[must_use]
    pub fn with_ended(mut self, (application_sessions, refresh_tokens): (i64, i64)) -> Self {
        self.counts.application_sessions += usize::try_from(application_sessions).unwrap_or_default();
        self.counts.refresh_tokens += usize::try_from(refresh_tokens).unwrap_or_default();
        self
    }

    /// One page of the lists: at most 200 lines of each, after the first `skip`.
    #[must_use]
    pub fn part(mut self, skip: usize) -> Self {
        for lines in [&mut self.keeps, &mut self.loses] {
            *lines = lines.drain(..).skip(skip).take(MOST_LINES).collect();
        }
        self
    }

    fn add(&mut self, before: SignInPolicy, after: SignInPolicy, person: &Affected) {
        if person.disabled {
            return;
        }
        let opened = |method: &&Method| before.opens(**method, person.before);
        let opens = |method: &&Method| person.after.is_some_and(|standing| after.opens(**method, standing));
        for grants in &person.sessions {
            self.counts.grants += grants.iter().filter(opened).filter(|method| !opens(method)).count();
            let ends = grants.iter().any(|method| opened(&method)) && !grants.iter().any(|method| opens(&method));
            self.counts.sessions += usize::from(ends);
        }
        match person.known_methods(after, person.after) {
            Some(reason) => {
                self.counts.keeps += 1;
                self.keeps.push(person.line(reason));
            }
            None if person.loses_access(before, after) => {
                self.counts.loses += 1;
                self.loses.push(person.line(person.why_not(after)));
            }
            None => {}
        }
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
