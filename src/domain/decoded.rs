//! Decodes text files of the usual encodings. A file is decoded once, so that all checks see the same text.

use super::file_kind;
use super::phrase::{Phrase, phrase};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Decodes a file by its byte order mark, which is removed; else as UTF-16 if its first bytes suggest that; else by
/// `charset`, which comes from the HTTP headers; else by its XML declaration; else as UTF-8.
///
/// # Errors
/// The reason, as the end of a sentence: the bytes are not text, or the encoding is unknown or does not match.
///
/// Source: RFC 7303 3 (the precedence of statements about the encoding); XML 1.0 appendix F (detection without any).
pub fn decoded(bytes: &[u8], charset: Option<&str>) -> Result<String, Phrase> {
    if bytes.starts_with(&[0xff, 0xfe, 0, 0]) || bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(phrase!("text-utf-32"));
    }
    let (encoding, mark) = Encoding::for_bom(bytes).map_or_else(|| named(bytes, charset).map(|one| (one, 0)), Ok)?;
    let rest = bytes.get(mark..).unwrap_or_default();
    let text = encoding.decode_without_bom_handling_and_without_replacement(rest);
    let other = |why: Phrase| file_kind(bytes).map_or(why, |kind| phrase!("text-file-kind", kind = kind.name));
    let text = text.ok_or_else(|| other(phrase!("text-other-encoding", encoding = encoding.name())))?;
    if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(other(phrase!("text-none")));
    }
    Ok(text.into_owned())
}

/// The encoding of bytes without a byte order mark.
fn named(bytes: &[u8], charset: Option<&str>) -> Result<&'static Encoding, Phrase> {
    match bytes {
        [b'<', 0, ..] => return Ok(UTF_16LE),
        [0, b'<', ..] => return Ok(UTF_16BE),
        _ => {}
    }
    let declared = declared(bytes);
    let Some(name) = charset.map(str::to_owned).or(declared) else { return Ok(UTF_8) };
    let encoding = Encoding::for_label_no_replacement(name.trim().as_bytes());
    let unknown = || {
        let name: String = name.escape_debug().take(40).collect();
        phrase!("text-unknown-encoding", name = name)
    };
    let encoding = encoding.ok_or_else(unknown)?;
    // A declaration in single bytes cannot be true if it says UTF-16.
    Ok(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The encoding in an XML declaration.
fn declared(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(bytes.get(..bytes.len().min(256))?).trim_start().to_owned();
    let (declaration, _) = start.strip_prefix("<?xml")?.split_once("?>")?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.get(1..)?.split_once(quote).map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<a n='Zürich'/>";

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_text_is_decoded_from_every_encoding_that_can_be_detected() {
        let marked = format!("\u{feff}{TEXT}");
        for bytes in [
            TEXT.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            utf_16(&marked, u16::to_le_bytes),
            utf_16(&marked, u16::to_be_bytes),
            utf_16(TEXT, u16::to_le_bytes),
            utf_16(TEXT, u16::to_be_bytes),
        ] {
            assert_eq!(decoded(&bytes, None).as_deref(), Ok(TEXT), "{bytes:?}");
        }
        let latin = |declaration: &str| [declaration.as_bytes(), b"<a n='Z\xfcrich'/>"].concat();
        for name in ["ISO-8859-1", "windows-1252", "iso-8859-15", "latin1"] {
            let declaration = format!("<?xml version=\"1.0\" encoding=\"{name}\"?>\n");
            assert_eq!(decoded(&latin(&declaration), None), Ok(format!("{declaration}{TEXT}")), "{name}");
            assert_eq!(decoded(&latin(""), Some(name)).as_deref(), Ok(TEXT), "{name}");
        }
        let quoted = "<?xml version='1.0' encoding = 'utf-8' ?><a/>";
        assert_eq!(decoded(quoted.as_bytes(), None).as_deref(), Ok(quoted));
    }

    #[test]
    fn a_byte_order_mark_precedes_http_and_http_precedes_the_declaration() {
        let declaration = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>é";
        let marked = format!("\u{feff}{declaration}");
        assert_eq!(decoded(marked.as_bytes(), Some("windows-1252")).as_deref(), Ok(declaration));
        assert_eq!(decoded(declaration.as_bytes(), Some("UTF-8")).as_deref(), Ok(declaration));
        assert_eq!(decoded(declaration.as_bytes(), None).map(|text| text.ends_with("Ã©")), Ok(true));
        let sixteen = "<?xml version=\"1.0\" encoding=\"utf-16\"?><a/>";
        assert_eq!(decoded(sixteen.as_bytes(), None).as_deref(), Ok(sixteen), "a declaration that cannot be true");
    }

    #[test]
    fn a_file_that_cannot_be_decoded_is_refused_with_the_reason() {
        for (bytes, why) in [
            (&b"<?xml version='1.0' encoding='utf-7'?><a/>"[..], "names the encoding utf-7"),
            (&b"Z\xfcrich"[..], "is not the UTF-8 text"),
            (&b"a\x03\x04"[..], "is not a text file"),
            (&b"PK\x03\x04"[..], "is a ZIP archive, not a text file"),
            (&b"%PDF-1.7\n\xe2\xe3"[..], "is a PDF document, not a text file"),
            (&b"\xff\xfe\0\0<\0\0\0"[..], "is UTF-32"),
            (&b"<\0a"[..], "is not the UTF-16LE text"),
        ] {
            assert!(decoded(bytes, None).expect_err("refused").to_string().starts_with(why), "{bytes:?}");
        }
    }
}
