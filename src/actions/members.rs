//! Members of workspaces, and organisation admins.

use super::dry_run::{switch, switch_giving};
use super::lost_applications::{named, opened_by};
use super::mail::Outbox;
use super::roles::{change_levels, effect_of_levels};
use super::{Caller, Run, invitations, made, setup_links};
use crate::app::App;
use crate::domain::access::{Affected, Effect, Standing};
use crate::domain::audit::Event;
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::invitation::Invitation;
use crate::domain::level::Level;
use crate::domain::member_search::Filter;
use crate::domain::method::Method;
use crate::domain::notice::NoticeEvent;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::{Member, Role, User, WorkspaceMember};
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Listing, Page, Result};
use crate::store::{Db, RoleHolder};

/// The people of an organisation who fit a filter, by address.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_organisation(
    app: &App,
    organisation: &OrganisationId,
    filter: &Filter,
    page: &Page,
) -> Result<Listing<Member>> {
    app.store.read(|db| db.members(organisation, filter, page))
}

/// As `of_organisation`, for one page of a file. Writing the file takes a while, so the caller's right is judged again
/// for each page.
///
/// # Errors
/// The errors of the claim; `Unavailable` when the database cannot be read.
pub fn file_page(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    filter: &Filter,
    page: &Page,
) -> Result<Listing<Member>> {
    app.read(&caller.claim, |db| db.members(organisation, filter, page))
}

/// The people in a workspace who fit a filter, by address.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_workspace(
    app: &App,
    workspace: &WorkspaceId,
    filter: &Filter,
    page: &Page,
) -> Result<Listing<WorkspaceMember>> {
    app.store.read(|db| db.workspace_members(workspace, filter, page))
}

/// The admins of an organisation.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn admins(app: &App, organisation: &OrganisationId, page: &Page) -> Result<Listing<User>> {
    app.store.read(|db| db.all_admins(organisation, page))
}

/// Gives a member of a workspace another role, which a request names by `role`. Returns the member after the change, or as
/// they are in a dry run.
///
/// # Errors
/// `NotFound`; `Invalid` with field `role` for a role that the organisation does not have; `Conflict` with code
/// `last_admin`.
pub fn set_role(
    app: &App,
    caller: &Caller,
    workspace: &Workspace,
    user: UserId,
    role: String,
    run: Run,
) -> Result<(WorkspaceMember, Effect)> {
    let (author, workspace) = (caller.author.clone(), workspace.clone());
    let (place, asked) = (workspace.clone(), (workspace.id.clone(), user.clone()));
    let planned = move |db: &Db| {
        let member = db.workspace_member(&place.id, &user)?;
        let role = db.role_names(&place.organisation)?.given(&role)?;
        if role != Role::Admin {
            keep_an_admin(db, &place, &member)?;
        }
        Ok((effect_of_role(db, &place, &member, &role)?, (member, role)))
    };
    let applied = switch_giving(app, caller, run, planned, move |tx, (member, role)| {
        if role == member.role {
            return Ok(member);
        }
        let user = tx.user(&member.user)?;
        tx.set_place(&workspace.organisation, &workspace.id, &user, &role)?;
        let event = Event::new("member.role_changed", "member", &user.id, &member.email);
        let detail = serde_json::json!({ "from": member.role.logged(), "to": role.logged() });
        author.log(tx, &event.within(&workspace.organisation).at(&workspace.id).with(detail))?;
        tx.workspace_member(&workspace.id, &user.id)
    })?;
    match applied {
        (effect, Some(member)) => Ok((member, effect)),
        (effect, None) => Ok((app.store.read(|db| db.workspace_member(&asked.0, &asked.1))?, effect)),
    }
}

/// The effect on a member of getting another role: the levels in the workspace's applications, and the invitation links
/// that end because the member may no longer invite.
fn effect_of_role(db: &Db, workspace: &Workspace, member: &WorkspaceMember, role: &Role) -> Result<Effect> {
    let WorkspaceMember { user, email, organisation_admin, disabled, .. } = member;
    let holder = RoleHolder { user: user.clone(), email: email.clone(), workspace: workspace.id.clone() };
    let holders = if *organisation_admin || *disabled { Vec::new() } else { vec![holder] };
    let (from, to) = (db.levels_of(&member.role)?, db.levels_of(role)?);
    let mut effect = effect_of_levels(db, &workspace.organisation, &holders, (&from, &to))?;
    if member.role == Role::Admin && *role != Role::Admin && !organisation_admin {
        let ends = |one: &Invitation| one.workspace == workspace.id;
        effect.warnings.extend(invitations::ended_links(db, &workspace.organisation, user, ends)?);
    }
    Ok(effect)
}

