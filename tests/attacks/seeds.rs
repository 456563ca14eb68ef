//! Creates the initial fuzz corpora on demand: `cargo test --test attacks -- --ignored seeds`.

use crate::cases::{self, ISSUER, assertion_of};
use std::path::{Path, PathBuf};
use vestibule::saml::test_idp::{Encryption, Key, Place, Sign, SigningKey, idp_metadata};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn put(target: &str, name: &str, bytes: &[u8]) {
    let folder = fuzz().join("corpus").join(target);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), bytes).expect("written");
}

fn put_key(name: &str, pem: &str) {
    std::fs::write(fuzz().join(name), pem).expect("written");
}

/// Creates new signing keys for the providers of the corpora, so all of `fuzz/corpus` must then be generated again.
#[test]
#[ignore = "it replaces the keys in fuzz/"]
fn generate_seeds_of_the_fuzz_corpora() {
    let provider = SigningKey::rsa("Fuzzed identity provider");
    put_key("provider.pem", &provider.certificate_pem());
    for (name, sign) in [("assertion", Sign::Assertion), ("response", Sign::Response), ("both", Sign::Both)] {
        let xml = cases::valid_message().sign(&provider, sign);
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
    encrypted();
}

/// Messages with encrypted assertions from another provider, and their decrypted content for the target `opened`.
fn encrypted() {
    let provider = SigningKey::rsa("Encrypting identity provider");
    let opener = SigningKey::rsa("What the corpus is encrypted for");
    put_key("encrypting_provider.pem", &provider.certificate_pem());
    put_key("opener.pem", &(opener.certificate_pem() + &opener.private_key_pem()));
    let certificate = opener.certificate_pem();
    for (name, sign) in [("assertion", Sign::Assertion), ("response", Sign::Response), ("both", Sign::Both)] {
        for content in ["aes128-gcm", "aes256-gcm", "aes128-cbc", "aes256-cbc", "tripledes-cbc"] {
            for (key, place) in
                [(Key::OaepSha1, Place::Inside), (Key::OaepSha256, Place::Beside), (Key::Rsa15, Place::Inside)]
            {
                let how = Encryption { certificate: &certificate, content, key, place };
                let xml = cases::valid_message().sign_and_encrypt(&provider, sign, &how);
                for target in ["gate", "response", "explain"] {
                    put(target, &format!("encrypted_{name}_{content}_{key:?}"), xml.as_bytes());
                }
            }
        }
    }
    for (name, sign) in [("signed", Sign::Assertion), ("unsigned", Sign::Nothing)] {
        let xml = cases::valid_message().sign(&provider, sign);
        for choice in 0..8_u8 {
            let bytes = [&[choice], assertion_of(&xml).as_bytes()].concat();
            put("opened", &format!("{name}_{choice}"), &bytes);
        }
    }
}
