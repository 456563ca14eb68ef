//! Organisations as such.

use super::Caller;
use super::invitations::{Invited, Inviting, Wanted};
use super::mail::Outbox;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::Role;
use crate::domain::text::slug_of;
use crate::domain::{Email, Name, Result};

/// Makes an organisation with its first workspace, and invites its first admin.
///
/// # Errors
/// `Invalid` for an unknown plan.
pub fn create(
    app: &App,
    caller: &Caller,
    name: Name,
    plan: String,
    admin: Email,
) -> Result<(Organisation, Workspace, Invited)> {
    let (author, now) = (caller.author.clone(), app.now());
    let outbox = Outbox::of(app);
    app.write(&caller.claim, move |tx| {
        let plan = tx.plan(&plan)?;
        let organisation = tx.add_organisation(&name, &slug_of(name.as_str()), &plan.id, now)?;
        let workspace = tx.add_workspace(&organisation.id, &name, now)?;
        let event = Event::new("organisation.created", "organisation", &organisation.id, &organisation.name);
        let detail = serde_json::json!({ "plan": plan.id });
        author.log(tx, now, &event.within(&organisation.id).with(detail))?;
        let wanted = Wanted { email: admin, role: Role::Admin, organisation_admin: true };
        let invited = Inviting::new(tx, &outbox, &author, &organisation, &workspace, now).invite(&wanted)?;
        Ok((organisation, workspace, invited))
    })
}

/// Renames an organisation.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn rename(app: &App, caller: &Caller, organisation: &Organisation, name: Name) -> Result<Organisation> {
    let (author, organisation, now) = (caller.author.clone(), organisation.clone(), app.now());
    app.write(&caller.claim, move |tx| {
        tx.set_organisation_name(&organisation.id, &name)?;
        let event = Event::new("organisation.renamed", "organisation", &organisation.id, &name);
        let detail = serde_json::json!({ "from": organisation.name });
        author.log(tx, now, &event.within(&organisation.id).with(detail))?;
        tx.organisation(organisation.id.as_str())
    })
}
