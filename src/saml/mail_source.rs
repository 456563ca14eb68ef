//! Text that was copied out of the source of a mail, or a saved mail (.eml): its parts, and quoted-printable in them.
//!
//! Source: RFC 2045 6.7 (quoted-printable); RFC 2046 5.1 (parts of a message).

use crate::domain::decoded::decoded;
use quoted_printable::{ParseMode, decode};
use std::fmt::Write;

const ENCODING: &str = "content-transfer-encoding:";
/// The most parts of one mail that are looked at: each is read to its end.
const MOST_PARTS: usize = 20;

/// The content of a mail's source: the first of its parts that is `wanted`, or the whole text where all of it is quoted-printable.
/// A part in base64 stays as it is. `None` if a text is neither.
pub(super) fn carried(text: &str, wanted: impl Fn(&str) -> bool) -> Option<String> {
    // A part without a header of its own is quoted-printable or is not, as a text that was copied is.
    let plain = || is_quoted_printable(text).then(|| decoded_text(text)).flatten();
    parts(text).into_iter().find(|part| wanted(part)).or_else(plain).filter(|plain| plain != text)
}

/// The parts of a mail that say how they are encoded.
fn parts(text: &str) -> Vec<String> {
    // Keeps the places of all bytes.
    let small = text.to_ascii_lowercase();
    let headers = small.match_indices(ENCODING).take(MOST_PARTS);
    headers.filter_map(|(at, _)| part(text.get(at + ENCODING.len()..)?)).collect()
}

/// `rest`: what follows the name of the header.
fn part(rest: &str) -> Option<String> {
    let mut lines = rest.lines();
    let encoding = lines.next()?.trim().to_ascii_lowercase();
    let body: Vec<_> = lines.skip_while(|line| !line.trim().is_empty()).take_while(|line| !is_boundary(line)).collect();
    let body = body.join("\n");
    let body = body.trim();
    if encoding == "quoted-printable" { decoded_text(body) } else { Some(body.to_owned()) }
}

/// The line between two parts; PEM has lines that look like it.
fn is_boundary(line: &str) -> bool {
    line.starts_with("--") && !line.contains("BEGIN ") && !line.contains("END ") && line.len() > 4
}

/// True if each `=` begins an escape or folds a line, and there are those that can be nothing else.
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
    // In a mail that was quoted, the mark of each line has to come off first.
    let is_quoted = !folds.is_empty() && folds.iter().all(|(_, next)| *next == b'>');
    // The padding of base64 may end a line as well: one, and hardly where lines are folded.
    let is_full = |at: usize| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        (60..76).contains(&before.iter().rev().take(80).take_while(|byte| **byte != b'\n').count())
    };
    !is_quoted && (equals_signs > 0 || folds.iter().filter(|(at, _)| is_full(*at)).count() > 1)
}

/// The first byte of the next line, 0 at the end of the text; `None` if anything but white space stands before it.
fn next_line(rest: &[u8]) -> Option<u8> {
    let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    match rest.get(space) {
        Some(b'\n') => Some(rest.get(space + 1).copied().unwrap_or(0)),
        None => Some(0),
        Some(_) => None,
    }
}

/// Quoted-printable, decoded; characters that should have been escaped stay.
fn decoded_text(text: &str) -> Option<String> {
    let mut ascii = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii() { ascii.push(char::from(byte)) } else { write!(ascii, "={byte:02X}").ok()? }
    }
    let bytes = decode(ascii, ParseMode::Robust).ok()?;
    let text = decoded(&bytes, None).or_else(|_| decoded(&bytes, Some("windows-1252"))).ok()?;
    Some(text.replace("\r\n", "\n"))
}

/// A text as mail programs write it.
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
    fn quoted_printable_is_decoded_where_it_can_be_nothing_else() {
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
    fn of_a_mail_the_part_that_is_wanted_is_taken() {
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
    fn a_text_of_many_headers_costs_little() {
        let begun = std::time::Instant::now();
        assert_eq!(carries(&format!("{ENCODING} 7bit\n\n").repeat(20_000)), None);
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}
