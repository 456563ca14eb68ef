//! The signed statement about the person who makes a request to an application behind a reverse proxy.

use super::signing_keys;
use crate::app::App;
use crate::domain::application::Hosted;
use crate::domain::assertion::{Assertion, KIND};
use crate::domain::forward_auth::Identity;
use crate::domain::signing_key::{Algorithm, SigningKeys};
use crate::domain::{Error, Result};
use crate::tokens::signed;

/// The statement about a person whose session was checked for this request. `token`: the secret of the session at the
/// application.
///
/// # Errors
/// The errors of `signing_keys::keys`.
pub fn make(app: &App, hosted: &Hosted, person: &Identity, token: &str) -> Result<String> {
    make_with(app, &*signing_keys::keys(app)?, hosted, person, token)
}

/// As `make`, but without the database; `None` where it is needed.
pub fn make_from_memory(app: &App, hosted: &Hosted, person: &Identity, token: &str) -> Option<Result<String>> {
    if let Some(known) = app.assertions.find(token, &hosted.application, person, app.now()) {
        return Some(Ok(known));
    }
    // ECDSA takes a fraction of a millisecond.
    signing_keys::known_keys(app).map(|keys| make_with(app, &keys, hosted, person, token))
}

fn make_with(app: &App, keys: &SigningKeys, hosted: &Hosted, person: &Identity, token: &str) -> Result<String> {
    let key = keys.current(Algorithm::Es256).ok_or_else(|| Error::internal("no key signs"))?;
    let now = app.now();
    let text = signed(key, KIND, &Assertion::new(app.config.public_url.origin(), hosted, person, token, now))?;
    app.assertions.keep(token, &hosted.application, person, now, text.clone());
    Ok(text)
}
