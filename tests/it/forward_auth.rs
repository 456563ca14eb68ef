//! Forward auth: the requests of a proxy, and the redirects that a browser follows.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{connect, saml_sign_in};
use crate::jwt::{self, Token};
use crate::program::vestibule;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::Duration;
use url::Url;
use vestibule::domain::principal::Claim;
use vestibule::store::Tx;

pub const HOST: &str = "wiki.acme.test";

/// Acme with the application Wiki at `wiki.acme.test`: `/static/` is public, `/hello` needs a sign-in, and `/admin/`
/// the level admin.
pub struct World {
    pub app: TestApp,
    pub org: Org,
    pub ann: Browser,
    pub wiki: String,
}

/// A browser at an application. Its proxy asks Vestibule before each request, and passes requests for `/.vestibule/` on
/// to Vestibule.
pub struct AtApplication {
    /// The browser at the public URL, and its origin.
    pub home: Browser,
    pub origin: String,
    /// The cookies of the browser at the host of the application.
    pub cookies: BTreeMap<String, String>,
    pub host: String,
}

impl World {
    pub fn new() -> Self {
        Self::of(TestApp::with_operator(|_| ()))
    }

    fn of(app: TestApp) -> Self {
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        app.member(&org, "pat@acme.test");
        let hosts = json!({ "hosts": ["*.acme.test-apps.test", HOST] });
        assert_eq!(app.operator().api("PUT", "/organisations/acme/application-hosts", &hosts).status, 200);
        let mut ann = app.signed_in("ann@acme.test");
        let body = json!({
            "kind": "proxy", "name": "Wiki", "url": "https://wiki.acme.test", "hosts": [HOST],
            "rules": [
                { "path": "/static/", "require": "public" },
                { "path": "/hello", "require": "signed_in" },
                { "path": "/admin/", "require": "admin" },
            ],
        });
        let made = ann.api("POST", &format!("/workspaces/{}/applications", org.workspace), &body);
        assert_eq!(made.status, 201, "{}", made.body);
        let wiki = made.json()["id"].as_str().expect("an id").to_owned();
        Self { app, org, ann, wiki }
    }

    /// A browser at the Wiki, whose person is signed in at the public URL.
    pub fn at_wiki(&self, email: &str) -> AtApplication {
        AtApplication { home: self.app.signed_in(email), ..self.anonymous() }
    }

    pub fn anonymous(&self) -> AtApplication {
        let origin = self.app.app.config.public_url.origin().to_owned();
        AtApplication { home: self.app.anonymous(), origin, cookies: BTreeMap::new(), host: HOST.into() }
    }
}

