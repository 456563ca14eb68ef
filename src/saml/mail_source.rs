//! Reads text that was copied from the source of an e-mail, or a saved e-mail (.eml): finds its parts and decodes
//! quoted-printable.
//!
//! Source: RFC 2045 6.7 (quoted-printable); RFC 2046 5.1 (parts of a message).

use crate::domain::decoded::decoded;
use quoted_printable::{ParseMode, decode};
use std::fmt::Write;

const ENCODING: &str = "content-transfer-encoding:";
/// The maximum number of parts of an e-mail that are read, because each is read to its end.
const MOST_PARTS: usize = 20;

/// The content of an e-mail's source: the first part for which `wanted` is true, or else the whole text, decoded, if it
/// is quoted-printable. A base64 part is not decoded. `None` if the text is neither.
pub(super) fn carried(text: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    // Text without an encoding header may still be quoted-printable, for example if only the body was copied.
    let plain = || is_quoted_printable(text).then(|| decoded_text(text)).flatten();
    parts(text).into_iter().find(|part| wanted(part)).or_else(plain).filter(|plain| plain != text)
}

/// The parts of an e-mail that have an encoding header.
fn parts(text: &str) -> Vec<String> {
    // Lower case for ASCII only, so that byte positions stay the same.
    let small = text.to_ascii_lowercase();
    let headers = small.match_indices(ENCODING).take(MOST_PARTS);
    headers.filter_map(|(at, _)| part(text.get(at + ENCODING.len()..)?)).collect()
}

/// The content of a part, with quoted-printable decoded. `rest`: the text after the name of the encoding header.
fn part(rest: &str) -> Option<String> {
    let mut lines = rest.lines();
    let encoding = lines.next()?.trim().to_ascii_lowercase();
    let body: Vec<_> = lines.skip_while(|line| !line.trim().is_empty()).take_while(|line| !is_boundary(line)).collect();
    let body = body.join("\n");
    let body = body.trim();
    if encoding == "quoted-printable" { decoded_text(body) } else { Some(body.to_owned()) }
}

/// True for a boundary line between two parts, and not for the similar lines of PEM.
fn is_boundary(line: &str) -> bool {
    line.starts_with("--") && !line.contains("BEGIN ") && !line.contains("END ") && line.len() > 4
}

/// True if each `=` begins an escape or ends a folded line, and at least some of them can have no other meaning.
fn is_quoted_printable(text: &str) -> bool {
    let (mut equals_signs, mut folds) = (0, Vec::new());
    for (at, _) in text.match_indices('=') {
        let rest = text.as_bytes().get(at + 1..).unwrap_or_default();
        match rest {
            [b'3', b'd' | b'D', ..] => equals_signs += 1,
            [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {}
            _ => match next_line(rest) {
                Some(next) => folds.push((at, next)),
                None => return false,
            },
        }
    }
    // In a quoted e-mail, the > at the start of each line must be removed first.
    let is_quoted = !folds.is_empty() && folds.iter().all(|(_, next)| *next == b'>');
    // In base64, `=` at the end of a line is padding. This occurs on one line only, and rarely on a line of the usual
    // length.
    let is_full = |at: usize| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        (60..76).contains(&before.iter().rev().take(80).take_while(|byte| **byte != b'\n').count())
    };
    !is_quoted && (equals_signs > 0 || folds.iter().filter(|(at, _)| is_full(*at)).count() > 1)
}

/// The first byte of the next line, or 0 at the end of the text; `None` if the rest of this line is not only white
/// space.
fn next_line(rest: &[u8]) -> Option<u8> {
    let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    match rest.get(space) {
        Some(b'\n') => Some(rest.get(space + 1).copied().unwrap_or(0)),
        None => Some(0),
        Some(_) => None,
    }
}

/// Decodes quoted-printable; characters that should have been escaped are kept.
fn decoded_text(text: &str) -> Option<String> {
    let mut ascii = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() { ascii.push(char::from(byte)) } else { write!(ascii, "={byte:02X}").ok()? }
    }
    let bytes = decode(ascii, ParseMode::Robust).ok()?;
    let text = decoded(&bytes, None).or_else(|_| decoded(&bytes, Some("windows-1252"))).ok()?;
    Some(text.replace("\r\n", "\n"))
}

/// Encodes a text as quoted-printable.
#[cfg(test)]
pub(super) fn quoted_printable(text: &str) -> String {
    String::from_utf8(quoted_printable::encode(text)).expect("ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carries(text: &str) -> Option<String> {
        carried(text, |part| part.contains("Zürich"))
    }

    #[test]
    fn only_unambiguous_quoted_printable_is_decoded() {
        let long = format!("<a n='Zürich' m=\"{}\"/>", "1".repeat(100));
        assert_eq!(carries(&quoted_printable(&long)), Some(long.clone()));
        assert_eq!(carries(&quoted_printable(&long).replace("\r\n", "\n")), Some(long.clone()));
        assert_eq!(carries("<a n=3d'Zürich'/>").as_deref(), Some("<a n='Zürich'/>"));
        assert_eq!(carries("<a n=3D'Z=FCrich'/>").as_deref(), Some("<a n='Zürich'/>"), "in another encoding");
        assert_eq!(carries("YWJj=\nZGVm=\nZw=3D=3D").as_deref(), Some("YWJjZGVmZw=="));
        let digits = "YWJj".repeat(60);
        let folded: Vec<_> = digits.as_bytes().chunks(75).map(|line| String::from_utf8_lossy(line)).collect();
        assert_eq!(carries(&folded.join("= \r\n")), Some(digits));
        for other in [
            "",
            "<a n='Zürich'/>",
            "<a href=\"https://idp.test/?id=3D\"/>",
            "YWI=\n",
            &format!("{}=\nRelayState: abc", "YWJj".repeat(18)),
            "YWI=\n-----END CERTIFICATE-----\n",
            "SAMLResponse=PD94&RelayState=3D",
            "a = b\nc",
        ] {
            assert_eq!(carries(other), None, "{other}");
        }
    }

    #[test]
    fn the_wanted_part_of_an_email_is_returned() {
        let parts = "From: bob@idp.test\nContent-Type: multipart/mixed; boundary=\"=_1\"\n\n--=_1\nContent-Type: text/plain\n\
                     Content-Transfer-Encoding: quoted-printable\n\nHello=20Ann\n--=_1\n\
                     content-transfer-encoding: QUOTED-PRINTABLE\nContent-Type: text/xml\n\n<a n=3D'Z=C3=BCrich'=\n/>\n\
                     -----BEGIN A-----\n--=_1--\nThe end\n";
        assert_eq!(carries(parts).as_deref(), Some("<a n='Zürich'/>\n-----BEGIN A-----"));
        let plain = parts.replace("QUOTED-PRINTABLE", "8bit").replace("<a n=3D'Z=C3=BCrich'=\n/>", "<a n='Zürich'/>");
        assert_eq!(carries(&plain).as_deref(), Some("<a n='Zürich'/>\n-----BEGIN A-----"));
        assert_eq!(carries(&plain.replace("Zürich", "Bern")), None);
    }

    #[test]
    fn a_text_with_many_headers_is_read_quickly() {
        let begun = std::time::Instant::now();
        assert_eq!(carries(&format!("{ENCODING} 7bit\n\n").repeat(20_000)), None);
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}
