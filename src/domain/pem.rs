//! Reads PEM as people paste it: the base64 between BEGIN and END, in every form in which it is copied.
//!
//! Source: RFC 7468. Other unambiguous forms are accepted too: on one line, with text around it, with missing or
//! typographic dashes and spaces, with escaped line breaks (`\ `, `&#13;` or `<br>`), without its BEGIN or its END.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Base64 with or without its padding.
pub const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Base64url with or without its padding.
pub const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The labels that are recognised without a dash after them; longer ones first.
const LABELS: [&str; 12] = [
    "NEW CERTIFICATE REQUEST",
    "CERTIFICATE REQUEST",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "CERTIFICATE",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "PRIVATE KEY",
    "RSA PUBLIC KEY",
    "PUBLIC KEY",
    "PKCS7",
];
const LONGEST_LABEL: usize = 40;

/// A block of PEM: the text between one BEGIN and its END.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The label, such as `CERTIFICATE`, in capitals.
    pub label: String,
    /// Its decoded base64; `None` if it is not base64, or empty.
    pub der: Option<Vec<u8>>,
}

impl Block {
    /// True if the label is that of a certificate. OpenSSL's `TRUSTED CERTIFICATE` has more data after the certificate
    /// itself.
    pub fn is_certificate(&self) -> bool {
        ["CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE", "TRUSTED CERTIFICATE"].contains(&self.label.as_str())
    }

    /// True if it is a private key, which must never appear in a message.
    pub fn is_private_key(&self) -> bool {
        self.label.contains("PRIVATE KEY")
    }
}

/// All blocks of a text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let text = unescaped(text);
    // The positions of all bytes stay the same.
    let capitals = text.to_ascii_uppercase();
    let begins = markers(&capitals, "BEGIN");
    let ends = markers(&capitals, "END");
    let block = |(index, begin): (usize, &Marker)| {
        let next = begins.get(index + 1).map_or(text.len(), |next| next.from);
        // Both lists are sorted.
        let first = ends.partition_point(|end| end.from < begin.to);
        let end = ends.get(first).filter(|end| end.from <= next).map_or(next, |end| end.from);
        Block { label: begin.label.to_owned(), der: text.get(begin.to..end).and_then(without_headers) }
    };
    let found: Vec<_> = begins.iter().enumerate().map(block).collect();
    match ends.first() {
        Some(end) if found.is_empty() => vec![before_end(&text, end)],
        _ => found,
    }
}

/// The block of an END whose BEGIN is missing or incomplete: the lines of base64 before it.
fn before_end(text: &str, end: &Marker) -> Block {
    let lines: Vec<_> = text.get(..end.from).unwrap_or_default().lines().collect();
    let bare = |line: &str| line.trim().trim_start_matches(['>', ' ']).to_owned();
    let is_base64 = |line: &&&str| !bare(line).contains([' ', '-']) && base64_bytes(line).is_some();
    let count = lines.iter().rev().take_while(is_base64).count();
    let body = lines.get(lines.len() - count..).unwrap_or_default().join("\n");
    Block { label: end.label.to_owned(), der: base64_bytes(&body) }
}

/// Decoded base64 or base64url, which may be wrapped, quoted or without padding; `None` if it is neither, or empty.
pub fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let noise =
        |c: char| c.is_whitespace() || super::text::is_invisible(c) || matches!(c, '"' | '\'' | ',' | '>' | '`' | '\\');
    let plain: String = unescaped(text).chars().filter(|c| !noise(*c)).collect();
    let packed: String = plain.chars().filter(|c| !is_dash(*c)).collect();
    // A dash inside the text is a digit of base64url, unless another character excludes that.
    let bytes = if is_url_safe(&plain) { BASE64_URL.decode(plain) } else { BASE64.decode(packed) };
    bytes.ok().filter(|bytes| !bytes.is_empty())
}

/// True if the text has digits of base64url that base64 does not have: a `_`, or a `-` between other digits.
///
/// Source: RFC 4648 5.
fn is_url_safe(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=');
    let between = text.trim_matches('-').contains('-') && !text.contains("--");
    text.chars().all(is_digit) && (text.contains('_') || between)
}

/// The line of a BEGIN or an END.
struct Marker<'t> {
    from: usize,
    to: usize,
    label: &'t str,
}

fn markers<'t>(capitals: &'t str, word: &str) -> Vec<Marker<'t>> {
    capitals.match_indices(word).filter_map(|(at, _)| marker(capitals, at, word)).collect()
}

