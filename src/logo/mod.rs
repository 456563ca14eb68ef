//! Logos: turns an uploaded data URL or file into an image without active content. The only module that parses PNG and
//! SVG.

mod png;
mod svg;

use crate::domain::branding::{Kind, Logo};
use crate::domain::pem::BASE64;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Error, Result, file_kind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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

/// The largest icon, in bytes.
const MOST_ICON_BYTES: usize = 32 * 1024;

/// Reads the icon of an application from its data URL: a PNG, a WebP, or an SVG without active content. Returns the
/// data URL of the image without active content.
///
/// # Errors
/// `Invalid` with field `icon`; the message names the problem and the next step.
pub fn read_icon(data_url: &str) -> Result<String> {
    let (media_type, bytes) = parts(data_url.trim()).map_err(|fault| fault.for_field("icon"))?;
    if bytes.len() > MOST_ICON_BYTES {
        let kib = bytes.len().div_ceil(1024);
        return Err(Error::invalid("icon", phrase!("icon-too-large", kib = kib, most = MOST_ICON_BYTES / 1024)));
    }
    let bytes = match Kind::of_media_type(&media_type) {
        Some(kind) => of_bytes(kind, &bytes).map_err(|fault| fault.for_field("icon"))?.bytes,
        None if media_type == WEBP && is_webp(&bytes) => bytes,
        None if media_type == WEBP => return Err(Error::invalid("icon", phrase!("icon-not-webp"))),
        None => {
            return Err(Error::invalid("icon", phrase!("icon-media-type", type = shortened(&media_type))));
        }
    };
    Ok(format!("data:{media_type};base64,{}", STANDARD.encode(bytes)))
}

/// As `read_icon`, but from a file. Its kind is recognised by its content.
///
/// # Errors
/// The errors of `read_icon`.
pub fn icon_of_file(bytes: &[u8]) -> Result<String> {
    let media_type = match bytes {
        [0x89, b'P', b'N', b'G', ..] => Kind::Png.media_type(),
        [b'R', b'I', b'F', b'F', ..] => WEBP,
        _ => Kind::Svg.media_type(),
    };
    read_icon(&format!("data:{media_type};base64,{}", STANDARD.encode(bytes)))
}

const WEBP: &str = "image/webp";

/// True if a file has the header of a WebP image, with its length.
///
/// Source: RFC 9649, 2.4.
fn is_webp(bytes: &[u8]) -> bool {
    let word = |at: usize| bytes.get(at..at + 4);
    let length = word(4).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    let first_chunk = word(12).unwrap_or_default();
    bytes.starts_with(b"RIFF")
        && word(8) == Some(b"WEBP")
        && [b"VP8 ", b"VP8L", b"VP8X"].iter().any(|kind| first_chunk == *kind)
        && length.is_some_and(|length| length as usize + 8 == bytes.len())
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
    let (media_type, bytes) = parts(data_url)?;
    let other = || refused(phrase!("logo-media-type", type = shortened(&media_type)));
    Ok((Kind::of_media_type(&media_type).ok_or_else(other)?, bytes))
}

/// The media type and the content of a data URL.
fn parts(data_url: &str) -> Result<(String, Vec<u8>)> {
    let wanted = || refused(phrase!("logo-data-url"));
    let (head, data) = data_url.split_once(',').ok_or_else(wanted)?;
    let head = head.to_ascii_lowercase();
    let mut words = head.strip_prefix("data:").ok_or_else(wanted)?.split(';');
    let media_type = words.next().filter(|media_type| media_type.contains('/')).ok_or_else(wanted)?.to_owned();
    let bytes: Vec<u8> = percent_decode_str(data).collect();
    if words.next_back() != Some("base64") {
        return Ok((media_type, bytes));
    }
    let digits: Vec<u8> = bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let decoded = BASE64.decode(digits).map_err(|_| refused(phrase!("logo-not-base64")))?;
    Ok((media_type, decoded))
}

/// The first characters of a text, for an error message.
fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn icons_are_small_images_without_active_content() {
        let mut webp = b"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0\x2f\0\0\0".to_vec();
        let url = |bytes: &[u8]| format!("data:image/webp;base64,{}", STANDARD.encode(bytes));
        assert_eq!(read_icon(&url(&webp)).expect("taken"), url(&webp));
        let svg = read_icon(&format!("data:image/svg+xml,{SVG}")).expect("taken");
        assert!(svg.starts_with("data:image/svg+xml;base64,"), "{svg}");
        webp[4] = 0;
        let script = "data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><script/></svg>";
        let large = format!("data:image/svg+xml,{}", "x".repeat(MOST_ICON_BYTES + 1));
        for (bad, why) in [
            (url(&webp).as_str(), "WebP"),
            ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", "image/gif"),
            ("https://acme.test/icon.png", "data URL"),
            (script, "script"),
            (large.as_str(), "32 KiB"),
        ] {
            let fault = read_icon(bad).expect_err("refused").to_string();
            assert!(fault.starts_with("icon: ") && fault.contains(why), "{fault}");
        }
    }

    #[test]
    fn other_input_is_refused_with_the_reason() {
        let large = format!("data:image/svg+xml,{}", "x".repeat(MOST_BYTES + 1));
        for (url, why) in [
            ("", "data URL"),
            ("https://acme.test/logo.png", "data URL"),
            ("data:text/html,<script>", "has the media type text/html"),
            ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", "has the media type image/gif"),
            ("data:image/png;base64,R0lGODlhAQABAAAAACw=", "The file is a GIF image. A logo is a PNG or an SVG"),
            ("data:image/svg+xml;base64,iVBORw0KGgo=", "The file is a PNG image"),
            ("data:image/png,<svg/>", "has the type PNG"),
            ("data:image/png,", "is empty"),
            ("data:image/png;base64,!!!", "base64"),
            ("data:image/png;base64,iVBORw0KGgo=", "PNG is incomplete"),
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
