//! Makes the beginnings of the fuzz corpora, by hand: `cargo test --test attacks -- --ignored seeds`.

use crate::cases::{self, ISSUER};
use std::path::Path;
use vestibule::saml::mint::{Sign, SigningKey, idp_metadata};

/// Throws the present corpora's provider away with its key: everything in `fuzz/corpus` must be made anew then.
#[test]
#[ignore = "it replaces fuzz/provider.pem"]
fn seeds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let provider = SigningKey::rsa("Fuzzed identity provider");
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = fuzz.join("corpus").join(target);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(name), bytes).expect("written");
    };
    std::fs::write(fuzz.join("provider.pem"), provider.certificate_pem()).expect("written");
    for (name, sign) in [("assertion", Sign::Assertion), ("response", Sign::Response), ("both", Sign::Both)] {
        let xml = cases::good().sign(&provider, sign);
        for target in ["gate", "response", "explain", "parsers"] {
            put(target, &format!("signed_{name}"), xml.as_bytes());
        }
    }
    for (number, attack) in cases::all().iter().enumerate() {
        let decoded = vestibule::saml::decode(&attack.damaged());
        if let Some(xml) = decoded.ok().filter(|xml| xml.len() < 8192) {
            put("gate", &format!("attack_{number}"), xml.as_bytes());
            put("parsers", &format!("attack_{number}"), xml.as_bytes());
        }
    }
    for key in [&provider, &SigningKey::ec("EC"), &SigningKey::rsa_of(1024, "short")] {
        let name = &key.certificate_pem()[200..208].replace(['/', '+', '\n'], "x");
        put("certificate", name, key.certificate_pem().as_bytes());
        let metadata = idp_metadata(ISSUER, "https://idp.test/sso", &key.certificate_pem());
        put("metadata", name, metadata.as_bytes());
    }
}