impl AtApplication {
    /// The browser as the proxy forwards its requests: without cookies of the public URL, and with those of the
    /// application's host.
    pub fn proxy(&self, headers: &[(&'static str, &str)]) -> Browser {
        let mut proxy = self.home.clone();
        proxy.cookies.clear();
        proxy.cookie_suffix = String::new();
        proxy.headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            proxy.headers.push(("cookie", cookies.join("; ")));
        }
        proxy
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in &answer.set_cookies {
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            assert!(attributes.contains("HttpOnly") && attributes.contains("Secure") && attributes.contains("Path=/"));
            assert!(!attributes.contains("Domain"), "{cookie}");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
    }

    /// Asks whether a request is allowed, as Caddy and Traefik do.
    pub fn check(&self, method: &str, uri: &str, more: &[(&'static str, &str)]) -> Answer {
        let own = [
            ("x-forwarded-method", method),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", &self.host),
            ("x-forwarded-uri", uri),
        ];
        self.proxy(&[&own[..], more].concat()).send("GET", "/auth/check", "", Vec::new())
    }

    /// As `check`, for a browser that opens a page.
    pub fn open(&self, uri: &str) -> Answer {
        self.check("GET", uri, &[("accept", "text/html"), ("sec-fetch-mode", "navigate")])
    }

    /// Requests a path of the application's host that the proxy passes on to Vestibule.
    pub fn own(&mut self, method: &str, path: &str, more: &[(&'static str, &str)]) -> Answer {
        let host = self.host.clone();
        let headers = [&[("host", &host[..]), ("x-forwarded-proto", "https")][..], more].concat();
        let answer = self.proxy(&headers).send(method, path, "", Vec::new());
        self.keep(&answer);
        answer
    }

    /// Follows the redirects of a refused check; returns the path at the public URL to which they lead.
    pub fn path_at_home(&mut self, uri: &str) -> String {
        let refused = self.open(uri);
        assert_eq!(refused.status, 302, "{}", refused.body);
        let start = path_of(refused.location(), &format!("https://{}", self.host));
        let onward = self.own("GET", &start, &[]);
        assert_eq!(onward.status, 303, "{}", onward.body);
        path_of(onward.location(), &self.origin)
    }

    /// Follows the redirects of a refused check to the public URL; returns the answer there.
    fn start(&mut self, uri: &str) -> Answer {
        let continued = self.path_at_home(uri);
        self.home.get(&continued)
    }

    /// As `enter`, but returns the path at the host of the application to which the last redirect leads.
    pub fn path_of_finish(&mut self, uri: &str) -> String {
        let back = self.start(uri);
        assert_eq!(back.status, 303, "{}", back.body);
        path_of(back.location(), &format!("https://{}", self.host))
    }

    /// Signs in at the application as a person who is signed in at the public URL; returns the last answer.
    pub fn enter(&mut self, uri: &str) -> Answer {
        let finish = self.path_of_finish(uri);
        self.own("GET", &finish, &[])
    }

    pub fn application_cookie(&self) -> String {
        self.cookies["__Host-vestibule_app"].clone()
    }
}

/// The path and the query of an address of this origin.
pub fn path_of(address: &str, origin: &str) -> String {
    let rest = address.strip_prefix(origin).unwrap_or_else(|| panic!("{address} is not at {origin}"));
    assert!(rest.starts_with('/'), "{address}");
    rest.to_owned()
}

pub fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).unwrap_or_else(|| panic!("no {name}: {:?}", answer.headers))
}

#[test]
fn a_signed_in_person_is_redirected_to_the_requested_page_and_the_application_receives_their_identity() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    let entered = pat.enter("/pages/start?tab=2&x=%2Fy");
    assert_eq!((entered.status, entered.location()), (303, "/pages/start?tab=2&x=%2Fy"));
    assert_eq!(pat.cookies.len(), 1, "the cookie of the started sign-in is removed: {:?}", pat.cookies);
    let allowed = pat.check("GET", "/pages/start?tab=2", &[]);
    assert_eq!((allowed.status, &allowed.body[..]), (200, ""));
    let id = world.app.user("pat@acme.test");
    let groups = format!("acme,acme/{},role:power-user,level:editor", world.org.workspace);
    for (name, value) in [
        ("remote-user", "pat@acme.test"),
        ("remote-email", "pat@acme.test"),
        ("remote-groups", &groups),
        ("x-vestibule-user", id.as_str()),
        ("x-vestibule-organisation", "acme"),
        ("x-vestibule-role", "power-user"),
        ("x-vestibule-level", "editor"),
        ("x-vestibule-assertion", ""),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(header(&allowed, name), value, "{name}");
    }
    assert!(!header(&allowed, "remote-name").is_empty() && !header(&allowed, "x-vestibule-workspace").is_empty());
    let me = pat.own("GET", "/.vestibule/me", &[]).json();
    assert_eq!(
        (&me["email"], &me["level"], &me["role"]),
        (&json!("pat@acme.test"), &json!("editor"), &json!("power-user"))
    );
    // An admin path is refused with the reason, and with the admins who can help.
    let denied = pat.open("/admin/users");
    assert_eq!(denied.status, 403);
    assert!(
        denied.body.contains("ann@acme.test") && denied.body.contains("Wiki") && denied.body.contains("admin"),
        "{}",
        denied.body
    );
    assert_eq!(pat.check("GET", "/admin/users", &[]).code(), "access_denied");
    let mut ann = world.at_wiki("ann@acme.test");
    ann.enter("/");
    assert_eq!(header(&ann.check("GET", "/admin/users", &[]), "x-vestibule-level"), "admin");
}

#[test]
fn a_person_without_a_session_signs_in_by_password_or_under_saml_only_through_saml() {
    let world = World::new();
    let mut pat = world.anonymous();
    let to_login = pat.start("/pages/start");
    assert_eq!(to_login.status, 303);
    let login = Url::parse("https://x").expect("a URL").join(to_login.location()).expect("a URL");
    assert_eq!(login.path(), "/login");
    let back = login.query_pairs().find(|(name, _)| name == "return").expect("a return path").1.into_owned();
    let form = [("email", "pat@acme.test"), ("password", crate::app::PASSWORD), ("return", &back)];
    let signed_in = pat.home.form("/login", &form);
    assert_eq!(signed_in.location(), back);
    let finish = path_of(pat.home.get(&back).location(), "https://wiki.acme.test");
    assert_eq!(pat.own("GET", &finish, &[]).location(), "/pages/start");
    assert_eq!(pat.check("GET", "/", &[]).status, 200);
    // Under SAML-only, the sign-in redirects directly to the identity provider.
    let mut ann = connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
    saml_sign_in(&world.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true }));
    assert_eq!(on.status, 200, "{}", on.body);
    assert_eq!(
        pat.check("GET", "/", &[]).status,
        401,
        "SAML-only ends the application session that began with a password"
    );
    let mut nia = world.anonymous();
    let to_sso = nia.start("/pages/start");
    assert!(to_sso.location().starts_with("/sso?key=acme_SSO&return="), "{}", to_sso.location());
    let to_sso = to_sso.location().to_owned();
    let landed = saml_sign_in(&world.app, &mut nia.home, &to_sso, "pat@acme.test");
    let back = landed.location().to_owned();
    assert!(back.starts_with("/auth/start?request="), "{back}");
    let finish = path_of(nia.home.get(&back).location(), "https://wiki.acme.test");
    assert_eq!(nia.own("GET", &finish, &[]).location(), "/pages/start");
    assert_eq!(header(&nia.check("GET", "/", &[]), "remote-user"), "pat@acme.test");
}

#[test]
fn a_browser_that_signs_in_gets_a_page_that_goes_on_to_the_application() {
    let world = World::new();
    let mut pat = world.anonymous();
    let to_login = pat.start("/pages/start").location().to_owned();
    let login = Url::parse("https://x").expect("a URL").join(&to_login).expect("a URL");
    let back = login.query_pairs().find(|(name, _)| name == "return").expect("a return path").1.into_owned();
    let form = [("email", "pat@acme.test"), ("password", crate::app::PASSWORD), ("return", &back)];
    pat.home.headers.push(("Sec-Fetch-Dest", "document".into()));
    let page = pat.home.form("/login", &form);
    // `form-action 'self'` of the sign-in page would stop a redirect that leads to another site.
    assert!(page.status == 200 && !page.headers.contains_key("location"), "{}", page.status);
    assert!(page.body.contains(&format!("<meta http-equiv=\"refresh\" content=\"0;url={back}\">")), "{}", page.body);
    let finish = path_of(pat.home.get(&back).location(), "https://wiki.acme.test");
    assert_eq!(pat.own("GET", &finish, &[]).location(), "/pages/start");
    let mut ann = world.anonymous();
    ann.home.headers.push(("Sec-Fetch-Dest", "document".into()));
    let form = [("email", "ann@acme.test"), ("password", crate::app::PASSWORD), ("return", "/workspaces")];
    assert_eq!(ann.home.form("/login", &form).location(), "/workspaces");
}

#[test]
fn only_pages_are_redirected_to_the_sign_in() {
    let world = World::new();
    let nobody = world.anonymous();
    let page = [("accept", "text/html,*/*"), ("sec-fetch-mode", "navigate")];
    let redirected = nobody.check("GET", "/a b?c", &page);
    assert_eq!((redirected.status, redirected.code()), (400, "bad_request".into()));
    let redirected = nobody.check("HEAD", "/a?c=d&e", &page);
    assert_eq!(redirected.status, 302);
    assert_eq!(redirected.location(), "https://wiki.acme.test/.vestibule/start?return=%2Fa%3Fc%3Dd%26e");
    for (method, headers) in [
        ("GET", &[("accept", "application/json")][..]),
        ("GET", &[]),
        ("GET", &[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")]),
        ("GET", &[("accept", "text/html"), ("sec-fetch-mode", "cors")]),
        ("GET", &[("accept", "text/html"), ("upgrade", "websocket")]),
        ("POST", &[]),
    ] {
        let refused = nobody.check(method, "/a", headers);
        assert_eq!((refused.status, refused.code()), (401, "sign_in_required".into()), "{method} {headers:?}");
        assert!(!refused.headers.contains_key("location"));
    }
    let form = nobody.check("POST", "/a", &page);
    assert!(form.status == 401 && form.body.contains("send it again"), "{}", form.body);
    // nginx does not pass on a 302, so it gets a 401 with the location.
    let own =
        [("x-original-method", "GET"), ("x-original-url", "https://wiki.acme.test:443/a?c"), ("accept", "text/html")];
    let nginx = nobody.proxy(&own).send("GET", "/auth/check/nginx", "", Vec::new());
    assert_eq!((nginx.status, nginx.location()), (401, "https://wiki.acme.test/.vestibule/start?return=%2Fa%3Fc"));
    let own = [("host", HOST), ("x-forwarded-proto", "https"), ("accept", "text/html")];
    let envoy = nobody.proxy(&own).send("GET", "/auth/check/envoy/a?c", "", Vec::new());
    assert_eq!((envoy.status, envoy.location()), (302, "https://wiki.acme.test/.vestibule/start?return=%2Fa%3Fc"));
}

#[test]
fn public_paths_are_open_and_name_the_person_if_one_is_signed_in() {
    let world = World::new();
    let nobody = world.anonymous().check("GET", "/static/a.css", &[]);
    assert_eq!(nobody.status, 200);
    for name in [
        "remote-user",
        "remote-email",
        "remote-name",
        "remote-groups",
        "x-vestibule-user",
        "x-vestibule-level",
        "x-vestibule-organisation",
        "x-vestibule-workspace",
        "x-vestibule-role",
        "x-vestibule-assertion",
    ] {
        assert_eq!(header(&nobody, name), "", "{name}");
    }
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    assert_eq!(header(&pat.check("GET", "/static/a.css", &[]), "remote-user"), "pat@acme.test");
    for ambiguous in
        ["/static/../admin/", "/static/%2e%2e/admin/", "/static//x", "/static/x;y", "/static/%2f", "/static/%00"]
    {
        assert_eq!(world.anonymous().check("GET", ambiguous, &[]).status, 401, "{ambiguous}");
        assert_eq!(pat.check("GET", ambiguous, &[]).status, 403, "{ambiguous} needs the strictest level");
    }
    assert_eq!(world.anonymous().check("PROPFIND", "/static/a.css", &[]).status, 401);
}

#[test]
fn a_check_with_the_headers_of_two_kinds_of_proxies_or_incomplete_ones_is_refused() {
    let public = |flags: &mut vestibule::config::Flags| flags.public_url = Some("https://login.acme.test".into());
    let world = World::of(TestApp::with_operator(public));
    let ask = |path: &str, headers: &[(&'static str, &str)]| {
        world.anonymous().proxy(headers).send("GET", path, "", Vec::new())
    };
    let forwarded = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", HOST),
        ("x-forwarded-uri", "/static/a"),
    ];
    let original = [("x-original-method", "GET"), ("x-original-url", "https://wiki.acme.test/static/a")];
    assert_eq!((ask("/auth/check", &forwarded).status, ask("/auth/check/nginx", &original).status), (200, 200));
    let with = |own: &[(&'static str, &'static str)], more: (&'static str, &'static str)| [own, &[more]].concat();
    for (path, headers, code) in [
        ("/auth/check", with(&forwarded, ("x-original-url", "https://wiki.acme.test/static/a")), "two_conventions"),
        ("/auth/check", with(&forwarded, ("x-original-method", "GET")), "two_conventions"),
        ("/auth/check/nginx", with(&original, ("x-forwarded-uri", "/static/a")), "two_conventions"),
        ("/auth/check/envoy/static/a", with(&[("host", HOST)], ("x-forwarded-uri", "/static/a")), "two_conventions"),
        ("/auth/check", with(&forwarded, ("x-forwarded-uri", "/static/b")), "bad_request"),
        ("/auth/check", forwarded[..3].to_vec(), "bad_request"),
        ("/auth/check", with(&forwarded[..3], ("x-forwarded-uri", "https://wiki.acme.test/static/a")), "bad_request"),
        ("/auth/check/nginx", original[..1].to_vec(), "bad_request"),
        ("/auth/check/nginx", vec![], "bad_request"),
        ("/auth/check", vec![], "bad_request"),
    ] {
        let refused = ask(path, &headers);
        assert_eq!((refused.status, refused.code()), (400, code.to_owned()), "{path} {headers:?}");
    }
    let mut elsewhere = forwarded;
    elsewhere[2].1 = "elsewhere.test";
    assert_eq!(ask("/auth/check", &elsewhere).code(), "unknown_host");
    let mut insecure = forwarded;
    insecure[1].1 = "http";
    assert_eq!(ask("/auth/check", &insecure).code(), "insecure");
    // The check does not exist at the public URL, and nothing else exists at the host of the application.
    assert_eq!(ask("/auth/check", &with(&forwarded, ("host", "login.acme.test"))).status, 404);
    for home in ["login.acme.test", "login.acme.test.", "LOGIN.acme.test:8443", "login.acme.test.:443"] {
        assert_eq!(ask("/.vestibule/me", &[("host", home)]).status, 404, "{home}");
        assert_eq!(ask("/auth/check", &with(&forwarded, ("host", home))).status, 404, "{home}");
    }
    for path in ["/", "/login", "/api/openapi.json", "/static/style.css"] {
        assert_eq!(ask(path, &[("host", HOST)]).status, 421, "{path}");
    }
    for other in ["wiki.acme.test.", "wiki.acme.test:8443", "WIKI.acme.test.:443"] {
        for path in ["/login", "/.vestibule/me"] {
            assert_eq!(ask(path, &[("host", other)]).status, 421, "{other} {path}");
        }
    }
    // The console is at no port of an application's name, since browsers send cookies to all of them.
    let board = json!({ "kind": "proxy", "name": "Board", "url": "https://board.acme.test:8443", "hosts": ["board.acme.test:8443"] });
    let list = format!("/workspaces/{}/applications", world.org.workspace);
    let hosts = json!({ "hosts": ["wiki.acme.test", "board.acme.test"] });
    assert_eq!(world.app.operator().api("PUT", "/organisations/acme/application-hosts", &hosts).status, 200);
    let made = world.app.signed_in("ann@acme.test").api("POST", &list, &board);
    assert_eq!(made.status, 201, "{}", made.body);
    for other in ["board.acme.test", "board.acme.test:8443", "board.acme.test:9999", "board.acme.test.:8443"] {
        assert_eq!(ask("/login", &[("host", other)]).status, 421, "{other}");
    }
    for other in ["board.acme.test.evil.test", "oard.acme.test:8443", "board.acme.tes"] {
        assert_eq!(ask("/login", &[("host", other)]).status, 200, "{other}");
    }
    // The host is unknown as soon as its grant is withdrawn.
    let none = json!({ "hosts": [] });
    assert_eq!(world.app.operator().api("PUT", "/organisations/acme/application-hosts", &none).status, 200);
    assert_eq!(ask("/auth/check", &forwarded).code(), "unknown_host");
    world.app.finish_log();
    let log = world.app.operator().read("/audit?resource_type=security&limit=200").json().to_string();
    assert!(log.contains("security.unknown_host") && log.contains("elsewhere.test"), "{log}");
}

#[test]
fn checks_by_untrusted_peers_are_refused_and_the_doctor_reports_them() {
    let app = TestApp::with_operator(|flags| flags.trusted_proxies = Some("none".into()));
    let refused = app.anonymous().send("GET", "/auth/check", "", Vec::new());
    assert_eq!((refused.status, refused.code()), (403, "untrusted_proxy".into()));
    let doctor = app.operator().read("/doctor").json().to_string();
    assert!(doctor.contains("asks about requests to applications"), "{doctor}");
}

#[test]
fn revoked_access_is_refused_at_the_next_request() {
    type End = fn(&mut World, &AtApplication);
    let ends: [(&str, End); 7] = [
        ("the session is signed out", |_, pat| drop(pat.home.clone().form("/logout", &[]))),
        ("the password is changed", |_, pat| {
            let (mut home, new) = (pat.home.clone(), "violet tractor lagoon");
            let body = json!({ "current_password": crate::app::PASSWORD, "new_password": new });
            assert_eq!(home.api("PUT", "/me/password", &body).status, 200);
            assert_eq!(home.read("/me").status, 200, "the session at the public URL goes on");
        }),
        ("the member is removed", |world, _| {
            let path = format!("/organisations/acme/members/{}", world.app.user("pat@acme.test"));
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
        }),
        ("the person is disabled", |world, _| {
            let path = format!("/users/{}/disable", world.app.user("pat@acme.test"));
            assert_eq!(world.app.operator().api("POST", &path, &json!({})).status, 200);
        }),
        ("the sessions are ended", |world, _| {
            let path = format!("/organisations/acme/members/{}/sessions", world.app.user("pat@acme.test"));
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 204);
        }),
        ("the application is signed out", |_, pat| {
            let (home, cookies) = (pat.home.clone(), pat.cookies.clone());
            let mut at = AtApplication { home, cookies, origin: pat.origin.clone(), host: HOST.into() };
            assert_eq!(at.own("GET", "/.vestibule/sign-out", &[]).status, 200);
            assert_eq!(
                at.own("POST", "/.vestibule/sign-out", &[("sec-fetch-site", "cross-site")]).code(),
                "cross_site"
            );
            assert_eq!(at.own("POST", "/.vestibule/sign-out", &[("sec-fetch-site", "same-origin")]).status, 200);
            assert!(at.cookies.is_empty());
            assert_eq!(at.home.read("/me").status, 401, "the session at the public URL has ended too");
        }),
        ("the application is deleted", |world, _| {
            let path = format!("/applications/{}", world.wiki);
            assert_eq!(world.ann.api("DELETE", &path, &Value::Null).status, 200);
        }),
    ];
    for (what, end) in ends {
        let mut world = World::new();
        let mut pat = world.at_wiki("pat@acme.test");
        pat.enter("/");
        for _ in 0..2 {
            assert_eq!(pat.check("GET", "/", &[]).status, 200, "{what}");
        }
        end(&mut world, &pat);
        let refused = pat.check("GET", "/", &[]);
        assert!([401, 403].contains(&refused.status), "{what}: {}", refused.status);
        let token = pat.cookies.get("__Host-vestibule_app").cloned().unwrap_or_default();
        let is_ended = vestibule::actions::forward_auth::session(&world.app.app, &token).expect("read").is_none();
        let has_priority = vestibule::actions::forward_auth::was_session(&world.app.app, &token);
        assert_eq!(has_priority, !is_ended, "{what}: the secret of a session that has ended is unknown");
    }
}

#[test]
fn a_code_does_not_work_after_the_password_has_changed() {
    for changed in [true, false] {
        let world = World::new();
        let mut pat = world.at_wiki("pat@acme.test");
        let finish = pat.path_of_finish("/");
        let body = json!({ "current_password": crate::app::PASSWORD, "new_password": "violet tractor lagoon" });
        if changed {
            assert_eq!(pat.home.api("PUT", "/me/password", &body).status, 200);
        }
        assert_eq!(pat.own("GET", &finish, &[]).status, if changed { 400 } else { 303 });
        assert_eq!(pat.check("GET", "/", &[]).status, if changed { 401 } else { 200 });
    }
}

/// The number that a query of the database counts.
fn count(world: &World, sql: &str) -> i64 {
    let file = rusqlite::Connection::open(world.app.data.path().join("vestibule.db")).expect("opens");
    file.query_row(sql, [], |row| row.get(0)).expect("a number")
}

#[test]
fn sign_ins_at_applications_are_limited_for_each_person_and_their_codes_for_each_session() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    let onward = pat.path_at_home("/");
    let finishes: Vec<_> =
        (0..60).map(|_| path_of(pat.home.get(&onward).location(), "https://wiki.acme.test")).collect();
    let throttled = pat.home.get(&onward);
    assert_eq!((throttled.status, &throttled.headers["retry-after"][..]), (429, "1"), "{}", throttled.body);
    assert_eq!(world.at_wiki("pat@acme.test").home.get(&onward).status, 429, "in another session, too");
    assert_eq!(world.at_wiki("ann@acme.test").home.get(&onward).status, 303, "others are not limited");
    let codes = "SELECT count(*) FROM application_codes c JOIN sessions s ON s.id = c.session_id
        JOIN users u ON u.id = s.user_id WHERE u.email = 'pat@acme.test'";
    assert_eq!(count(&world, codes), 20);
    assert_eq!(pat.own("GET", &finishes[59], &[]).location(), "/", "the newest code works");
    world.app.pass(1);
    assert_eq!((pat.home.get(&onward).status, pat.home.get(&onward).status), (303, 429));
}

#[test]
fn codes_that_expired_long_ago_are_deleted_a_hundred_at_a_time() {
    let world = World::new();
    for _ in 0..6 {
        let mut ann = world.at_wiki("ann@acme.test");
        let onward = ann.path_at_home("/");
        for _ in 0..20 {
            assert_eq!(ann.home.get(&onward).status, 303);
        }
        world.app.pass(20);
    }
    assert_eq!(count(&world, "SELECT count(*) FROM application_codes"), 120);
    world.app.pass(631);
    let mut pat = world.at_wiki("pat@acme.test");
    pat.path_of_finish("/");
    assert_eq!(count(&world, "SELECT count(*) FROM application_codes"), 21);
    pat.path_of_finish("/");
    assert_eq!(count(&world, "SELECT count(*) FROM application_codes"), 2);
}

#[test]
fn an_opened_application_is_logged_at_most_once_a_minute_for_a_session() {
    let world = World::new();
    let lines = || count(&world, "SELECT count(*) FROM audit WHERE action = 'application.opened'");
    let mut pat = world.at_wiki("pat@acme.test");
    for (passed, expected) in [(0, 1), (30, 1), (29, 1), (1, 2), (59, 2)] {
        world.app.pass(passed);
        pat.cookies.clear();
        assert_eq!(pat.enter("/").location(), "/");
        assert_eq!(lines(), expected);
    }
    world.at_wiki("pat@acme.test").enter("/");
    assert_eq!(lines(), 3, "another session");
}

#[test]
fn a_session_has_at_most_ten_sessions_at_a_host_and_keeps_those_at_other_hosts() {
    let mut world = World::new();
    let hosts = json!({ "hosts": [HOST, "b.acme.test-apps.test"] });
    assert_eq!(world.ann.api("PATCH", &format!("/applications/{}", world.wiki), &hosts).status, 200);
    let mut elsewhere = world.at_wiki("pat@acme.test");
    let mut browsers = vec![AtApplication { home: elsewhere.home.clone(), ..world.anonymous() }];
    elsewhere.host = "b.acme.test-apps.test".into();
    elsewhere.enter("/");
    browsers[0].enter("/");
    world.app.pass(1);
    for _ in 0..10 {
        let mut next = AtApplication { home: elsewhere.home.clone(), ..world.anonymous() };
        next.enter("/");
        browsers.push(next);
    }
    let open: Vec<_> = browsers.iter().map(|one| one.check("GET", "/", &[]).status == 200).collect();
    assert_eq!(open, [&[false][..], &[true; 10]].concat());
    assert_eq!(elsewhere.check("GET", "/", &[]).status, 200);
}

#[test]
fn the_first_check_after_a_pause_does_not_wait_for_the_disk() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    world.app.pass(301);
    let ((holds, held), (release, released)) = (channel(), channel::<()>());
    let app = world.app.app.clone();
    let holding = std::thread::spawn(move || {
        let wait = move |_: &Tx| {
            holds.send(()).expect("the test waits");
            released.recv_timeout(Duration::from_secs(20)).map_err(vestibule::domain::Error::internal)
        };
        app.write(&Claim::job(), wait)
    });
    held.recv().expect("the writer is held");
    assert_eq!(pat.check("GET", "/", &[]).status, 200);
    release.send(()).expect("the writer is still held");
    holding.join().expect("joined").expect("written");
    // The use is written after what held the writer.
    world.app.write(|_| Ok(()));
    let seen =
        "SELECT max(last_seen_at) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'pat@acme.test'";
    assert_eq!(count(&world, seen), world.app.now().0);
}