fn marker<'t>(capitals: &'t str, at: usize, word: &str) -> Option<Marker<'t>> {
    let (before, after) = (capitals.get(..at)?, capitals.get(at + word.len()..)?);
    let outside = before.trim_end_matches(|c| c == ' ' || is_dash(c));
    let dashed = before.ends_with(is_dash) || before.trim_end().ends_with(is_dash);
    // Without a dash, the word may belong to the text around a block.
    if !dashed && !before.is_empty() && !before.ends_with(char::is_whitespace) {
        return None;
    }
    let label_on = after.trim_start_matches(' ');
    if label_on.len() == after.len() {
        return None;
    }
    let label = label(label_on, dashed)?;
    let rest = label_on.get(label.len()..)?.trim_start_matches(|c| c == ' ' || is_dash(c));
    Some(Marker { from: outside.len(), to: capitals.len() - rest.len(), label: label.trim_end() })
}

/// The label at the beginning of a text: up to the next dash of its line, or one of `LABELS`.
fn label(text: &str, dashed: bool) -> Option<&str> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'#' | b'.');
    // Not beyond the maximum length of a label: a text may repeat BEGIN many times.
    let length = text.bytes().take(LONGEST_LABEL + 1).take_while(plain).count();
    let to_dash = text.get(..length).filter(|label| {
        dashed && text.get(length..).is_some_and(|rest| rest.starts_with(is_dash)) && label.len() <= LONGEST_LABEL
    });
    to_dash.or_else(|| {
        let known = |label: &&&str| {
            text.strip_prefix(**label).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        };
        LABELS.iter().find(known).and_then(|label| text.get(..label.len()))
    })
}

/// True for a hyphen, and for the dashes that word processors replace it with.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Replaces escaped line breaks and spaces, as in JSON, YAML, XML, HTML and environment files, and special kinds of
/// spaces.
fn unescaped(text: &str) -> String {
    const WRITTEN: [(&str, &str); 15] = [
        ("\\r", "\n"),
        ("\\n", "\n"),
        ("&#13;", "\n"),
        ("&#10;", "\n"),
        ("&#xD;", "\n"),
        ("&#xA;", "\n"),
        ("&#xd;", "\n"),
        ("&#xa;", "\n"),
        ("<br>", "\n"),
        ("<br/>", "\n"),
        ("<br />", "\n"),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&#xA0;", " "),
        ("&#45;", "-"),
    ];
    let space = |c: char| if c.is_whitespace() && !matches!(c, '\n' | '\r') { ' ' } else { c };
    let mut plain: String = text.chars().filter(|c| is_dash(*c) || !super::text::is_invisible(*c)).map(space).collect();
    for (written, meant) in WRITTEN {
        if plain.contains(written) {
            plain = plain.replace(written, meant);
        }
    }
    plain
}

