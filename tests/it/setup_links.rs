//! Set-up links: the operations that they allow, those that they do not, and when they expire.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{EC_KEY, connect, metadata, saml_sign_in, settings, status};
use crate::mail_server::MailServer;
use crate::program::vestibule;
use crate::site::{Site, SiteAnswer};
use serde_json::{Value, json};
use vestibule::config::Flags;
use vestibule::domain::ids::UserId;

const DAY: i64 = 24 * 3600;
const LINKS: &str = "/organisations/acme/sso/setup-links";

/// Acme, on Enterprise and without a connection, with the admins Ann and Zoe and the member Bob. Globex is another
/// organisation.
struct Prepared {
    app: TestApp,
    org: Org,
    ann_id: UserId,
    ann: Browser,
}

impl Prepared {
    fn new() -> Self {
        Self::with_flags(|_| {})
    }

    fn with_flags(change: impl FnOnce(&mut Flags)) -> Self {
        let app = TestApp::with_operator(change);
        let org = app.org("Acme", "enterprise");
        let ann_id = app.admin(&org, "ann@acme.test");
        app.admin(&org, "zoe@acme.test");
        app.member(&org, "bob@acme.test");
        let globex = app.org("Globex", "enterprise");
        app.admin(&globex, "gus@globex.test");
        let ann = app.signed_in("ann@acme.test");
        Self { app, org, ann_id, ann }
    }

    fn link(&mut self) -> Value {
        made(&mut self.ann, &json!({}))
    }

    /// A browser that uses a new link.
    fn bearer(&mut self) -> Browser {
        let link = self.link();
        bearer(&self.app, &link)
    }

    fn audit(&mut self, action: &str) -> Vec<Value> {
        let log = self.ann.read("/organisations/acme/audit?limit=200").json();
        let entries = log["items"].as_array().expect("entries");
        entries.iter().filter(|entry| entry["action"] == action).cloned().collect()
    }
}

