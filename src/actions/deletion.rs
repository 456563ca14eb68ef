//! Deleting a workspace or an organisation: switches that end memberships and delete everything that belongs to them.

use super::dry_run::{logged, switch};
use super::lost_applications::named;
use super::some_of::some_of;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::access::{Affected, Effect};
use crate::domain::audit::Event;
use crate::domain::ids::UserId;
use crate::domain::invitation::Invitation;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::Place;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::setup_link::SetupLinkStatus;
use crate::domain::{Error, Result};
use crate::store::Db;
use std::collections::{BTreeSet, HashSet};

/// Deletes a workspace. Its members stay in the organisation only if they have another workspace in it, or are
/// organisation admins.
///
/// # Errors
/// `NotFound`; `Conflict` for an organisation's last workspace.
pub fn delete_workspace(app: &App, caller: &Caller, workspace: &Workspace, run: Run) -> Result<Effect> {
    let (author, id) = (caller.author.clone(), workspace.id.clone());
    let planned = move |db: &Db| {
        let workspace = db.workspace(&id)?;
        if db.count_workspaces(&workspace.organisation)? <= 1 {
            return Err(Error::conflict("last_workspace", phrase!("last-workspace")));
        }
        let organisation = db.organisation(workspace.organisation.as_str())?;
        let (effect, leaving) = effect_on_workspace(db, &organisation, &workspace)?;
        let detail = logged(&effect);
        Ok((effect, (workspace, leaving, detail)))
    };
    switch(app, caller, run, planned, move |tx, (workspace, leaving, detail)| {
        tx.delete_workspace(&workspace.id)?;
        for user in leaving {
            tx.delete_person_without_place(&workspace.organisation, &user)?;
        }
        let event = Event::new("workspace.deleted", "workspace", &workspace.id, &workspace.name).with(detail);
        author.log(tx, &event.within(&workspace.organisation).at(&workspace.id))
    })
}

/// The effect on a workspace's members, and the members who leave the organisation.
fn effect_on_workspace(db: &Db, organisation: &Organisation, workspace: &Workspace) -> Result<(Effect, Vec<UserId>)> {
    let members: HashSet<_> = db.workspace_people(&workspace.id)?.into_iter().collect();
    let (mut effect, mut leaving, mut emails) = (Effect::default(), Vec::new(), HashSet::new());
    for mut person in db.affected(&organisation.id)?.into_iter().filter(|one| members.contains(&one.user)) {
        let mut places = db.places(&organisation.id, &person.user)?;
        places.retain(|place| place.id != workspace.id);
        if places.is_empty() && !person.before.admin {
            person.after = None;
            leaving.push(person.user.clone());
            emails.insert(person.email.clone());
        }
        effect.end_place(organisation.sign_in_policy(), &person, stays(organisation, &person, &places));
    }
    let mut invitations = db.all_pending_invitations(&organisation.id)?;
    invitations.retain(|one| one.workspace == workspace.id || emails.contains(&one.email));
    effect.warnings.extend(ends(&addresses(&invitations), |names| phrase!("warning-invitations-end", names = names)));
    let mut applications = db.application_names(&organisation.id)?;
    applications.retain(|(.., place)| *place == workspace.id);
    effect.applications = named(applications);
    effect = effect.with_ended(db.count_access_in_workspace(&workspace.id)?);
    for user in &leaving {
        effect = effect.with_ended(db.count_access_outside(user, &organisation.id, &workspace.id)?);
    }
    Ok((effect, leaving))
}

/// The access that a person keeps in the organisation, or the reason why they lose it.
fn stays(organisation: &Organisation, person: &Affected, places: &[Place]) -> Phrase {
    let name = &organisation.name;
    let names: Vec<_> = places.iter().map(|place| place.name.clone()).collect();
    match (names.is_empty(), person.before.admin) {
        (true, false) => phrase!("reason-no-other-workspace", organisation = name),
        (true, true) => phrase!("reason-keeps-as-admin", organisation = name),
        (false, _) => phrase!("reason-keeps-access", organisation = name, places = some_of(&names)),
    }
}

