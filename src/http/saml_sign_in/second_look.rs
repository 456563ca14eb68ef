//! Decisions after a refused sign-in that need the browser's cookies.

use super::sign_in_cookies;
use crate::actions::saml_sign_in::notice::Notice;
use crate::actions::saml_sign_in::second_look;
use crate::app::App;
use crate::domain::Result;
use crate::domain::session::SignedIn;
use crate::http::blocking::blocking;
use crate::http::origin::client_address;
use actix_web::HttpRequest;
use actix_web::web::Data;

/// The page to open instead of the sign-in page: the destination of the browser's own sign-in, if its response was
/// posted twice; or the refusal of the test sign-in that it has started.
pub async fn onward(
    app: &Data<App>,
    request: &HttpRequest,
    notice: &Notice,
    asking: Option<&SignedIn>,
) -> Result<Option<String>> {
    let (notice, asking) = (notice.clone(), asking.cloned());
    let (address, kept) = (client_address(&app.config, request), sign_in_cookies::kept(app, request));
    if notice.repeats.is_some() {
        return blocking(app, move |app| second_look::settle_repeat(app, &notice, asking.as_ref(), &address)).await;
    }
    match asking.filter(|_| notice.untraced.is_some()) {
        Some(asking) => blocking(app, move |app| second_look::trace_test(app, &notice, &asking, &kept, &address)).await,
        None => Ok(None),
    }
}
