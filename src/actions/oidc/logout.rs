//! Logout that an application asks for.
//!
//! Source: OpenID Connect RP-Initiated Logout 1.0.

use super::client::find;
use super::read_hint;
use crate::actions::{Browser, sessions};
use crate::app::App;
use crate::domain::ids::ApplicationId;
use crate::domain::oidc_request::{Pairs, has_repeated, with_parameters};
use crate::domain::phrase::phrase;
use crate::domain::session::SignedIn;
use crate::domain::{Error, Result};
use serde::{Deserialize, Serialize};

/// The purpose of the sealed value of the confirmation.
const LOGOUT: &str = "logout";
/// How long the confirmation works, in seconds.
const ASK_SECS: i64 = 600;

/// What happens to a request for logout.
#[derive(Debug)]
pub enum Logout {
    /// The session has ended, or there was none: continue at this address, if there is one.
    Done(Option<String>),
    /// The person must confirm it.
    Ask {
        /// Where to go afterwards, sealed.
        sealed: String,
        /// The person's e-mail address.
        email: String,
    },
}

/// Where to go after a confirmed logout.
#[derive(Serialize, Deserialize)]
struct Confirmed {
    to: Option<String>,
}

/// The parameter of a request that the person must always confirm, because it was a form that any site can send.
pub const ASKS: &str = "ask";

/// Answers a request for logout.
///
/// # Errors
/// `BadRequest` when a parameter occurs more than once.
pub fn begin(app: &App, pairs: &Pairs, person: Option<&SignedIn>, browser: &Browser) -> Result<Logout> {
    if has_repeated(pairs) {
        let message = phrase!("oidc-logout-repeated");
        return Err(Error::BadRequest { code: "invalid_request", message });
    }
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let given = |name: &str| value(name).filter(|value| !value.is_empty());
    let named = given("client_id");
    let hint = given("id_token_hint").map(|token| read_hint(app, token)).transpose()?;
    let refused = hint.as_ref().is_some_and(Option::is_none);
    let hint = hint.flatten().filter(|hint| named.is_none_or(|named| hint.client == named));
    let id = hint.as_ref().map(|hint| hint.client.as_str()).or(named).filter(|_| !refused);
    let client = id.map(|id| find(app, id)).transpose()?.flatten();
    let uri = given("post_logout_redirect_uri");
    let registered = |uri: &&str| {
        client.as_ref().is_some_and(|client| client.client.post_logout_redirect_uris.iter().any(|one| one == uri))
    };
    let state: Vec<_> = given("state").map(|state| ("state", state)).into_iter().collect();
    let to =
        uri.filter(registered).map(|uri| if state.is_empty() { uri.to_owned() } else { with_parameters(uri, &state) });
    // An address that is not registered is a fault, or an attack, about which the person decides.
    let in_order = client.is_some() && hint.is_some() && to.is_some() == uri.is_some();
    let Some(person) = person else { return Ok(Logout::Done(to.filter(|_| in_order))) };
    let same_session = match (&client, &hint) {
        (Some(client), Some(hint)) => is_session_of(app, &client.application.id, person, &hint.session)?,
        _ => false,
    };
    if given(ASKS).is_none() && in_order && same_session {
        sessions::sign_out(app, browser)?;
        return Ok(Logout::Done(to));
    }
    let sealed = app.seal().seal(LOGOUT, &Confirmed { to }, app.now(), ASK_SECS);
    Ok(Logout::Ask { sealed, email: person.user.email.to_string() })
}

fn is_session_of(app: &App, client: &ApplicationId, person: &SignedIn, sid: &str) -> Result<bool> {
    let known = app.store.read(|db| db.find_client_session(client, &person.session.id))?;
    Ok(known.as_deref() == Some(sid))
}

/// Ends the session of a browser whose person has confirmed it; returns where to go.
///
/// # Errors
/// `Unavailable` when the database cannot be written.
pub fn confirm(app: &App, sealed: &str, browser: &Browser) -> Result<Option<String>> {
    let confirmed: Option<Confirmed> = app.seal().open(LOGOUT, sealed, app.now());
    sessions::sign_out(app, browser)?;
    Ok(confirmed.and_then(|confirmed| confirmed.to))
}
