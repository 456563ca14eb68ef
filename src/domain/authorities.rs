//! Files of certificates that are trusted besides the system's.

use super::pem::{self, Block};

/// What DER begins with: a sequence.
const SEQUENCE: u8 = 0x30;

/// All certificates of a file, as DER: of PEM as many as there are, with other text around them, or one as DER.
///
/// # Errors
/// What is wrong with the file, as a part of a sentence that begins with its name. One certificate that cannot be read spoils the
/// file: it may be the one that is needed.
pub fn certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    if file.first() == Some(&SEQUENCE) {
        return Ok(vec![file.to_owned()]);
    }
    let blocks: Vec<_> =
        pem::blocks(&String::from_utf8_lossy(file)).into_iter().filter(Block::is_certificate).collect();
    if blocks.is_empty() {
        return Err(
            "holds no certificate: it needs at least one, from -----BEGIN CERTIFICATE----- to its END line".into()
        );
    }
    let count = blocks.len();
    let read = |(index, block): (usize, Block)| {
        block.der.ok_or_else(|| format!("holds {count} certificates, of which number {} cannot be read", index + 1))
    };
    blocks.into_iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_certificates_of_a_file_are_read_whatever_stands_around_them() {
        let one = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let bundle = format!("# Acme's own\n{}subject=/CN=Other\n\n{}\n", one("YWJj"), one("ZGVm"));
        assert_eq!(certificates(bundle.as_bytes()), Ok(vec![b"abc".to_vec(), b"def".to_vec()]));
        assert_eq!(certificates(b"\x30\x03abc"), Ok(vec![b"\x30\x03abc".to_vec()]));
        let key = "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n";
        assert_eq!(certificates(format!("{key}{}", one("ZGVm")).as_bytes()), Ok(vec![b"def".to_vec()]));
        for empty in ["", "nothing\n", key] {
            assert!(certificates(empty.as_bytes()).is_err_and(|why| why.starts_with("holds no certificate")));
        }
        let broken = certificates(format!("{}{}", one("YWJj"), one("!")).as_bytes());
        assert_eq!(broken, Err("holds 2 certificates, of which number 2 cannot be read".into()));
    }
}