fn made(admin: &mut Browser, body: &Value) -> Value {
    let made = admin.api("POST", LINKS, body);
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

fn token(link: &Value) -> String {
    link["url"].as_str().and_then(|url| url.split_once("token=")).expect("a token").1.to_owned()
}

fn bearer(app: &TestApp, link: &Value) -> Browser {
    with_token(app, &token(link))
}

fn with_token(app: &TestApp, token: &str) -> Browser {
    let mut browser = app.anonymous();
    browser.headers.push(("authorization", format!("SetupLink {token}")));
    browser
}

fn show(bearer: &mut Browser) -> Answer {
    bearer.read("/setup-link/sso")
}

fn save(bearer: &mut Browser) -> Answer {
    bearer.api("PUT", "/setup-link/sso", &settings("acme_SSO"))
}

/// The answers to three requests: show the connection, read metadata, save.
fn answers(bearer: &mut Browser) -> [(u16, String); 3] {
    let read = bearer.api("POST", "/setup-link/sso/metadata", &json!({ "metadata_xml": metadata() }));
    [show(bearer), read, save(bearer)].map(|answer| (answer.status, answer.code()))
}

fn three_times(status: u16, code: &str) -> [(u16, String); 3] {
    [(status, code.to_owned()), (status, code.to_owned()), (status, code.to_owned())]
}

fn assert_not_found(bearer: &mut Browser) {
    assert_eq!(answers(bearer), three_times(404, "not_found"));
}

#[test]
fn a_link_is_shown_once_and_allows_the_set_up_until_the_connection_is_ready() {
    let mut acme = Prepared::new();
    let link = made(&mut acme.ann, &json!({ "days": 3.0, "note": "For Ida of IT" }));
    assert!(link["url"].as_str().expect("a URL").starts_with(&format!("{}/sso-setup?token=", acme.app.url)));
    let mut ida = bearer(&acme.app, &link);
    let seen = show(&mut ida).json();
    assert_eq!((&seen["organisation"], &seen["status"]), (&json!("Acme"), &json!("none")));
    assert_eq!(seen["suggested_portal_key"], "acme_SSO");
    assert!(seen["entity_id"].as_str().is_some_and(|id| id.ends_with("/metadata")) && seen["callback_url"].is_string());
    let read = ida.api("POST", "/setup-link/sso/metadata", &json!({ "metadata_xml": metadata() }));
    assert_eq!(read.json()["sign_on_url"], settings("x")["sign_on_url"]);
    let saved = save(&mut ida);
    assert_eq!((saved.status, &saved.json()["status"]), (200, &json!("draft")), "{}", saved.body);
    assert!(saved.json()["portal_url"].as_str().is_some_and(|url| url.ends_with("/sso?key=acme_SSO")));
    assert_eq!(save(&mut ida).status, 200, "the saved settings can be corrected");
    assert_eq!(saml_sign_in(&acme.app, &mut acme.ann, "/sso?key=acme_SSO&test=1", "ann@acme.test").location(), "/");
    assert_eq!(status(&mut acme.ann, &acme.org), "ready");
    assert_eq!(answers(&mut ida), three_times(409, "setup_done"));
    let listed = acme.ann.read(LINKS);
    assert!(!listed.body.contains(&token(&link)));
    let item = &listed.json()["items"][0];
    assert_eq!((&item["status"], &item["note"]), (&json!("done"), &json!("For Ida of IT")));
    assert_eq!((&item["created_by"], item["last_used_at"].is_string()), (&json!("ann@acme.test"), true));
}

#[test]
fn the_holder_of_a_link_sees_no_people_codes_sign_ins_or_log() {
    let mut acme = Prepared::new();
    let mut ida = acme.bearer();
    for answer in [show(&mut ida), save(&mut ida), show(&mut ida)] {
        for private in ["@acme.test", "recovery", "saml_only", "clock\":{", "attempts", "note", "created_by"] {
            assert!(!answer.body.contains(private), "{private} in {}", answer.body);
        }
    }
    let dry = ida.api("PUT", "/setup-link/sso?dry_run=true", &settings("other_SSO")).json();
    let counts = json!({ "keeps": 0, "loses": 0, "sessions": 0, "grants": 0, "application_sessions": 0, "refresh_tokens": 0, "levels": 0 });
    let empty = json!({ "applied": false, "keeps": [], "loses": [], "applications": [], "levels": [], "counts": counts, "warnings": [] });
    assert_eq!(dry["effect"], empty);
    assert_eq!(show(&mut ida).json()["portal_key"], "acme_SSO");
}

#[test]
fn the_holder_of_a_link_gets_the_same_checks_and_errors_as_an_admin() {
    let mut acme = Prepared::new();
    let mut ida = acme.bearer();
    let mut gus = acme.app.signed_in("gus@globex.test");
    assert_eq!(gus.api("PUT", "/organisations/globex/sso", &settings("globex")).status, 200);
    for (field, value, refused) in [
        ("portal_key", json!("GLOBEX"), (409, "portal_key")),
        ("portal_key", json!("a b"), (422, "portal_key")),
        ("sign_on_url", json!("http://idp.test/"), (422, "sign_on_url")),
        ("certificates", json!(["junk"]), (422, "certificates")),
        ("saml_only", json!(true), (422, "saml_only")),
    ] {
        let mut body = settings("acme_SSO");
        body[field] = value;
        let answer = ida.api("PUT", "/setup-link/sso", &body);
        assert_eq!((answer.status, answer.field().as_str()), refused, "{field}: {}", answer.body);
    }
    assert_eq!(ida.api("POST", "/setup-link/sso/metadata", &json!({ "metadata_url": "http://10.0.0.1/" })).status, 422);
}

/// Operations without a session whose body has its own token or password.
const OPEN: [&str; 10] = [
    "/setup",
    "/setup/inspect",
    "/login",
    "/logout",
    "/password-reset",
    "/password-strength",
    "/password-reset/inspect",
    "/password-reset/finish",
    "/invitations/inspect",
    "/invitations/accept",
];

#[test]
fn a_link_is_refused_on_all_other_routes() {
    let mut acme = Prepared::new();
    let link = acme.link();
    let (workspace, user) = (acme.org.workspace.to_string(), acme.ann_id.to_string());
    for operation in vestibule::http::operations() {
        let (method, pattern) = (operation.method, operation.path);
        if pattern.starts_with("/setup-link/sso") {
            continue;
        }
        let path = pattern
            .replace("{org}", "acme")
            .replace("{id}", &workspace)
            .replace("{user}", &user)
            .replace("{plan}", "enterprise")
            .replace("{link}", link["id"].as_str().expect("an id"));
        let asked = bearer(&acme.app, &link).api(method, &path, &Value::Null);
        if OPEN.contains(&pattern) {
            let anybody = acme.app.anonymous().api(method, &path, &Value::Null);
            assert!(asked.status == 401 || asked == anybody, "{method} {pattern}: {}", asked.body);
        } else {
            assert!([401, 403, 404].contains(&asked.status), "{method} {pattern}: {} {}", asked.status, asked.body);
        }
    }
    assert_eq!(show(&mut bearer(&acme.app, &link)).status, 200, "the link itself is valid");
}

#[test]
fn a_link_is_refused_in_place_of_an_api_key_a_session_or_another_token() {
    let mut acme = Prepared::new();
    let link = acme.link();
    let mut as_key = acme.app.anonymous();
    as_key.headers.push(("authorization", format!("Bearer {}", token(&link))));
    assert_eq!((show(&mut as_key).status, as_key.read("/organisations/acme").status), (401, 401));
    let mut as_cookie = acme.app.anonymous();
    as_cookie.cookies.insert("vestibule_session".into(), token(&link));
    assert_eq!((show(&mut as_cookie).status, as_cookie.read("/me").status), (401, 401));
    let body = json!({ "token": token(&link) });
    assert_eq!(acme.app.anonymous().api("POST", "/invitations/inspect", &body).status, 404);
    // The session of an admin is not accepted on the routes for set-up links, and does not extend the rights of a link.
    assert_eq!(show(&mut acme.ann).status, 401);
    acme.ann.headers.push(("authorization", format!("SetupLink {}", token(&link))));
    assert_eq!((show(&mut acme.ann).status, acme.ann.read("/organisations/acme").status), (200, 401));
}

#[test]
fn an_expired_link_is_refused() {
    let mut acme = Prepared::new();
    let mut usual = acme.bearer();
    let long = made(&mut acme.ann, &json!({ "days": 30 }));
    acme.app.wait(7 * DAY - 1);
    assert_eq!(show(&mut usual).status, 200);
    acme.app.wait(1);
    assert_not_found(&mut usual);
    assert_eq!(show(&mut bearer(&acme.app, &long)).status, 200);
    acme.ann = acme.app.signed_in("ann@acme.test");
    let listed = acme.ann.read(LINKS).json();
    let mut statuses: Vec<_> = listed["items"].as_array().expect("links").iter().map(|link| &link["status"]).collect();
    statuses.sort_by_key(|status| status.to_string());
    assert_eq!(statuses, ["expired", "live"]);
}

#[test]
fn a_revoked_link_is_refused_and_another_still_works() {
    let mut acme = Prepared::new();
    let (one, other) = (acme.link(), acme.link());
    let path = format!("{LINKS}/{}", one["id"].as_str().expect("an id"));
    assert_eq!(acme.app.signed_in("bob@acme.test").api("DELETE", &path, &Value::Null).status, 403);
    assert_eq!(acme.app.signed_in("gus@globex.test").api("DELETE", &path, &Value::Null).status, 404);
    let elsewhere = path.replace("acme", "globex");
    assert_eq!(acme.app.signed_in("gus@globex.test").api("DELETE", &elsewhere, &Value::Null).status, 404);
    assert_eq!(show(&mut bearer(&acme.app, &one)).status, 200);
    assert_eq!(acme.ann.api("DELETE", &path, &Value::Null).status, 204);
    assert_not_found(&mut bearer(&acme.app, &one));
    assert_eq!(show(&mut bearer(&acme.app, &other)).status, 200);
    assert_eq!(acme.ann.api("DELETE", &path, &Value::Null).status, 404);
}

#[test]
fn unknown_links_are_throttled_by_address_and_a_valid_one_is_not() {
    let mut acme = Prepared::with_flags(|flags| flags.sso_rate = Some(5));
    let link = acme.link();
    let guess = || show(&mut with_token(&acme.app, &"0".repeat(64))).status;
    assert_eq!([guess(), guess(), guess(), guess(), guess(), guess()], [404, 404, 404, 404, 404, 429]);
    assert_eq!(show(&mut bearer(&acme.app, &link)).status, 200);
    for bad in ["x", "' OR 1=1 --", &token(&link).to_uppercase(), &token(&link)[1..]] {
        assert_eq!(show(&mut with_token(&acme.app, bad)).status, 429, "{bad}");
    }
    acme.app.wait(12);
    assert_eq!(guess(), 404);
}

#[test]
fn requests_are_throttled_for_each_link_separately() {
    let mut acme = Prepared::new();
    let (mut ida, mut ivo) = (acme.bearer(), acme.bearer());
    let read = |bearer: &mut Browser| {
        bearer.api("POST", "/setup-link/sso/metadata", &json!({ "metadata_xml": metadata() })).status
    };
    assert!((0..60).all(|_| read(&mut ida) == 200));
    assert_eq!((read(&mut ida), save(&mut ida).status, show(&mut ida).status), (429, 429, 200));
    assert_eq!((read(&mut ivo), save(&mut ivo).status), (200, 200));
    acme.app.wait(10);
    assert_eq!(read(&mut ida), 200);
}

#[test]
fn a_link_works_only_for_its_own_organisation() {
    let mut acme = Prepared::new();
    let mut ida = acme.bearer();
    let mut body = settings("acme_SSO");
    body["organisation"] = json!("globex");
    assert_eq!(ida.api("PUT", "/setup-link/sso?organisation=globex", &body).status, 422);
    assert_eq!(ida.api("PUT", "/setup-link/sso?organisation=globex", &settings("acme_SSO")).status, 200);
    let globex = acme.app.signed_in("gus@globex.test").read("/organisations/globex/sso").json();
    assert_eq!(globex["status"], "none");
}

#[test]
fn another_site_cannot_save_through_a_link() {
    let mut acme = Prepared::new();
    let mut ida = acme.bearer();
    for (header, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "http://evil.test")]
    {
        ida.headers.retain(|(name, _)| *name == "authorization");
        ida.headers.push((header, value.into()));
        assert_eq!((save(&mut ida).status, save(&mut ida).code().as_str()), (403, "cross_site"), "{value}");
        let preflight = ida.send("OPTIONS", "/api/v1/setup-link/sso", "", Vec::new());
        assert!(!preflight.headers.contains_key("access-control-allow-origin"));
    }
    assert_eq!(status(&mut acme.ann, &acme.org), "none");
}

