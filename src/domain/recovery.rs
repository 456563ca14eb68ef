//! Recovery codes: the way back for organisation admins where SAML is the only way in.

use super::ids::random_bytes;

/// How many codes there are at a time.
const CODES: usize = 10;
/// Letters and digits that read well aloud: 5 bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Ten new codes such as `K7QF-2MXB-9HTD-VW3E`, of 80 random bits each: a fast digest of them cannot be searched.
pub fn new_codes() -> Vec<String> {
    (0..CODES).map(|_| new_code()).collect()
}

fn new_code() -> String {
    let bytes = random_bytes::<16>();
    let letters: Vec<_> = bytes.iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    letters.chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// The form for comparison: a code in one case, without spaces and hyphens.
pub fn folded(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_different_codes_that_may_be_typed_loosely() {
        let codes = new_codes();
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|code| code.len() == 19 && folded(code).len() == 16));
        assert!(codes.iter().enumerate().all(|(n, code)| !codes[..n].contains(code)));
        assert_eq!(folded(" k7qf 2mxb-9htd"), folded("K7QF-2MXB-9HTD"));
    }
}
