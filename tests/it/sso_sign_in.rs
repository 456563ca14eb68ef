//! Signing in through SAML.

use crate::acme::Acme;
use crate::app::{PASSWORD, TestApp};
use crate::idp::{KEY, callback, connect, deliver, request_of, saml_sign_in, settings, status, valid_response};
use serde_json::{Value, json};
use vestibule::saml::test_idp::Sign;

#[test]
fn a_member_signs_in_and_is_redirected_to_the_return_path() {
    let Acme { app, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let landed = saml_sign_in(&app, &mut bob, "/sso?key=ACME_sso&return=/account", "Bob@Acme.test");
    assert_eq!((landed.status, landed.location()), (303, "/account"));
    let me = bob.read("/me").json();
    assert_eq!((me["person"]["email"].as_str(), me["password"].as_bool()), (Some("bob@acme.test"), Some(false)));
    assert_eq!(
        (me["grants"][0]["method"].as_str(), me["organisations"][0]["open"].as_bool()),
        (Some("saml"), Some(true))
    );
    assert!(!bob.cookies.keys().any(|name| name.starts_with("vestibule_sso_")));
}

#[test]
fn the_portal_key_form_answers_with_a_link_and_a_refresh_to_the_portal() {
    let Acme { app, .. } = Acme::connected();
    let page = app.anonymous().form("/login/sso", &[("key", " acme_SSO "), ("return", "/account")]);
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("http-equiv=\"refresh\"") && page.body.contains("/sso?key=acme_SSO&amp;return=%2Faccount")
    );
    let evil = app.anonymous().form("/login/sso", &[("key", "\"><script>alert(1)</script>")]);
    assert!(!evil.body.contains("<script>alert"));
}

#[test]
fn an_unknown_portal_key_and_inactive_sso_get_the_same_answer() {
    let Acme { app, org, mut admin } = Acme::connected();
    let unknown = app.anonymous().get("/sso?key=nobody");
    assert_eq!(unknown.refused_with(), "sso_unavailable");
    let mut page = app.anonymous();
    page.get("/sso?key=nobody");
    assert!(page.get("/login?error=sso_unavailable").body.contains("Single sign-on is not available for this key."));
    let draft = app.org("Draft", "enterprise");
    app.admin(&draft, "dora@draft.test");
    app.signed_in("dora@draft.test").api("PUT", "/organisations/draft/sso", &settings("draft_SSO"));
    let neutral = |path: &str| app.anonymous().get(path).refused_with();
    for path in ["/sso?key=draft_SSO", "/sso?key=acme_SSO&test=1", "/sso", "/sso?key=%00", "/sso?key=a"] {
        assert_eq!(neutral(path), "sso_unavailable", "{path}");
    }
    assert_eq!(admin.get("/sso?key=draft_SSO&test=1").refused_with(), "sso_unavailable");
    app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "business" }));
    assert_eq!(neutral("/sso?key=acme_SSO"), "sso_unavailable");
}