#[test]
fn a_changed_role_applies_at_the_next_request() {
    let mut world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    assert_eq!(header(&pat.check("GET", "/", &[]), "x-vestibule-level"), "editor");
    let path = format!("/workspaces/{}/members/{}", world.org.workspace, world.app.user("pat@acme.test"));
    assert_eq!(world.ann.api("PATCH", &path, &json!({ "role": "admin" })).status, 200);
    let allowed = pat.check("GET", "/admin/", &[]);
    assert_eq!((allowed.status, header(&allowed, "x-vestibule-role")), (200, "admin"));
    // Signing in again at the public URL does not end the session at the application.
    assert_eq!(pat.home.sign_in("pat@acme.test", crate::app::PASSWORD).status, 200);
    assert_eq!(pat.check("GET", "/", &[]).status, 200);
}

#[test]
fn a_code_works_once_and_only_in_the_browser_that_started_the_sign_in() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    let back = pat.start("/deep");
    let finish = path_of(back.location(), "https://wiki.acme.test");
    // In another browser, the sign-in starts again once, and is then refused.
    let mut eve = world.anonymous();
    let again = eve.own("GET", &finish, &[]);
    assert_eq!((again.status, again.location()), (303, "/.vestibule/start?return=%2F&again=1"));
    assert!(eve.cookies.is_empty());
    assert_eq!(pat.own("GET", &finish, &[]).code(), "state_lost", "a used code is refused");
    let started = pat.own("GET", "/.vestibule/start?return=%2F&again=1", &[]);
    let continued = path_of(started.location(), &pat.origin);
    let finish = path_of(pat.home.get(&continued).location(), "https://wiki.acme.test");
    assert_eq!(eve.own("GET", &finish, &[]).code(), "state_lost");
    assert_eq!(pat.enter("/deep").location(), "/deep");
    let token = pat.application_cookie();
    let started = pat.own("GET", "/.vestibule/start?return=%2Fdeep", &[]);
    let continued = path_of(started.location(), &pat.origin);
    let finish = path_of(pat.home.get(&continued).location(), "https://wiki.acme.test");
    assert_eq!(pat.own("GET", &finish, &[]).location(), "/deep");
    assert_ne!(pat.application_cookie(), token, "each sign-in sets a new token");
    let old = AtApplication { cookies: [("__Host-vestibule_app".to_owned(), token)].into(), ..world.anonymous() };
    assert_eq!(old.check("GET", "/", &[]).status, 401, "the replaced session has ended");
    // A changed request is not accepted, because requests are sealed.
    let forged = pat.home.get("/auth/start?request=x.y");
    assert_eq!(forged.status, 400);
    assert_eq!(pat.own("GET", "/.vestibule/finish?code=x", &[]).code(), "state_lost");
}

