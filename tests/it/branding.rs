//! The name and the logo that replace Vestibule's. Logos are sanitised; a brand is shown only to people who may know
//! the organisation.

use crate::acme::Acme;
use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use crate::mail::with;
use crate::mail_server::MailServer;
use crate::program::vestibule;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const SVG: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M1 1h3\" fill=\"#a1b\"/></svg>";

fn data_url(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, width, height).write_header().expect("written");
    writer.write_image_data(&vec![7; (width * height) as usize]).expect("written");
    writer.finish().expect("written");
    bytes
}

fn set(browser: &mut Browser, path: &str, body: &Value) -> Answer {
    browser.api("PUT", path, body)
}

const OF_ACME: &str = "/organisations/acme/branding";

/// The address of the logo of Ann's organisation.
fn logo_address(browser: &mut Browser) -> String {
    browser.read("/me").json()["organisations"][0]["brand"]["logo"].as_str().expect("a logo").to_owned()
}

#[test]
fn a_dry_run_validates_the_brand_and_saves_nothing() {
    let Acme { app, admin: mut ann, .. } = Acme::on("enterprise");
    let dry = format!("{OF_ACME}?dry_run=true");
    let with_comment = SVG.replace("<path", "<!-- x --><path");
    let answer = set(&mut ann, &dry, &json!({ "logo": data_url(&with_comment) }));
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "name": null, "logo": data_url(SVG) })),
        "{}",
        answer.body
    );
    assert_eq!(ann.read(OF_ACME).json(), json!({ "name": null, "logo": null }));
    let log = ann.read("/organisations/acme/audit?resource_type=branding").json();
    assert_eq!(log["items"], json!([]));
    let script = data_url(&SVG.replace("<path", "<script>alert(1)</script><path"));
    for path in [dry.as_str(), OF_ACME] {
        let refused = set(&mut ann, path, &json!({ "logo": script }));
        assert_eq!((refused.status, refused.field().as_str()), (422, "logo"), "{path}: {}", refused.body);
    }
    let other = app.org("Other", "business");
    app.member(&other, "mia@other.test");
    assert_eq!(set(&mut app.signed_in("mia@other.test"), &dry, &json!({ "name": "Mia" })).status, 404);
}

#[test]
fn a_brand_is_sanitised_shown_logged_and_removed() {
    let Acme { app, admin: mut ann, .. } = Acme::on("enterprise");
    assert_eq!(ann.read(OF_ACME).json(), json!({ "name": null, "logo": null }));
    let sent = SVG.replace("<path", "<!-- x --><metadata>secret</metadata><path class=\"a\"");
    let answer = set(&mut ann, OF_ACME, &json!({ "name": "Acme & Söhne", "logo": data_url(&sent) }));
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "name": "Acme & Söhne", "logo": data_url(SVG) })),
        "{}",
        answer.body
    );
    assert_eq!(ann.read(OF_ACME).json(), answer.json());
    let brand = ann.read("/me").json()["organisations"][0]["brand"].clone();
    assert_eq!((brand["name"].as_str(), brand["label"].as_str()), (Some("Acme & Söhne"), Some("Acme & Söhne")));
    let png = format!("data:image/png;base64,{}", STANDARD.encode(png(30, 20)));
    assert_eq!(set(&mut ann, OF_ACME, &json!({ "logo": png })).status, 200);
    let brand = ann.read("/me").json()["organisations"][0]["brand"].clone();
    assert_eq!(
        (brand["name"].as_str(), brand["label"].as_str()),
        (None, Some("Acme")),
        "PUT replaces both the name and the logo"
    );
    assert_eq!(ann.api("DELETE", OF_ACME, &Value::Null).status, 204);
    assert_eq!(ann.api("DELETE", OF_ACME, &Value::Null).status, 204);
    assert_eq!(ann.read("/me").json()["organisations"][0]["brand"], Value::Null);
    let log = ann.read("/organisations/acme/audit?resource_type=branding").json();
    let actions: Vec<_> = log["items"].as_array().expect("a list").iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions, ["branding.removed", "branding.changed", "branding.changed"]);
    assert_eq!(log["items"][2]["detail"], json!({ "name": "Acme & Söhne", "logo": "image/svg+xml" }));
    assert_eq!(app.operator().api("DELETE", "/organisations/acme?confirm=Acme", &Value::Null).status, 200);
}

