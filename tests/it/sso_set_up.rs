//! Setting up a connection.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::Browser;
use crate::idp::{EC_KEY, KEY, OTHER_KEY, connect, metadata, saml_sign_in, settings, status};
use serde_json::{Value, json};
use vestibule::saml::test_idp::SigningKey;

fn with(field: &str, value: Value) -> Value {
    let mut body = settings("acme_SSO");
    body[field] = value;
    body
}

#[test]
fn sso_needs_a_plan_that_includes_it() {
    let mut acme = Acme::on("business");
    let shown = acme.show();
    assert_eq!((shown["available"].as_bool(), shown["status"].as_str()), (Some(false), Some("none")));
    let refused = acme.save(&settings("acme_SSO"));
    assert_eq!((refused.status, refused.code().as_str()), (403, "plan_required"));
    let path = format!("/organisations/{}/sso", acme.org.slug);
    for (method, path) in [
        ("PUT", path.clone()),
        ("DELETE", path.clone()),
        ("PUT", format!("{path}/saml-only")),
        ("POST", format!("{path}/metadata")),
        ("POST", format!("{path}/metadata/refresh")),
        ("POST", format!("{path}/candidates/00/adopt")),
        ("POST", format!("{path}/recovery-codes")),
    ] {
        let refused = acme.admin.api(method, &path, &json!({ "of": "the wrong form" }));
        assert_eq!((refused.status, refused.code().as_str()), (403, "plan_required"), "{method} {path}");
    }
    acme.app.operator().api("PUT", &format!("/organisations/{}/plan", acme.org.slug), &json!({ "plan": "enterprise" }));
    assert_eq!(acme.save(&settings("acme_SSO")).status, 200);
}

#[test]
fn our_values_are_shown_before_the_first_save_and_do_not_change() {
    let mut acme = Acme::on("enterprise");
    let before = acme.show();
    assert_eq!((before["status"].as_str(), before["suggested_portal_key"].as_str()), (Some("none"), Some("acme_SSO")));
    assert!(before["entity_id"].as_str().expect("text").ends_with("/metadata"));
    assert!(before["callback_url"].as_str().expect("text").ends_with("/acs"));
    acme.save(&settings("acme_SSO"));
    acme.save(&settings("other_key"));
    let after = acme.show();
    assert_eq!((&after["entity_id"], &after["callback_url"]), (&before["entity_id"], &before["callback_url"]));
    assert_eq!(after["portal_url"], format!("{}/sso?key=other_key", acme.app.url));
    let page = acme.app.anonymous().get(after["entity_id"].as_str().expect("a URL"));
    assert_eq!(page.status, 200);
    assert!(page.body.contains(after["entity_id"].as_str().expect("text")) && page.body.contains("/acs"));
}

#[test]
fn our_metadata_is_available_on_any_plan_and_not_for_unknown_connections() {
    let mut acme = Acme::on("starter");
    let url = acme.show()["entity_id"].as_str().expect("a URL").to_owned();
    assert_eq!(acme.app.anonymous().get(&url).status, 200);
    assert_eq!(acme.app.anonymous().get(&format!("/saml/{}/metadata", "0".repeat(32))).status, 404);
    assert_eq!(acme.app.anonymous().get("/saml/acme/metadata").status, 404);
}

#[test]
fn every_provider_is_accepted() {
    let mut acme = Acme::on("enterprise");
    for provider in ["google", "okta", "entra", "custom"] {
        let saved = acme.save(&with("provider", json!(provider)));
        assert_eq!(saved.status, 200, "{}", saved.body);
        assert_eq!((acme.show()["provider"].as_str(), acme.show()["status"].as_str()), (Some(provider), Some("draft")));
    }
    assert_eq!(acme.save(&with("provider", json!("github"))).field(), "provider");
}

#[test]
fn one_connection_covers_every_workspace_and_a_second_save_replaces_it() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let path = format!("/organisations/{}/workspaces", org.slug);
    let second = admin.api("POST", &path, &json!({ "name": "Laboratory" })).json();
    let places = [org.workspace.to_string(), second["id"].as_str().expect("an id").to_owned()];
    for (n, place) in places.iter().enumerate() {
        let body = json!({ "email": format!("p{n}@acme.test"), "role": "power_user" });
        admin.api("POST", &format!("/workspaces/{place}/invitations"), &body);
        let mut member = app.anonymous();
        saml_sign_in(&app, &mut member, "/sso?key=acme_SSO", &format!("p{n}@acme.test"));
        assert_eq!(member.read(&format!("/workspaces/{place}")).json()["role"], "power_user");
    }
    admin.api("PUT", &format!("/organisations/{}/sso", org.slug), &settings("acme_door"));
    assert_eq!(app.anonymous().get("/sso?key=acme_SSO").refused_with(), "sso_unavailable");
    assert_eq!(app.anonymous().get("/sso?key=acme_door").status, 303);
}

