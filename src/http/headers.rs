//! The security headers of every answer.

use crate::app::App;
use crate::config::Config;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::Data;

/// No inline scripts or styles, nothing from other sites, no framing.
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds the security headers. Answers without a cache policy get `no-store`.
pub async fn secure<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let transport = request.app_data::<Data<App>>().and_then(|app| transport_security(&app.config));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let part = is_part(headers);
    // Answers with a stricter policy set it themselves.
    let narrower = headers.contains_key(CONTENT_SECURITY_POLICY);
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if !part {
        if !narrower {
            set(CONTENT_SECURITY_POLICY, CONTENT_SECURITY);
        }
        set(X_FRAME_OPTIONS, "DENY");
        // Links with tokens must not leak to other sites; same-origin posts still carry their Origin.
        set(REFERRER_POLICY, "same-origin");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
    if let Some(rule) = transport {
        set(STRICT_TRANSPORT_SECURITY, rule);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// For an https public URL: browsers use only https for a year after the first visit.
fn transport_security(config: &Config) -> Option<&'static str> {
    match (config.public_url.is_secure(), config.hsts_subdomains) {
        (false, _) => None,
        (true, false) => Some("max-age=31536000"),
        (true, true) => Some("max-age=31536000; includeSubDomains"),
    }
}

/// True for a script or style that a page loads: headers that protect documents have no effect there, and a page loads
/// about sixty such files.
fn is_part(headers: &HeaderMap) -> bool {
    let says =
        |name, word: &str| headers.get(name).is_some_and(|value| value.to_str().is_ok_and(|text| text.contains(word)));
    says(CACHE_CONTROL, "immutable") && (says(CONTENT_TYPE, "text/javascript") || says(CONTENT_TYPE, "text/css"))
}
