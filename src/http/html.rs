//! HTML answers.

use actix_web::HttpResponse;

/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// A page.
pub fn html(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(HTML).body(body)
}

/// A template with each `{{name}}` replaced by its value, in one pass: braces in a value are text. A name without a value stays.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, after)) = behind.split_once("}}") else {
            filled.push_str("{{");
            rest = behind;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        match value {
            Some((_, value)) => filled.push_str(value),
            None => filled.extend(["{{", name, "}}"]),
        }
        rest = after;
    }
    filled + rest
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
