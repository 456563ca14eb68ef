//! The applications that people lose through a switch.

use crate::domain::Result;
use crate::domain::access::{Affected, Effect, MOST_LINES};
use crate::domain::custom_role::RoleLevels;
use crate::domain::ids::{ApplicationId, OrganisationId, UserId, WorkspaceId};
use crate::domain::level::Level;
use crate::store::Db;
use std::collections::{HashMap, HashSet};

/// The applications of an organisation that a person can open, by name, each with its workspace.
pub(super) fn opened_by(
    db: &Db,
    organisation: &OrganisationId,
    user: &UserId,
) -> Result<Vec<(ApplicationId, String, WorkspaceId)>> {
    let Some(standing) = db.find_standing(organisation, user)? else { return Ok(Vec::new()) };
    let mut all = db.applications_of(organisation, user, standing.admin)?;
    all.retain(|(.., role)| Level::of(standing, role.as_ref()) > Level::NoAccess);
    Ok(all.into_iter().map(|(one, ..)| (one.id, one.tile.name.to_string(), one.workspace)).collect())
}

/// The applications that any of the people who lose access to an organisation could open, by name. `people`: everyone in
/// the organisation.
pub(super) fn lost_with_access(
    db: &Db,
    organisation: &OrganisationId,
    people: &[Affected],
    effect: &Effect,
) -> Result<Vec<(ApplicationId, String)>> {
    let losers: HashSet<_> = effect.loses.iter().map(|line| &line.user).collect();
    let mut all = if losers.is_empty() { Vec::new() } else { db.application_names(organisation)? };
    let admins = people.iter().any(|person| person.before.admin && losers.contains(&person.user));
    if !(all.is_empty() || admins) {
        let mut held: HashMap<WorkspaceId, Vec<RoleLevels>> = HashMap::new();
        for (workspace, role, users) in db.roles_by_workspace(organisation)? {
            if users.iter().any(|user| losers.contains(user)) {
                held.entry(workspace).or_default().push(db.levels_of(&role)?);
            }
        }
        let opened = |(id, _, workspace): &(ApplicationId, String, WorkspaceId)| {
            held.get(workspace).is_some_and(|roles| roles.iter().any(|role| role.level_in(id) > Level::NoAccess))
        };
        all.retain(opened);
    }
    Ok(named(all))
}

/// The first applications of a list, as an effect names them.
pub(super) fn named(applications: Vec<(ApplicationId, String, WorkspaceId)>) -> Vec<(ApplicationId, String)> {
    applications.into_iter().take(MOST_LINES).map(|(id, name, _)| (id, name)).collect()
}
