//! The recorded SAML sign-ins: the data that admins see of each, the retention period, and the data that is never
//! stored.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::cli::{doctor, finding};
use crate::idp::{ENTITY_ID, KEY, deliver, request_of, saml_sign_in, settings, valid_response};
use serde_json::{Value, json};
use vestibule::config::Flags;
use vestibule::domain::Timestamp;
use vestibule::domain::attempt::{Attempt, AttemptOutcome};
use vestibule::domain::ids::AttemptId;
use vestibule::saml::test_idp::{Minted, Sign};
use vestibule::saml::{self, Certificate, Expected, IdentityProvider, ServiceProvider};

/// Acme in an appliance with changed flags.
fn acme_with(change: impl FnOnce(&mut Flags)) -> Acme {
    Acme::connected_at(TestApp::with_operator(change))
}

/// Bob signs in with a valid response that `damage` has changed.
fn sign_in(app: &TestApp, damage: impl FnOnce(&mut Minted)) -> Browser {
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let mut minted = valid_response(app, &request, "bob@acme.test");
    damage(&mut minted);
    let answer = deliver(&mut bob, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    if answer.location().contains("/sso/finish") {
        let location = answer.location().to_owned();
        bob.get(&location);
    }
    bob
}

fn newest(admin: &mut Browser) -> Value {
    let listing = admin.read("/organisations/acme/sso/attempts").json();
    let id = listing["items"][0]["id"].as_str().expect("an attempt").to_owned();
    admin.read(&format!("/organisations/acme/sso/attempts/{id}")).json()
}

fn count(admin: &mut Browser) -> usize {
    admin.read("/organisations/acme/sso/attempts").json()["items"].as_array().expect("a list").len()
}

fn minted_at(app: &TestApp, ahead_secs: i64) -> impl FnOnce(&mut Minted) {
    let at = app.now().plus(ahead_secs).to_string();
    move |minted| minted.issue_instant = at
}

#[test]
fn reformatted_and_changed_responses_are_recorded_with_different_codes() {
    let Acme { app, mut admin, .. } = Acme::connected();
    for (part, change, code) in [("><", ">\n  <", "formatted"), ("bob@", "ben@", "bad_signature")] {
        let mut bob = app.anonymous();
        let request = request_of(&bob.get("/sso?key=acme_SSO"));
        let xml = valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Assertion);
        assert_eq!(deliver(&mut bob, &request.acs_url, &xml.replace(part, change)).refused_with(), "sso_not_verified");
        assert_eq!(newest(&mut admin)["refusal"]["code"], code);
    }
}

#[test]
fn each_sign_in_is_recorded_with_rules_clock_certificate_attributes_and_message() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let fingerprint = Certificate::stored(&KEY.certificate_pem()).expect("usable").fingerprint();
    for (damage, outcome) in [(false, "signed_in"), (true, "refused")] {
        let audience = "https://other.test/metadata".to_owned();
        let at = app.now().plus(-7).to_string();
        sign_in(&app, |minted| {
            minted.issue_instant = at;
            if damage {
                minted.audiences = vec![audience];
            }
        });
        let attempt = newest(&mut admin);
        assert_eq!(attempt["outcome"], outcome, "{attempt}");
        assert_eq!((&attempt["clock"]["difference_secs"], &attempt["clock"]["allowed_secs"]), (&json!(7), &json!(90)));
        assert_eq!(attempt["certificate"], json!(fingerprint));
        assert_eq!(attempt["attributes"]["email"], json!(["bob@acme.test"]));
        let rules = attempt["rules"].as_array().expect("a list");
        let is_complete =
            |rule: &Value| rule["asks"].is_string() && rule["source"].is_string() && rule["ok"].is_boolean();
        assert!(rules.len() >= 23 && rules.iter().all(is_complete), "{rules:?}");
        let message = attempt["message"].as_str().expect("text");
        assert!(message.contains("<saml:Audience>") && message.contains("[344 characters cut]"), "{message}");
    }
    let listed = admin.read("/organisations/acme/sso/attempts").body;
    assert!(!listed.contains("samlp:Response"), "the list does not contain the messages");
}