/// Deletes an organisation with its workspaces, memberships, invitations, keys and connection. `confirm`: its name, as
/// typed by the person who deletes it; not needed in a dry run.
///
/// # Errors
/// `NotFound`; `Invalid` with field `confirm`.
pub fn delete_organisation(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    confirm: Option<String>,
    run: Run,
) -> Result<Effect> {
    let (author, id) = (caller.author.clone(), organisation.id.clone());
    let planned = move |db: &Db| {
        let organisation = db.organisation(id.as_str())?;
        if run == Run::Real {
            confirmed(&organisation, confirm.as_deref())?;
        }
        let effect = effect_on_organisation(db, &organisation)?;
        let detail = logged(&effect);
        Ok((effect, (organisation, detail)))
    };
    switch(app, caller, run, planned, move |tx, (organisation, detail)| {
        tx.delete_organisation(&organisation.id)?;
        let event = Event::new("organisation.deleted", "organisation", &organisation.id, &organisation.name);
        author.log(tx, &event.within(&organisation.id).with(detail))
    })
}

fn confirmed(organisation: &Organisation, typed: Option<&str>) -> Result<()> {
    match typed.map(str::trim) {
        Some(name) if name == organisation.name => Ok(()),
        Some(_) => Err(Error::invalid("confirm", phrase!("field-type-name-to-confirm", name = &organisation.name))),
        None => Err(Error::invalid("confirm", phrase!("field-give-name-to-confirm", name = &organisation.name))),
    }
}

fn effect_on_organisation(db: &Db, organisation: &Organisation) -> Result<Effect> {
    let mut effect = Effect::default();
    for mut person in db.affected(&organisation.id)? {
        person.after = None;
        let places: Vec<_> = db.places(&organisation.id, &person.user)?.into_iter().map(|place| place.name).collect();
        let name = &organisation.name;
        let reason = if places.is_empty() {
            phrase!("reason-loses-access", organisation = name)
        } else {
            phrase!("reason-loses-access-to-places", organisation = name, places = some_of(&places))
        };
        effect.end_place(organisation.sign_in_policy(), &person, reason);
    }
    effect.warnings = warnings_of_endings(db, organisation)?;
    effect.applications = named(db.application_names(&organisation.id)?);
    Ok(effect.with_ended(db.count_access_in_organisation(&organisation.id)?))
}

/// Warnings that name everything that ends besides memberships.
fn warnings_of_endings(db: &Db, organisation: &Organisation) -> Result<Vec<Phrase>> {
    let id = &organisation.id;
    let workspaces = ends(&db.workspace_names(id)?, |names| phrase!("warning-workspaces-end", names = names));
    let invitations = addresses(&db.all_pending_invitations(id)?);
    let invitations = ends(&invitations, |names| phrase!("warning-invitations-end", names = names));
    let keys = ends(&db.live_key_names(id)?, |names| phrase!("warning-keys-end", names = names));
    let roles = ends(&db.names_of_roles(id)?, |names| phrase!("warning-roles-end", names = names));
    let hosts: Vec<_> = db.host_grants(id)?.iter().map(|grant| grant.as_str().to_owned()).collect();
    let hosts = ends(&hosts, |hosts| phrase!("warning-host-grants-end", hosts = hosts));
    let mut warnings: Vec<_> = [workspaces, invitations, keys, roles, hosts].into_iter().flatten().collect();
    if let Some(key) = &organisation.portal_key {
        warnings.push(phrase!("warning-connection-removed", key = key));
    }
    let links = db.setup_links(id)?.iter().filter(|link| link.status(db.now()) == SetupLinkStatus::Live).count();
    if links > 0 {
        warnings.push(phrase!("warning-set-up-links", count = links));
    }
    let only_here = db.count_people_only_in(id)?;
    if only_here > 0 {
        warnings.push(phrase!("warning-homeless", count = only_here));
    }
    Ok(warnings)
}

fn addresses(invitations: &[Invitation]) -> Vec<String> {
    let unique: BTreeSet<_> = invitations.iter().map(|one| one.email.to_string()).collect();
    unique.into_iter().collect()
}

fn ends(names: &[String], warning: impl FnOnce(Phrase) -> Phrase) -> Option<Phrase> {
    (!names.is_empty()).then(|| warning(some_of(names)))
}
