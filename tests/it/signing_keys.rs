//! The keys that sign tokens for applications.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::jwt::{key_ids, published};
use crate::program::vestibule;
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

#[test]
fn a_current_and_a_next_key_of_each_algorithm_are_published_without_private_parts() {
    let app = TestApp::new();
    let answer = app.anonymous().get("/oauth2/jwks");
    assert_eq!((answer.status, &answer.headers["access-control-allow-origin"][..]), (200, "*"));
    assert!(!answer.headers.contains_key("access-control-allow-credentials") && answer.set_cookies.is_empty());
    assert_eq!(answer.headers["cache-control"], "public, max-age=300");
    let keys = answer.json();
    let keys = keys["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 4);
    for key in keys {
        let names: Vec<_> = key.as_object().expect("an object").keys().map(String::as_str).collect();
        let own: &[&str] = match key["kty"].as_str() {
            Some("RSA") => &["e", "n"],
            _ => &["crv", "x", "y"],
        };
        let mut expected = [&["alg", "kid", "kty", "use"], own].concat();
        expected.sort_unstable();
        let mut names = names.clone();
        names.sort_unstable();
        assert_eq!(names, expected);
    }
    let ids: std::collections::BTreeSet<_> = keys.iter().map(|key| key["kid"].to_string()).collect();
    assert_eq!(ids.len(), 4, "each key has its own id");
    assert_eq!(published(&app)["keys"].as_array(), Some(keys), "they are made once");
}

#[test]
fn keys_are_rotated_each_30_days_and_published_until_their_tokens_have_expired() {
    let app = TestApp::new();
    let before = published(&app);
    let rotate = || vestibule::actions::signing_keys::rotate_due(&app.app).expect("rotated");
    app.pass(30 * DAY - 1);
    rotate();
    assert_eq!(published(&app), before, "not due yet");
    app.pass(1);
    rotate();
    let after = published(&app);
    for algorithm in ["RS256", "ES256"] {
        let (old, new) = (key_ids(&before, algorithm), key_ids(&after, algorithm));
        assert_eq!((old.len(), new.len()), (2, 3));
        assert!(old.iter().all(|id| new.contains(id)), "the next key signs now, and the old one is still published");
    }
    app.pass(3600);
    assert_eq!(published(&app)["keys"].as_array().map(Vec::len), Some(4));
    let sql = "SELECT count(*) FROM signing_keys WHERE retired_at IS NOT NULL AND length(private_key) > 0";
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let kept: i64 = database.query_row(sql, [], |row| row.get(0)).expect("counted");
    assert_eq!(kept, 0, "a key that no longer signs has no private part");
}

#[test]
fn the_command_rotates_the_keys_of_a_running_server_and_the_audit_log_says_so() {
    let mut acme = Acme::on("business");
    let before = published(&acme.app);
    let output = vestibule(acme.app.data.path(), &["oidc", "rotate-keys", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let states: Vec<_> =
        printed.as_array().expect("keys").iter().map(|key| (&key["algorithm"], &key["state"])).collect();
    for algorithm in ["RS256", "ES256"] {
        for state in ["next", "current", "past"] {
            assert!(states.contains(&(&json!(algorithm), &json!(state))), "{algorithm} {state}: {states:?}");
        }
    }
    assert!(!String::from_utf8_lossy(&output.stdout).contains("private"));
    let after = published(&acme.app);
    assert_ne!(after, before, "the server publishes the new keys at once");
    assert_eq!(after["keys"].as_array().map(Vec::len), Some(6));
    let log = acme.app.operator().read("/audit?resource_type=signing_key").json();
    let lines = log["items"].as_array().expect("lines");
    assert_eq!(lines.len(), 2, "{log}");
    assert!(
        lines.iter().all(|line| line["action"] == "signing_key.rotated" && line["actor"]["kind"] == "command_line"),
        "{log}"
    );
    let own = acme.admin.read("/organisations/acme/audit?resource_type=signing_key").json();
    assert_eq!(own["items"], json!([]), "it belongs to no organisation");
}
