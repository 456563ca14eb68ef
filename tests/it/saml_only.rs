//! SAML as the only sign-in method, and recovery codes.

use crate::acme::Acme;
use crate::app::{PASSWORD, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{OTHER_KEY, saml_sign_in, settings};
use crate::program::vestibule;
use serde_json::{Value, json};

fn switch(browser: &mut Browser, on: bool, query: &str) -> Answer {
    browser.api("PUT", &format!("/organisations/acme/sso/saml-only{query}"), &json!({ "enabled": on }))
}

fn codes(answer: &Answer) -> Vec<String> {
    assert!(answer.status < 300, "{}", answer.body);
    let codes = answer.json()["recovery_codes"].as_array().expect("codes").clone();
    codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect()
}

fn recover(app: &TestApp, email: &str, password: &str, code: &str) -> (Browser, Answer) {
    let mut browser = app.anonymous();
    let body = json!({ "email": email, "password": password, "recovery_code": code, "organisation": "acme" });
    let answer = browser.api("POST", "/login", &body);
    (browser, answer)
}

#[test]
fn turning_saml_only_on_reports_the_effect_ends_password_grants_and_returns_ten_codes() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let mut bob = app.signed_in("bob@acme.test");
    let dry = switch(&mut admin, true, "?dry_run=true").json();
    assert_eq!((dry["applied"].as_bool(), dry["recovery_codes"].as_array()), (Some(false), None));
    assert_eq!(dry["counts"]["grants"], 2, "{dry}");
    assert_eq!((&dry["keeps"][0]["email"], dry["keeps"].as_array().map(Vec::len)), (&json!("ann@acme.test"), Some(1)));
    assert_eq!(dry["loses"][0]["email"], "bob@acme.test", "Bob has not signed in through SAML, so he may lose access");
    assert_eq!(bob.read("/me").json()["organisations"][0]["open"], true);
    let real = switch(&mut admin, true, "");
    assert_eq!((codes(&real).len(), &real.json()["counts"]), (10, &dry["counts"]));
    assert_eq!(bob.read("/me").status, 401);
    assert_eq!(admin.read("/organisations/acme/sso").json()["saml_only"], true);
}