#[test]
fn a_wrong_portal_key_is_kept_in_its_field_with_advice_and_the_return_path() {
    let Acme { app, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let refused = bob.get("/sso?key=acme%22%3E%3Cb%3E&return=/account");
    assert_eq!(refused.refused_with(), "sso_unavailable");
    assert!(!refused.location().contains("acme"), "{}", refused.location());
    let page = bob.get(refused.location()).body;
    assert!(page.contains("value=\"acme&quot;&gt;&lt;b&gt;\""), "{page}");
    assert!(page.contains("aria-invalid=\"true\" aria-describedby=\"key-error key-hint\""), "{page}");
    assert_eq!(
        page.matches("Single sign-on is not available for this key.").count(),
        1,
        "the message is shown once, at the field"
    );
    assert!(page.contains("Check how it is spelled, or ask your admin for it."), "{page}");
    assert_eq!(page.matches("name=\"return\" value=\"/account\"").count(), 2, "{page}");
    // A valid key gets no error message, and neither does a page without a refusal.
    let page = app.anonymous().get("/login?key=acme_SSO").body;
    assert!(!page.contains("aria-invalid") && page.contains("value=\"acme_SSO\""), "{page}");
    // Input that is longer than any key is not stored in the cookie.
    let long = app.anonymous().get(&format!("/sso?key={}", "k".repeat(3000)));
    assert!(long.set_cookies.iter().all(|cookie| cookie.len() < 1000), "{:?}", long.set_cookies);
    let wrong =
        bob.form("/login", &[("email", "bob@acme.test"), ("password", "left horse battery"), ("return", "/o/acme")]);
    let page = bob.get(wrong.location()).body;
    assert_eq!(
        page.matches("name=\"return\" value=\"/o/acme\"").count(),
        2,
        "the return path is kept after a wrong password"
    );
}

#[test]
fn a_portal_url_is_accepted_as_key_and_another_address_is_reported_at_the_field() {
    let Acme { app, org, mut admin } = Acme::connected();
    let portal_url = app.app.portal_url("acme_SSO");
    let bare = portal_url.split_once("://").expect("a scheme").1.to_owned();
    for typed in [portal_url.clone(), format!("  {portal_url}&return=%2Fo%2Facme\n"), bare, format!("<{portal_url}>")] {
        let page = app.anonymous().form("/login/sso", &[("key", &typed), ("return", "/account")]);
        assert!(page.body.contains("/sso?key=acme_SSO&amp;return=%2Faccount\""), "{typed}: {}", page.body);
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("key", &typed).finish();
        request_of(&app.anonymous().get(&format!("/sso?{query}")));
        let saved = admin.api("PUT", "/organisations/acme/sso", &settings(&typed));
        assert_eq!((saved.status, saved.json()["portal_key"].as_str()), (200, Some("acme_SSO")), "{}", saved.body);
    }
    let metadata_url = admin.read(&format!("/organisations/{}/sso", org.slug)).json()["entity_id"].clone();
    for (typed, on_the_page, in_the_settings) in [
        (metadata_url.as_str().expect("text"), "This is an address. Enter only the key", "and not an address"),
        ("https://idp.test/sso?key=acme_SSO", "This is an address. Enter only the key", "and not an address"),
        ("bob@acme.test", "This is an e-mail address. Enter your organisation’s key", "and not an e-mail address"),
    ] {
        let mut bob = app.anonymous();
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("key", typed).finish();
        let refused = bob.get(&format!("/sso?{query}"));
        let page = bob.get(refused.location()).body;
        assert!(page.contains(on_the_page), "{page}");
        assert!(page.contains("aria-invalid=\"true\"") && !page.contains("not available for this key"), "{page}");
        let refused = admin.api("PUT", "/organisations/acme/sso", &settings(typed));
        assert_eq!((refused.status, refused.field().as_str()), (422, "portal_key"), "{}", refused.body);
        assert!(refused.body.contains(in_the_settings), "{}", refused.body);
    }
}

#[test]
fn a_person_without_membership_is_refused_and_no_account_is_created() {
    let Acme { app, org, mut admin } = Acme::connected();
    let mut stranger = app.anonymous();
    let refused = saml_sign_in(&app, &mut stranger, "/sso?key=acme_SSO", "carl@acme.test");
    assert_eq!(refused.refused_with(), "sso_not_a_member");
    let page = stranger.get(refused.location()).body;
    assert!(
        page.contains(
            "Your identity provider signed you in as carl@acme.test, but carl@acme.test is not a member of Acme."
        ),
        "{page}"
    );
    assert!(!refused.location().contains("carl"), "the URL must not contain values of the response");
    assert_eq!((app.accounts("carl@acme.test"), stranger.has_session()), (0, false));
    let attempts = admin.read(&format!("/organisations/{}/sso/attempts", org.slug)).json();
    let attempt = &attempts["items"][0];
    assert_eq!(attempt["refusal"]["code"], "not_a_member");
    assert_eq!(attempt["refusal"]["fault_text"], "The person is not invited.");
    assert!(attempt["refusal"]["fix"].as_str().expect("text").contains("under People"), "{attempt}");
    let reference = attempt["reference"].as_str().expect("a reference");
    assert!(page.contains(&format!("Ask an admin to invite you. Reference: {reference}")), "{page}");
}

#[test]
fn a_person_identified_by_a_directory_name_is_shown_the_address_that_is_needed() {
    let Acme { app, mut admin, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let refused = saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.onmicrosoft.com");
    assert_eq!(refused.refused_with(), "sso_not_a_member");
    let page = bob.get(refused.location()).body;
    assert!(
        page.contains("bob@acme.onmicrosoft.com is not a member of Acme. If your e-mail address is another"),
        "{page}"
    );
    let attempts = admin.read("/organisations/acme/sso/attempts").json();
    assert_eq!(attempts["items"][0]["refusal"]["code"], "directory_name");
    assert!(attempts["items"][0]["refusal"].to_string().contains("E-Mail-Addresses as E-Mail Address"), "{attempts}");
    // A person who is a member under this name can sign in.
    let mut invited = app.anonymous();
    let workspace = admin.read("/me").json()["organisations"][0]["workspaces"][0]["id"].clone();
    let path = format!("/workspaces/{}/invitations", workspace.as_str().expect("an id"));
    let sent = admin.api("POST", &path, &json!({ "email": "bob@acme.onmicrosoft.com", "role": "power_user" }));
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(saml_sign_in(&app, &mut invited, "/sso?key=acme_SSO", "bob@acme.onmicrosoft.com").location(), "/");
}

#[test]
fn a_guest_identified_by_an_internal_name_is_shown_the_address_that_is_needed() {
    let Acme { app, org, mut admin } = Acme::connected();
    let guest = "ann_home.test#ext#@contoso.onmicrosoft.com";
    let mut stranger = app.anonymous();
    let refused = saml_sign_in(&app, &mut stranger, "/sso?key=acme_SSO", guest);
    assert_eq!(refused.refused_with(), "sso_not_a_member");
    let page = stranger.get(refused.location()).body;
    assert!(page.contains("the internal name of a guest account") && page.contains("claim user.mail"), "{page}");
    let attempts = admin.read(&format!("/organisations/{}/sso/attempts", org.slug)).json();
    let refusal = &attempts["items"][0]["refusal"];
    assert_eq!((refusal["code"].as_str(), refusal["received"].as_str()), (Some("guest_name"), Some(guest)));
    // An invitation for exactly this name lets the guest sign in.
    let path = format!("/workspaces/{}/invitations", org.workspace);
    assert_eq!(admin.api("POST", &path, &json!({ "email": guest, "role": "power_user" })).status, 201);
    assert_eq!(saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", guest).location(), "/");
}

#[test]
fn the_first_saml_sign_in_accepts_a_pending_invitation() {
    let Acme { app, org, mut admin } = Acme::connected();
    let path = format!("/workspaces/{}/invitations", org.workspace);
    admin.api("POST", &path, &json!({ "email": "carl@acme.test", "role": "power_user" }));
    let mut carl = app.anonymous();
    assert_eq!(saml_sign_in(&app, &mut carl, "/sso?key=acme_SSO", "carl@acme.test").location(), "/");
    assert_eq!(carl.read("/me").json()["organisations"][0]["workspaces"][0]["role"], "power_user");
    assert_eq!(admin.read(&path).json()["items"], json!([]));
    admin.api("POST", &path, &json!({ "email": "dora@acme.test", "role": "admin" }));
    app.wait(24 * 3600);
    let late = saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "dora@acme.test");
    assert_eq!(late.refused_with(), "sso_not_a_member");
    assert_eq!(app.accounts("dora@acme.test"), 0);
}

#[test]
fn a_password_for_an_account_without_one_is_refused_like_a_wrong_one_and_logged_as_such() {
    let Acme { app, org, mut admin } = Acme::connected();
    let path = format!("/workspaces/{}/invitations", org.workspace);
    admin.api("POST", &path, &json!({ "email": "carl@acme.test", "role": "power_user" }));
    assert_eq!(saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "carl@acme.test").location(), "/");
    let none = app.anonymous().sign_in("carl@acme.test", "left horse battery");
    let wrong = app.anonymous().sign_in("ann@acme.test", "left horse battery");
    assert_eq!((none.status, &none.body), (wrong.status, &wrong.body));
    app.finish_log();
    let log = admin.read("/organisations/acme/audit?resource_type=session").json();
    let refused = log["items"].as_array().expect("a list").iter().filter(|one| one["action"] == "session.refused");
    let reasons: Vec<_> = refused.map(|one| (&one["resource_name"], &one["detail"]["reason"])).collect();
    assert_eq!(
        reasons,
        [(&json!("ann@acme.test"), &json!("wrong_password")), (&json!("carl@acme.test"), &json!("no_password"))]
    );
}

#[test]
fn a_members_sign_in_accepts_an_invitation_to_a_second_workspace() {
    let Acme { app, org, mut admin } = Acme::connected();
    let made =
        admin.api("POST", &format!("/organisations/{}/workspaces", org.slug), &json!({ "name": "Second" })).json();
    let id = made["id"].as_str().expect("an id");
    admin.api("POST", &format!("/workspaces/{id}/invitations"), &json!({ "email": "bob@acme.test", "role": "admin" }));
    let mut bob = app.anonymous();
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    assert_eq!(bob.read(&format!("/workspaces/{id}")).json()["role"], "admin");
    assert_eq!(app.signed_in("bob@acme.test").read(&format!("/workspaces/{id}")).status, 200);
}

#[test]
fn a_revoked_member_is_refused_even_if_the_provider_identifies_them() {
    let Acme { app, org, mut admin } = Acme::connected();
    let mut bob = app.anonymous();
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    let id = bob.read("/me").json()["person"]["id"].as_str().expect("an id").to_owned();
    admin.api("DELETE", &format!("/workspaces/{}/members/{id}", org.workspace), &Value::Null);
    assert_eq!(bob.read(&format!("/organisations/{}", org.slug)).code(), "session_over");
    let refused = saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    assert_eq!(refused.refused_with(), "sso_not_a_member");
}

#[test]
fn saml_needs_no_password_and_both_methods_work() {
    let Acme { app, org, .. } = Acme::connected();
    let (org_id, workspace) = (org.id.clone(), org.workspace.clone());
    app.write(move |tx| {
        let user = tx.add_user(&crate::app::email("nell@acme.test"), "Nell", None, false)?;
        let standing = vestibule::domain::access::Standing { admin: false, password_agreed: true };
        tx.add_person(&org_id, &user, standing)?;
        tx.set_place(&org_id, &workspace, &user, &vestibule::domain::person::Role::PowerUser)
    });
    assert_eq!(saml_sign_in(&app, &mut app.anonymous(), "/sso?key=acme_SSO", "nell@acme.test").location(), "/");
    let mut bob = app.signed_in("bob@acme.test");
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    let methods: Vec<_> = bob.read("/me").json()["grants"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|grant| grant["method"].clone())
        .collect();
    assert_eq!(methods.len(), 2, "{methods:?}");
}

#[test]
fn the_connection_covers_workspaces_that_are_created_later() {
    let Acme { app, org, mut admin } = Acme::connected();
    let made =
        admin.api("POST", &format!("/organisations/{}/workspaces", org.slug), &json!({ "name": "Later" })).json();
    let id = made["id"].as_str().expect("an id");
    admin.api("POST", &format!("/workspaces/{id}/invitations"), &json!({ "email": "carl@acme.test", "role": "admin" }));
    let mut carl = app.anonymous();
    saml_sign_in(&app, &mut carl, "/sso?key=acme_SSO", "carl@acme.test");
    assert_eq!(carl.read(&format!("/workspaces/{id}")).json()["role"], "admin");
}

#[test]
fn a_provider_gives_no_access_to_other_organisations() {
    let Acme { app, .. } = Acme::connected();
    let globex = app.org("Globex", "enterprise");
    app.admin(&globex, "bob@acme.test");
    let mut bob = app.anonymous();
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    let me = bob.read("/me").json();
    assert_eq!(me["organisations"].as_array().expect("a list").len(), 1);
    assert_eq!(me["organisations"][0]["slug"], "acme");
    for path in [
        format!("/organisations/{}", globex.slug),
        format!("/workspaces/{}", globex.workspace),
        format!("/organisations/{}/sso", globex.slug),
    ] {
        assert_eq!(bob.read(&path).status, 404, "{path}");
    }
    assert_eq!(bob.read("/organisations").json()["items"].as_array().expect("a list").len(), 1);
    assert_eq!(bob.api("PATCH", "/me", &json!({ "name": "Taken over" })).code(), "password_required");
    let password = json!({ "current_password": PASSWORD, "new_password": "violet tractor lagoon" });
    assert_eq!(bob.api("PUT", "/me/password", &password).code(), "password_required");
    assert_eq!(bob.api("PATCH", "/me", &json!({ "language": "de" })).status, 200);
}

#[test]
fn a_saml_session_cannot_see_or_end_sessions_of_other_organisations() {
    let Acme { app, .. } = Acme::connected();
    let globex = app.org("Globex", "business");
    app.member(&globex, "bob@acme.test");
    let mut at_globex = app.signed_in("bob@acme.test");
    let password_only = at_globex.read("/me/sessions").json()["items"][0]["id"].as_str().expect("an id").to_owned();
    let mut bob = app.anonymous();
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    let listed = bob.read("/me/sessions").json();
    for session in listed["items"].as_array().expect("a list") {
        assert_eq!(session["organisations"], json!(["Acme"]), "{session}");
    }
    let refused = bob.api("DELETE", &format!("/me/sessions/{password_only}"), &json!(null));
    assert_eq!((refused.status, refused.code().as_str()), (403, "password_required"));
    assert_eq!(at_globex.read("/me").status, 200);
    let own = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["current"] == true)
        .expect("the current session");
    let own = own["id"].as_str().expect("an id");
    assert_eq!(bob.api("DELETE", &format!("/me/sessions/{own}"), &json!(null)).status, 204);
}

