//! The language of an answer and of an e-mail. Each test checks each language that is offered.

use crate::acme::Acme;
use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::mail::{invite, request_reset, with};
use crate::mail_server::{MailServer, Received};
use crate::program::vestibule;
use serde_json::{Value, json};
use vestibule::domain::catalogue::Language;

/// A language that is not offered: Klingon.
const UNKNOWN: &str = "tlh";

/// Sets the languages that the browser requests.
fn set_requested_languages(browser: &mut Browser, languages: &str) {
    browser.headers.retain(|(name, _)| *name != "accept-language");
    browser.headers.push(("accept-language", languages.into()));
}

fn declared_language(answer: &Answer) -> (&str, &str) {
    let header = |name: &str| answer.headers.get(name).map_or("", String::as_str);
    (header("content-language"), header("vary"))
}

/// Asserts that the answer is the sign-in page in this language, and declares the language.
fn assert_sign_in_page(answer: &Answer, language: Language) {
    let tag = language.tag();
    assert_eq!(declared_language(answer), (tag, "Accept-Language, Cookie"));
    assert!(answer.body.contains(&format!("<html lang=\"{tag}\">")), "{tag}: {}", answer.body);
    let title = language.message("login-title");
    assert!(answer.body.contains(&format!("<h1>{title}</h1>")), "{title}: {}", answer.body);
}

fn message(answer: &Answer) -> String {
    answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn pages_and_refusals_are_in_the_language_that_the_browser_requests() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    for language in Language::offered() {
        let tag = language.tag();
        set_requested_languages(&mut browser, &format!("{UNKNOWN}, {tag}-XX;q=0.9, en;q=0.1"));
        assert_sign_in_page(&browser.get("/login"), language);
        let refused = browser.sign_in("ann@acme.test", "wrong");
        assert_eq!((declared_language(&refused).0, message(&refused)), (tag, language.message("refused")));
        browser.headers.push(("accept", "text/html".into()));
        let missing = browser.get("/help/nothing");
        assert_eq!((missing.status, declared_language(&missing).0), (404, tag));
        assert!(missing.body.contains(&format!("<title>{}</title>", language.message("page-nothing-here"))));
        browser.headers.pop();
        set_requested_languages(&mut browser, &format!("{tag};q=0, {UNKNOWN}"));
        assert_sign_in_page(&browser.get("/login"), Language::ENGLISH);
    }
    browser.headers.retain(|(name, _)| *name != "accept-language");
    assert_sign_in_page(&browser.get("/login"), Language::ENGLISH);
}

#[test]
fn the_web_ui_is_in_the_persons_language_and_offers_the_others() {
    let Acme { app: _app, mut admin, .. } = Acme::on("business");
    let offered: Vec<_> =
        Language::offered().map(|language| json!([language.tag(), language.message("language-name")])).collect();
    for language in Language::offered() {
        let tag = language.tag();
        admin.api("PATCH", "/me", &json!({ "language": tag }));
        let page = admin.get("/account");
        assert_eq!(declared_language(&page), (tag, "Accept-Language, Cookie"));
        assert!(page.body.contains(&format!("<html lang=\"{tag}\">")), "{}", page.body);
        assert!(page.body.contains(&format!("/locales/{tag}.js\">")), "{}", page.body);
        let reported = page.body.split("data-languages=\"").nth(1).and_then(|rest| rest.split('"').next());
        let reported = reported.map(|reported| reported.replace("&quot;", "\""));
        let reported: Option<Vec<Value>> = reported.map(|reported| serde_json::from_str(&reported).expect("JSON"));
        assert_eq!(reported.unwrap_or_default(), if offered.len() > 1 { offered.clone() } else { vec![] });
    }
}

#[test]
fn files_and_the_help_do_not_depend_on_the_requested_language() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    for language in Language::offered() {
        set_requested_languages(&mut browser, language.tag());
        assert_eq!(declared_language(&browser.get("/help")), ("en", "Accept-Encoding"));
        assert_eq!(declared_language(&browser.get("/static/app.js")), ("", "Accept-Encoding"));
        assert_eq!(declared_language(&browser.get("/api/openapi.json")), ("", "Accept-Encoding"));
    }
}

#[test]
fn a_persons_choice_takes_precedence_over_their_browser() {
    let Acme { app, mut admin, .. } = Acme::on("business");
    set_requested_languages(&mut admin, UNKNOWN);
    assert_eq!(admin.read("/me").json()["person"]["language"], Value::Null);
    for language in Language::offered() {
        let tag = language.tag();
        let chosen = admin.api("PATCH", "/me", &json!({ "language": tag })).json();
        assert_eq!(chosen["person"]["language"], tag);
        for asked in ["en", UNKNOWN] {
            set_requested_languages(&mut admin, asked);
            assert_sign_in_page(&admin.get("/login"), language);
            let refused = admin.api("PATCH", "/me", &json!({ "language": "<b>" }));
            assert_eq!((declared_language(&refused).0, message(&refused)), (tag, language.message("field-language")));
            let unsent = admin.api("POST", "/login", &json!({ "email": "ann@acme.test", "password": "wrong" }));
            assert_eq!(message(&unsent), language.message("refused"), "also for requests that need no session");
        }
        let mut elsewhere = app.anonymous();
        set_requested_languages(&mut elsewhere, UNKNOWN);
        assert_sign_in_page(&elsewhere.get("/login"), Language::ENGLISH);
        // Neither an unknown language nor null changes the language of the answer.
        for choice in [json!(UNKNOWN), Value::Null] {
            let changed = admin.api("PATCH", "/me", &json!({ "language": choice })).json();
            assert_eq!(changed["person"]["language"], choice);
            set_requested_languages(&mut admin, tag);
            assert_sign_in_page(&admin.get("/login"), language);
        }
    }
}

