//! The page between an external link and a test sign-in: it shows the admin the settings that the test puts in force.

use crate::actions::saml_sign_in::start::Look;
use crate::domain::phrase::{Phrase, phrase};
use crate::http::html::{escape, html, sentence};
use crate::http::pages::plain;
use actix_web::HttpResponse;
use url::form_urlencoded;

/// Shows the provider's values, with a link that starts the test of exactly these settings. It works without
/// JavaScript.
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
        format!("<p class=\"notice\" role=\"alert\">{}</p>", sentence(&phrase!("test-page-changed")))
    } else {
        String::new()
    };
    let fact = |name: Phrase, value: &String| format!("<dt>{}</dt><dd>{}</dd>", sentence(&name), escape(value));
    let url = fact(phrase!("test-page-sign-on-url"), &settings.sign_on_url);
    let entity = fact(phrase!("test-page-entity-id"), &settings.idp_entity_id);
    let followed = look.metadata_url.as_ref().map(|url| fact(phrase!("test-page-metadata"), url)).unwrap_or_default();
    let (title, about) = (phrase!("test-page-title"), phrase!("test-page-about", organisation = &look.organisation));
    html(plain(
        &title,
        "",
        &format!(
            "{changed}<p>{}</p><dl class=\"facts\">{url}{entity}{followed}</dl><p>{}</p>\
             <p><a class=\"button primary\" href=\"{onward}\">{}</a></p>",
            sentence(&about),
            sentence(&phrase!("test-page-check")),
            sentence(&title)
        ),
    ))
}
