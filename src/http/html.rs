//! HTML answers.

use crate::domain::catalogue::Language;
use crate::domain::phrase::Phrase;
use actix_web::HttpResponse;

/// The content type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// A page.
pub fn html(body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(HTML).body(body)
}

/// A template with each `{{name}}` replaced by its value, and each `{{text key}}` by that message of the catalogue, in one pass: braces
/// in a value are text. A name without a value stays.
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

/// A sentence in which some values are HTML: `phrase` makes it of marks that stand for them.
pub fn marked<const N: usize>(markup: [&str; N], phrase: impl FnOnce([String; N]) -> Phrase) -> String {
    let marks = std::array::from_fn(|n| format!("\u{e000}{n}\u{e001}"));
    let text = sentence(&phrase(marks.clone()));
    marks.iter().zip(markup).fold(text, |text, (mark, html)| text.replace(mark, html))
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
