//! Logos: turns an uploaded data URL or file into an image without active content. The only module that parses PNG and
//! SVG.

mod png;
mod svg;

use crate::domain::branding::{Kind, Logo};
use crate::domain::pem::BASE64;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result, file_kind};
use base64::Engine;
use percent_encoding::percent_decode_str;

/// The largest logo, in bytes.
pub const MOST_BYTES: usize = 64 * 1024;

/// Reads a logo from its data URL: a complete PNG, or an SVG without scripts, links or other active content.
///
/// # Errors
/// `Invalid` with field `logo`; the message names the problem and the next step.
pub fn read(data_url: &str) -> Result<Logo> {
    let (kind, bytes) = decode(data_url.trim())?;
    of_bytes(kind, &bytes)
}

/// As `read`, but from a file. Its kind is recognised by its content.
///
/// # Errors
/// The errors of `read`.
pub fn read_file(bytes: &[u8]) -> Result<Logo> {
    of_bytes(if bytes.starts_with(b"\x89PNG") { Kind::Png } else { Kind::Svg }, bytes)
}

fn of_bytes(kind: Kind, bytes: &[u8]) -> Result<Logo> {
    if bytes.len() > MOST_BYTES {
        return Err(refused(phrase!("logo-too-large", kib = bytes.len().div_ceil(1024), most = MOST_BYTES / 1024)));
    }
    if bytes.is_empty() {
        return Err(refused(phrase!("logo-empty", most = MOST_BYTES / 1024)));
    }
    if let Some(other) =
        file_kind(bytes).map(|other| other.name).filter(|other| kind != Kind::Png || *other != phrase!("file-png"))
    {
        return Err(refused(phrase!("logo-other-kind", kind = other)));
    }
    let bytes = match kind {
        Kind::Png => png::clean(bytes)?,
        Kind::Svg => svg::clean(bytes)?.into_bytes(),
    };
    Ok(Logo { kind, bytes })
}

fn refused(why: Phrase) -> Error {
    Error::invalid("logo", why)
}

fn decode(data_url: &str) -> Result<(Kind, Vec<u8>)> {
    let wanted = || refused(phrase!("logo-data-url"));
    let (head, data) = data_url.split_once(',').ok_or_else(wanted)?;
    let head = head.to_ascii_lowercase();
    let mut words = head.strip_prefix("data:").ok_or_else(wanted)?.split(';');
    let media_type = words.next().filter(|media_type| media_type.contains('/')).ok_or_else(wanted)?;
    let other = || refused(phrase!("logo-media-type", type = shortened(media_type)));
    let kind = Kind::of_media_type(media_type).ok_or_else(other)?;
    let bytes: Vec<u8> = percent_decode_str(data).collect();
    if words.next_back() != Some("base64") {
        return Ok((kind, bytes));
    }
    let digits: Vec<u8> = bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let decoded = BASE64.decode(digits).map_err(|_| refused(phrase!("logo-not-base64")))?;
    Ok((kind, decoded))
}

/// The first characters of a text, for an error message.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>";

    #[test]
    fn a_data_url_may_be_base64_or_percent_encoded() {
        let encoded = STANDARD.encode(SVG);
        for url in [
            format!("data:image/svg+xml;base64,{encoded}"),
            format!(" DATA:image/svg+xml;charset=utf-8;base64,{encoded}\n"),
            format!("data:image/svg+xml;base64,{}\n{}", &encoded[..8], &encoded[8..]),
            format!("data:image/svg+xml,{}", SVG.replace('<', "%3C").replace('#', "%23")),
            format!("data:image/svg+xml;utf8,{SVG}"),
        ] {
            let logo = read(&url).expect("taken");
            assert_eq!((logo.kind, logo.bytes), (Kind::Svg, SVG.as_bytes().to_vec()), "{url}");
        }
    }

    #[test]
    fn other_input_is_refused_with_the_reason() {
        let large = format!("data:image/svg+xml,{}", "x".repeat(MOST_BYTES + 1));
        for (url, why) in [
            ("", "data URL"),
            ("https://acme.test/logo.png", "data URL"),
            ("data:text/html,<script>", "is of text/html"),
            ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", "is of image/gif"),
            ("data:image/png;base64,R0lGODlhAQABAAAAACw=", "The file is a GIF image. A logo is a PNG or an SVG"),
            ("data:image/svg+xml;base64,iVBORw0KGgo=", "The file is a PNG image"),
            ("data:image/png,<svg/>", "is said to be a PNG"),
            ("data:image/png,", "is empty"),
            ("data:image/png;base64,!!!", "base64"),
            ("data:image/png;base64,iVBORw0KGgo=", "PNG is cut off"),
            ("data:image/svg+xml,<html/>", "it has <html> in place of one <svg>"),
            (large.as_str(), "64 KiB"),
        ] {
            let fault = read(url).expect_err("refused").to_string();
            assert!(fault.starts_with("logo: ") && fault.contains(why), "{fault}");
        }
    }

    /// Each refusal is shown without further text, and ends with the next step.
    #[test]
    fn each_refusal_is_in_whole_sentences_in_each_language() {
        for (tag, text) in [("en", include_str!("../../locales/en.ftl")), ("fr", include_str!("../../locales/fr.ftl"))]
        {
            let advice =
                ["logo-drawing-only", "logo-expand-symbols", "logo-simplify", "logo-only-image", "logo-not-found"];
            let told = text.lines().filter_map(|line| line.strip_prefix("logo-")?.split_once(" = "));
            let told: Vec<_> = told.filter(|(key, _)| !advice.contains(&format!("logo-{key}").as_str())).collect();
            assert!(told.len() > 20, "{tag}");
            for (key, told) in told {
                let whole = told.starts_with(char::is_uppercase) && told.ends_with(['.', '}']);
                assert!(
                    whole && told.matches(". ").count() + told.matches(" : ").count() + told.matches(": ").count() > 0,
                    "{tag} {key}: {told}"
                );
            }
        }
    }
}