#[test]
fn logos_with_active_content_and_other_files_are_refused() {
    let Acme { app: _app, admin: mut ann, .. } = Acme::on("enterprise");
    assert_eq!(set(&mut ann, OF_ACME, &json!({ "logo": data_url(SVG) })).status, 200);
    let svg = |inside: &str| data_url(&SVG.replace("<path", &format!("{inside}<path")));
    for (body, field) in [
        (json!({ "logo": svg("<script>alert(1)</script>") }), "logo"),
        (json!({ "logo": svg("<g onload=\"alert(1)\"/>") }), "logo"),
        (json!({ "logo": svg("<image href=\"https://evil.test/x.png\"/>") }), "logo"),
        (json!({ "logo": svg("<style>@import url(//evil.test)</style>") }), "logo"),
        (json!({ "logo": svg("<foreignObject/>") }), "logo"),
        (json!({ "logo": data_url(&format!("<!DOCTYPE svg [<!ENTITY x \"y\">]>{SVG}")) }), "logo"),
        (json!({ "logo": "data:text/html,<script>alert(1)</script>" }), "logo"),
        (json!({ "logo": format!("data:image/png;base64,{}", STANDARD.encode("<script>")) }), "logo"),
        (json!({ "logo": format!("data:image/png;base64,{}", STANDARD.encode(png(3000, 1))) }), "logo"),
        (json!({ "logo": data_url(&SVG.replace("M1", &"M1 1".repeat(20_000))) }), "logo"),
        (json!({ "logo": "https://acme.test/logo.svg" }), "logo"),
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a\u{202e}b" }), "name"),
        (json!({}), "name"),
        (json!({ "name": "Acme", "colour": "red" }), "colour"),
    ] {
        let refused = set(&mut ann, OF_ACME, &body);
        assert_eq!((refused.status, refused.field().as_str()), (422, field), "{}", refused.body);
    }
    assert_eq!(ann.read(OF_ACME).json()["logo"], data_url(SVG));
}

#[test]
fn a_logo_is_an_inert_image_at_an_unguessable_address() {
    let Acme { app, admin: mut ann, .. } = Acme::on("enterprise");
    set(&mut ann, OF_ACME, &json!({ "logo": data_url(SVG) }));
    let address = logo_address(&mut ann);
    let mut anybody = app.anonymous();
    let logo = anybody.get(&address);
    assert_eq!((logo.status, logo.body.as_str()), (200, SVG));
    for (header, value) in [
        ("content-type", "image/svg+xml"),
        ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "attachment; filename=\"logo\""),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(logo.headers.get(header).map(String::as_str), Some(value), "{header}");
    }
    for (wanted_as, status) in
        [("image", 200), ("iframe", 403), ("object", 403), ("embed", 403), ("script", 403), ("style", 403)]
    {
        anybody.headers = vec![("sec-fetch-dest", wanted_as.into())];
        assert_eq!(anybody.get(&address).status, status, "{wanted_as}");
    }
    set(&mut ann, OF_ACME, &json!({ "logo": data_url(&SVG.replace("#a1b", "#b1a")) }));
    assert_ne!(logo_address(&mut ann), address);
    let mut anybody = app.anonymous();
    assert_eq!(
        [
            anybody.get(&address).status,
            anybody.get("/logos/x").status,
            anybody.get(&format!("/logos/{}", "0".repeat(32))).status
        ],
        [404; 3]
    );
}