/// The decoded base64 of a block, without header lines such as `Proc-Type: 4,ENCRYPTED`.
fn without_headers(body: &str) -> Option<Vec<u8>> {
    let base64: Vec<_> = body.lines().filter(|line| !line.contains(':')).collect();
    base64_bytes(&base64.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Option<Vec<u8>>)> {
        blocks(text).into_iter().map(|block| (block.label, block.der)).collect()
    }

    #[test]
    fn a_block_is_read_in_every_form_in_which_it_is_copied() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nYWJj\nZGVm\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\r\nYWJj\r\nZGVm\r\n-----END CERTIFICATE-----\r\n",
            "-----BEGIN CERTIFICATE----- YWJj ZGVm -----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----YWJjZGVm-----END CERTIFICATE-----",
            "\u{feff}Bag Attributes\n  localKeyID: 01\nsubject=/CN=x\n-----BEGIN CERTIFICATE-----\nYWJjZGVm\n-----END CERTIFICATE-----\nend of it",
            "-----BEGIN CERTIFICATE-----\\nYWJj\\r\\nZGVm\\n-----END CERTIFICATE-----\\n",
            "  cert: \"-----BEGIN CERTIFICATE-----&#13;\nYWJjZGVm&#13;\n-----END CERTIFICATE-----\"",
            "> -----BEGIN CERTIFICATE-----\n> YWJj\n> ZGVm\n> -----END CERTIFICATE-----",
            "\u{2014}\u{2013}BEGIN CERTIFICATE\u{2014}\u{2013}\nYWJjZGVm\n\u{2014}\u{2013}END CERTIFICATE\u{2014}\u{2013}",
            "----BEGIN CERTIFICATE----\nYWJjZGVm\n---END CERTIFICATE---",
            "BEGIN CERTIFICATE\nYWJjZGVm\nEND CERTIFICATE",
            "----- BEGIN CERTIFICATE -----\nYWJjZGVm\n----- END CERTIFICATE -----",
            "-----begin certificate-----\nYWJjZGVm\n-----end certificate-----",
            "-----BEGIN CERTIFICATE-----\nYWJjZGVm\n",
            "-----BEGIN CERTIFICATE-----\nYWJj\u{a0}ZGVm\u{200b}",
            "-----BEGIN\u{a0}CERTIFICATE-----\nYWJjZGVm\n-----END\u{a0}CERTIFICATE-----",
            "-----\u{2009}BEGIN\u{202f}CERTIFICATE\u{3000}-----\nYWJj\u{2007}ZGVm\n-----\u{2009}END\u{202f}CERTIFICATE\u{3000}-----",
            "-----BE\u{200b}GIN\tCERTI\u{feff}FICATE-----\nYWJjZGVm\n-----END CERTIFICATE-----",
            "\u{2212}\u{2212}BEGIN CERTIFICATE\u{ff0d}\u{ff0d}\nYWJjZGVm\n\u{2012}END CERTIFICATE\u{2015}",
            "-----BEGIN&nbsp;CERTIFICATE-----<br>YWJj<br />ZGVm<br/>-----END&#160;CERTIFICATE-----<br>",
            "-----BEGIN CERTIFICATE-----\\\nYWJj\\\nZGVm\\\n-----END CERTIFICATE-----\\\n",
            "YWJj\nZGVm\n-----END CERTIFICATE-----\n",
            "EGIN CERTIFICATE-----\nYWJj\nZGVm\n-----END CERTIFICATE-----",
            "Our new certificate:\n\nYWJj\nZGVm\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(read(text), [("CERTIFICATE".to_owned(), Some(b"abcdef".to_vec()))], "{text:?}");
        }
    }

    #[test]
    fn each_block_has_its_own_label_and_a_broken_one_does_not_affect_others() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nYWJj\n-----END RSA PRIVATE KEY-----\n\
                    -----BEGIN CERTIFICATE-----\n?!\n-----END CERTIFICATE-----\n-----BEGIN PKCS #7 SIGNED DATA-----\nZGVm\n\
                    -----BEGIN TRUSTED CERTIFICATE-----\nZGVm\n-----END TRUSTED CERTIFICATE-----";
        let labels = ["RSA PRIVATE KEY", "CERTIFICATE", "PKCS #7 SIGNED DATA", "TRUSTED CERTIFICATE"];
        let contents = [Some(b"abc".to_vec()), None, Some(b"def".to_vec()), Some(b"def".to_vec())];
        let expected: Vec<_> = labels.map(str::to_owned).into_iter().zip(contents).collect();
        assert_eq!(read(text), expected);
        let all = blocks(text);
        assert!(all[0].is_private_key() && !all[1].is_private_key());
        assert!(!all[0].is_certificate() && all[1].is_certificate() && all[3].is_certificate());
    }

    /// The time that a thread has spent computing, in milliseconds.
    fn cpu_ms() -> i64 {
        let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        spent.tv_sec * 1000 + spent.tv_nsec / 1_000_000
    }

    #[test]
    fn the_time_to_read_many_markers_is_proportional_to_their_length() {
        for markers in ["BEGIN ", "BEGIN A-", "-----BEGIN CERTIFICATE-----", "END A-", "BEGIN A-END A-", "- "] {
            let text = markers.repeat(1024 * 1024 / markers.len());
            let begun = cpu_ms();
            drop(blocks(&text));
            // If each marker were compared with all others, this would take minutes.
            let took = cpu_ms() - begun;
            assert!(took < 10_000, "{markers}: {took} ms");
        }
    }

    #[test]
    fn text_without_a_block_has_none_and_base64_alone_is_read() {
        for text in ["", "YWJj", "Begin certificates here", "THE BEGINNING OF A CERTIFICATE", "xBEGIN CERTIFICATE"] {
            assert_eq!(read(text), [], "{text}");
        }
        assert_eq!(base64_bytes(" YW\r\nJj\n").as_deref(), Some(&b"abc"[..]));
        assert_eq!(base64_bytes("\"YWI\"").as_deref(), Some(&b"ab"[..]));
        let url_safe = |text: &str| base64_bytes(text).expect("base64url");
        assert_eq!(url_safe("-_8A"), [0xfb, 0xff, 0]);
        assert_eq!(url_safe("_-8A"), [0xff, 0xef, 0]);
        assert_eq!(url_safe("AP8-AA"), [0, 0xff, 0x3e, 0]);
        assert_eq!([base64_bytes(""), base64_bytes("  "), base64_bytes("ä")], [None, None, None]);
    }
}
