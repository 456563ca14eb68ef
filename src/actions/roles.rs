//! Custom roles of an organisation, and how changes of roles change people's levels in applications.

use super::dry_run::{logged, switch_giving};
use super::some_of::some_of;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{Effect, LevelChange, Line, MOST_LINES};
use crate::domain::audit::Event;
use crate::domain::custom_role::{CustomRole, MOST_ROLES, RoleLevels, RoleNames};
use crate::domain::ids::{ApplicationId, OrganisationId, WorkspaceId};
use crate::domain::level::Level;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::{NamedRole, Role, User};
use crate::domain::phrase::phrase;
use crate::domain::principal::Granted;
use crate::domain::{Error, Listing, Name, Page, Result};
use crate::store::{Db, RoleHolder};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// The custom roles of an organisation, by name.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn list(app: &App, organisation: &OrganisationId, page: &Page) -> Result<Listing<CustomRole>> {
    app.store.read(|db| db.custom_roles(organisation, page))
}

/// The custom role of an organisation with this id or slug.
///
/// # Errors
/// `NotFound`.
pub fn named(app: &App, organisation: &OrganisationId, id_or_slug: &str) -> Result<CustomRole> {
    app.store.read(|db| db.custom_role(organisation, id_or_slug))
}

/// The custom roles of an organisation by their names, for reading lists of people.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn names(app: &App, organisation: &OrganisationId) -> Result<RoleNames> {
    app.store.read(|db| db.role_names(organisation))
}

/// The roles that members of a workspace can have: the built-in ones, then the custom ones by name.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_workspace(app: &App, workspace: &Workspace) -> Result<Vec<Role>> {
    let names = names(app, &workspace.organisation)?;
    let custom = names.all().iter().cloned().map(Role::Custom);
    Ok([Role::Admin, Role::PowerUser].into_iter().chain(custom).collect())
}

/// A change of a custom role; absent parts stay.
#[derive(Debug, Default)]
pub struct RoleChange {
    /// The new name.
    pub name: Option<Name>,
    /// The new level in applications without their own.
    pub default: Option<Level>,
    /// New levels in applications; `None` for an application that gets the default level again. Others stay.
    pub levels: BTreeMap<ApplicationId, Option<Level>>,
}

impl RoleChange {
    fn of(&self, mut levels: RoleLevels) -> RoleLevels {
        levels.default = self.default.unwrap_or(levels.default);
        for (application, level) in &self.levels {
            match level {
                Some(level) => levels.own.insert(application.clone(), *level),
                None => levels.own.remove(application),
            };
        }
        levels
    }

    /// Checks that the applications belong to the organisation.
    fn in_organisation(&self, db: &Db, organisation: &OrganisationId) -> Result<()> {
        if self.levels.is_empty() {
            return Ok(());
        }
        let known: HashMap<_, _> =
            db.application_names(organisation)?.into_iter().map(|(id, name, _)| (id, name)).collect();
        match self.levels.keys().find(|id| !known.contains_key(id)) {
            Some(id) => Err(Error::invalid("levels", phrase!("field-levels-application", id = id.as_str()))),
            None => Ok(()),
        }
    }
}

/// Creates a custom role.
///
/// # Errors
/// `Conflict` with field `name` when the organisation has a role with that name; `Invalid` with field `levels` for an
/// application of another organisation.
pub fn create(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    name: Name,
    levels: RoleLevels,
) -> Result<CustomRole> {
    let (author, organisation) = (caller.author.clone(), organisation.id.clone());
    app.write(&caller.claim, move |tx| {
        if tx.count_roles(&organisation)? >= MOST_ROLES {
            return Err(Error::conflict("too_many", phrase!("too-many-roles", most = MOST_ROLES)));
        }
        let given = levels.own.iter().map(|(id, level)| (id.clone(), Some(*level))).collect();
        RoleChange { levels: given, ..RoleChange::default() }.in_organisation(tx, &organisation)?;
        let role = tx.add_role(&organisation, &name, &levels)?;
        let mut detail = Map::from_iter([("default_level".to_owned(), json!(levels.default))]);
        add_levels(tx, &organisation, &RoleLevels::everywhere(levels.default), &levels, &mut detail)?;
        author.log(tx, &event("role.created", &organisation, &role).with(detail.into()))?;
        tx.custom_role(&organisation, role.id.as_str())
    })
}

