//! Third-party SAML messages with their verdicts, where they are at hand.
//!
//! In a process of its own: these are old, and once one judge of a process takes SHA-1, all of it does.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "third_party/verdicts.rs"]
mod verdicts;

use serde_json::Value;
use std::path::{Path, PathBuf};
use verdicts::{Expected as Wanted, OVERRULED, STRICTER, right_rules};
use vestibule::domain::Timestamp;
use vestibule::domain::own_keys::PrivateKey;
use vestibule::saml::{self, Certificate, Expected, IdentityProvider, Report, ServiceProvider};

const NOW: Timestamp = Timestamp(1_795_510_800);

struct Fixtures {
    folder: PathBuf,
    cases: Vec<Value>,
}

impl Fixtures {
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

    /// The signer's certificate; where the list has none, that of another message of the same provider.
    fn certificate(&self, case: &Value) -> Option<Certificate> {
        let source = |case: &Value| fact(case, "file").split('/').next().unwrap_or_default().to_owned();
        let same = |other: &&Value| source(other) == source(case) && other["issuer"] == case["issuer"];
        let own = std::iter::once(case).chain(self.cases.iter().filter(same));
        let name = own.map(|case| fact(case, "certificate")).find(|name| !name.is_empty())?;
        Certificate::stored(&std::fs::read_to_string(self.folder.join(name)).ok()?).ok()
    }

    /// Whatever private keys the message's project has: one of them is what its messages are encrypted for.
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

    /// Judges a message as its list says: by its own certificate, audience, recipient and, where it answers one, request, at a
    /// time when it was fresh.
    fn judge(&self, case: &Value) -> Report {
        let raw = std::fs::read(self.folder.join(fact(case, "file"))).expect("a message");
        let xml = match saml::read(raw.trim_ascii_start()).map(|copied| copied.xml) {
            Ok(xml) => xml,
            Err(refusal) => return saml::unreadable(refusal),
        };
        // The list cannot tell what is encrypted; the Destination is in plain.
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
fn what_others_accept_is_accepted_but_for_what_our_stricter_rules_name() {
    let Some(fixtures) = Fixtures::open() else { return };
    let mut faults = Vec::new();
    for (file, case) in fixtures.of("accept") {
        let stricter = STRICTER.iter().find(|one| one.files.contains(&file));
        let came = code(&fixtures.judge(case));
        if came != stricter.map(|one| one.refused_as) {
            faults.push(format!("{file}: {came:?}"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let listed: usize = STRICTER.iter().map(|one: &Wanted| one.files.len()).sum();
    assert_eq!((fixtures.of("accept").count(), listed), (46, 31));
    assert!(STRICTER.iter().all(|one| one.why.ends_with('.')));
}

#[test]
fn what_others_refuse_is_refused_by_the_rule_that_is_meant_or_an_earlier_one() {
    let Some(fixtures) = Fixtures::open() else { return };
    let mut faults = Vec::new();
    for (file, case) in fixtures.of("reject") {
        let report = fixtures.judge(case);
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
