//! Recovery codes, by which organisation admins sign in under SAML-only if SAML does not work.

use super::ids::random_bytes;

/// The number of codes at a time.
const CODES: usize = 10;
/// Letters and digits that are not easily confused: 5 bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Ten new codes such as `K7QF-2MXB-9HTD-VW3E`, of 80 random bits each, so that they cannot be found by trying, even
/// from a fast digest.
pub fn new_codes() -> Vec<String> {
    (0..CODES).map(|_| new_code()).collect()
}

fn new_code() -> String {
    let bytes = random_bytes::<16>();
    let letters: Vec<_> = bytes.iter().map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    letters.chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// The form for comparison: in upper case, without spaces and hyphens.
pub fn folded(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_codes_are_ten_different_ones_and_spaces_hyphens_and_case_do_not_matter() {
        let codes = new_codes();
        assert_eq!(codes.len(), 10);
        assert!(codes.iter().all(|code| code.len() == 19 && folded(code).len() == 16));
        assert!(codes.iter().enumerate().all(|(n, code)| !codes[..n].contains(code)));
        assert_eq!(folded(" k7qf 2mxb-9htd"), folded("K7QF-2MXB-9HTD"));
    }
}