#[test]
fn a_link_stops_working_permanently_when_the_connection_is_ready() {
    let mut acme = Prepared::new();
    let mut ida = acme.bearer();
    let mut ready = connect(&acme.app, &acme.org, "ann@acme.test", "acme_SSO");
    assert_eq!(answers(&mut ida), three_times(409, "setup_done"));
    let refused = ready.api("POST", LINKS, &json!({}));
    assert_eq!((refused.status, refused.code().as_str()), (409, "setup_done"));
    // Neither a later draft nor the removal of the connection makes the old link work again.
    let mut other = settings("acme_SSO");
    other["certificates"] = json!([EC_KEY.certificate_pem()]);
    assert_eq!(ready.api("PUT", "/organisations/acme/sso", &other).status, 200);
    assert_eq!(status(&mut ready, &acme.org), "draft");
    assert_eq!(answers(&mut ida), three_times(409, "setup_done"));
    assert_eq!(show(&mut bearer(&acme.app, &made(&mut ready, &json!({})))).status, 200, "a new link works");
    assert_eq!(ready.api("DELETE", "/organisations/acme/sso", &Value::Null).status, 200);
    assert_eq!(answers(&mut ida), three_times(409, "setup_done"));
}

#[test]
fn a_link_is_revoked_with_the_rights_of_the_admin_who_created_it() {
    let mut acme = Prepared::new();
    let mut ida = acme.bearer();
    let mut zoe = acme.app.signed_in("zoe@acme.test");
    let path = format!("/organisations/acme/admins/{}", acme.ann_id);
    let dry = zoe.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
    assert_eq!(dry["warnings"], json!(["1 set-up link that they made stops working."]));
    assert_eq!(show(&mut ida).status, 200);
    assert_eq!(zoe.api("DELETE", &path, &Value::Null).status, 200);
    assert_not_found(&mut ida);
    assert_eq!(zoe.api("POST", "/organisations/acme/admins", &json!({ "email": "ann@acme.test" })).status, 201);
    assert_not_found(&mut ida);
    assert_eq!(show(&mut bearer(&acme.app, &made(&mut zoe, &json!({})))).status, 200);
}

