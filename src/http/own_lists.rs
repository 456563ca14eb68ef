//! Lists of what a person has themselves. They are not `costly` of the organisation: one member must not keep its admins waiting.

use super::blocking::at_gate;
use crate::actions::Caller;
use crate::app::App;
use crate::domain::Result;
use crate::domain::session::SignedIn;
use actix_web::web::Data;

/// Runs `work` off the async threads, two at once for each person; apart from these for sessions through each identity provider.
///
/// # Errors
/// Those of the right and of `work`; `Throttled` when no place becomes free.
pub async fn own_list<T: Send + 'static>(
    app: &Data<App>,
    caller: &Caller,
    asking: &SignedIn,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    at_gate(app, &app.own_lists, &asking.allowance(), caller.claim.clone(), work).await
}