#[test]
fn the_recorded_message_cannot_be_used_to_sign_in() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let original = valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Assertion);
    deliver(&mut bob, &request.acs_url, &original);
    let kept = newest(&mut admin)["message"].as_str().expect("text").to_owned();
    let certificates = vec![Certificate::stored(&KEY.certificate_pem()).expect("usable")];
    let idp = IdentityProvider { entity_id: ENTITY_ID.into(), certificates };
    let sp = ServiceProvider { entity_id: request.issuer, acs_url: request.acs_url, keys: vec![] };
    let expected = Expected {
        request_id: None,
        authenticated_after: None,
        skew_secs: 90,
        allow_sha1: false,
        refuse_expired: false,
    };
    let judged = |xml: &str| saml::verify(&sp, &idp, &expected, xml, app.now()).outcome;
    assert!(judged(&original).is_ok());
    assert!(judged(&kept).is_err());
}

#[test]
fn a_setting_omits_attribute_values_and_names_from_the_record() {
    let Acme { app, mut admin, .. } = acme_with(|flags| flags.trace.trace_hide_values = true);
    sign_in(&app, |minted| minted.attributes.push(("department".into(), vec!["Secret projects".into()])));
    let attempt = newest(&mut admin);
    assert_eq!((&attempt["outcome"], &attempt["email"]), (&json!("signed_in"), &json!("bob@acme.test")));
    assert_eq!(attempt["attributes"], json!({ "department": null, "email": null }));
    sign_in(&app, |minted| {
        minted.attributes = vec![("email".into(), vec!["bob@home.test".into(), "bob@acme.test".into()])];
    });
    let refused = newest(&mut admin);
    assert_eq!(refused["refusal"]["code"], "several_emails");
    for attempt in [attempt, refused] {
        let text = attempt.to_string().replace("\"email\":\"bob@acme.test\"", "");
        for value in ["Secret projects", "bob@acme.test", "bob@home.test"] {
            assert!(!text.contains(value), "{value} is in {text}");
        }
    }
}

#[test]
fn recorded_sign_ins_are_deleted_after_the_retention_period() {
    let Acme { app, mut admin, .. } = acme_with(|flags| flags.trace.trace_days = Some(3));
    sign_in(&app, |_| {});
    let id = newest(&mut admin)["id"].as_str().expect("an id").to_owned();
    let kept = count(&mut admin);
    app.wait(3 * 24 * 3600);
    let mut admin = app.signed_in("ann@acme.test");
    assert_eq!(count(&mut admin), kept);
    app.wait(1);
    assert_eq!(count(&mut admin), 0);
    assert_eq!(admin.read(&format!("/organisations/acme/sso/attempts/{id}")).status, 404);
    sign_in(&app, |_| {});
    let rows = rusqlite::Connection::open(app.data.path().join("vestibule.db")).expect("opens");
    let left: i64 = rows.query_row("SELECT count(*) FROM attempts", [], |row| row.get(0)).expect("a number");
    assert_eq!(left, 1, "old records are deleted from the database too");
}

#[test]
fn the_fix_uses_the_terms_of_the_connections_provider() {
    let Acme { app, org, mut admin } = Acme::connected();
    let words = [("okta", "Audience URI (SP Entity ID)"), ("entra", "Identifier (Entity ID)"), ("google", "ACS URL")];
    for (provider, words) in words {
        let mut changed = settings("acme_SSO");
        changed["provider"] = json!(provider);
        assert_eq!(admin.api("PUT", &format!("/organisations/{}/sso", org.slug), &changed).status, 200);
        if provider == "google" {
            sign_in(&app, |minted| minted.recipient = Some("https://other.test/acs".into()));
        } else {
            sign_in(&app, |minted| minted.audiences = vec!["https://other.test".into()]);
        }
        let refusal = &newest(&mut admin)["refusal"];
        let fix = refusal["fix"].as_str().expect("text");
        assert!(fix.contains(words) && !fix.contains("Keycloak"), "{provider}: {fix}");
        assert_eq!((&refusal["fix_for"], &refusal["fault"]), (&json!([provider]), &json!("provider")));
        assert_eq!(refusal["fixes"].as_object().expect("a map").len(), 8);
    }
}