#[test]
fn a_sign_in_that_takes_too_long_begins_again() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    // A code expires after 30 seconds, and works once even then.
    let late = pat.path_of_finish("/deep?x=1");
    world.app.wait(31);
    let again = pat.own("GET", &late, &[]);
    assert_eq!((again.status, again.location()), (303, "/.vestibule/start?return=%2Fdeep%3Fx%3D1"));
    assert!(!pat.cookies.contains_key("__Host-vestibule_app"));
    assert_eq!(pat.own("GET", &late, &[]).code(), "state_lost");
    let restarted = pat.own("GET", again.location(), &[]);
    let back = pat.home.get(&path_of(restarted.location(), &pat.origin));
    let finish = path_of(back.location(), "https://wiki.acme.test");
    assert_eq!(pat.own("GET", &finish, &[]).location(), "/deep?x=1");
    // Without the cookie of the sign-in, a late code is refused as an early one is.
    pat.cookies.clear();
    let late = pat.path_of_finish("/deep");
    world.app.wait(31);
    let mut eve = world.anonymous();
    assert_eq!(eve.own("GET", &late, &[]).location(), "/.vestibule/start?return=%2F&again=1");
    assert!(eve.cookies.is_empty());
    // A person who was on the sign-in page for more than ten minutes begins again, too.
    let late = pat.path_at_home("/deep");
    world.app.wait(601);
    let again = pat.home.get(&late);
    assert_eq!((again.status, again.location()), (303, "https://wiki.acme.test/.vestibule/start?return=%2F"));
    assert_eq!(world.ann.clone().api("DELETE", &format!("/applications/{}", world.wiki), &Value::Null).status, 200);
    assert_eq!(pat.home.get(&late).status, 400, "the application is gone");
}

