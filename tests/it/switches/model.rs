//! A small model of the appliance's rules: plans, one connection per organisation, SAML-only, and the grants of
//! sessions. It is written from the specification and not from the code, so that it can contradict the code.

use std::collections::{BTreeMap, BTreeSet};

/// Indices into `ORGS`, `PEOPLE` and `PLANS`; and the index of a browser window.
pub type Org = usize;
pub type Person = usize;
pub type Plan = usize;
pub type Window = usize;

pub const ORGS: [&str; 2] = ["acme", "globex"];
pub const PLANS: [&str; 2] = ["business", "enterprise"];
/// The last window is used only to check whether a person can sign in.
pub const WINDOWS: usize = 5;
pub const SPARE: Window = WINDOWS - 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Password,
    Either,
    Saml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Password,
    Saml,
    Recovery,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Nowhere,
    PowerUser,
    Admin,
}

/// The provider's keys whose certificates are saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    First,
    Second,
    Both,
}

impl Keys {
    fn shares(self, other: Self) -> bool {
        self == other || self == Self::Both || other == Self::Both
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether the sign-on URL differs from the first one.
    pub moved: bool,
    /// Whether the portal key differs from the first one.
    pub renamed: bool,
    pub keys: Keys,
}

#[derive(Debug, Clone)]
pub struct Connection {
    pub settings: Settings,
    /// The keys at the last test sign-in; `None` for a draft.
    pub tested: Option<Keys>,
    pub saml_only: bool,
}

#[derive(Debug, Clone)]
pub struct Member {
    pub admin: bool,
    /// Whether the person's password is confirmed for this membership.
    pub agreed: bool,
    pub place: Place,
    /// Whether the person has signed in through SAML since the connection was tested.
    pub proved: bool,
}

#[derive(Debug, Clone)]
pub struct Session {
    pub person: Person,
    pub grants: BTreeSet<(Org, Way)>,
}

/// A step of a sequence.
#[derive(Debug, Clone)]
pub enum Step {
    SwitchPlan(Org, Plan),
    SetMode(Plan, Mode),
    Save(Org, Settings),
    Remove(Org),
    SamlOnly(Org, Window, bool),
    Revoke(Org, Person),
    /// A removal from the organisation.
    Leave(Org, Person),
    RemoveAdmin(Org, Person),
    MakeAdmin(Org, Person),
    Password(Window, Person),
    Saml(Window, Org, Person),
    /// A test sign-in by the person whose session is in this window.
    Test(Window, Org),
    Code(Window, Org, Person),
    NewCodes(Window, Org),
    /// The command `vestibule org recover`, and the use of its link in a window.
    Link(Window, Org, Person),
}

/// Success, or the code of the refusal. `no_right` is any refusal of a caller without access as an admin.
pub type Outcome = Result<(), &'static str>;

/// The state that steps change.
#[derive(Debug, Clone)]
pub struct Model {
    pub plans: [Plan; 2],
    pub modes: [Mode; 2],
    pub connections: [Option<Connection>; 2],
    pub members: BTreeMap<(Org, Person), Member>,
    pub passwords: BTreeSet<Person>,
    pub codes: [usize; 2],
    pub windows: [Option<Session>; WINDOWS],
}

impl Model {
    pub fn mode(&self, org: Org) -> Mode {
        self.modes[self.plans[org]]
    }

    fn ready(&self, org: Org) -> bool {
        self.connections[org].as_ref().is_some_and(|connection| connection.tested.is_some())
    }

    /// Whether SAML is the only sign-in method.
    pub fn only_saml(&self, org: Org) -> bool {
        let on = self.connections[org].as_ref().is_some_and(|connection| connection.saml_only);
        self.ready(org) && (self.mode(org) == Mode::Saml || self.mode(org) == Mode::Either && on)
    }

    fn saml_gives_access(&self, org: Org) -> bool {
        self.mode(org) != Mode::Password && self.ready(org)
    }

    fn password_gives_access(&self, org: Org, member: &Member) -> bool {
        let by_table = match self.mode(org) {
            Mode::Password => true,
            Mode::Either => !self.only_saml(org),
            Mode::Saml => !self.only_saml(org) && member.admin,
        };
        by_table && member.agreed
    }

    fn gives_access(&self, org: Org, person: Person, way: Way) -> bool {
        let Some(member) = self.members.get(&(org, person)) else { return false };
        match way {
            Way::Password => self.password_gives_access(org, member),
            Way::Saml => self.saml_gives_access(org),
            Way::Recovery => member.admin,
        }
    }

    /// The methods by which a person is certain to be able to sign in. Under SAML-only, SAML counts only for people who
    /// have signed in through it.
    pub fn ways(&self, org: Org, person: Person) -> Vec<Way> {
        let Some(member) = self.members.get(&(org, person)) else { return Vec::new() };
        let password = self.passwords.contains(&person) && self.password_gives_access(org, member);
        let saml = self.saml_gives_access(org) && (member.proved || !self.only_saml(org));
        [(password, Way::Password), (saml, Way::Saml)]
            .into_iter()
            .filter(|(open, _)| *open)
            .map(|(_, way)| way)
            .collect()
    }