#[test]
fn jumpcloud_and_onelogin_are_recognised_by_address_and_get_their_own_fixes() {
    let Acme { app, org, mut admin } = Acme::connected();
    sign_in(&app, |minted| minted.audiences = vec!["https://other.test".into()]);
    for (field, address, product, words) in [
        ("sign_on_url", "https://sso.jumpcloud.com/saml2/vestibule", "jumpcloud", "SSO > SP Entity ID"),
        ("idp_entity_id", "https://app.onelogin.com/saml/metadata/5f0c9a7e", "onelogin", "Audience (EntityID)"),
        ("sign_on_url", "https://sso.notjumpcloud.com/saml2/vestibule", "keycloak", "Keycloak: Clients"),
    ] {
        let mut changed = settings("acme_SSO");
        changed[field] = json!(address);
        assert_eq!(admin.api("PUT", &format!("/organisations/{}/sso", org.slug), &changed).status, 200);
        let refusal = &newest(&mut admin)["refusal"];
        assert!(refusal["fix"].as_str().expect("text").contains(words), "{address}: {refusal}");
        assert_eq!(refusal["fix_for"][0], product);
        assert_eq!(refusal["fix_for"].as_array().expect("a list").len() == 1, product != "keycloak", "{address}");
    }
}

#[test]
fn a_providers_clock_difference_is_measured_and_warned_about_before_sign_ins_fail() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let clock = |admin: &mut Browser| admin.read("/organisations/acme/sso").json()["clock"].clone();
    assert_eq!((&clock(&mut admin)["level"], &clock(&mut admin)["samples"]), (&json!("fine"), &json!(1)));
    for _ in 0..3 {
        sign_in(&app, minted_at(&app, 41));
    }
    let drifting = clock(&mut admin);
    assert_eq!((&drifting["median_secs"], &drifting["level"]), (&json!(-41), &json!("drifting")));
    assert_eq!(newest(&mut admin)["outcome"], "signed_in", "the sign-in still succeeds");
    let reported = finding(&doctor(app.data.path(), &[]).1, "skew").clone();
    assert_eq!(
        (&reported["ok"], reported["found"].as_str().is_some_and(|text| text.contains("41 s ahead"))),
        (&Value::Null, true)
    );
    for _ in 0..5 {
        sign_in(&app, |minted| {
            minted.issue_instant = app.now().plus(600).to_string();
            minted.not_before = Some(app.now().plus(590).to_string());
        });
    }
    let refused = newest(&mut admin);
    assert_eq!((&refused["refusal"]["code"], &refused["refusal"]["fault"]), (&json!("issue_instant"), &json!("clock")));
    assert_eq!(clock(&mut admin)["level"], "failing");
}

#[test]
fn no_clock_or_attributes_are_recorded_from_an_unsigned_message() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let minted = Minted::answer(&request, ENTITY_ID, "bob@acme.test", Timestamp(app.now().0));
    deliver(&mut bob, &request.acs_url, &minted.sign(&KEY, Sign::Nothing));
    let attempt = newest(&mut admin);
    assert_eq!(attempt["refusal"]["code"], "unsigned");
    let reported = ["clock", "certificate", "attributes"].map(|field| attempt[field].clone());
    assert_eq!(reported, [Value::Null, Value::Null, Value::Null]);
    assert!(attempt["message"].is_string());
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    assert!(newest(&mut admin)["certificate"].is_string());
}

