//! The language of an answer: the signed-in person's choice, otherwise the browser's, otherwise the organisation's.

use crate::domain::catalogue::Language;
use crate::domain::spoken::Wishes;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_LANGUAGE, AcceptLanguage, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderValue, Preference,
    Quality, VARY,
};
use actix_web::middleware::Next;

/// The maximum number of languages read from a browser's list, and the maximum length of each in bytes.
const MOST_LANGUAGES: usize = 20;
const MOST_TAG_BYTES: usize = 100;

/// Writes an answer in the language of the client, and names it in `Content-Language`.
///
/// # Errors
/// The errors of the rest of the chain.
pub async fn negotiate<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let wishes = Wishes { browser: asked_for(&request), ..Wishes::default() };
    let answer = async move {
        let mut answer = next.call(request).await?;
        name_language(answer.headers_mut());
        Ok(answer)
    };
    wishes.during(answer).await
}

/// The first language of the browser's list that is offered.
fn asked_for(request: &ServiceRequest) -> Option<Language> {
    let lines = request.headers().get_all(ACCEPT_LANGUAGE).filter_map(|line| line.to_str().ok());
    let items = lines.flat_map(|line| line.split(',')).take(MOST_LANGUAGES).filter(|item| item.len() <= MOST_TAG_BYTES);
    let mut accepted = AcceptLanguage(items.filter_map(|item| item.trim().parse().ok()).collect());
    // A quality of 0 means: not this language.
    accepted.retain(|item| item.quality > Quality::ZERO);
    accepted.ranked().into_iter().find_map(|wanted| match wanted {
        Preference::Specific(tag) => Language::nearest(tag.as_str()),
        Preference::Any => None,
    })
}

/// Adds `Content-Language` to pages and JSON. Files are the same in all languages, and the help sets its own.
fn name_language(headers: &mut HeaderMap) {
    let written = headers.get(CONTENT_TYPE).is_some_and(|kind| {
        [&b"text/html"[..], b"application/json"].iter().any(|start| kind.as_bytes().starts_with(start))
    });
    if !written || headers.contains_key(CACHE_CONTROL) || headers.contains_key(CONTENT_LANGUAGE) {
        return;
    }
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(Language::spoken().tag()));
    headers.insert(VARY, HeaderValue::from_static("Accept-Language, Cookie"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_first_available_language_of_a_browser_is_used() {
        let asked = |header: &'static str| {
            let request = TestRequest::default().insert_header(("accept-language", header)).to_srv_request();
            asked_for(&request).map(Language::tag)
        };
        for header in ["en", "en-GB,en;q=0.9", "x-klingon, EN-us;q=0.1", "tlh;q=0.9, en", "*;q=0.5, en;q=0.1", ";;, en"]
        {
            assert_eq!(asked(header), Some("en"), "{header}");
        }
        for header in ["", "*", "tlh", "en;q=0", "en;q=0, *", "en_GB", ";q=1"] {
            assert_eq!(asked(header), None, "{header}");
        }
        assert_eq!(asked_for(&TestRequest::default().to_srv_request()), None);
        let after = |many: usize| {
            let request = TestRequest::default().insert_header(("accept-language", "tlh,".repeat(many) + "en"));
            asked_for(&request.to_srv_request()).map(Language::tag)
        };
        assert_eq!((after(19), after(20)), (Some("en"), None), "no more are read than browsers send");
    }
}
