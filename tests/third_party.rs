//! Verifies SAML messages of other projects, whose expected results are in a list, if the files are available.
//!
//! This runs in a separate process, because the messages are old: allowing SHA-1 for one verification allows it in the
//! whole process.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "third_party/verdicts.rs"]
mod verdicts;

use serde_json::Value;
use std::path::{Path, PathBuf};
use verdicts::{OVERRULED, STRICTER, Stricter, right_rules};
use vestibule::domain::Timestamp;
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::{self, Certificate, Expected, IdentityProvider, Report, ServiceProvider};

const NOW: Timestamp = Timestamp(1_795_510_800);

struct Messages {
    folder: PathBuf,
    cases: Vec<Value>,
}

impl Messages {
    fn open() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures");
        let Ok(list) = std::fs::read_to_string(folder.join("cases.json")) else {
            eprintln!("skipped: the third-party messages are not here");
            return None;
        };
        Some(Self { folder, cases: serde_json::from_str(&list).expect("JSON") })
    }

    fn of(&self, verdict: &str) -> impl Iterator<Item = (&str, &Value)> {
        let verdict = verdict.to_owned();
        self.cases.iter().filter(move |case| case["verdict"] == *verdict).map(|case| (fact(case, "file"), case))
    }

    /// The signer's certificate. If the list has none, the certificate of another message from the same provider.
    fn certificate(&self, case: &Value) -> Option<Certificate> {
        let source = |case: &Value| fact(case, "file").split('/').next().unwrap_or_default().to_owned();
        let same = |other: &&Value| source(other) == source(case) && other["issuer"] == case["issuer"];
        let own = std::iter::once(case).chain(self.cases.iter().filter(same));
        let name = own.map(|case| fact(case, "certificate")).find(|name| !name.is_empty())?;
        Certificate::stored(&std::fs::read_to_string(self.folder.join(name)).ok()?).ok()
    }

    /// All private keys of the project that the message comes from: its messages are encrypted for one of them.
    fn keys(&self, case: &Value) -> Vec<PrivateKey> {
        if fact(case, "encryption").is_empty() {
            return Vec::new();
        }
        let project = fact(case, "file").split('/').next().unwrap_or_default();
        let mut folders = vec![self.folder.join(project)];
        let mut keys = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(key) = std::fs::read(path).ok().and_then(|bytes| saml::read_private_key(&bytes).ok())
                {
                    keys.push(key);
                }
            }
        }
        keys
    }

    /// Verifies a message with the certificate, audience, recipient and request from its entry in the list, at the time
    /// of its issue.
    fn verify(&self, case: &Value) -> Report {
        let raw = std::fs::read(self.folder.join(fact(case, "file"))).expect("a message");
        let xml = match saml::read(raw.trim_ascii_start()).map(|copied| copied.xml) {
            Ok(xml) => xml,
            Err(refusal) => return saml::unreadable(refusal),
        };
        // The list does not contain encrypted values, such as the recipient; the Destination is never encrypted.
        let address = [fact(case, "recipient"), fact(case, "destination")].into_iter().find(|it| !it.is_empty());
        let sp = ServiceProvider {
            entity_id: fact(case, "audience").into(),
            acs_url: address.unwrap_or_default().into(),
            keys: self.keys(case),
        };
        let certificates = self.certificate(case).into_iter().collect();
        let idp = IdentityProvider { entity_id: fact(case, "issuer").into(), certificates };
        let request_id = Some(fact(case, "in_response_to").to_owned()).filter(|id| !id.is_empty());
        let expected =
            Expected { request_id, authenticated_after: None, skew_secs: 90, allow_sha1: true, refuse_expired: false };
        let issued = xml.split("IssueInstant=\"").nth(1).and_then(|rest| Timestamp::parse(rest.split('"').next()?));
        let now = issued.or(Timestamp::parse(fact(case, "not_before"))).unwrap_or(NOW);
        saml::verify(&sp, &idp, &expected, &xml, now)
    }
}

fn fact<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_default()
}

fn code(report: &Report) -> Option<&'static str> {
    report.outcome.as_ref().err().map(|refusal| refusal.reason.code)
}

#[test]
fn messages_that_others_accept_are_accepted_except_by_our_stricter_rules() {
    let Some(fixtures) = Messages::open() else { return };
    let mut faults = Vec::new();
    for (file, case) in fixtures.of("accept") {
        let stricter = STRICTER.iter().find(|one| one.files.contains(&file));
        let actual = code(&fixtures.verify(case));
        if actual != stricter.map(|one| one.refused_as) {
            faults.push(format!("{file}: {actual:?}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let listed: usize = STRICTER.iter().map(|one: &Stricter| one.files.len()).sum();
    assert_eq!((fixtures.of("accept").count(), listed), (46, 31));
    assert!(STRICTER.iter().all(|one| one.why.ends_with('.')));
}

#[test]
fn messages_that_others_refuse_are_refused_by_the_intended_rule_or_an_earlier_one() {
    let Some(fixtures) = Messages::open() else { return };
    let mut faults = Vec::new();
    for (file, case) in fixtures.of("reject") {
        let report = fixtures.verify(case);
        let overruled = OVERRULED.iter().any(|(name, _)| *name == file);
        if overruled == report.outcome.is_err() {
            faults.push(format!("{file}: {:?}, overruled: {overruled}", code(&report)));
        }
        let failed: Vec<_> = report.rules.iter().filter(|rule| rule.ok == Some(false)).map(|rule| rule.rule).collect();
        let right = right_rules(file, fact(case, "note"));
        if !overruled && !failed.iter().any(|rule| right.contains(rule)) {
            faults.push(format!("{file}: failed {failed:?}, meant {right:?}: {}", case["note"]));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(fixtures.of("reject").count(), 151);
}
