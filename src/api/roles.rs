//! Custom roles.

use super::effect::EffectView;
use crate::domain::Name;
use crate::domain::access::Effect;
use crate::domain::custom_role::CustomRole;
use crate::domain::ids::{ApplicationId, RoleId};
use crate::domain::level::Level;
use crate::domain::person::Role;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A custom role of an organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = CustomRole)]
pub struct RoleView {
    id: RoleId,
    /// Its name for applications and commands, which stays the same when the role is renamed.
    #[schema(example = "auditor", pattern = "^[a-z0-9-]+$")]
    slug: String,
    name: Name,
    /// The level in applications that are not in `levels`.
    default_level: Level,
    /// The levels in these applications, by their ids.
    #[schema(value_type = BTreeMap<String, Level>, example = json!({"9f86d081884c7d659a2feaa0c55ad015": "editor"}))]
    levels: BTreeMap<ApplicationId, Level>,
    /// The number of members who have it, counted in each workspace.
    members: i64,
    /// The number of pending invitations that give it.
    invitations: i64,
    /// The effect on people, in the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectView>,
}

impl From<CustomRole> for RoleView {
    fn from(role: CustomRole) -> Self {
        let CustomRole { named, levels, members, invitations } = role;
        Self {
            id: named.id,
            slug: named.slug,
            name: named.name,
            default_level: levels.default,
            levels: levels.own,
            members,
            invitations,
            effect: None,
        }
    }
}

impl From<(CustomRole, Effect)> for RoleView {
    fn from((role, effect): (CustomRole, Effect)) -> Self {
        Self { effect: Some(effect.into()), ..Self::from(role) }
    }
}

/// A role that members of a workspace can have.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleChoice)]
pub struct RoleChoiceView {
    /// The value of `role` that gives it.
    role: Role,
    /// Its name for applications.
    #[schema(example = "power-user", pattern = "^[a-z0-9-]+$")]
    slug: String,
    /// Its display name.
    #[schema(example = "Power User")]
    name: String,
}

impl From<Role> for RoleChoiceView {
    fn from(role: Role) -> Self {
        Self { slug: role.slug().to_owned(), name: role.label().to_owned(), role }
    }
}

/// The roles that members of a workspace can have: the built-in ones, then the custom ones by name.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleChoices)]
pub struct RoleChoicesView {
    items: Vec<RoleChoiceView>,
}

impl From<Vec<Role>> for RoleChoicesView {
    fn from(roles: Vec<Role>) -> Self {
        Self { items: roles.into_iter().map(RoleChoiceView::from).collect() }
    }
}

/// The display name of a custom role; `None` for a built-in one, whose name depends on the reader's language.
pub(super) fn name_of(role: &Role) -> Option<Name> {
    role.custom().map(|custom| custom.name.clone())
}
