//! The userinfo endpoint.
//!
//! Source: OpenID Connect Core 1.0, 5.3; RFC 6750.

use super::cors::shared;
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
        Token::Absent => return Ok(refused(StatusCode::UNAUTHORIZED, "Bearer realm=\"OpenID Connect\"", None)),
        Token::Several => {
            let challenge = "Bearer realm=\"OpenID Connect\", error=\"invalid_request\"";
            return Ok(refused(StatusCode::BAD_REQUEST, challenge, Some("invalid_request")));
        }
        Token::One(token) => token,
    };
    let Some(found) = blocking(app, move |app| userinfo(app, &token)).await? else {
        let challenge = "Bearer realm=\"OpenID Connect\", error=\"invalid_token\"";
        return Ok(refused(StatusCode::UNAUTHORIZED, challenge, Some("invalid_token")));
    };
    shared(app, request, &found.client, unstored(StatusCode::OK).json(found.claims)).await
}

fn refused(status: StatusCode, challenge: &'static str, code: Option<&'static str>) -> HttpResponse {
    let mut answer = unstored(status);
    answer.insert_header((WWW_AUTHENTICATE, challenge));
    let description =
        "the access token is missing, unknown or expired, or its person may no longer open the application";
    answer.json(json!({ "error": code.unwrap_or("invalid_token"), "error_description": description }))
}