#[test]
fn a_link_created_by_a_key_is_revoked_with_the_key() {
    let mut acme = Prepared::new();
    let mut program = |expires: Value| {
        let body = json!({ "name": "Onboarding", "scopes": ["manage_sso"], "expires_at": expires });
        let key = acme.ann.api("POST", "/organisations/acme/keys", &body).json();
        let mut program = acme.app.program(key["key"].as_str().expect("a key"));
        (bearer(&acme.app, &made(&mut program, &json!({}))), key["id"].as_str().expect("an id").to_owned())
    };
    let (mut of_deleted, id) = program(Value::Null);
    let (mut of_expired, _) = program(json!(acme.app.now().plus(DAY)));
    assert_eq!((show(&mut of_deleted).status, show(&mut of_expired).status), (200, 200));
    assert_eq!(acme.ann.api("DELETE", &format!("/organisations/acme/keys/{id}"), &Value::Null).status, 204);
    assert_not_found(&mut of_deleted);
    assert_eq!(show(&mut of_expired).status, 200);
    acme.app.wait(DAY);
    assert_not_found(&mut of_expired);
}

#[test]
fn a_link_is_inactive_while_the_plan_has_no_sso() {
    let mut acme = Prepared::new();
    let link = acme.link();
    let (mut ida, mut operator) = (bearer(&acme.app, &link), acme.app.operator());
    let mut switch = |plan: &str| operator.api("PUT", "/organisations/acme/plan", &json!({ "plan": plan })).status;
    assert_eq!(switch("business"), 200);
    assert_eq!(answers(&mut ida), three_times(403, "plan_required"));
    assert_eq!(acme.ann.api("POST", LINKS, &json!({})).code(), "plan_required");
    assert_eq!(
        acme.ann.read(LINKS).json()["items"][0]["id"],
        link["id"],
        "an inactive link is listed, so that it can be revoked"
    );
    assert_eq!(switch("enterprise"), 200);
    assert_eq!(show(&mut ida).status, 200);
    assert_eq!(switch("business"), 200);
    let path = format!("{LINKS}/{}", link["id"].as_str().expect("an id"));
    assert_eq!(acme.ann.api("DELETE", &path, &Value::Null).status, 204);
}