#[test]
fn an_organisations_language_applies_if_no_requested_language_is_available() {
    let Acme { app, mut admin, .. } = Acme::connected();
    assert_eq!(admin.read("/organisations/acme").json()["language"], Value::Null);
    for language in Language::offered() {
        let tag = language.tag();
        let changed = admin.api("PATCH", "/organisations/acme", &json!({ "language": tag })).json();
        assert_eq!((&changed["language"], &changed["name"]), (&json!(tag), &json!("Acme")));
        let mut stranger = app.anonymous();
        set_requested_languages(&mut stranger, UNKNOWN);
        assert_sign_in_page(&stranger.get("/login?key=acme_SSO"), language);
        assert_sign_in_page(&stranger.get("/login?key=other_SSO"), Language::ENGLISH);
        let portal = stranger.form("/login/sso", &[("key", "acme_SSO")]);
        assert!(portal.body.contains(&format!("<h1>{}</h1>", language.message("portal-title"))), "{}", portal.body);
        let mut bob = app.anonymous();
        set_requested_languages(&mut bob, UNKNOWN);
        assert_eq!(bob.sign_in("bob@acme.test", PASSWORD).status, 200);
        let refused = bob.api("PATCH", "/me", &json!({ "language": "<b>" }));
        assert_eq!(message(&refused), language.message("field-language"), "the language of Bob's only organisation");
        set_requested_languages(&mut stranger, "en");
        assert_sign_in_page(&stranger.get("/login?key=acme_SSO"), Language::ENGLISH);
    }
    let refused = admin.api("PATCH", "/organisations/acme", &json!({ "language": "e" }));
    assert_eq!((refused.status, refused.field().as_str()), (422, "language"));
    let none = admin.api("PATCH", "/organisations/acme", &json!({ "language": null }));
    assert_eq!((none.status, &none.json()["language"]), (200, &Value::Null));
    let log = admin.read("/organisations/acme/audit").json();
    let changes: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["action"] == "organisation.language_changed")
        .collect();
    assert_eq!(changes.len(), Language::offered().count() + 1, "{log}");
    assert_eq!(changes[0]["detail"]["to"], Value::Null);
}

/// The HTML part of an e-mail, which is the last part.
fn html_of(mail: &Received) -> String {
    let Some((_, part)) = mail.raw.rsplit_once("quoted-printable\r\n\r\n") else { return mail.raw.clone() };
    let decoded = quoted_printable::decode(part, quoted_printable::ParseMode::Robust).expect("quoted-printable");
    String::from_utf8(decoded).expect("UTF-8")
}

#[test]
fn an_email_is_in_the_recipients_language_or_else_the_organisations() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.member(&org, "bob@acme.test");
    let (mut ann, mut bob) = (app.signed_in("ann@acme.test"), app.signed_in("bob@acme.test"));
    for (n, language) in Language::offered().enumerate() {
        let tag = language.tag();
        assert_eq!(ann.api("PATCH", "/organisations/acme", &json!({ "language": tag })).status, 200);
        assert_eq!(bob.api("PATCH", "/me", &json!({ "language": "en" })).status, 200);
        let newcomer = format!("new{n}@acme.test");
        assert_eq!(invite(&mut ann, org.workspace.as_str(), &newcomer).status, 201);
        let mail = html_of(&mail_server.newest(4 * n + 1, &newcomer));
        assert!(mail.contains(&format!("<html lang=\"{tag}\"")), "{mail}");
        assert!(mail.contains(&language.message("mail-invitation-link")), "{mail}");
        let reported = |count: usize, language: Language| {
            assert_eq!(request_reset(&app, "bob@acme.test").status, 200);
            let mail = html_of(&mail_server.newest(count, "bob@acme.test"));
            assert!(mail.contains(&format!("<title>{}</title>", language.message("mail-reset-subject"))), "{mail}");
        };
        reported(4 * n + 2, Language::ENGLISH);
        assert_eq!(bob.api("PATCH", "/me", &json!({ "language": tag })).status, 200);
        reported(4 * n + 3, language);
        assert_eq!(bob.api("PATCH", "/me", &json!({ "language": null })).status, 200);
        reported(4 * n + 4, language);
        // One address gets at most three links an hour.
        app.wait(3600);
    }
}

#[test]
fn the_command_line_sets_the_language_of_an_organisation() {
    let app = TestApp::with_operator(|_| {});
    app.org("Acme", "business");
    let run = |language: &str| {
        let out = vestibule(app.data.path(), &["org", "set-language", "acme", language]);
        (out.status.code(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
    };
    let set = || app.operator().read("/organisations/acme").json()["language"].clone();
    for language in Language::offered() {
        let name = language.message("language-name");
        let confirmation = format!("The language of Acme is {name} for people who have chosen none.\n");
        assert_eq!(run(language.tag()), (Some(0), confirmation));
        assert_eq!(set(), language.tag());
    }
    let (code, reported) = run(UNKNOWN);
    assert!(code == Some(2) && reported.contains("<LANGUAGE>: must be one of en"), "{code:?}: {reported}");
    assert_eq!(run("default").0, Some(0));
    assert_eq!(set(), Value::Null);
}
