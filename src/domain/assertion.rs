//! The signed statement about the person who makes a request to an application behind a reverse proxy.

use super::Timestamp;
use super::application::Hosted;
use super::forward_auth::Identity;
use super::ids::hex;
use super::seal::digest;
use serde::Serialize;

/// The `typ` of the token. It differs from that of ID tokens, so that neither is accepted as the other.
pub const KIND: &str = "vestibule-assertion+jwt";
/// How long a statement is valid, in seconds.
const VALID_SECS: i64 = 60;
/// How long a statement is sent again with further requests, in seconds.
pub const REUSED_SECS: i64 = 30;

/// The claims of a statement.
#[derive(Serialize)]
pub struct Assertion<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: String,
    email: &'a str,
    name: &'a str,
    organisation: &'a str,
    workspace: &'a str,
    role: &'a str,
    level: &'a str,
    iat: i64,
    exp: i64,
}

impl<'a> Assertion<'a> {
    /// The statement about a person at an application. `issuer`: the public URL; `token`: the secret of the session at
    /// the application.
    pub fn new(issuer: &'a str, hosted: &'a Hosted, person: &'a Identity, token: &str, now: Timestamp) -> Self {
        Self {
            iss: issuer,
            aud: hosted.application.as_str(),
            sub: &person.user,
            sid: session_id(token),
            email: &person.email,
            name: &person.name,
            organisation: &person.organisation,
            workspace: &person.workspace,
            role: &person.role,
            level: person.level.as_str(),
            iat: now.0,
            exp: now.plus(VALID_SECS).0,
        }
    }
}

/// The id by which an application recognises a session; its secret cannot be found from it.
fn session_id(token: &str) -> String {
    hex(&digest(&format!("session at an application {token}"))[..16])
}