#[test]
fn organisation_admins_and_operators_create_links_for_at_most_a_month() {
    let acme = Prepared::new();
    let create = |who: &str, body: Value| acme.app.signed_in(who).api("POST", LINKS, &body);
    assert_eq!(create("bob@acme.test", json!({})).status, 403);
    assert_eq!(create("gus@globex.test", json!({})).status, 404);
    assert_eq!(create("olivia@vestibule.test", json!({})).status, 201);
    for (bad, field) in [
        (json!({ "days": 0 }), "days"),
        (json!({ "days": 31 }), "days"),
        (json!({ "days": "7" }), "days"),
        (json!({ "note": "x".repeat(101) }), "note"),
        (json!({ "token": "mine" }), "token"),
    ] {
        let refused = create("ann@acme.test", bad.clone());
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{bad}");
    }
}

#[test]
fn an_organisation_has_at_most_five_active_links() {
    let mut acme = Prepared::new();
    let first = acme.link();
    for _ in 0..4 {
        made(&mut acme.ann, &json!({ "days": 1 }));
    }
    let sixth = acme.ann.api("POST", LINKS, &json!({}));
    assert_eq!((sixth.status, sixth.code().as_str()), (409, "too_many_setup_links"));
    let path = format!("{LINKS}/{}", first["id"].as_str().expect("an id"));
    assert_eq!(acme.ann.api("DELETE", &path, &Value::Null).status, 204);
    made(&mut acme.ann, &json!({ "days": 1 }));
    acme.app.wait(DAY);
    acme.ann = acme.app.signed_in("ann@acme.test");
    made(&mut acme.ann, &json!({}));
}

