//! The description of this issuer.
//!
//! Source: OpenID Connect Discovery 1.0, 3; RFC 8414; RFC 9207.

use crate::actions::oidc::issuer;
use crate::app::App;
use crate::domain::oidc_claims::CLAIM_NAMES;
use crate::domain::oidc_request::SCOPES;
use actix_web::HttpResponse;
use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use actix_web::web::Data;
use serde_json::json;

/// `GET /.well-known/openid-configuration`, also `/.well-known/oauth-authorization-server`.
pub async fn show_configuration(app: Data<App>) -> HttpResponse {
    let at = |path: &str| app.config.public_url.join(path);
    let secret = ["client_secret_basic", "client_secret_post"];
    let any = ["client_secret_basic", "client_secret_post", "none"];
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(json!({
            "issuer": issuer(&app),
            "authorization_endpoint": at("/oauth2/authorize"),
            "token_endpoint": at("/oauth2/token"),
            "userinfo_endpoint": at("/oauth2/userinfo"),
            "jwks_uri": at("/oauth2/jwks"),
            "introspection_endpoint": at("/oauth2/introspect"),
            "revocation_endpoint": at("/oauth2/revoke"),
            "end_session_endpoint": at("/oauth2/logout"),
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "token_endpoint_auth_methods_supported": any,
            "introspection_endpoint_auth_methods_supported": secret,
            "revocation_endpoint_auth_methods_supported": any,
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login", "select_account"],
            "acr_values_supported": ["pwd", "saml"],
            "claim_types_supported": ["normal"],
            "claims_supported": CLAIM_NAMES,
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "require_request_uri_registration": false,
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "service_documentation": at("/help/applications#openid-connect"),
        }))
}