    /// Whether a person may be able to sign in through SAML, even if they have never done so.
    pub fn may_use_saml(&self, org: Org, person: Person) -> bool {
        self.members.contains_key(&(org, person)) && self.saml_gives_access(org)
    }

    /// The admins of an organisation.
    pub fn admins(&self, org: Org) -> impl Iterator<Item = Person> {
        self.members.iter().filter(move |((of, _), member)| *of == org && member.admin).map(|((_, person), _)| *person)
    }

    /// Removes grants that give no access any more, and sessions without grants.
    fn remove_ended_grants(&mut self) {
        let model = self.clone();
        for window in &mut self.windows {
            if let Some(session) = window {
                session.grants.retain(|(org, way)| model.gives_access(*org, session.person, *way));
            }
            window.take_if(|session| session.grants.is_empty());
        }
    }

    /// Adds grants to the session in the window if it is of the same person; a session of another person ends.
    fn add_grants(&mut self, window: Window, person: Person, earned: impl IntoIterator<Item = (Org, Way)>) {
        let kept = self.windows[window].take().filter(|session| session.person == person);
        let mut grants = kept.map(|session| session.grants).unwrap_or_default();
        grants.extend(earned);
        self.windows[window] = Some(Session { person, grants });
    }

    /// The session in this window, if it is an admin's with access to the organisation.
    fn admin_in(&self, window: Window, org: Org) -> Option<&Session> {
        let session = self.windows[window].as_ref()?;
        let open = session.grants.iter().any(|(of, _)| *of == org);
        (open && self.members.get(&(org, session.person))?.admin).then_some(session)
    }

    /// Applies a step, or refuses it without a change.
    pub fn apply(&mut self, step: &Step) -> Outcome {
        match *step {
            Step::SwitchPlan(org, plan) => {
                self.plans[org] = plan;
                self.turn_saml_only_off_if_unavailable();
            }
            Step::SetMode(plan, mode) => {
                self.modes[plan] = mode;
                self.turn_saml_only_off_if_unavailable();
            }
            Step::Save(org, settings) => self.save(org, settings)?,
            Step::Remove(org) => self.remove(org)?,
            Step::SamlOnly(org, window, on) => self.set_saml_only(org, window, on)?,
            Step::Revoke(org, person) => self.revoke(org, person)?,
            Step::Leave(org, person) => self.leave(org, person)?,
            Step::RemoveAdmin(org, person) => self.remove_admin(org, person)?,
            Step::MakeAdmin(org, person) => self.members.get_mut(&(org, person)).ok_or("invalid")?.admin = true,
            Step::Password(window, person) => self.sign_in(window, person)?,
            Step::Saml(window, org, person) => self.through_saml(window, org, person)?,
            Step::Test(window, org) => self.test(window, org)?,
            Step::Code(window, org, person) => self.by_code(window, org, person)?,
            Step::NewCodes(window, org) => {
                let held = self.may_change_sso(window, org)?;
                if !held.contains(&(org, Way::Saml)) && !held.contains(&(org, Way::Recovery)) {
                    return Err("saml_grant_required");
                }
                self.codes[org] = 10;
            }
            Step::Link(window, org, person) => self.by_link(window, org, person)?,
        }
        self.remove_ended_grants();
        Ok(())
    }

    fn turn_saml_only_off_if_unavailable(&mut self) {
        for org in 0..ORGS.len() {
            if self.mode(org) == Mode::Password
                && let Some(connection) = &mut self.connections[org]
            {
                connection.saml_only = false;
            }
        }
    }

    fn save(&mut self, org: Org, settings: Settings) -> Outcome {
        if self.mode(org) == Mode::Password {
            return Err("plan_required");
        }
        if let Some(old) = &mut self.connections[org]
            && old.settings.moved == settings.moved
            && old.tested.is_some_and(|keys| keys.shares(settings.keys))
        {
            old.settings = settings;
            return Ok(());
        }
        if self.only_saml(org) {
            return Err("saml_only_on");
        }
        self.connections[org] = Some(Connection { settings, tested: None, saml_only: false });
        Ok(())
    }

    fn remove(&mut self, org: Org) -> Outcome {
        if self.mode(org) == Mode::Password {
            return Err("plan_required");
        }
        if self.only_saml(org) {
            return Err("saml_only_on");
        }
        self.connections[org].take().map(drop).ok_or("not_found")
    }

    fn may_change_sso(&self, window: Window, org: Org) -> Result<&BTreeSet<(Org, Way)>, &'static str> {
        let session = self.admin_in(window, org).ok_or("no_right")?;
        if self.mode(org) == Mode::Password { Err("plan_required") } else { Ok(&session.grants) }
    }

