//! The demo's custom role: it gives a person other levels in the applications than a built-in role does.

use super::applications::Served;
use super::people::{OFFICE, Person};
use crate::actions::{Caller, Run, members, roles};
use crate::app::App;
use crate::domain::custom_role::RoleLevels;
use crate::domain::level::Level;
use crate::domain::{Email, Error, Name, Page, Result};

/// The name of the role.
pub const NIGHT_SHIFT: &str = "Night shift";

/// Creates the role, with a level in each application of its organisation that is served, and gives it to a person.
pub fn create(app: &App, caller: &Caller, slug: &str, person: &Person, served: &[Served]) -> Result<()> {
    let organisation = app.store.read(|db| db.organisation(slug))?;
    let mut levels = RoleLevels::everywhere(Level::Viewer);
    for one in served.iter().filter(|one| one.site.organisation == slug) {
        if let (Some(level), Some(application)) = (one.site.night_shift, one.find(app)?) {
            levels.own.insert(application.id, level);
        }
    }
    let role = roles::create(app, caller, &organisation, Name::parse("name", NIGHT_SHIFT)?, levels)?;
    let email = Email::parse(person.email)?;
    let (office, user) = app.store.read(|db| {
        let mut workspaces = db.workspaces(&organisation.id, &Page::first())?.items.into_iter();
        let office = workspaces.find(|workspace| workspace.name.as_str() == OFFICE);
        Ok((office, db.find_user(&email)?))
    })?;
    let (office, user) = office.zip(user).ok_or_else(|| Error::internal("the demo lacks a person or a workspace"))?;
    members::set_role(app, caller, &office, user.id, role.named.id.to_string(), Run::Real).map(drop)
}
