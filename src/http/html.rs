//! HTML answers.

use crate::domain::catalogue::Language;
use crate::domain::phrase::Phrase;
use actix_web::HttpResponse;

/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// A page, as an answer.
pub fn html(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(HTML).body(body)
}

/// Replaces each `{{name}}` of a template with its value, and each `{{text key}}` with that message of the catalogue,
/// in one pass, so that braces in a value are text. A name without a value is left as it is.
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
        match (value, name.strip_prefix("text ")) {
            (Some((_, value)), _) => filled.push_str(value),
            (None, Some(key)) => filled.push_str(&escape(&Language::spoken().message(key))),
            (None, None) => filled.extend(["{{", name, "}}"]),
        }
        rest = after;
    }
    filled + rest
}

/// A sentence as HTML, in the language of the answer.
pub fn sentence(phrase: &Phrase) -> String {
    escape(&phrase.spoken())
}

/// A sentence in which some values are HTML: `phrase` builds it with placeholders, which are then replaced by `markup`.
pub fn marked<const N: usize>(markup: [&str; N], phrase: impl FnOnce([String; N]) -> Phrase) -> String {
    let marks = std::array::from_fn(|n| format!("\u{e000}{n}\u{e001}"));
    let text = sentence(&phrase(marks.clone()));
    marks.iter().zip(markup).fold(text, |text, (mark, html)| text.replace(mark, html))
}

/// Escapes text for use in HTML elements and attributes.
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