#[test]
fn the_appliances_brand_is_on_every_page_before_sign_in() {
    let app = TestApp::new();
    let mut anybody = app.anonymous();
    assert!(anybody.get("/login").body.contains("Vestibule</p>"));
    let name = "Front <Desk>";
    assert_eq!(set(&mut app.operator(), "/branding", &json!({ "name": name, "logo": data_url(SVG) })).status, 200);
    let login = anybody.get("/login").body;
    assert!(
        login.contains("Front &lt;Desk&gt;</p>") && login.contains("<title>Sign in · Front &lt;Desk&gt;</title>"),
        "{login}"
    );
    assert!(login.contains("src=\"/logos/") && !login.contains("Vestibule"), "{login}");
    let page = anybody.get("/forgot").body;
    assert!(page.contains("data-brand=\"{&quot;label&quot;:&quot;Front &lt;Desk&gt;&quot;"), "{page}");
    assert_eq!(app.operator().read("/branding").json()["name"], name);
    assert_eq!(app.operator().api("DELETE", "/branding", &Value::Null).status, 204);
    assert!(anybody.get("/login").body.contains("Vestibule</p>"));
}

#[test]
fn an_organisations_brand_is_shown_only_to_people_who_may_know_the_organisation() {
    let Acme { app, org, admin: mut ann } = Acme::on("enterprise");
    set(&mut app.operator(), "/branding", &json!({ "name": "Front desk" }));
    set(&mut ann, OF_ACME, &json!({ "name": "Acme Sekrit", "logo": data_url(SVG) }));
    let link = ann.api("POST", "/organisations/acme/sso/setup-links", &json!({})).json();
    let mut bearer = app.anonymous();
    let token = link["url"].as_str().and_then(|url| url.split("token=").nth(1)).expect("a token");
    bearer.headers.push(("authorization", format!("SetupLink {token}")));
    assert_eq!(bearer.read("/setup-link/sso").json()["brand"]["name"], "Acme Sekrit");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    let sees = |browser: &mut Browser, path: &str| {
        let page = browser.get(path).body;
        assert!(page.contains("Acme Sekrit") != page.contains("Front desk"), "{page}");
        page.contains("Acme Sekrit")
    };
    assert!(!sees(&mut app.anonymous(), "/login"));
    assert!(!sees(&mut app.anonymous(), "/login?key=other_SSO"));
    assert!(!sees(&mut app.anonymous(), "/login?key=acme"));
    assert!(!sees(&mut app.anonymous(), "/invitation?token=x"));
    assert!(sees(&mut app.anonymous(), "/login?key=acme_SSO"));
    assert!(sees(&mut ann, "/login"));
    let mut anybody = app.anonymous();
    assert!(anybody.form("/login/sso", &[("key", "acme_SSO")]).body.contains("Acme Sekrit"));
    assert!(!anybody.form("/login/sso", &[("key", "other_SSO")]).body.contains("Acme Sekrit"));

    let globex = app.org("Globex", "business");
    app.admin(&globex, "gus@globex.test");
    let mut gus = app.signed_in("gus@globex.test");
    assert!(!sees(&mut gus, "/login"));
    assert_eq!(gus.read(OF_ACME).status, 404);
    assert!(!gus.read("/me").body.contains("Sekrit"));
    // A browser whose sign-in through the identity provider was refused.
    let mut back = app.anonymous();
    saml_sign_in(&app, &mut back, "/sso?key=acme_SSO", "nobody@acme.test");
    assert!(sees(&mut back, "/login?error=sso_not_a_member"));
    assert!(!sees(&mut back, "/login"));
    let invited = ann.api(
        "POST",
        &format!("/workspaces/{}/invitations", org.workspace),
        &json!({ "email": "new@acme.test", "role": "admin" }),
    );
    let url = invited.json()["accept_url"].as_str().expect("a link").to_owned();
    let token = json!({ "token": url.split_once("token=").expect("a token").1 });
    let invitation = app.anonymous().api("POST", "/invitations/inspect", &token).json();
    assert_eq!(invitation["brand"]["name"], "Acme Sekrit");
}

#[test]
fn requests_for_the_brand_of_a_portal_key_are_throttled() {
    let app = TestApp::with_operator(|flags| flags.sso_rate = Some(5));
    let org = app.org("Acme", "enterprise");
    app.admin(&org, "ann@acme.test");
    connect(&app, &org, "ann@acme.test", "acme_SSO");
    set(&mut app.operator(), OF_ACME, &json!({ "name": "Acme Sekrit" }));
    let mut anybody = app.anonymous();
    for n in 0..6 {
        anybody.get(&format!("/login?key=guess_{n}"));
    }
    assert!(!anybody.get("/login?key=acme_SSO").body.contains("Sekrit"));
    app.wait(120);
    assert!(anybody.get("/login?key=acme_SSO").body.contains("Sekrit"));
}

