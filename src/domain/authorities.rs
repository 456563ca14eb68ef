//! Files of CA certificates that are trusted in addition to the system's.

use super::pem::{self, Block};

/// The first byte of DER: the tag of a sequence.
const SEQUENCE: u8 = 0x30;

/// Returns all certificates in a file, as DER. The file is PEM, with any number of certificates and other text around
/// them, or one certificate as DER.
///
/// # Errors
/// The fault of the file, as a part of a sentence that begins with its name. The whole file is refused if one
/// certificate cannot be read, because it may be the one that is needed.
pub fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let blocks: Vec<_> =
        pem::blocks(&String::from_utf8_lossy(file)).into_iter().filter(Block::is_certificate).collect();
    if blocks.is_empty() && is_whole(file) {
        return Ok(vec![file.to_owned()]);
    }
    if blocks.is_empty() {
        return Err(
            "contains no certificate: it needs at least one, from -----BEGIN CERTIFICATE----- to its END line".into()
        );
    }
    let count = blocks.len();
    let read = |(index, block): (usize, Block)| {
        block
            .der
            .filter(|der| is_whole(der))
            .ok_or_else(|| format!("contains {count} certificates, of which number {} cannot be read", index + 1))
    };
    blocks.into_iter().enumerate().map(read).collect()
}

/// True if the bytes are exactly one DER sequence; a truncated or damaged certificate is not.
///
/// Source: X.690, 8.1.3 (short and long form of the length).
fn is_whole(der: &[u8]) -> bool {
    let Some((&SEQUENCE, rest)) = der.split_first() else { return false };
    match rest.split_first() {
        Some((&length, content)) if length < 0x80 => content.len() == usize::from(length),
        Some((&form, rest)) => {
            let Some((length, content)) = rest.split_at_checked(usize::from(form & 0x7f)) else { return false };
            length.len() <= 4 && length.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)) == content.len()
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_certificates_of_a_file_are_read_and_other_text_is_ignored() {
        let one = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let bundle = format!("# Acme's own\n{}subject=/CN=Other\n\n{}\n", one("MANhYmM="), one("MANkZWY="));
        let both = vec![b"\x30\x03abc".to_vec(), b"\x30\x03def".to_vec()];
        assert_eq!(certificates(bundle.as_bytes()), Ok(both.clone()));
        assert_eq!(
            certificates(format!("0 s:CN=Acme Root\n{bundle}").as_bytes()),
            Ok(both),
            "a text that begins as DER does"
        );
        assert_eq!(certificates(b"\x30\x03abc"), Ok(vec![b"\x30\x03abc".to_vec()]));
        let key = "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n";
        assert_eq!(certificates(format!("{key}{}", one("MANkZWY=")).as_bytes()), Ok(vec![b"\x30\x03def".to_vec()]));
        for empty in ["", "nothing\n", key] {
            assert!(certificates(empty.as_bytes()).is_err_and(|why| why.starts_with("contains no certificate")));
        }
        // Invalid base64, bytes that are not a sequence, and a truncated sequence.
        for damaged in ["!", "YWJj", "MANhYg=="] {
            let broken = certificates(format!("{}{}", one("MANhYmM="), one(damaged)).as_bytes());
            assert_eq!(broken, Err("contains 2 certificates, of which number 2 cannot be read".into()), "{damaged}");
        }
        let long = [&b"\x30\x82\x01\x00"[..], &[7; 256]].concat();
        assert_eq!((is_whole(&long), is_whole(&long[..259]), is_whole(b"\x30\x84\x01")), (true, false, false));
    }
}
