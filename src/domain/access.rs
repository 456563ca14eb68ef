//! THE RULE: who may sign in how, and whom a switch would lock out.
//!
//! Everything that asks "may this grant open that organisation?" asks here, at each request, about the state as it is.

use super::Email;
use super::ids::{OrganisationId, UserId};
use super::method::Method;
use super::phrase::{Phrase, phrase};
use serde::Serialize;
use std::cmp::Reverse;

/// How the organisations on a plan may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMode {
    /// Passwords only.
    Password,
    /// Passwords, and SAML where the organisation has set it up.
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
    /// Saved, and not yet proved by a test sign-in under its present settings.
    Draft,
    /// An organisation admin has signed in through it.
    Ready,
}

/// What SAML opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SamlAccess {
    /// The neutral refusal.
    No,
    /// The test sign-in of an organisation admin.
    TestOnly,
    /// Everybody whom the identity provider names and who is a member.
    Yes,
}

/// An organisation's door as it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// Of its plan.
    pub mode: AuthMode,
    /// Of its connection.
    pub connection: ConnectionStatus,
    /// True if *Enable SAML-only authentication* is on.
    pub saml_only: bool,
}

/// A member's role and standing in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Organisation admin.
    pub admin: bool,
    /// The person agreed to this membership with their password, or used a reset link that was mailed after SAML gave it.
    pub password_agreed: bool,
}

impl Standing {
    /// Every one that there is.
    pub const ALL: [Self; 4] = [
        Self { admin: false, password_agreed: false },
        Self { admin: false, password_agreed: true },
        Self { admin: true, password_agreed: false },
        Self { admin: true, password_agreed: true },
    ];
}

impl Door {
    /// True if SAML is the only way in for members.
    pub const fn enforced(self) -> bool {
        matches!(
            (self.mode, self.connection, self.saml_only),
            (AuthMode::PasswordOrSaml, ConnectionStatus::Ready, true) | (AuthMode::Saml, ConnectionStatus::Ready, _)
        )
    }

    /// True if SAML-only is on: turned on by an admin, or by the plan.
    pub const fn is_saml_only(self) -> bool {
        self.saml_only || self.enforced()
    }

    /// True if the plan has SSO at all.
    pub const fn sso_available(self) -> bool {
        !matches!(self.mode, AuthMode::Password)
    }

    /// What a SAML sign-in opens here.
    pub const fn saml(self) -> SamlAccess {
        match (self.mode, self.connection) {
            (AuthMode::Password, _) | (_, ConnectionStatus::None) => SamlAccess::No,
            (_, ConnectionStatus::Draft) => SamlAccess::TestOnly,
            (_, ConnectionStatus::Ready) => SamlAccess::Yes,
        }
    }

    /// True if a password opens this door for somebody of that standing.
    pub const fn password(self, standing: Standing) -> bool {
        let by_rule = match self.mode {
            AuthMode::Password => true,
            AuthMode::PasswordOrSaml => !self.enforced(),
            AuthMode::Saml => !self.enforced() && standing.admin,
        };
        by_rule && standing.password_agreed
    }

    /// True if a grant earned by `method` opens this door now.
    pub const fn opens(self, method: Method, standing: Standing) -> bool {
        match method {
            Method::Password => self.password(standing),
            Method::Saml => matches!(self.saml(), SamlAccess::Yes),
            Method::Recovery => standing.admin,
        }
    }
}

/// One member, as far as a switch concerns them.
#[derive(Debug, Clone)]
pub struct Affected {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// Their standing before the switch.
    pub before: Standing,
    /// Their standing after it; `None` when the switch ends their membership.
    pub after: Option<Standing>,
    /// True if they have a password at all.
    pub has_password: bool,
    /// True if they have signed in through SAML since the connection was tested: only then is it known to let them in.
    pub proved_saml: bool,
    /// True if an operator has disabled them: no switch gives or takes anything then.
    pub disabled: bool,
    /// For each of their sessions, the methods of its live grants for this organisation.
    pub sessions: Vec<Vec<Method>>,
}

impl Affected {
    /// True if a switch shuts them out for want of a password that they may have: a link to set one lets them in again.
    pub fn wants_link(&self, before: Door, after: Door) -> bool {
        let Some(standing) = self.after.filter(|_| !self.disabled) else { return false };
        let with_link = Standing { password_agreed: true, ..standing };
        self.is_shut_out(before, after) && after.password(with_link)
    }

    /// Whether a switch takes from them the way in that they have, or the one that they may have: nobody knows whom a provider
    /// would let in that has not done so yet.
    fn is_shut_out(&self, before: Door, after: Door) -> bool {
        let perhaps = |door: Door, standing: Option<Standing>| standing.is_some() && door.saml() == SamlAccess::Yes;
        let surely = self.way_in(before, Some(self.before)).is_some();
        let last_hope = perhaps(before, Some(self.before)) && !perhaps(after, self.after);
        self.way_in(after, self.after).is_none() && (surely || last_hope)
    }