#[test]
fn emails_begin_with_the_name_of_the_organisation_or_the_appliance() {
    let mail_server = MailServer::new();
    let app = with(&mail_server);
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    set(&mut app.operator(), "/branding", &json!({ "name": "Front desk" }));
    app.anonymous().api("POST", "/password-reset", &json!({ "email": "ann@acme.test" }));
    let text = mail_server.newest(1, "ann@acme.test").text;
    assert!(text.contains("\r\n\r\nFront desk\r\n\r\n"), "{text}");
    set(&mut ann, OF_ACME, &json!({ "name": "Acme visit evil.example" }));
    ann.api(
        "POST",
        &format!("/workspaces/{}/invitations", org.workspace),
        &json!({ "email": "new@acme.test", "role": "admin" }),
    );
    let text = mail_server.newest(2, "new@acme.test").text;
    assert!(text.contains("\r\n\r\nAcme visit evil example\r\n\r\n") && !text.contains("Front desk"), "{text}");
}

#[test]
fn brands_are_changed_only_by_operators_and_organisation_admins() {
    let Acme { app, org, admin: mut ann } = Acme::on("enterprise");
    app.member(&org, "max@acme.test");
    let mut max = app.signed_in("max@acme.test");
    let body = json!({ "name": "New" });
    assert_eq!(
        [
            max.read(OF_ACME).status,
            set(&mut max, OF_ACME, &body).status,
            max.api("DELETE", OF_ACME, &Value::Null).status
        ],
        [200, 403, 403]
    );
    assert_eq!([ann.read("/branding").status, set(&mut ann, "/branding", &body).status], [403, 403]);
    assert_eq!([app.anonymous().read(OF_ACME).status, app.anonymous().read("/branding").status], [401, 401]);
    assert_eq!(set(&mut app.operator(), OF_ACME, &body).status, 200);
}

#[test]
fn the_command_line_sets_shows_and_removes_a_brand() {
    let Acme { app, admin: mut ann, .. } = Acme::on("enterprise");
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), png(8, 8)).expect("written");
    let path = file.path().to_str().expect("text");
    let run = |args: &[&str]| {
        let output = vestibule(app.data.path(), args);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (code, reported) = run(&["branding", "set", "--org", "acme", "--logo", path]);
    assert!(
        code == Some(0)
            && reported.starts_with("Saved. Pages and e-mails of Acme now show:\nName: none\nLogo: image/png, "),
        "{reported}"
    );
    let (code, reported) = run(&["branding", "set", "--org", "acme", "--name", "Acme & Co"]);
    assert!(
        code == Some(0) && reported.contains("of Acme now show:\nName: Acme & Co\nLogo: image/png, "),
        "{reported}"
    );
    let (code, reported) = run(&["branding", "set", "--name", "Front desk"]);
    assert_eq!(
        (code, reported.as_str()),
        (Some(0), "Saved. Pages and e-mails of the appliance now show:\nName: Front desk\nLogo: none\n")
    );
    let set = ann.read(OF_ACME).json();
    assert_eq!(set["name"], "Acme & Co");
    assert!(set["logo"].as_str().is_some_and(|logo| logo.starts_with("data:image/png;base64,")), "the logo is kept");
    let shown: serde_json::Value =
        serde_json::from_str(&run(&["branding", "show", "--org", "acme", "--json"]).1).expect("JSON");
    assert_eq!(shown, set, "the API and the command line return the same");
    std::fs::write(file.path(), "<svg><script/></svg>").expect("written");
    let (code, reported) = run(&["branding", "set", "--logo", path]);
    assert!(code == Some(2) && reported.contains(path), "{reported}");
    assert_eq!(run(&["branding", "set"]).0, Some(2));
    assert_eq!(run(&["branding", "remove", "--org", "acme"]).0, Some(0));
    assert_eq!(ann.read(OF_ACME).json()["name"], Value::Null);
    assert_eq!(run(&["branding", "show", "--org", "nobody"]).0, Some(1));
}