#[test]
fn only_people_who_used_saml_since_the_test_are_listed_as_keeping_access() {
    let Acme { app, org, mut admin } = Acme::connected();
    app.member(&org, "cleo@acme.test");
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    app.signed_in("bob@acme.test");
    let named = |effect: &Value, list: &str| {
        let lines = effect[list].as_array().expect("a list").clone();
        lines.iter().map(|line| line["email"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let dry = switch(&mut admin, true, "?dry_run=true").json();
    assert_eq!(named(&dry, "keeps"), ["ann@acme.test", "bob@acme.test"], "a later sign-in by password does not matter");
    assert_eq!(named(&dry, "loses"), ["cleo@acme.test"]);
    app.wait(60);
    saml_sign_in(&app, &mut admin, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let dry = switch(&mut admin, true, "?dry_run=true").json();
    assert_eq!(
        named(&dry, "loses"),
        ["cleo@acme.test"],
        "earlier SAML sign-ins count after another test of the same settings"
    );
    let mut changed = settings("acme_SSO");
    changed["sign_on_url"] = json!("https://idp.test/elsewhere");
    admin.api("PUT", "/organisations/acme/sso", &changed);
    saml_sign_in(&app, &mut admin, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let dry = switch(&mut admin, true, "?dry_run=true").json();
    assert_eq!(
        named(&dry, "loses"),
        ["bob@acme.test", "cleo@acme.test"],
        "Bob signed in through the previous settings"
    );
}

#[test]
fn grants_ended_by_a_switch_are_not_restored_by_the_next() {
    let Acme { app, org, mut admin } = Acme::connected();
    app.member(&org, "cleo@acme.test");
    let mut changed = settings("acme_SSO");
    changed["sign_on_url"] = json!("https://idp.test/elsewhere");
    admin.api("PUT", "/organisations/acme/sso", &changed);
    let mut cleo = app.signed_in("cleo@acme.test");
    let set = |mode: &str| app.operator().api("PATCH", "/plans/enterprise", &json!({ "auth_mode": mode })).json();
    let effect = set("saml");
    assert!(effect["counts"]["grants"].as_i64() >= Some(1), "{effect}");
    set("password_or_saml");
    assert_eq!(cleo.read("/me").status, 401, "her session stays ended, as the effect reported");
    assert_eq!(app.anonymous().sign_in("cleo@acme.test", PASSWORD).status, 200);
}

#[test]
fn on_a_saml_only_plan_the_test_sign_in_ends_password_access() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let mut changed = settings("acme_SSO");
    changed["sign_on_url"] = json!("https://idp.test/elsewhere");
    admin.api("PUT", "/organisations/acme/sso", &changed);
    app.operator().api("PATCH", "/plans/enterprise", &json!({ "auth_mode": "saml" }));
    let mut elsewhere = app.signed_in("ann@acme.test");
    let mut tester = app.signed_in("ann@acme.test");
    saml_sign_in(&app, &mut tester, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    assert_eq!(tester.read("/organisations/acme/sso").json()["saml_only"], true, "SAML-only is on because of the plan");
    assert_eq!(switch(&mut tester, false, "").code(), "saml_only_on");
    app.operator().api("PATCH", "/plans/enterprise", &json!({ "auth_mode": "password_or_saml" }));
    assert_eq!(elsewhere.read("/me").status, 401);
}

#[test]
fn a_recovery_code_needs_a_password_that_is_confirmed_for_this_organisation() {
    let Acme { app, org, mut admin } = Acme::connected();
    app.person(
        &app.org("Mallory & Co", "business"),
        "victor@acme.test",
        vestibule::domain::person::Role::PowerUser,
        false,
    );
    let invitation = json!({ "email": "victor@acme.test", "role": "admin" });
    admin.api("POST", &format!("/workspaces/{}/invitations", org.workspace), &invitation);
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "victor@acme.test");
    admin.api("POST", "/organisations/acme/admins", &json!({ "email": "victor@acme.test" }));
    let on = switch(&mut admin, true, "");
    assert!(on.json()["warnings"].to_string().contains("victor@acme.test"), "{}", on.body);
    let codes = codes(&on);
    assert_eq!(
        recover(&app, "victor@acme.test", PASSWORD, &codes[0]).1.status,
        401,
        "a password that Mallory knows is refused"
    );
    assert_eq!(recover(&app, "ann@acme.test", PASSWORD, &codes[0]).1.status, 200);
}

#[test]
fn refused_sign_ins_are_logged_with_the_reason() {
    let Acme { app, mut admin, .. } = Acme::connected();
    switch(&mut admin, true, "");
    recover(&app, "ann@acme.test", PASSWORD, "AAAA-BBBB-CCCC");
    app.anonymous().sign_in("bob@acme.test", PASSWORD);
    app.anonymous().sign_in("bob@acme.test", "left horse battery");
    app.finish_log();
    let log = admin.read("/organisations/acme/audit?resource_type=session").json();
    let refused: Vec<_> =
        log["items"].as_array().expect("a list").iter().filter(|row| row["action"] == "session.refused").collect();
    let mut reasons: Vec<_> = refused.iter().map(|row| row["detail"]["reason"].as_str().expect("text")).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["sso_required", "wrong_password", "wrong_recovery_code"]);
    assert!(!log.to_string().contains("AAAA"));
}

#[test]
fn turning_saml_only_on_needs_a_ready_connection_and_a_saml_grant() {
    let Acme { app, org, .. } = Acme::connected();
    let mut by_password = app.signed_in("ann@acme.test");
    let refused = switch(&mut by_password, true, "");
    assert_eq!((refused.status, refused.code().as_str()), (403, "saml_grant_required"));
    assert_eq!(switch(&mut app.operator(), true, "").code(), "saml_grant_required");
    assert_eq!(switch(&mut app.signed_in("bob@acme.test"), true, "").status, 403);
    saml_sign_in(&app, &mut by_password, "/sso?key=acme_SSO", "ann@acme.test");
    let mut changed = settings("acme_SSO");
    changed["certificates"] = json!([OTHER_KEY.certificate_pem()]);
    by_password.api("PUT", "/organisations/acme/sso", &changed);
    assert_eq!(switch(&mut by_password, true, "").status, 403, "a draft connection gives no access");
    assert_eq!(switch(&mut by_password, false, "").code(), "not_ready");
    app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "business" }));
    assert_eq!(switch(&mut by_password, false, "").code(), "plan_required");
}