    /// How a person with that role can sign in, as a clause; `None` if no method is known to be open to them.
    fn way_in(&self, door: Door, standing: Option<Standing>) -> Option<Phrase> {
        let standing = standing?;
        let password = self.has_password && door.password(standing);
        // Under SAML-only, a provider that does not know a person locks them out: they count as having access once it has signed
        // them in.
        let saml = door.saml() == SamlAccess::Yes && (self.proved_saml || !door.enforced());
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

    fn why_not(&self, after: Door) -> Phrase {
        match self.after {
            None => phrase!("reason-no-member"),
            Some(_) if after.enforced() => phrase!("reason-not-through-saml"),
            Some(standing) if after.mode == AuthMode::Saml && !standing.admin => phrase!("reason-plan-saml"),
            Some(standing) if !standing.password_agreed => phrase!("reason-password-unconfirmed"),
            Some(_) => phrase!("reason-no-password"),
        }
    }
}

/// One line of an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: Email,
    /// Why they keep or lose access, as a clause.
    pub reason: Phrase,
    /// The organisation, where the switch affects several.
    pub organisation: Option<OrganisationId>,
}

/// The effect of a switch of several organisations on the people of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its display name.
    pub name: String,
    /// How many of its people are concerned.
    pub counts: Counts,
}

/// The totals of an effect. Unlike the lists, they are complete.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// People who keep access.
    pub keeps: usize,
    /// People who lose it.
    pub loses: usize,
    /// Sessions that lose their access to this organisation.
    pub sessions: usize,
    /// Grants that stop opening this organisation.
    pub grants: usize,
}

/// The effect of a switch on people: the same for the dry and the real run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// False in a dry run.
    pub applied: bool,
    /// Who can still sign in, and how; at most 200.
    pub keeps: Vec<Line>,
    /// Who no longer can, and why; at most 200.
    pub loses: Vec<Line>,
    /// The totals, not only of the people listed.
    pub counts: Counts,
    /// Warnings to read before doing it.
    pub warnings: Vec<Phrase>,
    /// Where the switch is of several organisations: what it does to each, at most 200, those that lose the most first.
    pub organisations: Vec<Share>,
}

/// The most people that an effect names at a time; its counts include all.
const MOST_LINES: usize = 200;

impl Effect {
    /// The effect on `people` of changing the sign-in rules from `before` to `after`.
    pub fn of(before: Door, after: Door, people: &[Affected]) -> Self {
        let mut effect = Self::default();
        for person in people {
            effect.add(before, after, person);
        }
        effect
    }

    /// What disabling a person does in one of their organisations.
    pub fn of_disabling(door: Door, person: &Affected) -> Self {
        let gone = Affected { after: None, disabled: false, ..person.clone() };
        let mut effect = Self::of(door, door, &[gone]);
        for line in &mut effect.loses {
            line.reason = phrase!("reason-disabled");
        }
        effect
    }

    /// What enabling a person does in one of their organisations.
    pub fn of_enabling(door: Door, person: &Affected) -> Self {
        Self::of(door, door, &[Affected { disabled: false, ..person.clone() }])
    }

    /// Adds what the end of a place does to somebody, by name, whether or not a way in is open to them now; `after` says whether they
    /// stay in the organisation.
    pub fn end_place(&mut self, door: Door, person: &Affected, reason: Phrase) {
        if person.after.is_some() {
            self.counts.keeps += 1;
            self.keeps.push(person.line(reason));
            return;
        }
        self.counts.loses += 1;
        self.loses.push(person.line(reason));
        for grants in &person.sessions {
            let open = grants.iter().filter(|method| door.opens(**method, person.before)).count();
            self.counts.grants += open;
            self.counts.sessions += usize::from(open > 0);
        }
    }

    /// The same as the share of one organisation in a switch of several.
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

    /// Joins the effect on another organisation.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.keeps.extend(other.keeps);
        self.loses.extend(other.loses);
        self.counts.keeps += other.counts.keeps;
        self.counts.loses += other.counts.loses;
        self.counts.sessions += other.counts.sessions;
        self.counts.grants += other.counts.grants;
        self.warnings.extend(other.warnings);
        self.warnings.truncate(MOST_LINES);
        self.organisations.extend(other.organisations);
        self.organisations.sort_by_key(|share| Reverse(share.counts.loses));
        self.organisations.truncate(MOST_LINES);
        self
    }

    /// The part that is returned at a time: the next 200 of each list after those that are skipped.
    #[must_use]
    pub fn part(mut self, skip: usize) -> Self {
        for lines in [&mut self.keeps, &mut self.loses] {
            *lines = lines.drain(..).skip(skip).take(MOST_LINES).collect();
        }
        self
    }

    fn add(&mut self, before: Door, after: Door, person: &Affected) {
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
        match person.way_in(after, person.after) {
            Some(reason) => {
                self.counts.keeps += 1;
                self.keeps.push(person.line(reason));
            }
            None if person.is_shut_out(before, after) => {
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
