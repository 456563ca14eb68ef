//! OpenID Connect: people sign in at applications that are clients, and the clients learn who they are.
//!
//! `authorize.rs` answers authorization requests with codes, `tokens.rs` redeems codes and refresh tokens, `presented.rs`
//! reads the tokens that clients present, `logout.rs` ends sessions for clients, and `notices.rs` tells clients that
//! sessions have ended.

pub mod authorize;
pub mod client;
pub mod logout;
pub mod notices;
pub mod presented;
pub mod tokens;

use super::signing_keys;
use crate::app::App;
use crate::domain::Result;
use crate::domain::oidc_claims::ID_TOKEN;
use crate::tokens::checked;
use serde_json::Value;

/// The issuer: the public URL.
pub fn issuer(app: &App) -> &str {
    app.config.public_url.origin()
}

/// What an ID token of ours says, although it may have expired.
#[derive(Debug)]
struct Hint {
    client: String,
    person: String,
    session: String,
}

/// Reads an ID token of ours; `None` for any other text.
fn read_hint(app: &App, token: &str) -> Result<Option<Hint>> {
    let keys = signing_keys::keys(app)?;
    let claims = checked(keys.recognised(app.now()), ID_TOKEN, token);
    let Some(claims) = claims.filter(|claims| claims["iss"] == issuer(app)) else { return Ok(None) };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let parts = text("aud").zip(text("sub")).zip(text("sid"));
    Ok(parts.map(|((client, person), session)| Hint { client, person, session }))
}