#[test]
fn the_effect_of_saml_only_is_shown_before_ones_own_saml_sign_in_with_the_reason_to_wait() {
    let Acme { app, org, mut admin } = Acme::connected();
    let path = "/organisations/acme/sso/saml-only";
    let mut by_password = app.signed_in("ann@acme.test");
    let shown = by_password.read(path).json();
    assert_eq!(shown["obstacle"]["code"], "saml_grant_required", "{shown}");
    assert_eq!(
        shown["obstacle"]["message"],
        "Sign in through SAML yourself first, to be sure that you are not locked out."
    );
    let dry = switch(&mut admin, true, "?dry_run=true").json();
    for part in ["applied", "keeps", "loses", "counts", "warnings"] {
        assert_eq!(shown[part], dry[part], "{part}");
    }
    assert_eq!((&shown["applied"], &shown["loses"][0]["email"]), (&json!(false), &json!("bob@acme.test")));
    let skipped = by_password.read(&format!("{path}?skip=1")).json();
    assert_eq!((&skipped["loses"], &skipped["counts"]), (&json!([]), &shown["counts"]));
    assert_eq!(by_password.read(&format!("{path}?skip=-1")).field(), "skip");
    assert_eq!(admin.read(path).json()["obstacle"], Value::Null, "its twin");
    assert_eq!(app.signed_in("bob@acme.test").read(path).status, 403);
    let mut changed = settings("acme_SSO");
    changed["certificates"] = json!([OTHER_KEY.certificate_pem()]);
    admin.api("PUT", "/organisations/acme/sso", &changed);
    let draft = by_password.read(path).json();
    assert_eq!(draft["obstacle"]["code"], "not_ready", "{draft}");
    assert!(draft["loses"].to_string().contains("bob@acme.test"), "{draft}");
    app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "business" }));
    assert_eq!(by_password.read(path).json()["obstacle"]["code"], "plan_required");
    assert_eq!(by_password.read("/organisations/acme/sso").json()["saml_only"], false);
}

#[test]
fn under_saml_only_a_password_is_refused_with_the_portal_url_and_saml_works() {
    let Acme { app, mut admin, .. } = Acme::connected();
    switch(&mut admin, true, "");
    let refused = app.anonymous().sign_in("bob@acme.test", PASSWORD);
    assert_eq!((refused.status, refused.code().as_str()), (403, "sso_required"));
    assert_eq!(refused.json()["portal_urls"], json!([format!("{}/sso?key=acme_SSO", app.url)]));
    assert!(refused.set_cookies.is_empty());
    assert_eq!(app.anonymous().sign_in("bob@acme.test", "wrong").status, 401);
    let mut page = app.anonymous();
    let sent = page.form("/login", &[("email", "bob@acme.test"), ("password", PASSWORD)]);
    assert_eq!(sent.refused_with(), "sso_required");
    assert!(page.get(sent.location()).body.contains("/sso?key=acme_SSO"));
    assert_eq!(saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test").location(), "/");
}

#[test]
fn a_password_reset_does_not_bypass_saml_only() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let bob = app.signed_in("bob@acme.test").read("/me").json()["person"]["id"].as_str().expect("an id").to_owned();
    switch(&mut admin, true, "");
    let link = app.operator().api("POST", &format!("/users/{bob}/reset-link"), &Value::Null).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let body = json!({ "token": token, "password": "violet tractor lagoon" });
    let mut browser = app.anonymous();
    assert_eq!(browser.api("POST", "/password-reset/finish", &body).status, 200);
    assert!(!browser.has_session());
    assert_eq!(app.anonymous().sign_in("bob@acme.test", "violet tractor lagoon").code(), "sso_required");
}