/// Changes a custom role. Returns the role after the change, or as it is in a dry run.
///
/// # Errors
/// `NotFound`; the errors of `create`.
pub fn update(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    id: String,
    change: RoleChange,
    run: Run,
) -> Result<(CustomRole, Effect)> {
    let (author, organisation, asked) = (caller.author.clone(), organisation.id.clone(), id.clone());
    let (place, within) = (organisation.clone(), organisation.clone());
    let planned = move |db: &Db| {
        let role = db.custom_role(&place, &id)?;
        change.in_organisation(db, &place)?;
        let levels = change.of(role.levels.clone());
        let holders = db.role_holders(&role.named.id)?;
        let effect = effect_of_levels(db, &place, &holders, (&role.levels, &levels))?;
        let detail = logged(&effect);
        Ok((effect, (role, change.name, levels, detail)))
    };
    let applied = switch_giving(app, caller, run, planned, move |tx, (before, name, levels, effect)| {
        let name = name.unwrap_or_else(|| before.named.name.clone());
        tx.set_role(&organisation, &before.named.id, &name, &levels)?;
        let after = tx.custom_role(&organisation, before.named.id.as_str())?;
        let mut detail = Map::new();
        if name != before.named.name {
            detail.insert("from".into(), json!(before.named.name));
        }
        if levels.default != before.levels.default {
            detail.insert("default_level".into(), json!(levels.default));
        }
        add_levels(tx, &organisation, &before.levels, &levels, &mut detail)?;
        if !detail.is_empty() {
            add_people(effect, &mut detail);
            author.log(tx, &event("role.changed", &organisation, &after.named).with(detail.into()))?;
        }
        Ok(after)
    })?;
    match applied {
        (effect, Some(role)) => Ok((role, effect)),
        (effect, None) => Ok((named(app, &within, &asked)?, effect)),
    }
}

/// Deletes a custom role. Its members and invitations get the role `replace_by`.
///
/// # Errors
/// `NotFound`; `Conflict` with code `role_in_use` when it has members or pending invitations and no replacement;
/// `Invalid` with field `replace_by`; `Forbidden` when an organisation's key would make people Admins.
pub fn delete(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    id: String,
    replace_by: Option<String>,
    run: Run,
) -> Result<Effect> {
    let (author, claim, organisation) = (caller.author.clone(), caller.claim.clone(), organisation.id.clone());
    let place = organisation.clone();
    let planned = move |db: &Db| {
        let role = db.custom_role(&place, &id)?;
        let replacement = replace_by.map(|given| replacement(db, &place, &role.named, &given)).transpose()?;
        if replacement == Some(Role::Admin) && db.judge_again(&claim)? == Granted::Key {
            return Err(Error::forbidden(phrase!("role-replaced-by-admin")));
        }
        if replacement.is_none() && role.members + role.invitations > 0 {
            let message = phrase!("role-in-use", members = role.members, invitations = role.invitations);
            return Err(Error::conflict("role_in_use", message));
        }
        let levels = replacement.as_ref().map_or(Ok(RoleLevels::everywhere(Level::NoAccess)), |to| db.levels_of(to))?;
        let holders = db.role_holders(&role.named.id)?;
        let effect = effect_of_levels(db, &place, &holders, (&role.levels, &levels))?;
        let detail = logged(&effect);
        Ok((effect, (role.named, replacement, detail)))
    };
    let (effect, _) = switch_giving(app, caller, run, planned, move |tx, (role, replacement, effect)| {
        tx.delete_role(&role.id, replacement.as_ref())?;
        let mut detail = Map::new();
        if let Some(replacement) = &replacement {
            detail.insert("to".into(), json!(replacement.logged()));
        }
        add_people(effect, &mut detail);
        author.log(tx, &event("role.removed", &organisation, &role).with(detail.into()))
    })?;
    Ok(effect)
}

/// The role that replaces a removed one.
fn replacement(db: &Db, organisation: &OrganisationId, removed: &NamedRole, given: &str) -> Result<Role> {
    let role = db.role_names(organisation)?.given(given).map_err(|fault| fault.for_field("replace_by"))?;
    if role.custom() == Some(removed) {
        return Err(Error::invalid("replace_by", phrase!("field-replace-by-itself")));
    }
    Ok(role)
}

fn event(action: &'static str, organisation: &OrganisationId, role: &NamedRole) -> Event {
    Event::new(action, "role", &role.id, &role.name).within(organisation)
}

/// Adds the levels that change to the detail of an audit entry, by the applications' names.
fn add_levels(
    db: &Db,
    organisation: &OrganisationId,
    before: &RoleLevels,
    after: &RoleLevels,
    detail: &mut Map<String, Value>,
) -> Result<()> {
    let mut levels = Map::new();
    for (id, name, _) in db.application_names(organisation)? {
        let level = after.own.get(&id);
        if level != before.own.get(&id) && levels.len() < MOST_LINES {
            levels.insert(name, level.map_or(json!("default_level"), |level| json!(level)));
        }
    }
    if !levels.is_empty() {
        detail.insert("levels".into(), levels.into());
    }
    Ok(())
}

