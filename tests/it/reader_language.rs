//! Texts are in the language of their reader, also texts that are stored in the database, and texts about the answers
//! of other programs.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::Browser;
use crate::mail::{request_reset, unsent_when, with_flags};
use crate::mail_server::{MailBehaviour, MailServer};
use crate::program::free_port;
use crate::site::{Site, SiteAnswer};
use serde_json::{Value, json};
use vestibule::domain::catalogue::Language;

/// The catalogue's message `key` in a language, with values in place of its variables.
fn message(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    let text = language.message(key);
    assert_ne!(text, key, "the catalogue has no such message");
    values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{${name}}}"), value))
}

/// The text about an e-mail that could not be sent: the reason and the advice.
fn failure(language: Language, reason: &str, advice: &str) -> String {
    message(language, "smtp-failure", &[("reason", reason), ("advice", &language.message(advice))])
}

/// Sets the language that the browser requests from now on.
fn set_requested_language(browser: &mut Browser, language: Language) {
    browser.headers.retain(|(name, _)| *name != "accept-language");
    browser.headers.push(("accept-language", language.tag().into()));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn the_reason_why_an_email_failed_is_in_the_readers_language() {
    let port = free_port();
    let app = TestApp::with_flags(|flags| flags.mail.smtp_url = Some(format!("smtp://127.0.0.1:{port}")));
    app.add_operator();
    request_reset(&app, "olivia@vestibule.test");
    let mut operator = app.operator();
    unsent_when(&mut operator, |items| items.first().is_some_and(|one| one["attempts"] == 1));
    let place = format!("127.0.0.1:{port}");
    for language in Language::offered() {
        set_requested_language(&mut operator, language);
        let reason = message(language, "smtp-nothing-there", &[("server", &place)]);
        let items = operator.read("/mails").json();
        assert_eq!(items["items"][0]["last_error"], failure(language, &reason, "smtp-fix-nothing-there"));
        let checks = operator.read("/doctor").json();
        let checks = checks["checks"].as_array().expect("a list").clone();
        let mail = checks.iter().find(|one| one["check"] == "mail").expect("a finding");
        let found = message(language, "doctor-mail-failed", &[("server", &place), ("reason", &reason)]);
        assert_eq!(
            (text(&mail["found"]), text(&mail["what"])),
            (&*found, &*language.message("smtp-fix-nothing-there"))
        );
        let test = operator.api("POST", "/mails/test", &json!({ "email": "cleo@acme.test" })).json();
        assert_eq!((&test["steps"][0]["found"], &test["accepted"]), (&json!(reason), &json!(false)), "{test}");
        let warning = message(language, "smtp-sender-unknown", &[("from", text(&test["from"]))]);
        assert!(test["warning"].is_null() || test["warning"] == json!(warning), "{test}");
    }
    let database = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let old = "the mail server refused the e-mail: 550 no. Ask its administrator.";
    database.execute("UPDATE mails SET last_error = ?1", [old]).expect("written");
    assert_eq!(
        unsent_when(&mut operator, |items| text(&items[0]["last_error"]) == old).len(),
        1,
        "a text stored by an older version is shown unchanged"
    );
}

#[test]
fn the_audit_log_has_the_reason_why_an_email_was_discarded_in_the_readers_language() {
    let mail_server = MailServer::new();
    let app = with_flags(&mail_server, |_| {});
    mail_server.set_behaviour(MailBehaviour::NoSuchMailbox);
    app.account("bob@acme.test");
    request_reset(&app, "bob@acme.test");
    let mut operator = app.operator();
    unsent_when(&mut operator, |items| items.first().is_some_and(|one| one["next_attempt_at"].is_null()));
    for language in Language::offered() {
        set_requested_language(&mut operator, language);
        let log = operator.read("/audit").json();
        let entry = log["items"].as_array().expect("a list").iter().find(|one| one["action"] == "mail.failed");
        let reason = text(&entry.expect("an entry")["detail"]["reason"]).to_owned();
        let start = message(language, "smtp-refused", &[("answer", "")]);
        assert!(reason.starts_with(&start) && reason.ends_with(&language.message("smtp-fix-refused")), "{reason}");
    }
    let file = operator.get("/api/v1/audit.csv").body;
    assert!(file.contains("the mail server refused the e-mail: ") && !file.contains("smtp-refused"), "{file}");
}

#[test]
fn the_reason_why_metadata_could_not_be_loaded_is_in_the_readers_language() {
    let app = TestApp::with_operator(|flags| flags.providers.fetch.metadata_private_hosts = Some("localhost".into()));
    let Acme { app: _app, mut admin, .. } = Acme::connected_at(app);
    let site = Site::new(SiteAnswer::Head("500 Internal Server Error".into()));
    for language in Language::offered() {
        set_requested_language(&mut admin, language);
        let body = json!({ "metadata_url": site.url() });
        let refused = |admin: &mut Browser| {
            let refused = admin.api("POST", "/organisations/acme/sso/metadata", &body);
            assert_eq!(refused.status, 422, "{}", refused.body);
            text(&refused.json()["error"]["message"]).to_owned()
        };
        let loaded = |why: &str| message(language, "field-metadata-not-loaded", &[("why", why)]);
        site.set_answer(SiteAnswer::Head("500 Internal Server Error".into()));
        let why = message(language, "fetch-status", &[("status", "500 Internal Server Error")]);
        assert_eq!(refused(&mut admin), loaded(&why));
        site.set_answer(SiteAnswer::Text("\u{3}".into()));
        let why = message(language, "fetch-no-text", &[("why", &language.message("text-none"))]);
        assert_eq!(refused(&mut admin), loaded(&why));
    }
}

#[test]
fn the_reason_why_a_password_is_refused_is_in_the_readers_language() {
    let Acme { app: _app, mut admin, .. } = Acme::on("business");
    for language in Language::offered() {
        set_requested_language(&mut admin, language);
        for (password, key) in [
            ("aaaaaaaaaaaaa", "password-repeated-letter"),
            ("abcdefghijklm", "password-sequence"),
            ("qwertyuiopasdf", "password-like-common"),
        ] {
            let judged = admin.api("POST", "/password-strength", &json!({ "password": password })).json();
            let expected = message(language, "field-password-easy-since", &[("warning", &language.message(key))]);
            assert_eq!(judged["fault"], expected, "{password}: {judged}");
        }
    }
}

#[test]
fn the_refusal_of_malformed_json_has_the_position_and_the_reason_in_the_readers_language() {
    let app = TestApp::new();
    for language in Language::offered() {
        for (body, key, line, column) in [
            ("", "json-ends-early", "1", "0"),
            ("{\n\"email\"", "json-ends-early", "2", "7"),
            ("nonsense", "json-no-value", "1", "2"),
            ("{\"email\" 1}", "json-colon-missing", "1", "10"),
            ("{\"email\":\"a\",}", "json-trailing-comma", "1", "14"),
            ("{email:1}", "json-key-not-quoted", "1", "2"),
            ("{\"email\":\"a\" \"b\"}", "json-comma-missing", "1", "14"),
            ("{\"email\":\"a\\q\"}", "json-escape", "1", "13"),
            ("{\"email\":\"a\nb\"}", "json-control-character", "2", "0"),
            ("{\"email\":\"a\",\"password\":\"b\"} more", "json-more-behind", "1", "30"),
        ] {
            let mut anyone = app.anonymous();
            set_requested_language(&mut anyone, language);
            let refused = anyone.send("POST", "/api/v1/login", "application/json", body.into());
            let cause = language.message(key);
            let expected = message(language, "body-not-json", &[("cause", &cause), ("line", line), ("column", column)]);
            assert_eq!((refused.status, text(&refused.json()["error"]["message"])), (400, &*expected), "{body}");
        }
    }
}