#[test]
fn a_recovery_code_works_once_to_turn_saml_only_off_and_not_for_own_settings() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let codes = codes(&switch(&mut admin, true, ""));
    let (mut back, answer) = recover(&app, "ann@acme.test", PASSWORD, &codes[0].to_lowercase());
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["grants"][0]["method"], "recovery");
    assert_eq!(answer.json()["organisations"][0]["password"], false);
    assert_eq!(back.api("PATCH", "/me", &json!({ "name": "X" })).code(), "password_required");
    assert_eq!(recover(&app, "ann@acme.test", PASSWORD, &codes[0]).1.status, 401, "each code works only once");
    assert_eq!(switch(&mut back, true, "").code(), "saml_grant_required");
    assert_eq!(switch(&mut back, false, "").json()["applied"], true);
    assert_eq!(back.read("/me").json()["organisations"][0]["password"], true, "passwords give access again");
    assert_eq!(app.anonymous().sign_in("bob@acme.test", PASSWORD).status, 200);
    assert_eq!(
        recover(&app, "ann@acme.test", PASSWORD, &codes[1]).1.status,
        401,
        "no recovery while passwords are accepted"
    );
}

#[test]
fn recovery_needs_an_admin_their_password_and_a_code() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let codes = codes(&switch(&mut admin, true, ""));
    let wrong = recover(&app, "ann@acme.test", PASSWORD, "AAAA-BBBB-CCCC").1;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong, recover(&app, "ann@acme.test", "wrong", &codes[0]).1);
    assert_eq!(wrong, recover(&app, "bob@acme.test", PASSWORD, &codes[0]).1, "a member who is not an admin is refused");
    assert_eq!(wrong, recover(&app, "nobody@acme.test", PASSWORD, &codes[0]).1);
    let mut form = app.anonymous();
    let refused = |email: &str, password: &str, code: &str| {
        let mut browser = app.anonymous();
        let fields = [("email", email), ("password", password), ("recovery_code", code)];
        assert_eq!(browser.form("/login", &fields).refused_with(), "refused");
        browser.get("/login?error=refused").body.replace(email, "E")
    };
    let page = refused("ann@acme.test", PASSWORD, "AAAA-BBBB-CCCC");
    assert!(page.contains("E-mail, password or recovery code is wrong. Check all three and try again."), "{page}");
    assert!(
        page.contains("<details class=\"field\" open>") && page.contains("value=\"E\""),
        "the field of the code is visible: {page}"
    );
    assert_eq!(page, refused("ann@acme.test", "left horse battery", &codes[0]));
    assert_eq!(page, refused("nobody@acme.test", PASSWORD, "AAAA-BBBB-CCCC"));
    assert!(
        !form.get("/login?error=refused").body.contains("class=\"field\" open>"),
        "without a code, its field is not opened"
    );
    let fields = [("email", "ann@acme.test"), ("password", PASSWORD), ("recovery_code", codes[0].as_str())];
    assert_eq!(form.form("/login", &fields).location(), "/");
    assert!(form.has_session());
}

#[test]
fn guesses_of_recovery_codes_are_throttled_like_password_guesses() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let codes = codes(&switch(&mut admin, true, ""));
    for _ in 0..10 {
        assert_eq!(recover(&app, "ann@acme.test", PASSWORD, "AAAA-BBBB-CCCC").1.status, 401);
    }
    assert_eq!(recover(&app, "ann@acme.test", PASSWORD, &codes[0]).1.status, 429);
}

#[test]
fn new_codes_replace_the_old_ones_and_need_a_saml_or_recovery_grant() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let path = "/organisations/acme/sso/recovery-codes";
    assert_eq!(app.signed_in("ann@acme.test").api("POST", path, &Value::Null).code(), "saml_grant_required");
    let old = codes(&switch(&mut admin, true, ""));
    let new = codes(&admin.api("POST", path, &Value::Null));
    assert_eq!(recover(&app, "ann@acme.test", PASSWORD, &old[0]).1.status, 401);
    let (mut back, answer) = recover(&app, "ann@acme.test", PASSWORD, &new[0]);
    assert_eq!(answer.status, 200);
    assert_eq!(codes(&back.api("POST", path, &Value::Null)).len(), 10);
    assert_eq!(back.read("/organisations/acme/sso").json()["recovery_codes_left"], 10);
}