#[test]
fn a_session_at_an_application_gives_access_to_nothing_else() {
    let mut world = World::new();
    let list = format!("/workspaces/{}/applications", world.org.workspace);
    let other = json!({ "kind": "proxy", "name": "Other", "url": "https://a.acme.test-apps.test", "hosts": ["a.acme.test-apps.test"] });
    assert_eq!(world.ann.api("POST", &list, &other).status, 201);
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    let stolen =
        AtApplication { cookies: pat.cookies.clone(), host: "a.acme.test-apps.test".into(), ..world.anonymous() };
    assert_eq!(stolen.check("GET", "/", &[]).status, 401);
    let mut at_home = world.app.anonymous();
    for name in ["vestibule_session", "vestibule_app", "__Host-vestibule_session"] {
        at_home.cookies.insert(name.into(), pat.application_cookie());
    }
    assert_eq!(at_home.read("/me").status, 401);
    // The session cookie of the console is not accepted at the host of an application.
    let session = pat.home.cookies.values().next().expect("a cookie").clone();
    for name in ["__Host-vestibule_app", "__Host-vestibule_session", "vestibule_app"] {
        let mut at = world.anonymous();
        at.cookies.insert(name.into(), session.clone());
        assert_eq!(at.check("GET", "/", &[]).status, 401, "{name}");
    }
    // Cookies of other applications, whatever their bytes, do not hide ours.
    let mut beside = pat.proxy(&[]);
    let cookies = format!("other=\u{e9}\u{fe}; __Host-vestibule_app={}", pat.application_cookie());
    beside.headers = vec![("x-forwarded-method", "GET".into()), ("x-forwarded-proto", "https".into())];
    beside.headers.extend([("x-forwarded-host", HOST.into()), ("x-forwarded-uri", "/".into()), ("cookie", cookies)]);
    assert_eq!(beside.send("GET", "/auth/check", "", Vec::new()).status, 200);
    // On https, a cookie without the prefix is not accepted.
    let mut at = world.anonymous();
    at.cookies.insert("vestibule_app".into(), pat.application_cookie());
    assert_eq!(at.check("GET", "/", &[]).status, 401);
}