/// Sends a response that is refused, for a sign-in that starts at `start`; returns the sign-in page's answer.
fn refused_at(app: &TestApp, browser: &mut Browser, start: &str) -> Answer {
    let request = request_of(&browser.get(start));
    let mut minted = valid_response(app, &request, "ann@acme.test");
    minted.audiences = vec!["https://other.test".into()];
    let refused = deliver(browser, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    assert_eq!(refused.refused_with(), "sso_not_verified");
    browser.get(refused.location())
}

#[test]
fn only_an_admin_whose_sign_in_is_refused_gets_a_link_to_the_fix() {
    let Acme { app, admin, .. } = Acme::connected();
    let browsers = [(admin, true), (app.signed_in("bob@acme.test"), false), (app.anonymous(), false)];
    for (mut browser, led) in browsers {
        let page = refused_at(&app, &mut browser, "/sso?key=acme_SSO").body;
        let link = page.split("href=\"").find(|rest| rest.starts_with("/o/acme/sso/attempts/"));
        assert_eq!(link.is_some(), led, "{page}");
        if let Some(path) = link.and_then(|rest| rest.split('"').next()) {
            let shown = browser.read(&path.replacen("/o/", "/organisations/", 1)).json();
            assert_eq!(shown["refusal"]["code"], "audience");
        }
    }
}

#[test]
fn an_admin_whose_test_sign_in_is_refused_is_redirected_to_the_test_step() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let answer = refused_at(&app, &mut admin, "/sso?key=acme_SSO&test=1");
    let (step, attempt) = answer.location().split_once("&attempt=").unwrap();
    assert_eq!((answer.status, step), (303, "/o/acme/sso?step=test"));
    assert_eq!(
        admin.read(&format!("/organisations/acme/sso/attempts/{attempt}")).json()["refusal"]["code"],
        "audience"
    );
    // The sign-in page itself is still available to the admin.
    assert_eq!(admin.get("/login").status, 200);
    assert_eq!(admin.get("/login?error=refused").status, 200);
}

#[test]
fn the_api_and_the_command_line_find_a_sign_in_by_its_reference() {
    let Acme { app, org, mut admin } = Acme::connected();
    drop(sign_in(&app, |minted| minted.audiences = vec!["https://other.test".into()]));
    drop(sign_in(&app, |_| {}));
    let all = admin.read("/organisations/acme/sso/attempts").json();
    let refused = all["items"].as_array().expect("a list").iter().find(|one| one["outcome"] == "refused");
    let refused = refused.expect("refused").clone();
    let reference = refused["reference"].as_str().expect("text").to_owned();
    let small = reference.to_ascii_lowercase();
    for typed in [reference.clone(), small.clone(), format!("%20{small}."), format!("Reference:%20{reference}")] {
        let found = admin.read(&format!("/organisations/acme/sso/attempts?reference={typed}")).json();
        assert_eq!(found["items"], serde_json::json!([refused]), "{typed}");
    }
    assert_eq!(admin.read("/organisations/acme/sso/attempts?reference=").json()["items"], all["items"]);
    assert_eq!(admin.read("/organisations/acme/sso/attempts?reference=000000").json()["items"], serde_json::json!([]));
    let other = app.org("Globex", "enterprise");
    app.admin(&other, "gil@globex.test");
    let theirs = format!("/organisations/globex/sso/attempts?reference={reference}");
    assert_eq!(app.signed_in("gil@globex.test").read(&theirs).json()["items"], serde_json::json!([]));

    let data = app.data.path();
    let run = |more: &[&str]| crate::program::vestibule(data, &[&["sso", "attempts"][..], more].concat());
    let text = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let listed: Value = serde_json::from_str(&text(&run(&[&org.slug, "--json"]))).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), all["items"].as_array().map(Vec::len));
    let printed = text(&run(&["acme", "--reference", &small]));
    for words in
        [reference.as_str(), "made for another application", "Received: https://other.test", "What to change: "]
    {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    assert_eq!(run(&["acme", "--reference", "000000"]).status.code(), Some(1));
    assert_eq!(run(&["nobody"]).status.code(), Some(1));
}