    fn set_saml_only(&mut self, org: Org, window: Window, on: bool) -> Outcome {
        let held = self.may_change_sso(window, org)?;
        if on && !held.contains(&(org, Way::Saml)) {
            return Err("saml_grant_required");
        }
        if !self.ready(org) {
            return Err("not_ready");
        }
        if !on && self.mode(org) == Mode::Saml {
            return Err("saml_only_on");
        }
        self.connections[org].as_mut().ok_or("not_ready")?.saml_only = on;
        if on {
            self.codes[org] = 10;
        }
        Ok(())
    }

    fn revoke(&mut self, org: Org, person: Person) -> Outcome {
        let other_admin = self
            .members
            .iter()
            .any(|((of, other), member)| *of == org && *other != person && member.place == Place::Admin);
        let member = self.members.get_mut(&(org, person)).ok_or("not_found")?;
        match member.place {
            Place::Nowhere => return Err("not_found"),
            Place::Admin if !other_admin => return Err("last_admin"),
            Place::Admin | Place::PowerUser => member.place = Place::Nowhere,
        }
        // The rights of an organisation admin do not depend on workspaces.
        if member.admin {
            return Ok(());
        }
        self.members.remove(&(org, person));
        for session in self.windows.iter_mut().flatten().filter(|session| session.person == person) {
            session.grants.retain(|(of, _)| *of != org);
        }
        Ok(())
    }

    fn leave(&mut self, org: Org, person: Person) -> Outcome {
        let member = self.members.get(&(org, person)).ok_or("not_found")?;
        let others = self.members.iter().filter(|((of, other), _)| *of == org && *other != person);
        let others: Vec<_> = others.map(|(_, other)| other).collect();
        let last_admin = member.admin && !others.iter().any(|other| other.admin);
        if last_admin || member.place == Place::Admin && !others.iter().any(|other| other.place == Place::Admin) {
            return Err("last_admin");
        }
        self.members.remove(&(org, person));
        Ok(())
    }

    fn remove_admin(&mut self, org: Org, person: Person) -> Outcome {
        let admins = self.admins(org).count();
        let member = self.members.get_mut(&(org, person)).filter(|member| member.admin).ok_or("not_found")?;
        if admins == 1 {
            return Err("last_admin");
        }
        member.admin = false;
        if member.place == Place::Nowhere {
            self.members.remove(&(org, person));
        }
        Ok(())
    }

    fn sign_in(&mut self, window: Window, person: Person) -> Outcome {
        if !self.passwords.contains(&person) {
            return Err("refused");
        }
        let open = (0..ORGS.len()).filter(|org| self.gives_access(*org, person, Way::Password));
        let open: Vec<_> = open.map(|org| (org, Way::Password)).collect();
        if open.is_empty() {
            return Err("sso_required");
        }
        self.add_grants(window, person, open);
        Ok(())
    }

    fn through_saml(&mut self, window: Window, org: Org, person: Person) -> Outcome {
        if !self.saml_gives_access(org) {
            return Err("sso_unavailable");
        }
        self.members.get_mut(&(org, person)).ok_or("sso_not_a_member")?.proved = true;
        self.add_grants(window, person, [(org, Way::Saml)]);
        Ok(())
    }

    fn test(&mut self, window: Window, org: Org) -> Outcome {
        let person = self.admin_in(window, org).ok_or("sso_unavailable")?.person;
        if self.mode(org) == Mode::Password {
            return Err("sso_unavailable");
        }
        let connection = self.connections[org].as_mut().ok_or("sso_unavailable")?;
        // Another test sign-in confirms the current keys. Earlier SAML sign-ins of people still count.
        let first = connection.tested.replace(connection.settings.keys).is_none();
        if first {
            self.members.iter_mut().filter(|((of, _), _)| *of == org).for_each(|(_, member)| member.proved = false);
        }
        self.remove_ended_grants();
        self.through_saml(window, org, person)
    }

    fn by_code(&mut self, window: Window, org: Org, person: Person) -> Outcome {
        let member = self.members.get(&(org, person));
        let admin = member.is_some_and(|member| member.admin && member.agreed) && self.passwords.contains(&person);
        if !admin || !self.only_saml(org) || self.codes[org] == 0 {
            return Err("refused");
        }
        self.codes[org] -= 1;
        self.add_grants(window, person, [(org, Way::Recovery)]);
        Ok(())
    }

    /// Uses a recovery link, which sets the person's password and ends their other sessions.
    fn by_link(&mut self, window: Window, org: Org, person: Person) -> Outcome {
        let member = self.members.get_mut(&(org, person)).filter(|member| member.admin).ok_or("invalid")?;
        member.agreed = true;
        self.passwords.insert(person);
        for session in &mut self.windows {
            session.take_if(|session| session.person == person);
        }
        self.add_grants(window, person, [(org, Way::Recovery)]);
        Ok(())
    }
}
