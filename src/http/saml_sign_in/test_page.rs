//! The page between a link from elsewhere and a test sign-in: the admin sees what they are about to make count.

use crate::actions::saml_sign_in::start::Look;
use crate::http::html::{escape, html};
use crate::http::pages::plain;
use actix_web::HttpResponse;
use url::form_urlencoded;

/// Names the provider, with a link that begins the test of these settings and no others. It works without JavaScript.
pub fn show(look: &Look) -> HttpResponse {
    let settings = &look.settings;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("key", settings.portal_key.as_str()).append_pair("test", "1");
    query.append_pair("settings", &settings.digest(look.metadata_url.as_deref()));
    if let Some(path) = &look.return_path {
        query.append_pair("return", path.as_str());
    }
    if look.fresh {
        query.append_pair("fresh", "1");
    }
    let onward = escape(&format!("/sso?{}", query.finish()));
    let changed = if look.changed {
        "<p class=\"notice\" role=\"alert\">The SSO settings were changed after you saw them. Nothing was tested. Look at what they are now.</p>"
    } else {
        ""
    };
    let (name, url, entity) =
        (escape(&look.organisation), escape(&settings.sign_on_url), escape(&settings.idp_entity_id));
    let address = |url: &String| format!("<dt>Metadata address</dt><dd>{}</dd>", escape(url));
    let followed = look.metadata_url.as_ref().map(address).unwrap_or_default();
    html(plain(
        "Test sign-in",
        "",
        &format!(
            "{changed}<p>You are about to sign in through this identity provider as an admin of {name}. If it identifies you, it can sign in \
             every member of {name}, and you.</p><dl class=\"facts\"><dt>Sign-on URL</dt><dd>{url}</dd><dt>Entity ID</dt><dd>{entity}</dd>{followed}</dl>\
             <p>Go on only if all of these are your own provider’s. Otherwise close this page, and correct the settings.</p>\
             <p><a class=\"button primary\" href=\"{onward}\">Test sign-in</a></p>"
        ),
    ))
}
