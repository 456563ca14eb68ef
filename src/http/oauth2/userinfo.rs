//! The userinfo endpoint.
//!
//! Source: OpenID Connect Core 1.0, 5.3; RFC 6750.

use super::cors::{shared, shared_with_clients};
use super::form::{Fields, unstored};
use crate::actions::oidc::presented::userinfo;
use crate::app::App;
use crate::domain::Result;
use crate::http::blocking::blocking;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// `GET /oauth2/userinfo`, with the access token in the header.
pub async fn show(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    answer(&app, &request, bearer(request.headers())).await
}

/// `POST /oauth2/userinfo`, with the access token in the header or in the form, but not in both.
pub async fn show_to_form(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse> {
    let in_form: Vec<_> = fields.0.iter().filter(|(name, _)| name == "access_token").collect();
    let token = match (bearer(request.headers()), &in_form[..]) {
        (Token::Absent, [(_, token)]) => Token::One(token.clone()),
        (_, [_, ..]) => Token::Several,
        (token, []) => token,
    };
    answer(&app, &request, token).await
}

/// The access token of a request.
enum Token {
    Absent,
    One(String),
    Several,
}

fn bearer(headers: &HeaderMap) -> Token {
    let mut lines = headers.get_all(AUTHORIZATION);
    let Some(line) = lines.next() else { return Token::Absent };
    if lines.next().is_some() {
        return Token::Several;
    }
    let value = line.to_str().ok().and_then(|line| line.split_once(' '));
    let token = value.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer")).map(|(_, token)| token.trim());
    token.map_or(Token::Absent, |token| Token::One(token.to_owned()))
}

async fn answer(app: &Data<App>, request: &HttpRequest, token: Token) -> Result<HttpResponse> {
    let token = match token {
        Token::Absent => {
            let refusal =
                refused(StatusCode::UNAUTHORIZED, "Bearer realm=\"OpenID Connect\"", "invalid_token", INVALID);
            return shared_with_clients(app, request, refusal).await;
        }
        Token::Several => {
            let challenge = "Bearer realm=\"OpenID Connect\", error=\"invalid_request\"";
            let description = "the access token must be sent once: in the Authorization header or in the form";
            let refusal = refused(StatusCode::BAD_REQUEST, challenge, "invalid_request", description);
            return shared_with_clients(app, request, refusal).await;
        }
        Token::One(token) => token,
    };
    let Some(found) = blocking(app, move |app| userinfo(app, &token)).await? else {
        let challenge = "Bearer realm=\"OpenID Connect\", error=\"invalid_token\"";
        let refusal = refused(StatusCode::UNAUTHORIZED, challenge, "invalid_token", INVALID);
        return shared_with_clients(app, request, refusal).await;
    };
    let answer = if let Some(claims) = found.claims {
        unstored(StatusCode::OK).json(claims)
    } else {
        let challenge = "Bearer realm=\"OpenID Connect\", error=\"insufficient_scope\", scope=\"openid\"";
        let description = "the access token was refreshed with a scope without openid";
        refused(StatusCode::FORBIDDEN, challenge, "insufficient_scope", description)
    };
    shared(app, request, &found.client, answer).await
}

const INVALID: &str =
    "the access token is missing, unknown or expired, or its person may no longer open the application";

fn refused(status: StatusCode, challenge: &'static str, code: &str, description: &str) -> HttpResponse {
    let mut answer = unstored(status);
    answer.insert_header((WWW_AUTHENTICATE, challenge));
    answer.json(json!({ "error": code, "error_description": description }))
}