#[test]
fn metadata_fills_the_settings() {
    let mut acme = Acme::on("enterprise");
    let saved = acme.save(&json!({ "provider": "okta", "portal_key": "acme_SSO", "metadata_xml": metadata() }));
    assert_eq!(saved.status, 200, "{}", saved.body);
    let shown = acme.show();
    assert_eq!(
        (shown["idp_entity_id"].as_str(), shown["sign_on_url"].as_str()),
        (Some(crate::idp::ENTITY_ID), Some(crate::idp::SIGN_ON_URL))
    );
    let read = acme.admin.api(
        "POST",
        &format!("/organisations/{}/sso/metadata", acme.org.slug),
        &json!({ "metadata_xml": metadata() }),
    );
    assert_eq!(read.json()["idp_entity_id"], crate::idp::ENTITY_ID);
    let without = metadata().replace("KeyDescriptor", "OtherDescriptor");
    for bad in ["<x/>", "not XML", &metadata().replace("HTTP-Redirect", "SOAP"), &without, "<!DOCTYPE x><x/>"] {
        let refused = acme.save(&json!({ "provider": "okta", "portal_key": "acme_SSO", "metadata_xml": bad }));
        assert_eq!((refused.status, refused.field().as_str()), (422, "metadata_xml"), "{bad}");
    }
}

#[test]
fn harmless_deviations_in_metadata_are_accepted() {
    let mut acme = Acme::on("enterprise");
    let descriptor = metadata();
    let inner = descriptor.replacen(
        "<md:EntityDescriptor",
        "<md:EntityDescriptor validUntil=\"2999-01-01T00:00:00\" cacheDuration=\"PT1H\"",
        1,
    );
    let lenient = [
        inner.replacen("<md:IDPSSODescriptor", "<md:IDPSSODescriptor cacheDuration=\"PT1H\"", 1),
        format!("<?xml version=\"1.0\"?><!-- from the provider -->{descriptor}"),
        format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{descriptor}</md:EntitiesDescriptor>"
        ),
    ];
    for good in lenient {
        let saved = acme.save(&json!({ "provider": "custom", "portal_key": "acme_SSO", "metadata_xml": good }));
        assert_eq!(saved.status, 200, "{} for {good}", saved.body);
    }
    let two = format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{descriptor}{descriptor}</md:EntitiesDescriptor>"
    );
    for (bad, why) in [(inner.replace("2999", "2001"), "was valid until"), (two, "several identity providers")] {
        let refused = acme.save(&json!({ "provider": "custom", "portal_key": "acme_SSO", "metadata_xml": bad }));
        assert!(refused.status == 422 && refused.body.contains(why), "{}", refused.body);
    }
}

/// Checks only the texts that are served; browser tests check the pages.
#[test]
fn the_pages_have_provider_tiles_a_hint_and_our_three_values() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    let mut served = |path: &str| {
        let answer = browser.get(&format!("/static/{path}"));
        assert_eq!(answer.status, 200, "{path}");
        answer.body
    };
    let files = [
        "pages/sso.js",
        "ui/sso_form.js",
        "ui/sso_wizard.js",
        "guides/guides.js",
        "guides/providers.js",
        "guides/screen.js",
        "locales/en.js",
        "locales/en/sso.js",
    ];
    let pages: String = files.into_iter().map(&mut served).collect();
    for words in [
        "Google Workspace",
        "Okta",
        "Microsoft Entra ID",
        "Other",
        "not listed",
        "Entity ID",
        "Callback URL",
        "Portal URL",
        "SSO Portal Key",
        "Sign on URL",
        "Application Identifier (Entity ID)",
        "Issuer",
        "Login URL",
        "Microsoft Entra Identifier",
        "Certificate (Base64)",
    ] {
        assert!(pages.contains(words), "no page contains {words}");
    }
}

#[test]
fn portal_keys_are_unique_regardless_of_case() {
    let mut acme = Acme::on("enterprise");
    acme.save(&settings("Acme_SSO"));
    let globex = acme.app.org("Globex", "enterprise");
    acme.app.admin(&globex, "gina@globex.test");
    let mut gina = acme.app.signed_in("gina@globex.test");
    let taken = gina.api("PUT", &format!("/organisations/{}/sso", globex.slug), &settings("aCME_sso"));
    assert_eq!((taken.status, taken.field().as_str()), (409, "portal_key"));
    assert_eq!(acme.save(&settings("ACME_SSO")).status, 200);
    for bad in ["", "ab", "acme sso", "acme/sso", "ä_SSO", &"a".repeat(65)] {
        let refused = acme.save(&with("portal_key", json!(bad)));
        assert_eq!((refused.status, refused.field().as_str()), (422, "portal_key"), "{bad}");
    }
    assert_eq!(acme.show()["portal_key"], "ACME_SSO");
}

