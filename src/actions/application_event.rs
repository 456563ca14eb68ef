//! Events about applications in the audit log.

use crate::domain::application::Application;
use crate::domain::audit::Event;

/// An event about an application, in its organisation and workspace.
pub(super) fn event(action: &'static str, application: &Application) -> Event {
    let event = Event::new(action, "application", &application.id, &application.tile.name);
    event.within(&application.organisation).at(&application.workspace)
}
