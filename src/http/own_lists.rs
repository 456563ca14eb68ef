//! Lists of a person's own sessions and workspaces. They do not share the gate for the organisation's `costly` work, so
//! that one member does not delay its admins.

use super::blocking::at_gate;
use crate::actions::Caller;
use crate::app::App;
use crate::domain::Result;
use crate::domain::session::SignedIn;
use actix_web::web::Data;

/// Runs `work` off the async threads: two at once for each person, and separately for their sessions through each
/// identity provider.
///
/// # Errors
/// The errors of the right and of `work`; `Throttled` if no permit becomes free.
pub async fn own_list<T: Send + 'static>(
    app: &Data<App>,
    caller: &Caller,
    asking: &SignedIn,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    at_gate(app, &app.own_lists, &asking.allowance(), caller.claim.clone(), work).await
}
