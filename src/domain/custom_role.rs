//! Custom roles of an organisation, and the levels that roles give in applications.

use super::access::Standing;
use super::ids::ApplicationId;
use super::level::Level;
use super::person::{NamedRole, Role};
use super::phrase::phrase;
use super::text::folded;
use super::{Error, Name, Result};
use std::collections::{BTreeMap, HashMap};

/// The maximum number of custom roles of one organisation.
pub const MOST_ROLES: i64 = 100;

/// The levels that a role gives in the applications of its organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleLevels {
    /// The level in applications that are not in `own`.
    pub default: Level,
    /// The level in these applications.
    pub own: BTreeMap<ApplicationId, Level>,
}

impl RoleLevels {
    /// The same level everywhere.
    pub const fn everywhere(level: Level) -> Self {
        Self { default: level, own: BTreeMap::new() }
    }

    /// The level in an application.
    pub fn level_in(&self, application: &ApplicationId) -> Level {
        self.own.get(application).copied().unwrap_or(self.default)
    }
}

/// A custom role of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomRole {
    /// Its id and its names.
    pub named: NamedRole,
    /// The levels that it gives.
    pub levels: RoleLevels,
    /// The number of members who have it, each workspace counted.
    pub members: i64,
    /// The number of pending invitations that give it.
    pub invitations: i64,
}

/// Reads the name of a custom role: 1 to 100 characters without a comma, and not one that reads as a built-in role.
///
/// # Errors
/// `Invalid` with field `name`; `Conflict` with field `name` for the name of a built-in role.
pub fn read_name(raw: &str) -> Result<Name> {
    let name = Name::parse("name", raw)?;
    // Applications get several groups in one header, separated by commas.
    if name.as_str().contains(',') {
        return Err(Error::invalid("name", phrase!("field-role-name")));
    }
    if ["admin", "poweruser"].contains(&folded(name.as_str()).as_str()) {
        return Err(Error::taken("name", phrase!("role-name-built-in")));
    }
    Ok(name)
}

/// A name in the form in which names of roles are compared: without case.
pub fn folded_name(name: &Name) -> String {
    name.as_str().to_lowercase()
}

/// The custom roles of an organisation by their names.
#[derive(Debug, Default)]
pub struct RoleNames {
    all: Vec<NamedRole>,
    /// The position of each role by its slug, and by its name in lower case.
    exact: HashMap<String, usize>,
    /// The position of each role by the letters and digits of its name; `None` where several roles share them.
    loose: HashMap<String, Option<usize>>,
}

impl RoleNames {
    /// The names of these roles, the custom roles of one organisation.
    pub fn new(all: Vec<NamedRole>) -> Self {
        let (mut exact, mut loose) = (HashMap::new(), HashMap::new());
        for (at, role) in all.iter().enumerate() {
            exact.insert(folded_name(&role.name), at);
            let shared = loose.contains_key(&folded(role.name.as_str()));
            loose.insert(folded(role.name.as_str()), (!shared).then_some(at));
        }
        for (at, role) in all.iter().enumerate() {
            exact.entry(role.slug.clone()).or_insert(at);
        }
        Self { all, exact, loose }
    }

    /// The roles, by name.
    pub fn all(&self) -> &[NamedRole] {
        &self.all
    }

    /// The role that a request names: `admin`, `power_user`, or the id or the slug of a custom role.
    ///
    /// # Errors
    /// `Invalid` with field `role`.
    pub fn given(&self, raw: &str) -> Result<Role> {
        if let Some(role) = Role::built_in(raw) {
            return Ok(role);
        }
        // An id comes first: no other role can take its place by its slug.
        let by_id = self.all.iter().find(|role| role.id.as_str() == raw);
        let found = by_id.or_else(|| self.all.iter().find(|role| role.slug == raw));
        let found = found.ok_or_else(|| Error::invalid("role", phrase!("field-role")))?;
        Ok(Role::Custom(found.clone()))
    }

    /// The role that a line of a list names in its own words; `None` if it names none, or may mean several.
    pub fn named(&self, text: &str) -> Option<Role> {
        if self.all.is_empty() {
            return None;
        }
        let exact = self.exact.get(&text.trim().to_lowercase()).copied();
        let found = exact.or_else(|| self.loose.get(&folded(text)).copied().flatten());
        Some(Role::Custom(self.all.get(found?)?.clone()))
    }

    /// True if a role can still be given: it is built-in, or has not been removed.
    pub fn has(&self, role: &Role) -> bool {
        role.custom().is_none_or(|custom| self.all.contains(custom))
    }
}

/// A person's role in the workspace of an application, and the level that it gives them in this application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRole {
    /// The role.
    pub role: Role,
    /// The level.
    pub level: Level,
}

impl ApplicationRole {
    /// The role in one application. For a custom role, `own` is its level in this application, if it has one there, and
    /// `default` its level in others.
    pub fn of(role: Role, own: Option<Level>, default: Option<Level>) -> Self {
        let level = match Level::of_built_in(&role) {
            Some(level) => level,
            None => own.or(default).unwrap_or(Level::NoAccess),
        };
        Self { role, level }
    }
}

impl Level {
    /// The level of a built-in role in every application of its workspace; `None` for a custom role.
    pub const fn of_built_in(role: &Role) -> Option<Self> {
        match role {
            Role::Admin => Some(Self::Admin),
            Role::PowerUser => Some(Self::Editor),
            Role::Custom(_) => None,
        }
    }

