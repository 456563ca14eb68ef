//! Errors that clients get where the request does not reach the handler, or the handler cannot answer: in the form of OAuth.
//!
//! Source: RFC 6749 5.2; RFC 6750 3.1.

use crate::domain::Error;
use crate::domain::spoken::Wishes;
use crate::http::error::message;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

/// The endpoints that programs use.
const ENDPOINTS: [&str; 4] = ["/oauth2/token", "/oauth2/userinfo", "/oauth2/introspect", "/oauth2/revoke"];
/// When a client may try again after an answer that says no other time, in seconds.
pub const RETRY_SECS: &str = "5";

/// True if programs read the answers of this address as those of OAuth.
pub fn is_endpoint(path: &str) -> bool {
    ENDPOINTS.contains(&path)
}

/// True if the same request may succeed later.
pub fn is_temporary(status: StatusCode) -> bool {
    [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status)
}

/// The body of an error. The description is in English, and has only the characters that OAuth allows.
pub fn body(error: &Error, status: StatusCode) -> Value {
    let code = match status {
        status if is_temporary(status) => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    };
    let description = Wishes::default().within(|| message(error));
    json!({ "error": code, "error_description": plain(&description) })
}

fn plain(text: &str) -> String {
    let allowed = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
    let plain = text.chars().map(|c| match c {
        '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '"' => '\'',
        c if allowed(c) => c,
        _ => '?',
    });
    plain.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_only_the_characters_that_oauth_allows() {
        assert_eq!(plain("the client\u{2019}s \"x\\y\" \u{e9}\n"), "the client's 'x?y' ??");
    }

    #[test]
    fn the_code_says_whether_the_request_or_the_server_is_at_fault() {
        for (error, status, code) in [
            (Error::Throttled { retry_after_secs: 3 }, 429, "temporarily_unavailable"),
            (Error::WrongMethod("POST".into()), 405, "invalid_request"),
            (Error::Late, 408, "invalid_request"),
            (Error::internal("no such table"), 500, "server_error"),
        ] {
            let body = body(&error, StatusCode::from_u16(status).expect("a status"));
            assert_eq!(body["error"], code);
            assert!(
                body["error_description"].as_str().is_some_and(|text| text.len() > 10 && !text.contains("table")),
                "{body}"
            );
        }
    }
}
