//! Workspaces.

use super::Caller;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::ids::WorkspaceId;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::{Role, User};
use crate::domain::session::SignedIn;
use crate::domain::{Name, Result};

/// Makes a workspace; a member who makes it is its first Admin.
///
/// # Errors
/// `PlanLimit` when the plan has no room; `Conflict` when the name is taken.
pub fn create(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    creator: Option<User>,
    name: Name,
) -> Result<Workspace> {
    let (author, id) = (caller.author.clone(), organisation.id.clone());
    app.write(&caller.claim, move |tx| {
        // Its plan may have been switched since the request began.
        let organisation = tx.organisation(id.as_str())?;
        organisation.plan.room_for_workspace(tx.count_workspaces(&organisation.id)?)?;
        let workspace = tx.add_workspace(&organisation.id, &name)?;
        if let Some(user) = creator
            && tx.find_standing(&organisation.id, &user.id)?.is_some()
        {
            tx.set_place(&organisation.id, &workspace.id, &user, Role::Admin)?;
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

/// Remembers that somebody is in this workspace now, to land there after the next sign-in.
pub fn visit(app: &App, asking: &SignedIn, workspace: &WorkspaceId) {
    if asking.user.last_workspace.as_ref() != Some(workspace) {
        let (user, workspace) = (asking.user.id.clone(), workspace.clone());
        app.store.note_if_possible(move |note| note.set_last_workspace(&user, &workspace));
    }
}