#[test]
fn a_provider_that_identifies_the_operator_gets_no_operator_rights() {
    let Acme { app, org, mut admin } = Acme::connected();
    admin.api(
        "POST",
        &format!("/workspaces/{}/invitations", org.workspace),
        &json!({ "email": "olivia@vestibule.test", "role": "admin" }),
    );
    let mut mallory = app.anonymous();
    saml_sign_in(&app, &mut mallory, "/sso?key=acme_SSO", "olivia@vestibule.test");
    let me = mallory.read("/me").json();
    assert_eq!((me["person"]["operator"].as_bool(), me["password"].as_bool()), (Some(false), Some(false)));
    assert_eq!(mallory.read("/plans").status, 403);
    assert_eq!(
        mallory
            .api("POST", "/organisations", &json!({ "name": "X", "plan": "starter", "admin_email": "a@b.test" }))
            .status,
        403
    );
}

#[test]
fn an_older_password_gives_no_access_to_a_membership_gained_through_saml() {
    let Acme { app, org, mut admin } = Acme::connected();
    // An attacker may have created this account and may know its password: it may not belong to the person whom Acme
    // invited.
    let elsewhere = app.org("Elsewhere", "business");
    app.member(&elsewhere, "carl@acme.test");
    admin.api(
        "POST",
        &format!("/workspaces/{}/invitations", org.workspace),
        &json!({ "email": "carl@acme.test", "role": "admin" }),
    );
    let mut carl = app.anonymous();
    assert_eq!(saml_sign_in(&app, &mut carl, "/sso?key=acme_SSO", "carl@acme.test").location(), "/");
    let mut other = app.signed_in("carl@acme.test");
    let me = other.read("/me").json();
    let open: Vec<_> =
        me["grants"].as_array().expect("a list").iter().map(|grant| grant["organisation"].clone()).collect();
    assert_eq!(open, [json!(elsewhere.id)]);
    // The refusal names the organisation in order to link to its portal, but not if there is no portal.
    let mut refused = || {
        let answer = other.read(&format!("/workspaces/{}", org.workspace));
        assert_eq!((answer.status, answer.code().as_str()), (403, "sso_required"), "{}", answer.body);
        assert_eq!(answer.json()["error"]["organisation"], json!(org.id));
        answer.json()["error"]["message"].as_str().expect("text").to_owned()
    };
    assert_eq!(refused(), "This organisation needs another sign-in method. Sign in through its SSO portal.");
    app.operator().api("PUT", "/organisations/acme/plan", &json!({ "plan": "business" }));
    assert_eq!(
        refused(),
        "At the moment you cannot sign in to this organisation by any method. Ask one of its admins."
    );
}