fn keep_an_admin(db: &Db, workspace: &Workspace, member: &WorkspaceMember) -> Result<()> {
    if member.role == Role::Admin && !db.has_other_workspace_admin(&workspace.id, &member.user)? {
        return Err(Error::conflict("last_admin", phrase!("last-workspace-admin")));
    }
    Ok(())
}

/// Removes a member from a workspace, and ends their grants for the organisation at once. An organisation admin keeps
/// the grants, because their rights in the organisation do not depend on the workspace.
///
/// # Errors
/// `NotFound`; `Conflict` with code `last_admin`.
pub fn revoke(app: &App, caller: &Caller, workspace: &Workspace, user: UserId, run: Run) -> Result<Effect> {
    let (author, workspace) = (caller.author.clone(), workspace.clone());
    let place = workspace.clone();
    let planned = move |db: &Db| {
        let member = db.workspace_member(&place.id, &user)?;
        keep_an_admin(db, &place, &member)?;
        let organisation = db.organisation(place.organisation.as_str())?;
        let stays = member.organisation_admin || db.places(&organisation.id, &user)?.len() > 1;
        let mut effect = if member.organisation_admin {
            let person = db.find_affected(&organisation.id, &user)?;
            Effect::of(organisation.sign_in_policy(), organisation.sign_in_policy(), person.as_slice())
        } else {
            end_of_grants(db, &organisation, &user, stays)?
        };
        if !member.organisation_admin {
            let mut lost = opened_by(db, &organisation.id, &user)?;
            lost.retain(|(.., workspace)| !stays || *workspace == place.id);
            effect.applications = named(lost);
        }
        // An organisation admin can still invite people to all workspaces.
        let ends = |one: &Invitation| !member.organisation_admin && one.workspace == place.id;
        effect.warnings.extend(invitations::ended_links(db, &organisation.id, &user, ends)?);
        if stays {
            let (email, organisation) = (member.email.as_str(), &organisation.name);
            effect.warnings.push(phrase!("warning-still-belongs", email = email, organisation = organisation));
        }
        Ok((effect, member))
    };
    switch(app, caller, run, planned, move |tx, member| {
        tx.delete_place(&workspace.id, &member.user)?;
        if !member.organisation_admin {
            tx.delete_grants(&workspace.organisation, &member.user)?;
        }
        tx.delete_person_without_place(&workspace.organisation, &member.user)?;
        let event = Event::new("member.revoked", "member", &member.user, &member.email);
        author.log(tx, &event.within(&workspace.organisation).at(&workspace.id))
    })
}

/// The effect on one person whose live grants for the organisation all end. `stays`: true if they remain a member.
pub(super) fn end_of_grants(db: &Db, organisation: &Organisation, user: &UserId, stays: bool) -> Result<Effect> {
    let policy = organisation.sign_in_policy();
    let Some(mut person) = db.find_affected(&organisation.id, user)? else { return Ok(Effect::default()) };
    person.after = person.after.filter(|_| stays);
    let open = |grants: &Vec<Method>| grants.iter().filter(|method| policy.opens(**method, person.before)).count();
    let open: Vec<usize> = person.sessions.iter().map(open).collect();
    let mut effect = Effect::of(policy, policy, std::slice::from_ref(&person));
    effect.counts.grants = open.iter().sum();
    effect.counts.sessions = open.iter().filter(|grants| **grants > 0).count();
    Ok(effect.with_ended(db.count_application_access(user, Some(&organisation.id))?))
}

/// Warnings about the links that end with a person's rights in an organisation, and about the API keys that they made
/// there and that keep working.
pub(super) fn end_of_rights(db: &Db, organisation: &OrganisationId, user: &User) -> Result<Vec<Phrase>> {
    let setups = setup_links::ended_links(db, organisation, user.email.as_str())?;
    let recovery = db.has_recovery_link(organisation, &user.id)?;
    let recovery = recovery.then(|| phrase!("warning-recovery-link-ends"));
    let keys = made::keys_that_stay(db, user, Some(organisation))?;
    Ok(setups.into_iter().chain(recovery).chain(keys).collect())
}