#[test]
fn certificates_are_accepted_in_every_form_and_other_input_is_refused() {
    let mut acme = Acme::on("enterprise");
    let pem = KEY.certificate_pem();
    let bare: String = pem.lines().filter(|line| !line.contains("-----")).collect();
    for good in [pem.clone(), pem.replace('\n', "\r\n"), bare.clone(), format!("  {bare}\n"), EC_KEY.certificate_pem()]
    {
        let saved = acme.save(&with("certificates", json!([good])));
        assert_eq!(saved.status, 200, "{}", saved.body);
    }
    let shown = acme.show()["certificates"][0].clone();
    assert_eq!(shown["fingerprint"].as_str().expect("text").len(), 95);
    assert_eq!(shown["key"], "EC P-256");
    assert!(shown["not_after"].as_str().expect("text").ends_with('Z'));
    for (bad, why) in [
        ("junk".to_owned(), "must be a certificate"),
        (KEY.private_key_pem(), "private key"),
        (SigningKey::rsa_of(1024, "short").certificate_pem(), "too weak"),
        (SigningKey::rsa("old").valid_for(-2).certificate_pem(), "expired"),
        (format!("{pem}{}", KEY.private_key_pem()), "private key"),
        (String::new(), "Paste the certificate"),
    ] {
        let refused = acme.save(&with("certificates", json!([bad])));
        assert_eq!((refused.status, refused.field().as_str()), (422, "certificates"));
        assert!(refused.body.contains(why), "{why}: {}", refused.body);
    }
    let other = EC_KEY.certificate_pem();
    for (one, count) in
        [(format!("subject=CN = x\n{pem}"), 1), (format!("{pem}{pem}"), 1), (format!("{pem}{other}"), 2)]
    {
        let saved = acme.save(&with("certificates", json!([one])));
        assert_eq!(saved.json()["certificates"].as_array().map(Vec::len), Some(count), "{}", saved.body);
    }
    let with_old = format!("{}{pem}", SigningKey::rsa("old").valid_for(-2).certificate_pem());
    let saved = acme.save(&with("certificates", json!([with_old]))).json();
    assert_eq!(saved["certificates"][0]["pem"], pem);
    assert!(saved["effect"]["warnings"].to_string().contains("left out: one that expired"), "{saved}");
    let several = acme.save(&with("certificates", json!([pem, "", KEY.private_key_pem()])));
    assert!(several.body.contains("Certificate 2 of 2 is a private key"), "{}", several.body);
    let five: Vec<_> = (0..5).map(|n| SigningKey::ec(&format!("key {n}")).certificate_pem()).collect();
    assert_eq!(acme.save(&with("certificates", json!(five))).field(), "certificates");
    assert_eq!(acme.save(&with("certificates", json!(five[..4]))).status, 200);
    assert_eq!(acme.save(&with("certificates", json!([]))).field(), "certificates");
}

#[test]
fn urls_must_be_https() {
    let mut acme = Acme::on("enterprise");
    for bad in ["", "idp.test/sso", "http://idp.test/sso", "javascript:alert(1)", "https://user:pw@idp.test/"] {
        let refused = acme.save(&with("sign_on_url", json!(bad)));
        assert_eq!((refused.status, refused.field().as_str()), (422, "sign_on_url"), "{bad}");
    }
    assert_eq!(acme.save(&with("sign_on_url", json!("http://localhost:9000/sso"))).status, 200);
    assert_eq!(acme.save(&with("idp_entity_id", json!(" "))).field(), "idp_entity_id");
}

#[test]
fn a_connection_is_ready_after_its_test_and_a_draft_after_an_important_change() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = connect(&app, &org, "ann@acme.test", "acme_SSO");
    assert_eq!(status(&mut admin, &org), "ready");
    let path = format!("/organisations/{}/sso", org.slug);
    let both = with("certificates", json!([KEY.certificate_pem(), OTHER_KEY.certificate_pem()]));
    for (change, after) in [
        (both, "ready"),
        (settings("renamed"), "ready"),
        (with("certificates", json!([OTHER_KEY.certificate_pem()])), "draft"),
    ] {
        let dry = admin.api("PUT", &format!("{path}?dry_run=true"), &change);
        assert_eq!(dry.json()["effect"]["applied"], false, "{}", dry.body);
        assert_eq!(status(&mut admin, &org), "ready");
        assert_eq!(admin.api("PUT", &path, &change).json()["effect"]["applied"], true);
        assert_eq!(status(&mut admin, &org), after);
    }
}

