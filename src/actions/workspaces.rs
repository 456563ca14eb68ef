//! Reading, creating and changing workspaces.

use super::Caller;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::ids::{OrganisationId, UserId, WorkspaceId};
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::{Role, User};
use crate::domain::plan::PlanLimit;
use crate::domain::session::SignedIn;
use crate::domain::{Listing, Name, Page, Result};

/// A workspace, and the role in it of the person who asks; `None` if they are not a member.
pub type Seen = (Workspace, Option<Role>);

/// All workspaces of an organisation, by name. `person`: the person whose roles to return.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn all(app: &App, organisation: &OrganisationId, person: Option<&UserId>, page: &Page) -> Result<Listing<Seen>> {
    app.store.read(|db| {
        let listing = db.workspaces(organisation, page)?;
        let role = |workspace: &WorkspaceId| person.map(|person| db.find_role(workspace, person)).transpose();
        let items = listing.items.into_iter().map(|workspace| {
            let role = role(&workspace.id)?.flatten();
            Ok((workspace, role))
        });
        Ok(Listing { items: items.collect::<Result<_>>()?, next: listing.next })
    })
}

/// The workspaces of an organisation of which a person is a member.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn own(app: &App, organisation: &OrganisationId, person: &UserId, page: &Page) -> Result<Listing<Seen>> {
    let own = app.store.read(|db| db.own_workspaces(organisation, person, page))?;
    Ok(own.map(|(workspace, role)| (workspace, Some(role))))
}

/// The workspace with this id, or with these slugs as `organisation/workspace`, and its organisation.
///
/// # Errors
/// `NotFound`.
pub fn named(app: &App, id_or_slugs: &str) -> Result<(Workspace, Organisation)> {
    app.store.read(|db| {
        let workspace = db.workspace_named(id_or_slugs)?;
        let organisation = db.organisation(workspace.organisation.as_str())?;
        Ok((workspace, organisation))
    })
}

/// Creates a workspace. If its creator is a member of the organisation, they become its first Admin.
///
/// # Errors
/// `PlanLimit` when the plan does not allow more workspaces; `Conflict` when the name is taken.
pub fn create(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    creator: Option<User>,
    name: Name,
) -> Result<Workspace> {
    let (author, id) = (caller.author.clone(), organisation.id.clone());
    app.write(&caller.claim, move |tx| {
        // The plan may have been switched since the request began.
        let organisation = tx.organisation(id.as_str())?;
        organisation.plan.room(PlanLimit::Workspaces, tx.count_workspaces(&organisation.id)?)?;
        let workspace = tx.add_workspace(&organisation.id, &name)?;
        if let Some(user) = creator
            && tx.find_standing(&organisation.id, &user.id)?.is_some()
        {
            tx.set_place(&organisation.id, &workspace.id, &user, &Role::Admin)?;
        }
        let event = Event::new("workspace.created", "workspace", &workspace.id, &workspace.name);
        author.log(tx, &event.within(&organisation.id).at(&workspace.id))?;
        tx.workspace(&workspace.id)
    })
}

/// Renames a workspace.
///
/// # Errors
/// `Conflict` when the name is taken.
pub fn rename(app: &App, caller: &Caller, workspace: &Workspace, name: Name) -> Result<Workspace> {
    let (author, workspace) = (caller.author.clone(), workspace.clone());
    app.write(&caller.claim, move |tx| {
        let workspace = tx.workspace(&workspace.id)?;
        if name.as_str() == workspace.name {
            return Ok(workspace);
        }
        tx.set_workspace_name(&workspace.id, &name)?;
        let event = Event::new("workspace.renamed", "workspace", &workspace.id, &name);
        let event = event.with(serde_json::json!({ "from": workspace.name }));
        author.log(tx, &event.within(&workspace.organisation).at(&workspace.id))?;
        tx.workspace(&workspace.id)
    })
}

/// Remembers a person's last workspace, which is shown after their next sign-in.
pub fn visit(app: &App, asking: &SignedIn, workspace: &WorkspaceId) {
    if asking.user.last_workspace.as_ref() != Some(workspace) {
        let (user, workspace) = (asking.user.id.clone(), workspace.clone());
        app.store.note_if_possible(move |note| note.set_last_workspace(&user, &workspace));
    }
}