#[test]
fn of_twelve_links_created_at_once_five_succeed() {
    let acme = Prepared::new();
    let asking = (0..12).map(|_| {
        let mut ann = acme.app.signed_in("ann@acme.test");
        std::thread::spawn(move || ann.api("POST", LINKS, &json!({})).status)
    });
    let asking: Vec<_> = asking.collect();
    let made: Vec<_> = asking.into_iter().map(|one| one.join().expect("joined")).collect();
    assert_eq!(made.iter().filter(|status| **status == 201).count(), 5, "{made:?}");
    assert!(made.iter().all(|status| [201, 409].contains(status)), "{made:?}");
}

#[test]
fn inspecting_a_link_does_not_use_it_up_and_only_its_digest_is_stored() {
    let mut acme = Prepared::new();
    let link = acme.link();
    let mut ida = bearer(&acme.app, &link);
    for _ in 0..3 {
        assert_eq!(acme.app.anonymous().get(&format!("/sso-setup?token={}", token(&link))).status, 200);
        assert_eq!(ida.send("HEAD", "/api/v1/setup-link/sso", "", Vec::new()).status, 200);
        assert_eq!(show(&mut ida).status, 200);
    }
    for entry in std::fs::read_dir(acme.app.data.path()).expect("a folder") {
        let bytes = std::fs::read(entry.expect("a file").path()).unwrap_or_default();
        let secret = token(&link);
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "no file contains the secret");
    }
}