#[test]
fn a_page_of_large_records_ends_early_with_a_cursor_to_the_rest() {
    let Acme { app, org, mut admin } = Acme::connected();
    let id = org.id.clone();
    app.write(move |tx| {
        (0..80).try_for_each(|_| {
            let attempt = Attempt {
                number: 0,
                id: AttemptId::random(),
                organisation: id.clone(),
                at: tx.now(),
                reference: "ABC123".into(),
                outcome: AttemptOutcome::Refused,
                email: None,
                refusal: None,
                rules: json!([{ "rule": "form", "ok": false, "expected": "x", "received": "y".repeat(20_000) }]),
                issued_at: None,
                facts: json!({}),
                message: None,
            };
            tx.add_attempt(&attempt, Timestamp(0))
        })
    });
    let (mut path, mut found, mut pages) = ("/organisations/acme/sso/attempts?limit=200".to_owned(), 0, 0);
    loop {
        let page = admin.read(&path);
        assert!(page.body.len() < 600 * 1024, "{}", page.body.len());
        found += page.json()["items"].as_array().expect("a list").len();
        pages += 1;
        let Some(next) = page.json()["next"].as_str().map(ToOwned::to_owned) else { break };
        path = format!("/organisations/acme/sso/attempts?limit=200&cursor={next}");
    }
    assert!(found >= 80 && pages > 3, "{found} on {pages} pages");
}

#[test]
fn a_recorded_refusal_is_shown_in_the_language_of_the_answer() {
    let Acme { app, mut admin, .. } = Acme::connected();
    sign_in(&app, |minted| minted.issue_instant = "yesterday".into());
    let of = |values: &Value, names: [&str; 4]| names.map(|name| values[name].as_str().unwrap_or_default().to_owned());
    let rule = |attempt: &Value, name: &str| {
        let rules = attempt["rules"].as_array().expect("a list").clone();
        rules.into_iter().find(|rule| rule["rule"] == name).expect("the rule")
    };
    let names = ["name", "expected", "expected_text", "received_text"];
    admin.headers.push(("accept-language", "fr".into()));
    let french = newest(&mut admin);
    let at = app.now();
    assert_eq!(
        of(&rule(&french, "issue_instant"), names),
        [
            "Moment d’émission".to_owned(),
            format!("within 390 s of {at}"),
            format!("à moins de 390 s de {at}"),
            "yesterday, qui n’est pas une date telle que 2026-11-24T09:00:00Z".to_owned(),
        ]
    );
    assert_eq!(french["refusal"]["expected_text"], format!("à moins de 390 s de {at}"));
    let issuer = rule(&french, "issuer");
    assert_eq!(
        of(&issuer, names),
        ["Émetteur".to_owned(), ENTITY_ID.to_owned(), String::new(), String::new()],
        "a value"
    );
    let line = |admin: &mut Browser| {
        let items = admin.read("/organisations/acme/audit").json()["items"].as_array().expect("a list").clone();
        items.into_iter().find(|one| one["action"] == "sso.refused").expect("the refusal")
    };
    let french = line(&mut admin);
    assert_eq!(
        (&french["action"], &french["resource_name"]),
        (&json!("sso.refused"), &json!("issue_instant")),
        "{french}"
    );
    assert_eq!(french["reason"], "La réponse a été émise à un moment trop éloigné de l’heure actuelle.");
    admin.headers.clear();
    assert_eq!(line(&mut admin)["reason"], "The response was made at a time that is too far from now.");
    assert_eq!(rule(&newest(&mut admin), "issue_instant")["name"], "Issue instant");
}