#[test]
fn under_saml_only_settings_that_need_a_new_test_are_refused() {
    let Acme { app, mut admin, .. } = Acme::connected();
    switch(&mut admin, true, "");
    let mut changed = settings("acme_SSO");
    changed["sign_on_url"] = json!("https://other.test/sso");
    let refused = admin.api("PUT", "/organisations/acme/sso", &changed);
    assert_eq!((refused.status, refused.code().as_str()), (409, "saml_only_on"));
    assert_eq!(admin.api("DELETE", "/organisations/acme/sso", &Value::Null).code(), "saml_only_on");
    let mut more = settings("acme_SSO");
    more["certificates"] = json!([crate::idp::KEY.certificate_pem(), OTHER_KEY.certificate_pem()]);
    assert_eq!(admin.api("PUT", "/organisations/acme/sso", &more).status, 200);
    switch(&mut admin, false, "");
    assert_eq!(admin.api("PUT", "/organisations/acme/sso", &changed).status, 200);
    drop(app);
}

#[test]
fn leaving_the_plan_turns_saml_only_off_permanently() {
    let Acme { app, org, mut admin } = Acme::connected();
    switch(&mut admin, true, "");
    let plan = format!("/organisations/{}/plan", org.slug);
    let left = app.operator().api("PUT", &plan, &json!({ "plan": "business" })).json();
    assert!(left["warnings"].to_string().contains("SAML-only is turned off"), "{left}");
    assert_eq!(app.anonymous().sign_in("bob@acme.test", PASSWORD).status, 200);
    app.operator().api("PUT", &plan, &json!({ "plan": "enterprise" }));
    let shown = app.operator().read("/organisations/acme/sso").json();
    assert_eq!((shown["status"].as_str(), shown["saml_only"].as_bool()), (Some("ready"), Some(false)));
}

#[test]
fn under_saml_only_an_operator_still_signs_in_by_password() {
    let Acme { app, org, mut admin } = Acme::connected();
    app.admin(&org, "olivia@vestibule.test");
    let mut operator = app.operator();
    switch(&mut admin, true, "");
    assert_eq!(operator.read("/plans").status, 200);
    assert_eq!(switch(&mut app.operator(), false, "").json()["applied"], true);
}

#[test]
fn a_recovery_link_sets_an_admins_password_and_works_once() {
    use vestibule::actions::{Caller, recovery};
    let Acme { app, org, mut admin } = Acme::connected();
    switch(&mut admin, true, "");
    let organisation = app.app.store.read(|db| db.organisation(org.id.as_str())).expect("there");
    let link = |email: &str| recovery::link(&app.app, &Caller::command_line(), &organisation, crate::app::email(email));
    assert!(link("bob@acme.test").is_err(), "no link for a member who is not an admin");
    let link = link("ann@acme.test").expect("made");
    let token = link.split_once("/recover?token=").expect("a link").1;
    let mut back = app.anonymous();
    for _ in 0..2 {
        let shown = back.get(&link);
        assert!(shown.status == 200 && shown.body.contains("name=\"password\""), "opening the link does not use it up");
    }
    let weak = back.form("/recover", &[("token", token), ("password", "short")]);
    assert_eq!(weak.status, 422);
    assert!(weak.body.contains("The password must be at least 12 characters") && !back.has_session());
    assert!(weak.body.contains("name=\"password\""), "the link still works: {}", weak.body);
    let own = back.form("/recover", &[("token", token), ("password", "acme ann acme ann 12")]);
    assert!(own.status == 422 && own.body.contains("organisation names add little strength.</p>"), "{}", own.body);
    let fields = [("token", token), ("password", "violet tractor lagoon")];
    assert_eq!(back.form("/recover", &fields).location(), "/o/acme/sso");
    assert_eq!(back.read("/me").json()["grants"][0]["method"], "recovery");
    assert_eq!(admin.read("/me").status, 401, "the other sessions have ended");
    let refused = [app.anonymous().form("/recover", &fields), app.anonymous().get(&link), back.get("/recover")];
    for answer in refused {
        assert_eq!(answer.status, 404);
        assert!(
            answer.body.contains("This recovery link no longer works") && !answer.body.contains("<form"),
            "{}",
            answer.body
        );
        assert!(answer.body.contains("vestibule org recover ORG EMAIL"), "the page says what to do: {}", answer.body);
    }
    assert_eq!(switch(&mut back, false, "").json()["applied"], true);
    assert_eq!(app.anonymous().sign_in("ann@acme.test", "violet tractor lagoon").status, 200);
}

