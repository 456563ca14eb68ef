//! HTML answers.

use actix_web::HttpResponse;

/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// A page.
pub fn html(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(HTML).body(body)
}

/// Text as HTML: it cannot end the element or the attribute that it stands in.
pub fn escape(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            '\'' => "&#39;".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