#[test]
fn people_without_access_to_the_application_see_the_reason_and_the_admins_to_ask() {
    let world = World::new();
    let birch = world.app.org("Birch", "business");
    world.app.member(&birch, "bob@birch.test");
    let mut bob = world.at_wiki("bob@birch.test");
    let denied = bob.start("/");
    assert_eq!(denied.status, 403);
    let page = &denied.body;
    assert!(page.contains("bob@birch.test") && page.contains("Wiki") && page.contains("Acme"), "{page}");
    assert!(!page.contains("ann@acme.test"), "people of other organisations do not see the admins' addresses");
    // A member of another workspace can sign in, but can open only paths that need no level.
    let mut ann = world.ann.clone();
    let second = ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Second" })).json();
    let second = vestibule::domain::ids::WorkspaceId::parse(second["id"].as_str().expect("an id")).expect("an id");
    let (org, user) = (world.org.id.clone(), world.app.user("pat@acme.test"));
    let first = world.org.workspace.clone();
    world.app.write(move |tx| {
        let user = tx.user(&user)?;
        tx.set_place(&org, &second, &user, &vestibule::domain::person::Role::PowerUser)?;
        tx.delete_place(&first, &user.id)
    });
    let mut pat = world.at_wiki("pat@acme.test");
    let denied = pat.start("/");
    assert!(denied.status == 403 && denied.body.contains("ann@acme.test"), "{}", denied.body);
    assert_eq!(pat.enter("/hello").location(), "/hello");
    let hello = pat.check("GET", "/hello", &[]);
    assert_eq!((hello.status, header(&hello, "x-vestibule-level")), (200, "no_access"));
    assert_eq!(header(&hello, "remote-groups"), "acme,level:no_access");
    assert_eq!(pat.check("GET", "/", &[]).status, 403);
    assert_eq!(
        header(&pat.check("GET", "/static/a", &[]), "remote-user"),
        "",
        "on a public path, only people who may open it are named"
    );
}

#[test]
fn the_cookies_of_started_sign_ins_are_limited_and_lead_back_only_to_the_application() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    for n in 0..15 {
        pat.own("GET", &format!("/.vestibule/start?return=%2F{n}"), &[]);
        assert!(pat.cookies.len() <= 10, "{}", pat.cookies.len());
    }
    for _ in 0..5 {
        pat.own("GET", &format!("/.vestibule/start?return=%2F{}", "a".repeat(4000)), &[]);
    }
    let bytes: usize = pat.cookies.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(bytes <= 6 * 1024 + 100, "{bytes}");
    pat.cookies.clear();
    for (path, landing) in [
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/.vestibule/start", "/"),
        ("", "/"),
        ("/a%2fb?c=%26", "/a%2fb?c=%26"),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let started = pat.own("GET", &format!("/.vestibule/start?return={query}"), &[]);
        let continued = path_of(started.location(), &pat.origin);
        let finish = path_of(pat.home.get(&continued).location(), "https://wiki.acme.test");
        assert_eq!(pat.own("GET", &finish, &[]).location(), landing, "{path}");
    }
}