    /// The level of a person of the organisation in an application. `role`: their role in the application's workspace;
    /// `None` if they are not a member of it. Organisation admins need no membership.
    pub fn of(standing: Standing, role: Option<&ApplicationRole>) -> Self {
        if standing.admin { Self::Admin } else { role.map_or(Self::NoAccess, |role| role.level) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RoleId;
    use proptest::prelude::*;

    fn custom(name: &str, slug: &str) -> NamedRole {
        NamedRole { id: RoleId::random(), slug: slug.into(), name: read_name(name).expect(name) }
    }

    fn any_level() -> impl Strategy<Value = Level> {
        prop::sample::select(Level::ALL.to_vec())
    }

    #[test]
    fn organisation_admins_are_admins_of_every_application_and_others_need_a_membership() {
        let standing = |admin| Standing { admin, password_agreed: true };
        let auditor = Role::Custom(custom("Auditor", "auditor"));
        let of = |role: Role| Some(ApplicationRole::of(role, None, None));
        let viewer = Some(ApplicationRole::of(auditor.clone(), None, Some(Level::Viewer)));
        let operator = Some(ApplicationRole::of(auditor.clone(), Some(Level::Operator), Some(Level::Viewer)));
        let closed = Some(ApplicationRole::of(auditor.clone(), Some(Level::NoAccess), Some(Level::Editor)));
        for (admin, role, level) in [
            (true, None, Level::Admin),
            (true, of(Role::PowerUser), Level::Admin),
            (true, closed.clone(), Level::Admin),
            (false, of(Role::Admin), Level::Admin),
            (false, of(Role::PowerUser), Level::Editor),
            (false, viewer, Level::Viewer),
            (false, operator, Level::Operator),
            (false, closed, Level::NoAccess),
            // Levels that are missing give nothing.
            (false, of(auditor), Level::NoAccess),
            (false, None, Level::NoAccess),
        ] {
            assert_eq!(Level::of(standing(admin), role.as_ref()), level, "{admin} {role:?}");
        }
    }

    proptest! {
        #[test]
        fn a_custom_role_gives_its_own_level_or_its_default_and_never_changes_a_built_in_role(
            default in any_level(), own in prop::option::of(any_level())
        ) {
            let application = ApplicationId::random();
            let levels = RoleLevels { default, own: own.map(|level| (application.clone(), level)).into_iter().collect() };
            let role = Role::Custom(custom("Auditor", "auditor"));
            let level = ApplicationRole::of(role, own, Some(default)).level;
            prop_assert_eq!(level, levels.level_in(&application));
            prop_assert_eq!(level, own.unwrap_or(default));
            prop_assert_eq!(levels.level_in(&ApplicationId::random()), default);
            for role in [Role::Admin, Role::PowerUser] {
                let built_in = Level::of_built_in(&role);
                prop_assert_eq!(Some(ApplicationRole::of(role, own, Some(default)).level), built_in);
            }
        }
    }

    #[test]
    fn a_role_is_given_by_its_id_or_slug_and_in_lists_by_its_name_too() {
        let (auditor, second, third) =
            (custom("Auditor", "auditor"), custom("Read only", "read-only"), custom("Read-Only!", "read-only-2"));
        let roles = RoleNames::new(vec![auditor.clone(), second.clone(), third.clone()]);
        assert_eq!(roles.given("power_user").expect("known"), Role::PowerUser);
        assert_eq!(roles.given(auditor.id.as_str()).expect("known"), Role::Custom(auditor.clone()));
        assert_eq!(roles.given("read-only-2").expect("known"), Role::Custom(third.clone()));
        let same = RoleNames::new(vec![custom("Other", auditor.id.as_str()), auditor.clone()]);
        assert_eq!(same.given(auditor.id.as_str()).expect("known"), Role::Custom(auditor.clone()), "ids come first");
        for unknown in ["", "Auditor", "power-user", "Admin", RoleId::random().as_str()] {
            assert!(roles.given(unknown).is_err(), "{unknown}");
        }
        assert_eq!(roles.named(" AUDITOR. "), Some(Role::Custom(auditor.clone())));
        assert_eq!(roles.named("read only"), Some(Role::Custom(second)));
        assert_eq!(roles.named("Read-only!"), Some(Role::Custom(third)));
        assert_eq!(roles.named("read_only"), None, "it may mean either");
        assert_eq!((roles.named("!!"), roles.named("owner")), (None, None));
        assert!(roles.has(&Role::Admin) && roles.has(&Role::Custom(auditor.clone())));
        assert!(!RoleNames::default().has(&Role::Custom(auditor)));
    }

    #[test]
    fn names_have_no_comma_and_do_not_read_as_a_built_in_role() {
        assert_eq!(read_name("  Wiki editor ").expect("usable").as_str(), "Wiki editor");
        for bad in ["", "a,b", "a\u{7}b", &"a".repeat(101)] {
            assert!(matches!(read_name(bad), Err(Error::Invalid { .. })), "{bad}");
        }
        for taken in ["Admin", " ADMIN ", "power user", "Power-User", "power_user"] {
            assert!(matches!(read_name(taken), Err(Error::Conflict { .. })), "{taken}");
        }
    }
}