#[test]
fn removing_a_connection_reports_its_effect_first() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let path = format!("/organisations/{}/sso", org.slug);
    let dry = admin.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!((dry["applied"].as_bool(), dry["keeps"][0]["email"].as_str()), (Some(false), Some("ann@acme.test")));
    assert_eq!(dry["counts"]["grants"], 1);
    assert_eq!(admin.api("DELETE", &path, &Value::Null).json()["applied"], true);
    assert_eq!(status(&mut admin, &org), "none");
    assert_eq!(admin.api("DELETE", &path, &Value::Null).status, 404);
}

#[test]
fn leaving_enterprise_deactivates_the_connection_and_returning_reactivates_it() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut admin = connect(&app, &org, "ann@acme.test", "acme_SSO");
    let mut operator = app.operator();
    let plan = format!("/organisations/{}/plan", org.slug);
    let left = operator.api("PUT", &plan, &json!({ "plan": "business" })).json();
    assert_eq!(left["counts"]["grants"], 1);
    let shown = admin.read(&format!("/organisations/{}/sso", org.slug)).json();
    assert_eq!((shown["status"].as_str(), shown["read_only"].as_bool()), (Some("ready"), Some(true)));
    assert_eq!(app.anonymous().get("/sso?key=acme_SSO").refused_with(), "sso_unavailable");
    operator.api("PUT", &plan, &json!({ "plan": "enterprise" }));
    assert_eq!(app.anonymous().get("/sso?key=acme_SSO").status, 303);
    assert_eq!(status(&mut admin, &org), "ready");
}

/// An effect lists all people, which would block the writer in a large organisation, so a change that affects nobody's
/// sign-in has an empty effect.
#[test]
fn only_settings_that_change_who_can_sign_in_have_an_effect() {
    let mut acme = Acme::on("enterprise");
    acme.admin = connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    acme.app.member(&acme.org, "bob@acme.test");
    let path = format!("/organisations/{}/sso", acme.org.slug);
    let keeps = |acme: &mut Acme, query: &str, body: &Value| {
        let answer = acme.admin.api("PUT", &format!("{path}{query}"), body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["effect"]["counts"]["keeps"].as_i64().expect("a number")
    };
    let moved = with("sign_on_url", json!("https://idp.test/moved"));
    assert_eq!(keeps(&mut acme, "?dry_run=true", &moved), 2, "a change that needs a new test has an effect");
    for query in ["?dry_run=true", ""] {
        assert_eq!(keeps(&mut acme, query, &settings("acme_SSO")), 0, "{query}");
        assert_eq!(keeps(&mut acme, query, &with("portal_key", json!("acme_2"))), 0, "{query}");
    }
}

/// Old links, app tiles and e-mails must not start a sign-in at another organisation's provider.
#[test]
fn a_former_portal_key_is_reserved_for_half_a_year() {
    let app = TestApp::new();
    for name in ["Acme", "Birch", "Cedar"] {
        app.admin(&app.org(name, "enterprise"), &format!("admin@{}.test", name.to_lowercase()));
    }
    let save = |browser: &mut Browser, org: &str, key: &str| {
        let saved = browser.api("PUT", &format!("/organisations/{org}/sso"), &settings(key));
        (saved.status, if saved.status == 200 { String::new() } else { saved.field() })
    };
    let (good, taken) = ((200, String::new()), (409, "portal_key".to_owned()));
    let (mut acme, mut birch) = (app.signed_in("admin@acme.test"), app.signed_in("admin@birch.test"));
    assert_eq!(save(&mut acme, "acme", "first_SSO"), good);
    assert_eq!(save(&mut acme, "acme", "second_SSO"), good);
    assert_eq!(save(&mut birch, "birch", "FIRST_sso"), taken);
    assert_eq!(save(&mut acme, "acme", "First_SSO"), good, "the same organisation may use its former key again");
    assert_eq!(acme.api("DELETE", "/organisations/acme/sso", &Value::Null).status, 200);
    for key in ["first_SSO", "second_SSO"] {
        assert_eq!(save(&mut birch, "birch", key), taken, "{key}");
    }
    // An operator can assign the key, which then belongs to Birch.
    let mut olivia = app.operator();
    assert_eq!(save(&mut olivia, "birch", "second_SSO"), good);
    assert_eq!(save(&mut acme, "acme", "second_SSO"), taken);
    // The key stays reserved after its organisation is deleted.
    assert_eq!(olivia.api("DELETE", "/organisations/birch?confirm=Birch", &Value::Null).status, 200);
    let mut cedar = app.signed_in("admin@cedar.test");
    assert_eq!(save(&mut cedar, "cedar", "second_SSO"), taken);
    app.wait(180 * 24 * 3600);
    let mut cedar = app.signed_in("admin@cedar.test");
    for key in ["first_SSO", "second_SSO"] {
        assert_eq!(save(&mut cedar, "cedar", key), good, "{key}");
    }
}