#[test]
fn a_long_return_path_is_shortened_to_what_a_cookie_can_keep() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    let long = "a".repeat(2890);
    for (path, landing) in [
        (format!("/{long}?q=1"), format!("/{long}?q=1")),
        (format!("/page?{long}{}", "b".repeat(1000)), "/page".to_owned()),
        (format!("/page?{long}aaaaaaaaaa"), "/page".to_owned()),
        (format!("/{long}aaaaaaaaaa"), "/".to_owned()),
        (format!("/{}", "\"".repeat(1449)), format!("/{}", "\"".repeat(1449))),
        (format!("/{}", "\"".repeat(1460)), "/".to_owned()),
    ] {
        let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let started = pat.own("GET", &format!("/.vestibule/start?return={query}"), &[]);
        // Browsers ignore longer cookies.
        let longest = pat.cookies.iter().map(|(name, value)| name.len() + value.len()).max().expect("a cookie");
        assert!(longest <= 4096, "{longest} for {} bytes", path.len());
        let continued = path_of(started.location(), &pat.origin);
        let finish = path_of(pat.home.get(&continued).location(), "https://wiki.acme.test");
        assert_eq!(pat.own("GET", &finish, &[]).location(), landing);
    }
}

#[test]
fn at_most_twenty_start_cookies_are_read() {
    for (others, landing) in [(19, "/deep"), (20, "/.vestibule/start?return=%2F&again=1")] {
        let world = World::new();
        let mut pat = world.at_wiki("pat@acme.test");
        let finish = pat.path_of_finish("/deep");
        // Sorted before the real one.
        pat.cookies.extend((0..others).map(|n| (format!("__Host-vestibule_start_!{n}"), "a.b".to_owned())));
        assert_eq!(pat.own("GET", &finish, &[]).location(), landing, "{others}");
    }
}

