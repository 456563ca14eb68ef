//! The API keys of an organisation.

use crate::acme::Acme;
use crate::browser::{Answer, Browser};
use crate::idp::{connect, settings};
use serde_json::{Value, json};

fn acme() -> Acme {
    let acme = Acme::on("enterprise");
    acme.app.member(&acme.org, "bob@acme.test");
    acme.app.org("Globex", "business");
    acme
}

fn create(admin: &mut Browser, body: &Value) -> Answer {
    admin.api("POST", "/organisations/acme/keys", body)
}

impl Acme {
    /// A program that uses a new key with these scopes.
    fn program(&mut self, scopes: &[&str]) -> Browser {
        let made = create(&mut self.admin, &json!({ "name": "Program", "scopes": scopes }));
        assert_eq!(made.status, 201, "{}", made.body);
        self.app.program(made.json()["key"].as_str().expect("a key"))
    }
}

#[test]
fn a_key_is_shown_once_listed_without_its_secret_and_deleted() {
    let mut acme = acme();
    let made = create(&mut acme.admin, &json!({ "name": "Backup", "scopes": ["read"] })).json();
    let secret = made["key"].as_str().expect("a key").to_owned();
    assert!(secret.starts_with("vk_") && secret.len() > 60, "{secret}");
    assert_eq!(acme.app.program(&secret).read("/organisations/acme").status, 200);
    let listed = acme.admin.read("/organisations/acme/keys");
    let item = &listed.json()["items"][0];
    assert_eq!((item["name"].as_str(), item["created_by"].as_str()), (Some("Backup"), Some("ann@acme.test")));
    assert!(item["last_used_at"].is_string() && !listed.body.contains(&secret));
    let path = format!("/organisations/acme/keys/{}", item["id"].as_str().expect("an id"));
    assert_eq!(acme.app.operator().api("DELETE", &path.replace("acme", "globex"), &Value::Null).status, 404);
    assert_eq!(acme.admin.api("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(acme.app.program(&secret).read("/organisations/acme").status, 401);
    assert_eq!(acme.admin.api("DELETE", &path, &Value::Null).status, 404);
}

#[test]
fn organisation_admins_create_keys_and_keys_cannot() {
    let mut acme = acme();
    let body = json!({ "name": "x", "scopes": ["read"] });
    assert_eq!(create(&mut acme.app.signed_in("bob@acme.test"), &body).status, 403);
    let mut program = acme.program(&["read", "manage_members", "manage_sso"]);
    assert_eq!(create(&mut program, &body).status, 403);
    assert_eq!(program.read("/organisations/acme/keys").status, 403);
    for (bad, field) in [
        (json!({ "name": "x", "scopes": [] }), "scopes"),
        (json!({ "name": "x", "scopes": ["operator"] }), "scopes"),
        (json!({ "name": "", "scopes": ["read"] }), "name"),
        (json!({ "name": "x", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z" }), "expires_at"),
        (json!({ "name": "x", "scopes": ["read"], "expires_at": "soon" }), "expires_at"),
    ] {
        let refused = create(&mut acme.admin, &bad);
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{bad}");
    }
}

#[test]
fn a_key_with_only_the_read_scope_cannot_change_anything() {
    let mut acme = acme();
    let mut program = acme.program(&["read"]);
    let workspace = acme.org.workspace.to_string();
    for path in ["", "/members", "/admins", "/workspaces", "/sso", "/sso/attempts", "/audit"] {
        assert_eq!(program.read(&format!("/organisations/acme{path}")).status, 200, "{path}");
    }
    assert_eq!(program.read(&format!("/workspaces/{workspace}/members")).status, 200);
    assert_eq!(program.read("/organisations").json()["items"].as_array().map(Vec::len), Some(1));
    for (method, path, body) in [
        ("POST", format!("/workspaces/{workspace}/invitations"), json!({ "email": "x@acme.test", "role": "admin" })),
        ("PUT", "/organisations/acme/sso".into(), settings("acme_SSO")),
        ("PATCH", "/organisations/acme".into(), json!({ "name": "Taken" })),
        ("POST", "/organisations/acme/workspaces".into(), json!({ "name": "New" })),
        ("POST", "/organisations/acme/admins".into(), json!({ "email": "bob@acme.test" })),
        ("PUT", "/organisations/acme/plan".into(), json!({ "plan": "starter" })),
    ] {
        assert_eq!(program.api(method, &path, &body).status, 403, "{method} {path}");
    }
}

#[test]
fn a_key_has_no_access_to_other_organisations_operator_pages_or_a_persons_own_settings() {
    let mut acme = acme();
    let mut program = acme.program(&["read", "manage_members", "manage_sso"]);
    assert_eq!(program.read("/organisations/globex").status, 404);
    assert_eq!(program.api("PUT", "/organisations/globex/sso", &settings("globex")).status, 404);
    for path in ["/plans", "/audit", "/mails", "/me", "/me/sessions"] {
        assert_eq!(program.read(path).status, 403, "{path}");
    }
    let new = json!({ "name": "X", "plan": "starter", "admin_email": "a@b.test" });
    assert_eq!(program.api("POST", "/organisations", &new).status, 403);
    assert_eq!(program.api("DELETE", "/organisations/acme", &Value::Null).status, 403);
}

#[test]
fn the_scope_for_members_cannot_create_organisation_admins() {
    let mut acme = acme();
    let mut program = acme.program(&["manage_members"]);
    let base = format!("/workspaces/{}", acme.org.workspace);
    let invited =
        program.api("POST", &format!("{base}/invitations"), &json!({ "email": "eve@acme.test", "role": "admin" }));
    assert_eq!((invited.status, invited.json()["invited_by"].as_str()), (201, Some("Program")));
    let bob = acme.app.member(&acme.org, "bob@acme.test");
    assert_eq!(program.api("PATCH", &format!("{base}/members/{bob}"), &json!({ "role": "admin" })).status, 200);
    assert_eq!(program.api("DELETE", &format!("{base}/members/{bob}"), &Value::Null).status, 200);
    assert_eq!(program.api("POST", "/organisations/acme/admins", &json!({ "email": "ann@acme.test" })).status, 403);
    assert_eq!(program.api("PATCH", &base, &json!({ "name": "Taken" })).status, 403);
    assert_eq!(program.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).code(), "scope_required");
    let made = acme.app.operator().api(
        "POST",
        "/organisations",
        &json!({ "name": "Initech", "plan": "business", "admin_email": "ivy@initech.test" }),
    );
    let (workspace, invitation) = (made.json()["workspace"]["id"].clone(), made.json()["invitation"]["id"].clone());
    let made = made.json();
    let org = made["organisation"]["slug"].as_str().expect("a slug");
    let key = acme.app.operator().api(
        "POST",
        &format!("/organisations/{org}/keys"),
        &json!({ "name": "k", "scopes": ["manage_members"] }),
    );
    let mut program = acme.app.program(key.json()["key"].as_str().expect("a key"));
    let resend = format!(
        "/workspaces/{}/invitations/{}/resend",
        workspace.as_str().expect("an id"),
        invitation.as_str().expect("an id")
    );
    assert_eq!(program.api("POST", &resend, &Value::Null).status, 403, "the link would create an organisation admin");
}

#[test]
fn the_scope_for_sso_sets_up_the_connection_and_turns_saml_only_off_but_not_on() {
    let mut acme = acme();
    let mut program = acme.program(&["manage_sso"]);
    assert_eq!(program.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
    let mut ann = connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    let on = json!({ "enabled": true });
    assert_eq!(program.api("PUT", "/organisations/acme/sso/saml-only", &on).code(), "saml_grant_required");
    let codes = program.api("POST", "/organisations/acme/sso/recovery-codes", &Value::Null);
    assert_eq!((codes.status, codes.code().as_str()), (403, "forbidden"), "only a person can create recovery codes");
    let (_, operators) = acme.app.operators_key("Program");
    let codes = acme.app.program(&operators).api("POST", "/organisations/acme/sso/recovery-codes", &Value::Null);
    assert_eq!((codes.status, codes.code().as_str()), (403, "forbidden"));
    assert_eq!(ann.api("PUT", "/organisations/acme/sso/saml-only", &on).status, 200);
    assert_eq!(program.read("/organisations/acme/sso").status, 200, "SAML-only does not affect keys");
    assert_eq!(program.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": false })).status, 200);
}

#[test]
fn an_expired_key_is_refused() {
    let mut acme = acme();
    let until = acme.app.now().plus(3600).to_string();
    let made = create(&mut acme.admin, &json!({ "name": "Short", "scopes": ["read"], "expires_at": until })).json();
    assert_eq!(made["expires_at"].as_str(), Some(until.as_str()));
    let mut program = acme.app.program(made["key"].as_str().expect("a key"));
    assert_eq!(program.read("/organisations/acme").status, 200);
    acme.app.wait(3600);
    let refused = program.read("/organisations/acme");
    assert_eq!((refused.status, refused.code().as_str()), (401, "unauthorized"));
}

#[test]
fn the_effect_of_removing_an_admin_names_the_keys_that_they_created() {
    let mut acme = acme();
    let globex = acme.app.org("Initech", "business");
    let carl = acme.app.admin(&acme.org, "carl@acme.test");
    acme.app.admin(&globex, "carl@acme.test");
    let mut browser = acme.app.signed_in("carl@acme.test");
    let body = |name: &str| json!({ "name": name, "scopes": ["read"] });
    let members = format!("/organisations/acme/members/{carl}");
    let admins = format!("/organisations/acme/admins/{carl}");
    assert_eq!(browser.api("POST", "/organisations/initech/keys", &body("Elsewhere")).status, 201);
    for path in [&members, &admins] {
        let reported = acme.admin.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
        assert_eq!(reported["warnings"], json!([]), "no warning for a key of another organisation");
    }
    assert_eq!(create(&mut browser, &body("Payroll")).status, 201);
    let named = json!(["API keys that they made keep working: Payroll (of Acme). Delete those that should stop."]);
    for path in [&members, &admins] {
        let reported = acme.admin.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
        assert_eq!(reported["warnings"], named);
    }
    assert_eq!(acme.admin.api("DELETE", &admins, &Value::Null).json()["warnings"], named);
    assert_eq!(
        acme.admin.api("DELETE", &members, &Value::Null).json()["warnings"],
        named,
        "keys that a former admin created are named too"
    );
}

#[test]
fn a_key_cannot_end_the_sessions_of_an_organisation_admin() {
    let mut acme = acme();
    let mut program = acme.program(&["read", "manage_members"]);
    let (ann, ben) = (acme.app.user("ann@acme.test"), acme.app.member(&acme.org, "ben@acme.test"));
    let (mut by_ann, mut by_ben) = (acme.app.signed_in("ann@acme.test"), acme.app.signed_in("ben@acme.test"));
    let mut end = |which: String| program.api("DELETE", &format!("/organisations/acme/members/{which}"), &Value::Null);
    let listed = acme.admin.read(&format!("/organisations/acme/members/{ann}/sessions")).json();
    let one = listed["items"][0]["id"].as_str().expect("an id");
    assert_eq!(end(format!("{ann}/sessions/{one}")).status, 403);
    assert_eq!((end(format!("{ann}/sessions")).status, by_ann.read("/me").status), (403, 200));
    assert_eq!((end(format!("{ben}/sessions")).status, by_ben.read("/me").status), (204, 401));
}