#[test]
fn the_log_attributes_changes_to_the_link_and_not_to_a_person() {
    let site = Site::new(SiteAnswer::Text(metadata()));
    let mut acme =
        Prepared::with_flags(|flags| flags.providers.fetch.metadata_private_hosts = Some("localhost".into()));
    let link = acme.link();
    let mut ida = bearer(&acme.app, &link);
    show(&mut ida);
    show(&mut ida);
    assert_eq!(ida.api("POST", "/setup-link/sso/metadata", &json!({ "metadata_url": site.url() })).status, 200);
    save(&mut ida);
    let name = format!("set-up link {}", &link["id"].as_str().expect("an id")[..8]);
    for (action, count) in [("setup_link.opened", 1), ("setup_link.metadata_read", 1), ("connection.saved", 1)] {
        let entries = acme.audit(action);
        assert_eq!(entries.len(), count, "{action}: {entries:?}");
        let actor = json!({ "kind": "setup_link", "id": link["id"], "name": name, "full_name": null });
        assert_eq!(entries[0]["actor"], actor, "{action}");
        assert!(!entries[0].to_string().contains(&token(&link)));
    }
    assert_eq!(acme.audit("setup_link.metadata_read")[0]["detail"]["source"], json!(site.url()));
    assert_eq!(acme.audit("setup_link.created")[0]["actor"]["name"], "ann@acme.test");
    let made = acme.audit("setup_link.created")[0]["resource_name"].as_str().expect("a name").to_owned();
    assert!(made.starts_with(&name), "{made} begins with the name that the log uses for the holder of the link");
    let by = acme.ann.read(&format!("/organisations/acme/audit?user={}", name.replace(' ', "%20"))).json();
    assert_eq!(by["items"].as_array().map(Vec::len), Some(3));
    let path = format!("{LINKS}/{}", link["id"].as_str().expect("an id"));
    acme.ann.api("DELETE", &path, &Value::Null);
    assert_eq!(acme.audit("setup_link.revoked").len(), 1);
}

#[test]
fn admins_are_notified_once_of_each_save_that_changes_something() {
    let mail_server = MailServer::new();
    let mut acme = Prepared::with_flags(|flags| flags.mail.smtp_url = Some(mail_server.url()));
    let mut ida = acme.bearer();
    assert_eq!(save(&mut ida).status, 200);
    let mail = mail_server.newest(2, "ann@acme.test");
    assert!(mail.text.contains("Acme: test the new single sign-on settings"), "{}", mail.text);
    assert!(mail.text.contains("/o/acme/sso") && !mail.text.contains("token="));
    mail_server.newest(2, "zoe@acme.test");
    assert_eq!(save(&mut ida).status, 200, "saving the same settings again");
    let mut other = settings("acme_SSO");
    other["sign_on_url"] = json!("https://idp.test/other");
    assert_eq!(ida.api("PUT", "/setup-link/sso", &other).status, 200);
    assert_eq!(mail_server.wait_for(4).len(), 4);
    // Admins are not notified of their own changes.
    assert_eq!(acme.ann.api("PUT", "/organisations/acme/sso", &settings("acme_SSO")).status, 200);
    acme.app.wait(60);
    assert_eq!(mail_server.wait_for(4).len(), 4);
}

#[test]
fn the_command_line_creates_lists_and_revokes_links_while_the_server_runs() {
    let mut acme = Prepared::new();
    let data = acme.app.data.path().to_owned();
    let run = |args: &[&str]| {
        let output = vestibule(&data, &[&["sso", "setup-link"], args].concat());
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, made) = run(&["create", "acme", "--days", "3", "--note", "For Ida"]);
    assert_eq!(code, Some(0));
    let url = made.lines().find(|line| line.starts_with(&acme.app.url)).expect("a link of the running server");
    let mut ida = bearer(&acme.app, &json!({ "url": url }));
    assert_eq!(save(&mut ida).status, 200);
    let listed: Value = serde_json::from_str(&run(&["list", "acme", "--json"]).1).expect("JSON");
    assert_eq!((&listed[0]["note"], &listed[0]["created_by"]), (&json!("For Ida"), &json!("command line")));
    assert!(run(&["list", "acme"]).1.contains("live") && !run(&["list", "acme"]).1.contains("token="));
    let id = listed[0]["id"].as_str().expect("an id");
    assert_eq!(run(&["revoke", "globex", id]).0, Some(1));
    assert_eq!(run(&["revoke", "acme", id]).0, Some(0));
    assert_not_found(&mut ida);
    assert_eq!(run(&["create", "acme", "--days", "31"]).0, Some(2));
    let another: Value = serde_json::from_str(&run(&["create", "acme", "--json"]).1).expect("JSON");
    assert_eq!(show(&mut bearer(&acme.app, &another)).status, 200);
    assert_eq!(acme.audit("setup_link.revoked")[0]["actor"]["kind"], "command_line");
}