#[test]
fn a_recovery_link_expires_after_fifteen_minutes() {
    use vestibule::actions::{Caller, recovery};
    let Acme { app, org, .. } = Acme::connected();
    let organisation = app.app.store.read(|db| db.organisation(org.id.as_str())).expect("there");
    let link = recovery::link(&app.app, &Caller::command_line(), &organisation, crate::app::email("ann@acme.test"));
    let link = link.expect("made");
    assert_eq!(app.anonymous().get(&link).status, 200);
    app.wait(15 * 60);
    assert_eq!(app.anonymous().get(&link).status, 404);
    let token = link.split_once("token=").expect("a token").1;
    assert_eq!(
        app.anonymous().form("/recover", &[("token", token), ("password", "violet tractor lagoon")]).status,
        404
    );
}

#[test]
fn a_wrong_recovery_code_is_logged_only_in_its_organisation() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let birch = app.org("Birch", "business");
    app.person(&birch, "ann@acme.test", vestibule::domain::person::Role::PowerUser, false);
    app.admin(&birch, "gus@birch.test");
    switch(&mut admin, true, "");
    assert_eq!(recover(&app, "ann@acme.test", PASSWORD, "AAAA-BBBB-CCCC").1.status, 401);
    assert_eq!(recover(&app, "ann@acme.test", "left horse battery", "AAAA-BBBB-CCCC").1.status, 401);
    let mut gus = app.signed_in("gus@birch.test");
    let logged = |browser: &mut Browser, organisation: &str| {
        // The next write is committed after the entries that were added in the background.
        let name = json!({ "name": format!("{organisation} too") });
        browser.api("PATCH", &format!("/organisations/{organisation}"), &name);
        let log = browser.read(&format!("/organisations/{organisation}/audit?resource_type=session")).json();
        let log = log["items"].to_string();
        (log.matches("wrong_recovery_code").count(), log.matches("wrong_password").count())
    };
    assert_eq!(logged(&mut admin, "acme"), (1, 1));
    assert_eq!(logged(&mut gus, "birch"), (0, 1));
}

#[test]
fn turning_saml_only_on_again_reports_no_change_and_warns_about_people_who_have_not_used_saml() {
    let Acme { app, org, mut admin } = Acme::connected();
    app.member(&org, "cleo@acme.test");
    let printed = |command: &str| {
        let args: Vec<_> = command.split(' ').collect();
        String::from_utf8_lossy(&vestibule(app.data.path(), &args).stdout).into_owned()
    };
    let off = printed("sso allow-passwords acme --dry-run");
    assert!(off.contains("Note: SAML-only is off already. Nothing changes."), "{off}");
    let before = printed("sso require-saml acme --dry-run");
    assert!(!before.contains("already") && before.contains("loses access: cleo@acme.test"), "{before}");
    codes(&switch(&mut admin, true, ""));
    saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "bob@acme.test");
    let again = printed("sso require-saml acme --dry-run");
    assert!(again.contains("Note: SAML-only is on already. Nothing changes."), "{again}");
    let warning = "Note: cleo@acme.test has not signed in through SAML since the test. Check that they can.";
    assert!(again.contains(warning), "{again}");
    let dry_run = switch(&mut admin, true, "?dry_run=true").body;
    assert!(dry_run.contains("SAML-only is on already") && !dry_run.contains("bob@acme.test has not"), "{dry_run}");
    let allowed = printed("sso allow-passwords acme --dry-run");
    assert!(!allowed.contains("already"), "{allowed}");
}
