//! OpenID Connect for applications: discovery, authorization, tokens and logout.

pub mod authorize;
pub mod cors;
pub mod discovery;
pub mod form;
pub mod keys;
pub mod logout;
pub mod request_cookies;
pub mod token;
pub mod userinfo;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use url::Url;

/// Lets the form of a page lead to this address, although it is at another host: browsers apply `form-action` to each
/// redirect after it.
pub fn leading_to(mut page: HttpResponse, address: &str) -> HttpResponse {
    if let Ok(policy) = form_leads_to(address).parse() {
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    page
}

fn form_leads_to(address: &str) -> String {
    let origin = Url::parse(address).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    // An address that is no URL adds nothing.
    let origin = if origin == "null" { "" } else { origin.as_str() };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'"
    )
}