#[test]
fn signing_in_through_saml_keeps_the_persons_other_grants() {
    let Acme { app, .. } = Acme::connected();
    let globex = app.org("Globex", "business");
    app.member(&globex, "bob@acme.test");
    let mut bob = app.signed_in("bob@acme.test");
    saml_sign_in(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
    assert_eq!(bob.read("/me").json()["grants"].as_array().expect("a list").len(), 3);
    let mut other = app.operator();
    saml_sign_in(&app, &mut other, "/sso?key=acme_SSO", "bob@acme.test");
    let me = other.read("/me").json();
    assert_eq!((me["person"]["operator"].as_bool(), me["grants"].as_array().map(Vec::len)), (Some(false), Some(1)));
}

#[test]
fn the_end_of_the_providers_session_limits_the_grant() {
    let Acme { app, org, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let mut minted = valid_response(&app, &request, "bob@acme.test");
    minted.session_not_on_or_after = Some(app.now().plus(3600).to_string());
    let finish = deliver(&mut bob, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    bob.get(finish.location());
    app.wait(3599);
    assert_eq!(bob.read(&format!("/organisations/{}", org.slug)).status, 200);
    app.wait(1);
    assert_eq!(bob.read(&format!("/organisations/{}", org.slug)).code(), "session_over");
}

#[test]
fn the_test_sign_in_must_identify_the_admin() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    app.admin(&org, "abe@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO"));
    let other = saml_sign_in(&app, &mut ann, "/sso?key=acme_SSO&test=1", "abe@acme.test");
    assert_eq!(other.refused_with(), "sso_test_other_person");
    assert_eq!(status(&mut ann, &org), "draft");
    let start = "/sso?key=acme_SSO&test=1&return=/o/acme/sso";
    assert_eq!(saml_sign_in(&app, &mut ann, start, "ann@acme.test").location(), "/o/acme/sso");
    assert_eq!(status(&mut ann, &org), "ready");
    assert_eq!(ann.read("/me").json()["grants"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_test_without_its_session_is_refused() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO"));
    let finish = callback(&app, &mut ann, "/sso?key=acme_SSO&test=1", "ann@acme.test");
    let session = ann.cookies.remove("vestibule_session").expect("a session");
    assert_eq!(ann.get(finish.location()).refused_with(), "sso_unavailable");
    ann.cookies.insert("vestibule_session".into(), session);
    assert_eq!(status(&mut ann, &org), "draft");
}

#[test]
fn a_sign_in_finishes_only_in_the_browser_that_started_it() {
    let Acme { app, .. } = Acme::connected();
    let (mut mallory, mut victim) = (app.anonymous(), app.anonymous());
    // Login forgery: the attacker's own response, with its ticket opened in the victim's browser.
    let finish = callback(&app, &mut mallory, "/sso?key=acme_SSO", "bob@acme.test");
    assert_eq!(victim.get(finish.location()).refused_with(), "sso_other_browser");
    assert!(!victim.has_session());
    assert_eq!(mallory.get(finish.location()).refused_with(), "sso_expired");
    victim.get("/sso?key=acme_SSO");
    let finish = callback(&app, &mut mallory, "/sso?key=acme_SSO", "bob@acme.test");
    assert_eq!(victim.get(finish.location()).refused_with(), "sso_other_browser");
}

#[test]
fn relay_state_does_not_choose_the_return_path() {
    let Acme { app, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO&return=https://evil.test"));
    let xml = valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Assertion);
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, xml);
    let finish =
        bob.cross_site_form(&request.acs_url, &[("SAMLResponse", &base64), ("RelayState", "https://evil.test")]);
    assert_eq!(bob.get(finish.location()).location(), "/");
}

#[test]
fn the_portal_redirects_to_the_public_host_once() {
    let app = TestApp::with_flags(|flags| flags.public_url = Some("https://login.example.com".into()));
    app.write(move |tx| tx.add_user(&crate::app::email("o@v.test"), "O", None, true));
    let org = app.org("Acme", "enterprise");
    drop(org);
    let away = app.anonymous().get("/sso?key=acme&return=/account");
    assert_eq!((away.status, away.location()), (303, "https://login.example.com/sso?key=acme&return=/account&home=1"));
    assert_eq!(app.anonymous().get("/sso?key=acme&home=1").refused_with(), "sso_unavailable");
}

#[test]
fn a_response_for_another_organisation_at_the_same_provider_is_refused() {
    let Acme { app, .. } = Acme::connected();
    let globex = app.org("Globex", "enterprise");
    app.admin(&globex, "gina@globex.test");
    app.member(&globex, "bob@acme.test");
    connect(&app, &globex, "gina@globex.test", "globex_SSO");
    let mut bob = app.anonymous();
    let acme_request = request_of(&bob.get("/sso?key=acme_SSO"));
    let globex_request = request_of(&bob.get("/sso?key=globex_SSO"));
    let xml = valid_response(&app, &acme_request, "bob@acme.test").sign(&KEY, Sign::Both);
    assert_eq!(deliver(&mut bob, &globex_request.acs_url, &xml).refused_with(), "sso_not_verified");
    let mut minted = valid_response(&app, &globex_request, "bob@acme.test");
    minted.audiences = vec![acme_request.issuer.clone()];
    assert_eq!(
        deliver(&mut bob, &globex_request.acs_url, &minted.sign(&KEY, Sign::Both)).refused_with(),
        "sso_not_verified"
    );
    let finish = deliver(&mut bob, &acme_request.acs_url, &xml);
    assert_eq!(bob.get(finish.location()).location(), "/");
    assert_eq!(bob.read("/me").json()["organisations"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_sign_in_is_refused_if_its_certificate_was_removed_during_it() {
    let Acme { app, org, mut admin } = Acme::connected();
    let (ours, other) = (KEY.certificate_pem(), crate::idp::OTHER_KEY.certificate_pem());
    for (certificates, is_in) in [(json!([ours, other]), true), (json!([other]), false)] {
        let mut bob = app.anonymous();
        let finish = callback(&app, &mut bob, "/sso?key=acme_SSO", "bob@acme.test");
        let mut changed = settings("acme_SSO");
        changed["certificates"] = certificates;
        assert_eq!(admin.api("PUT", &format!("/organisations/{}/sso", org.slug), &changed).status, 200);
        let end = bob.get(finish.location());
        if is_in {
            assert_eq!(end.location(), "/", "an additional certificate does not affect the sign-in");
        } else {
            assert_eq!(end.refused_with(), "sso_expired");
        }
    }
}

#[test]
fn a_refusal_is_recorded_with_the_rule_and_the_expected_and_received_values() {
    let Acme { app, org, mut admin } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let mut minted = valid_response(&app, &request, "bob@acme.test");
    minted.audiences = vec!["https://other.test".into()];
    let refused = deliver(&mut bob, &request.acs_url, &minted.sign(&KEY, Sign::Assertion));
    assert_eq!(refused.refused_with(), "sso_not_verified");
    let page = bob.get(refused.location()).body;
    let attempts = admin.read(&format!("/organisations/{}/sso/attempts", org.slug)).json();
    let newest = &attempts["items"][0];
    assert!(page.contains(&format!("Reference: {}", newest["reference"].as_str().expect("text"))), "{page}");
    assert!(!page.contains("other.test"));
    let path = format!("/organisations/{}/sso/attempts/{}", org.slug, newest["id"].as_str().expect("an id"));
    let shown = admin.read(&path).json();
    assert_eq!((shown["outcome"].as_str(), shown["refusal"]["code"].as_str()), (Some("refused"), Some("audience")));
    assert_eq!(shown["refusal"]["received"], "https://other.test");
    let fix = shown["refusal"]["fix"].as_str().expect("text");
    assert!(fix.contains("Keycloak: Clients > the client > Settings > Client ID"), "{fix}");
    assert!(shown["refusal"]["fixes"]["okta"].as_str().expect("text").contains("Audience URI"));
    let rule =
        shown["rules"].as_array().expect("a list").iter().find(|rule| rule["rule"] == "audience").expect("the rule");
    assert_eq!((rule["ok"].as_bool(), rule["received"].as_str()), (Some(false), Some("https://other.test")));
    assert_eq!(app.signed_in("bob@acme.test").read(&path).status, 403);
}

#[test]
fn invalid_posts_are_not_recorded_and_recorded_refusals_are_limited() {
    let Acme { app, org, mut admin } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let before =
        admin.read(&format!("/organisations/{}/sso/attempts", org.slug)).json()["items"].as_array().map(Vec::len);
    for garbage in ["<x/>", "not XML", ""] {
        assert_eq!(deliver(&mut bob, &request.acs_url, garbage).refused_with(), "sso_not_verified");
    }
    let after = admin.read(&format!("/organisations/{}/sso/attempts", org.slug)).json();
    assert_eq!((after["items"].as_array().map(Vec::len), after["untraced"].as_i64()), (before, Some(3)));
    let mut minted = valid_response(&app, &request, "bob@acme.test");
    minted.audiences = vec!["https://other.test".into()];
    let wrong = minted.sign(&KEY, Sign::Assertion);
    for _ in 0..70 {
        deliver(&mut bob, &request.acs_url, &wrong);
    }
    let after = admin.read(&format!("/organisations/{}/sso/attempts?limit=200", org.slug)).json();
    assert_eq!(after["items"].as_array().map(Vec::len), before.map(|before| before + 60));
    assert_eq!(after["untraced"], 13);
    app.wait(-2 * 3600);
    deliver(&mut bob, &request.acs_url, &wrong);
    let after = admin.read(&format!("/organisations/{}/sso/attempts?limit=200", org.slug)).json();
    assert_eq!(
        after["items"].as_array().map(Vec::len),
        before.map(|before| before + 61),
        "recorded after the clock was set back"
    );
}

#[test]
fn an_unknown_connection_and_a_plan_without_sso_get_the_same_refusal() {
    let Acme { app, org, .. } = Acme::connected();
    let mut bob = app.anonymous();
    let request = request_of(&bob.get("/sso?key=acme_SSO"));
    let xml = valid_response(&app, &request, "bob@acme.test").sign(&KEY, Sign::Assertion);
    let nobody = format!("{}/saml/{}/acs", app.url, "0".repeat(32));
    assert_eq!(deliver(&mut bob, &nobody, &xml).refused_with(), "sso_unavailable");
    app.operator().api("PUT", &format!("/organisations/{}/plan", org.slug), &json!({ "plan": "business" }));
    assert_eq!(deliver(&mut bob, &request.acs_url, &xml).refused_with(), "sso_unavailable");
}