#[test]
fn admins_see_who_is_signed_in_and_the_last_decisions() {
    let mut world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.open("/pages?secret=1");
    pat.enter("/");
    pat.check("GET", "/pages?secret=1", &[]);
    pat.check("POST", "/admin/", &[]);
    let path = format!("/applications/{}", world.wiki);
    let sessions = world.ann.read(&format!("{path}/sessions")).json();
    assert_eq!((&sessions["items"][0]["email"], &sessions["items"][1]), (&json!("pat@acme.test"), &Value::Null));
    let log = world.ann.read(&format!("{path}/log")).json();
    let lines: Vec<_> = log["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (&one["decision"], &one["method"], &one["path"], &one["email"]))
        .collect();
    let (pat_email, nobody) = (json!("pat@acme.test"), Value::Null);
    assert_eq!(lines[0], (&json!("denied"), &json!("POST"), &json!("/admin/"), &pat_email));
    assert_eq!(lines[1], (&json!("allowed"), &json!("GET"), &json!("/pages"), &pat_email));
    assert_eq!(lines.last().expect("a line"), &(&json!("sign_in"), &json!("GET"), &json!("/pages"), &nobody));
    assert!(!log.to_string().contains("secret"));
    let mut member = world.app.signed_in("pat@acme.test");
    assert_eq!(
        (member.read(&format!("{path}/log")).status, member.read(&format!("{path}/sessions")).status),
        (403, 403)
    );
}

#[test]
fn a_session_by_recovery_gives_access_to_no_application() {
    let world = World::new();
    let mut ann = connect(&world.app, &world.org, "ann@acme.test", "acme_SSO");
    saml_sign_in(&world.app, &mut ann, "/sso?key=acme_SSO", "ann@acme.test");
    let on = ann.api("PUT", "/organisations/acme/sso/saml-only", &json!({ "enabled": true })).json();
    let code = on["recovery_codes"][0].as_str().expect("a code");
    let mut at = world.anonymous();
    let body = json!({ "email": "ann@acme.test", "password": crate::app::PASSWORD, "recovery_code": code });
    assert_eq!(at.home.api("POST", "/login", &body).status, 200);
    assert_eq!(at.home.read("/me/applications").json()["items"], json!([]));
    assert!(at.start("/").location().starts_with("/sso?key=acme_SSO"), "the person must sign in through SAML");
}

#[test]
fn an_application_receives_a_signed_statement_about_the_person_where_it_is_turned_on() {
    let mut world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    assert_eq!(header(&pat.check("GET", "/", &[]), "x-vestibule-assertion"), "");
    let path = format!("/applications/{}", world.wiki);
    let changed = world.ann.api("PATCH", &path, &json!({ "assertion": true }));
    assert_eq!((changed.status, &changed.json()["assertion"]), (200, &json!(true)), "{}", changed.body);
    let statement = |pat: &AtApplication| header(&pat.check("GET", "/", &[]), "x-vestibule-assertion").to_owned();
    let first = statement(&pat);
    let Token { header: head, claims } = jwt::verified(&world.app, &first);
    assert_eq!((&head["alg"], &head["typ"]), (&json!("ES256"), &json!("vestibule-assertion+jwt")));
    let now = world.app.now().0;
    for (name, value) in [
        ("iss", json!(pat.origin)),
        ("aud", json!(world.wiki)),
        ("sub", json!(world.app.user("pat@acme.test").as_str())),
        ("email", json!("pat@acme.test")),
        ("name", json!("pat")),
        ("organisation", json!("acme")),
        ("workspace", json!("Head office")),
        ("role", json!("power-user")),
        ("level", json!("editor")),
        ("iat", json!(now)),
        ("exp", json!(now + 60)),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    assert!(claims["sid"].as_str().is_some_and(|sid| sid.len() == 32));
    // It is sent again for 30 seconds, while it says the same.
    world.app.pass(29);
    assert_eq!(statement(&pat), first);
    world.app.pass(1);
    let second = statement(&pat);
    let second_claims = jwt::verified(&world.app, &second).claims;
    assert_eq!((&second_claims["iat"], &second_claims["sid"]), (&json!(now + 30), &claims["sid"]));
    let member = format!("/workspaces/{}/members/{}", world.org.workspace, world.app.user("pat@acme.test"));
    assert_eq!(world.ann.api("PATCH", &member, &json!({ "role": "admin" })).status, 200);
    assert_eq!(jwt::verified(&world.app, &statement(&pat)).claims["level"], "admin");
    // A public path has a statement only about a person, and none is left when the session has ended.
    let nobody = world.anonymous().check("GET", "/static/a", &[]);
    assert_eq!((nobody.status, header(&nobody, "x-vestibule-assertion")), (200, ""));
    assert_ne!(header(&pat.check("GET", "/static/a", &[]), "x-vestibule-assertion"), "");
    pat.own("POST", "/.vestibule/sign-out", &[("sec-fetch-site", "same-origin")]);
    let after = pat.check("GET", "/static/a", &[]);
    assert_eq!((after.status, header(&after, "x-vestibule-assertion")), (200, ""));
}

#[test]
fn dry_runs_name_the_applications_that_people_lose_and_count_the_sessions_there_that_end() {
    let mut world = World::new();
    world.at_wiki("pat@acme.test").enter("/");
    let lab = world.ann.api("POST", "/organisations/acme/workspaces", &json!({ "name": "Lab" }));
    assert_eq!(lab.status, 201, "{}", lab.body);
    let id = world.app.user("pat@acme.test");
    let mut operator = world.app.operator();
    let workspace = format!("/workspaces/{}", world.org.workspace);
    let removals = [
        format!("{workspace}/members/{id}"),
        format!("/organisations/acme/members/{id}"),
        format!("/applications/{}", world.wiki),
        workspace,
        "/organisations/acme".to_owned(),
    ];
    for path in removals {
        let effect = operator.api("DELETE", &format!("{path}?dry_run=true"), &Value::Null).json();
        assert_eq!(effect["counts"]["application_sessions"], 1, "{path}: {effect}");
        assert_eq!(effect["applications"], json!([{ "id": world.wiki, "name": "Wiki" }]), "{path}");
    }
    let disabled = operator.api("POST", &format!("/users/{id}/disable?dry_run=true"), &Value::Null).json();
    assert_eq!(disabled["applications"][0]["name"], "Wiki", "{disabled}");
}

#[test]
fn a_switch_of_the_sign_in_policy_names_the_applications_that_people_lose() {
    let mut world = World::new();
    let mut operator = world.app.operator();
    let modes = [("saml", json!(["Wiki"])), ("password", json!([]))];
    for (mode, lost) in modes {
        let effect = operator.api("PATCH", "/plans/enterprise?dry_run=true", &json!({ "auth_mode": mode })).json();
        let names: Vec<_> = effect["applications"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
        assert_eq!(json!(names), lost, "{effect}");
    }
    // Pat, the only person who would lose access, has a role without a level in the application.
    let role = json!({ "name": "None", "default_level": "no_access" });
    let role = world.ann.api("POST", "/organisations/acme/roles", &role).json()["id"].clone();
    let member = format!("/workspaces/{}/members/{}", world.org.workspace, world.app.user("pat@acme.test"));
    assert_eq!(world.ann.api("PATCH", &member, &json!({ "role": role })).status, 200);
    let effect = operator.api("PATCH", "/plans/enterprise?dry_run=true", &json!({ "auth_mode": "saml" })).json();
    assert_eq!(
        (&effect["loses"][0]["email"], &effect["applications"]),
        (&json!("pat@acme.test"), &json!([])),
        "{effect}"
    );
}

#[test]
fn a_removed_grant_names_its_host_the_applications_there_and_the_people_who_lose_them() {
    let mut world = World::new();
    let path = "/organisations/acme/application-hosts";
    let (mut operator, kept) = (world.app.operator(), json!({ "hosts": ["*.acme.test-apps.test"] }));
    let dry = operator.api("PUT", &format!("{path}?dry_run=true"), &kept);
    assert_eq!(dry.status, 200, "{}", dry.body);
    let dry = dry.json();
    let effect = &dry["effect"];
    assert_eq!(
        effect["warnings"],
        json!([
            "Hosts that are no longer granted: wiki.acme.test.",
            "Requests to these hosts of applications will be refused: wiki.acme.test (Wiki)."
        ])
    );
    assert_eq!(effect["applications"], json!([{ "id": world.wiki, "name": "Wiki" }]));
    let told = |line: &Value| format!("{} {}", line["email"], line["reason"]).replace('"', "");
    let loses: Vec<_> = effect["loses"].as_array().expect("a list").iter().map(told).collect();
    assert_eq!(loses, ["ann@acme.test can no longer open Wiki", "pat@acme.test can no longer open Wiki"]);
    assert_eq!((&effect["applied"], &effect["counts"]["loses"]), (&json!(false), &json!(2)));
    assert_eq!(dry["hosts"], operator.read(path).json()["hosts"], "unchanged");
    assert_eq!(dry["hosts"], json!(["*.acme.test-apps.test", HOST]));
    // An application that keeps a host is not lost.
    let more = json!({ "hosts": [HOST, "notes.acme.test-apps.test"] });
    assert_eq!(world.ann.api("PATCH", &format!("/applications/{}", world.wiki), &more).status, 200);
    let effect = operator.api("PUT", &format!("{path}?dry_run=true"), &kept).json()["effect"].take();
    assert_eq!((&effect["applications"], &effect["loses"]), (&json!([]), &json!([])));
    assert!(effect["warnings"][1].as_str().is_some_and(|text| text.contains("refused: wiki.acme.test (Wiki).")));
    let real = operator.api("PUT", path, &kept).json();
    assert_eq!((&real["hosts"], &real["effect"]["applied"]), (&json!(["*.acme.test-apps.test"]), &json!(true)));
    let added = operator.api("PUT", path, &json!({ "hosts": ["*.acme.test-apps.test", HOST] })).json();
    assert_eq!((&added["effect"]["warnings"], added["effect"]["loses"].clone()), (&json!([]), json!([])));
    let log = operator.read("/audit?resource_type=organisation").json();
    assert_eq!(log["items"][0]["detail"].as_object().map(|detail| detail.len()), Some(2), "only from and to: {log}");
    assert_eq!(log["items"][1]["detail"]["ends"], effect["warnings"]);
}

#[test]
fn the_command_that_sets_hosts_shows_its_effect_and_has_a_dry_run() {
    let world = World::new();
    let run = |args: &[&str]| {
        let output = vestibule(world.app.data.path(), &[&["org", "set-hosts", "acme"], args].concat());
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (code, told) = run(&["--none", "--dry-run"]);
    assert_eq!(code, Some(0), "{told}");
    for part in [
        "Nothing has changed yet.",
        "loses access: pat@acme.test (can no longer open Wiki)",
        "Applications that people lose: Wiki.",
        "Note: Hosts that are no longer granted: *.acme.test-apps.test, wiki.acme.test.",
        "Hosts granted to Acme now: *.acme.test-apps.test, wiki.acme.test",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let (code, told) = run(&["wiki.acme.test"]);
    assert!(
        code == Some(0) && told.contains("Done.") && told.ends_with("Hosts granted to Acme: wiki.acme.test\n"),
        "{told}"
    );
    for wrong in [&[][..], &["--none", "wiki.acme.test"]] {
        let (code, told) = run(wrong);
        assert!(code == Some(2) && told.contains("org set-hosts"), "{told}");
    }
}
