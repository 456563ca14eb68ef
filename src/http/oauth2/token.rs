//! The endpoints at which clients prove their identity: tokens, introspection and revocation.

use super::cors::shared;
use super::form::{Fields, refused, unstored};
use crate::actions::oidc::presented::{self, Active};
use crate::actions::oidc::tokens::{self, Given};
use crate::api::oidc::{ActiveTokenView, TokensView};
use crate::app::App;
use crate::domain::Result;
use crate::domain::oauth_error::OauthError;
use crate::http::blocking::blocking;
use crate::http::origin::client_address;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// `POST /oauth2/token`: redeems a code or a refresh token.
pub async fn create_tokens(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse> {
    let headers = request.headers();
    let read = fields.proof(headers).and_then(|proof| Ok((proof, given(&fields)?)));
    let (proof, given) = match read {
        Ok(read) => read,
        Err(error) => return to_client(&app, &request, &fields, refused(error)).await,
    };
    let address = client_address(&app.config, &request);
    let id = proof.id.clone();
    let answer = match blocking(&app, move |app| tokens::redeem(app, &proof, given, &address)).await? {
        Ok(tokens) => unstored(StatusCode::OK).json(TokensView::from(tokens)),
        Err(error) => refused(error),
    };
    shared(&app, &request, &id, answer).await
}

/// What the client presents.
fn given(fields: &Fields) -> Result<Given, OauthError> {
    let missing = OauthError::invalid_request;
    let text = |name: &str| fields.given(name).map(ToOwned::to_owned);
    match fields.given("grant_type") {
        Some("authorization_code") => Ok(Given::Code {
            code: text("code").ok_or_else(|| missing("code is missing"))?,
            redirect_uri: text("redirect_uri").ok_or_else(|| missing("redirect_uri is missing"))?,
            verifier: text("code_verifier"),
        }),
        Some("refresh_token") => {
            let token = text("refresh_token").ok_or_else(|| missing("refresh_token is missing"))?;
            Ok(Given::Refresh { token, scope: text("scope") })
        }
        Some(_) => {
            Err(OauthError::new("unsupported_grant_type", "grant_type must be authorization_code or refresh_token"))
        }
        None => Err(missing("grant_type is missing")),
    }
}

/// Lets the page of a public client read an error about a malformed request.
async fn to_client(
    app: &Data<App>,
    request: &HttpRequest,
    fields: &Fields,
    answer: HttpResponse,
) -> Result<HttpResponse> {
    shared(app, request, fields.given("client_id").unwrap_or_default(), answer).await
}

fn token_of(fields: &Fields) -> Result<String, OauthError> {
    fields.given("token").map(ToOwned::to_owned).ok_or_else(|| OauthError::invalid_request("token is missing"))
}

/// `POST /oauth2/introspect`: whether a token of the client is valid, and what it says.
pub async fn introspect(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse> {
    let headers = request.headers();
    let read = fields.proof(headers).and_then(|proof| Ok((proof, token_of(&fields)?)));
    let (proof, token) = match read {
        Ok(read) => read,
        Err(error) => return Ok(refused(error)),
    };
    let address = client_address(&app.config, &request);
    let found: Result<Option<Active>, OauthError> =
        blocking(&app, move |app| presented::introspect(app, &proof, &token, &address)).await?;
    Ok(match found {
        Ok(active) => unstored(StatusCode::OK).json(ActiveTokenView::from(active)),
        Err(error) => refused(error),
    })
}

/// `POST /oauth2/revoke`: ends a token of the client.
pub async fn revoke(app: Data<App>, request: HttpRequest, fields: Fields) -> Result<HttpResponse> {
    let headers = request.headers();
    let read = fields.proof(headers).and_then(|proof| Ok((proof, token_of(&fields)?)));
    let (proof, token) = match read {
        Ok(read) => read,
        Err(error) => return to_client(&app, &request, &fields, refused(error)).await,
    };
    let address = client_address(&app.config, &request);
    let id = proof.id.clone();
    let answer = match blocking(&app, move |app| presented::revoke(app, &proof, &token, &address)).await? {
        Ok(()) => unstored(StatusCode::OK).finish(),
        Err(error) => refused(error),
    };
    shared(&app, &request, &id, answer).await
}