/// Adds the people whose levels change to the detail of an audit entry.
fn add_people(effect: Value, detail: &mut Map<String, Value>) {
    for list in ["loses", "keeps"] {
        if effect[list].as_array().is_some_and(|people| !people.is_empty()) {
            detail.insert(list.into(), effect[list].clone());
        }
    }
}

/// The effect of a change of levels, from `from` to `to`, on people. `holders`: sorted by person. People who can no longer
/// open an application count as losing access, others whose level changes as keeping it.
pub(super) fn effect_of_levels(
    db: &Db,
    organisation: &OrganisationId,
    holders: &[RoleHolder],
    (from, to): (&RoleLevels, &RoleLevels),
) -> Result<Effect> {
    let mut changed: HashMap<WorkspaceId, Vec<Changed>> = HashMap::new();
    let applications = if holders.is_empty() { Vec::new() } else { db.application_names(organisation)? };
    for (application, name, workspace) in applications {
        let (from, to) = (from.level_in(&application), to.level_in(&application));
        if from != to {
            changed.entry(workspace).or_default().push(Changed { application, name, from, to });
        }
    }
    let mut effect = Effect::default();
    for person in holders.chunk_by(|one, next| one.user == next.user) {
        let theirs: Vec<_> = person.iter().filter_map(|holder| changed.get(&holder.workspace)).flatten().collect();
        if let [holder, ..] = person
            && !theirs.is_empty()
        {
            add_person(&mut effect, holder, &theirs);
        }
    }
    let held = |workspace: &WorkspaceId| holders.iter().any(|holder| holder.workspace == *workspace);
    let lost =
        changed.iter().filter(|(workspace, _)| held(workspace)).flat_map(|(_, all)| all).filter(|one| one.closes());
    effect.applications = lost.map(|one| (one.application.clone(), one.name.clone())).collect();
    effect.applications.sort_by(|one, other| (&one.1, one.0.as_str()).cmp(&(&other.1, other.0.as_str())));
    let mut ended = 0;
    for (application, _) in &effect.applications {
        let tokens = db.count_refresh_tokens(application)?;
        let home = changed.iter().find(|(_, all)| all.iter().any(|one| one.application == *application));
        let is_there = |holder: &&RoleHolder| home.is_some_and(|(workspace, _)| holder.workspace == *workspace);
        ended += holders.iter().filter(is_there).filter_map(|holder| tokens.get(&holder.user)).sum::<i64>();
    }
    effect.applications.truncate(MOST_LINES);
    Ok(effect.with_ended((0, ended)))
}

/// Adds to an effect that one person's level changes from `from` to another in these applications. Tokens end where they
/// have no level any longer.
pub(super) fn change_levels(
    db: &Db,
    user: &User,
    from: Level,
    applications: Vec<(ApplicationId, String, Level)>,
    mut effect: Effect,
) -> Result<Effect> {
    for (application, name, to) in applications.into_iter().filter(|(.., to)| *to != from) {
        effect.counts.levels += 1;
        if to == Level::NoAccess {
            let tokens = db.count_refresh_tokens(&application)?;
            effect = effect.with_ended((0, tokens.get(&user.id).copied().unwrap_or_default()));
            effect.applications.push((application.clone(), name.clone()));
        }
        let (user, email) = (user.id.clone(), user.email.clone());
        effect.levels.push(LevelChange { user, email, application, name, from, to });
    }
    effect.levels.truncate(MOST_LINES);
    effect.applications.truncate(MOST_LINES);
    Ok(effect)
}

/// An application in which a level changes.
struct Changed {
    application: ApplicationId,
    name: String,
    from: Level,
    to: Level,
}

impl Changed {
    fn closes(&self) -> bool {
        self.to == Level::NoAccess
    }
}

fn add_person(effect: &mut Effect, holder: &RoleHolder, changed: &[&Changed]) {
    let names = |some: &dyn Fn(&Changed) -> bool| {
        changed.iter().filter(|one| some(one)).map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    let lost = names(&Changed::closes);
    let line = |reason| Line { user: holder.user.clone(), email: holder.email.clone(), reason, organisation: None };
    if lost.is_empty() {
        effect.counts.keeps += 1;
        effect.keeps.push(line(phrase!("reason-other-levels", applications = some_of(&names(&|_| true)))));
    } else {
        effect.counts.loses += 1;
        effect.loses.push(line(phrase!("reason-applications-closed", applications = some_of(&lost))));
    }
    effect.counts.levels += changed.len();
    let room = MOST_LINES.saturating_sub(effect.levels.len());
    effect.levels.extend(changed.iter().take(room).map(|one| LevelChange {
        user: holder.user.clone(),
        email: holder.email.clone(),
        application: one.application.clone(),
        name: one.name.clone(),
        from: one.from,
        to: one.to,
    }));
}