/// Makes a member an organisation admin.
///
/// # Errors
/// `Invalid` with field `email` when no member has this address.
pub fn add_admin(app: &App, caller: &Caller, organisation: &Organisation, email: &Email) -> Result<User> {
    let (author, organisation, email) = (caller.author.clone(), organisation.clone(), email.clone());
    let outbox = Outbox::of(app);
    app.write_long(&caller.claim, move |tx| {
        let no_member = || Error::invalid("email", phrase!("field-not-member-invite-first"));
        let user = tx.find_user(&email)?.ok_or_else(no_member)?;
        let standing = tx.find_standing(&organisation.id, &user.id)?.ok_or_else(no_member)?;
        // An existing admin stays as they are, so that no grants are judged again.
        if !standing.admin {
            tx.set_admin(&organisation.id, &user.id, true)?;
            outbox.tell_of_admin(tx, &author, &organisation.id, (&user, &NoticeEvent::AdminAdded(email.clone())))?;
        }
        let event = Event::new("admin.added", "member", &user.id, &email);
        author.log(tx, &event.within(&organisation.id))?;
        Ok(user)
    })
}

/// The effect of removing an organisation admin's rights, with the applications in which they get another level.
/// `stays`: true if they remain a member.
fn effect_without_admin(
    db: &Db,
    organisation: &OrganisationId,
    user: &User,
    stays: bool,
    mut effect: Effect,
) -> Result<Effect> {
    if !stays || effect.counts.loses > 0 {
        effect.applications = named(opened_by(db, organisation, &user.id)?);
        return Ok(effect.with_ended(db.count_application_access(&user.id, Some(organisation))?));
    }
    if !user.is_disabled() {
        let after = db.applications_of(organisation, &user.id, true)?.into_iter().map(|(application, _, role)| {
            let level = role.map_or(Level::NoAccess, |role| role.level);
            (application.id, application.tile.name.to_string(), level)
        });
        effect = change_levels(db, user, Level::Admin, after.collect(), effect)?;
    }
    Ok(effect)
}

pub(super) fn last_admin() -> Error {
    Error::conflict("last_admin", phrase!("last-organisation-admin"))
}

/// Makes an organisation admin a plain member again; a person without a workspace leaves the organisation.
///
/// # Errors
/// `NotFound`; `Conflict` with code `last_admin`.
pub fn remove_admin(app: &App, caller: &Caller, organisation: &Organisation, user: UserId, run: Run) -> Result<Effect> {
    let (author, id, outbox) = (caller.author.clone(), organisation.id.clone(), Outbox::of(app));
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        let standing = db.find_standing(&id, &user)?.filter(|standing| standing.admin);
        standing.ok_or_else(|| Error::NotFound(phrase!("organisation-admin-not-found")))?;
        if !db.has_other_admin(&id, &user)? {
            return Err(last_admin());
        }
        let stays = !db.places(&id, &user)?.is_empty();
        let person = db.find_affected(&id, &user)?.map(|person| Affected {
            after: person.after.filter(|_| stays).map(|standing| Standing { admin: false, ..standing }),
            ..person
        });
        let mut effect = Effect::of(organisation.sign_in_policy(), organisation.sign_in_policy(), person.as_slice());
        let user = db.user(&user)?;
        effect = effect_without_admin(db, &id, &user, stays, effect)?;
        effect.warnings.extend(end_of_rights(db, &id, &user)?);
        // A workspace Admin can still invite people to that workspace.
        let places = db.places(&id, &user.id)?;
        let invites =
            |workspace: &WorkspaceId| places.iter().any(|one| one.id == *workspace && one.role == Role::Admin);
        let ends = |one: &Invitation| one.organisation_admin || !invites(&one.workspace);
        effect.warnings.extend(invitations::ended_links(db, &id, &user.id, ends)?);
        Ok((effect, (organisation, user)))
    };
    switch(app, caller, run, planned, move |tx, (organisation, user)| {
        tx.set_admin(&organisation.id, &user.id, false)?;
        tx.delete_setup_links_of(&organisation.id, "person", user.id.as_str())?;
        tx.delete_person_without_place(&organisation.id, &user.id)?;
        outbox.tell_of_admin(tx, &author, &organisation.id, (&user, &NoticeEvent::AdminRemoved(user.email.clone())))?;
        let event = Event::new("admin.removed", "member", &user.id, &user.email);
        author.log(tx, &event.within(&organisation.id))
    })
}
