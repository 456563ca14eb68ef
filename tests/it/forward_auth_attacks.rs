//! Attacks on forward auth that were tried by hand, each with what must not happen.

use crate::forward_auth::{AtApplication, HOST, World, header, path_of};
use serde_json::json;
use url::Url;

/// The application Wiki with rules for methods: reading the feed is public, and deleting from the shelf needs `admin`.
fn world_with_methods() -> World {
    let mut world = World::new();
    let rules = json!({ "rules": [
        { "path": "/feed*", "methods": ["GET", "POST"], "require": "public" },
        { "path": "/shelf/", "methods": ["DELETE"], "require": "admin" },
        { "path": "/static/", "require": "public" },
    ] });
    let path = format!("/applications/{}", world.wiki);
    assert_eq!(world.ann.api("PATCH", &path, &rules).status, 200);
    world
}

#[test]
fn a_header_that_overrides_the_method_does_not_lower_what_the_request_needs() {
    let world = world_with_methods();
    let nobody = world.anonymous();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    let mut ann = world.at_wiki("ann@acme.test");
    ann.enter("/");
    assert_eq!(nobody.check("POST", "/feed", &[]).status, 200);
    assert_eq!((pat.check("POST", "/shelf/1", &[]).status, pat.check("DELETE", "/shelf/1", &[]).status), (200, 403));
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        for value in ["DELETE", "delete", " Delete ", "PURGE", "GET, DELETE", ""] {
            assert_eq!(nobody.check("POST", "/feed", &[(name, value)]).status, 401, "{name}: {value}");
        }
        assert_eq!(nobody.check("POST", "/feed", &[(name, "GET")]).status, 200, "{name}: what both methods may do");
        for value in ["DELETE", "delete"] {
            assert_eq!(pat.check("POST", "/shelf/1", &[(name, value)]).status, 403, "{name}: {value}");
            assert_eq!(pat.check("DELETE", "/shelf/1", &[(name, "GET")]).status, 403, "{name}");
            assert_eq!(ann.check("POST", "/shelf/1", &[(name, value)]).status, 200, "{name}: {value}");
        }
        let twice = [(name, "GET"), (name, "DELETE")];
        assert_eq!(pat.check("POST", "/shelf/1", &twice).status, 403, "{name} twice");
    }
}

#[test]
fn a_header_that_rewrites_the_path_needs_the_strictest_level() {
    let world = world_with_methods();
    let nobody = world.anonymous();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    for name in ["x-rewrite-url", "x-override-url"] {
        assert_eq!(nobody.check("GET", "/static/a.css", &[(name, "/shelf/1")]).status, 401, "{name}");
        assert_eq!(pat.check("GET", "/static/a.css", &[(name, "/shelf/1")]).status, 403, "{name}");
    }
    for name in ["x-original-url", "x-original-method"] {
        assert_eq!(nobody.check("GET", "/static/a.css", &[(name, "/shelf/1")]).code(), "two_conventions");
    }
}

#[test]
fn headers_of_the_client_that_look_like_ours_change_nothing() {
    let world = World::new();
    let spoofed = [
        ("remote-user", "ann@acme.test"),
        ("remote_user", "ann@acme.test"),
        ("x-vestibule-user", "x"),
        ("x-vestibule-level", "admin"),
        ("x-forwarded-user", "ann@acme.test"),
        ("x-forwarded-prefix", "/static"),
        ("x-forwarded-port", "80"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-scheme", "http"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;host=evil.test;proto=http"),
        ("user-agent", "kube-probe/1.0"),
        ("upgrade", "websocket"),
        ("authorization", "Bearer x"),
        ("accept", "*/*"),
    ];
    for one in spoofed {
        let nobody = world.anonymous();
        assert_eq!(nobody.check("GET", "/", &[one]).status, 401, "{one:?}");
        let public = nobody.check("GET", "/static/a.css", &[one]);
        assert_eq!(public.status, 200, "{one:?}");
        for name in ["remote-user", "remote-email", "remote-groups", "x-vestibule-user", "x-vestibule-level"] {
            assert_eq!(header(&public, name), "", "{one:?} {name}");
        }
    }
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    for one in spoofed {
        let allowed = pat.check("GET", "/", &[one]);
        assert_eq!((allowed.status, header(&allowed, "x-vestibule-level")), (200, "editor"), "{one:?}");
        assert_eq!(pat.check("GET", "/admin/", &[one]).status, 403, "{one:?}");
    }
}

#[test]
fn a_host_in_another_spelling_is_not_the_application() {
    let world = World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    for same in ["wiki.acme.test", "WIKI.Acme.TEST", "wiki.acme.test:443", "wiki.acme.test:80"] {
        let at = AtApplication { host: same.into(), cookies: pat.cookies.clone(), ..world.anonymous() };
        assert_eq!((at.check("GET", "/", &[]).status, at.check("GET", "/static/a", &[]).status), (200, 200), "{same}");
    }
    for other in [
        "wiki.acme.test.",
        "wiki.acme.test:8443",
        "wiki.acme.test:0",
        "wiki.acme.test:0443",
        "wiki.acme.test:",
        "wiki.acme.test:443:443",
        "wiki..acme.test",
        ".wiki.acme.test",
        "wiki.acme.test/",
        "wiki.acme.test/static",
        "wiki.acme.test#",
        "wiki.acme.test?x",
        "evil.test@wiki.acme.test",
        "wiki.acme.test@evil.test",
        "wiki.acme.test\\evil.test",
        "wiki.acme.test,evil.test",
        "evil.test, wiki.acme.test",
        "wiki.acme.test evil.test",
        "wiki%2eacme%2etest",
        "wiki\u{3002}acme.test",
        "\u{ff57}iki.acme.test",
        "w\u{0131}ki.acme.test",
        "xn--wiki-.acme.test",
        "wi\u{ad}ki.acme.test",
        "evil.wiki.acme.test",
        "acme.test",
        "",
    ] {
        let at = AtApplication { host: other.into(), cookies: pat.cookies.clone(), ..world.anonymous() };
        for path in ["/", "/static/a"] {
            let answer = at.check("GET", path, &[]);
            assert!([400, 403].contains(&answer.status), "{other}: {} {}", answer.status, answer.body);
            assert!(!answer.headers.contains_key("remote-user"), "{other}");
        }
    }
    let nginx = |url: &str| {
        let own = [("x-original-method", "GET"), ("x-original-url", url)];
        let cookie = format!("__Host-vestibule_app={}", pat.application_cookie());
        let headers = [&own[..], &[("cookie", &cookie)]].concat();
        world.anonymous().proxy(&headers).send("GET", "/auth/check/nginx", "", Vec::new()).status
    };
    assert_eq!(nginx("https://wiki.acme.test:443/"), 200);
    for url in [
        "https://evil.test@wiki.acme.test/",
        "https://wiki.acme.test:443@evil.test/",
        "https://wiki.acme.test\\@evil.test/",
        "https://wiki.acme.test#/static/a",
        "https:wiki.acme.test/",
        "https:/wiki.acme.test/",
        "https:///wiki.acme.test/",
        "HTTPS://wiki.acme.test/",
        "//wiki.acme.test/",
        "ftp://wiki.acme.test/",
        "http://wiki.acme.test/",
        "https://wiki.acme.test",
        "https://wiki.acme.test.:443/",
        "https://wiki.acme.test/ /",
    ] {
        assert!([400, 403].contains(&nginx(url)), "{url}: {}", nginx(url));
    }
}

#[test]
fn no_spelling_of_a_path_makes_a_protected_page_public() {
    let world = World::new();
    let nobody = world.anonymous();
    assert_eq!(nobody.check("GET", "/static/a%20b.css?next=/../admin/;x", &[]).status, 200);
    for path in [
        "/static/../admin/",
        "/static/./../admin/",
        "/static/%2e%2e/admin/",
        "/static/%2E%2e/admin/",
        "/static/.%2e/admin/",
        "/static/%2e./admin/",
        "/static/..%2fadmin/",
        "/static/..%5cadmin/",
        "/static/..\\admin/",
        "/static/%252e%252e/admin/",
        "/static/%25%32%65%25%32%65/admin/",
        "/static/%c0%ae%c0%ae/admin/",
        "/static/%e0%80%ae./admin/",
        "/static/..;/admin/",
        "/static/..;x=y/admin/",
        "/static/;/../admin/",
        "/static/x;jsessionid=1",
        "/static/%3b/x",
        "/static/x%23",
        "/static/x#/../admin",
        "/static/x%00.css",
        "/static//../admin/",
        "/static//admin/",
        "/static/%2f/admin/",
        "/static/%",
        "/static/%2",
        "/static/%u002e%u002e/admin/",
        "/static/..",
        "/static/.",
        "/Static/a.css",
        "/STATIC/a.css",
        "/%73tatic",
        "/static",
        "/statics/a",
        "/x/static/a",
        "//static/a",
        "/./static/a",
    ] {
        assert_eq!(nobody.check("GET", path, &[]).status, 401, "{path}");
    }
    for target in ["static/a", "*", "", "https://wiki.acme.test/static/a", "//wiki.acme.test@/static/a b", "?/static/a"]
    {
        let status = nobody.check("GET", target, &[]).status;
        assert!([400, 401].contains(&status), "{target}: {status}");
    }
    for method in ["TRACE", "CONNECT", "PROPFIND", "get", "Get", "GETT", "PRI", "LOCK"] {
        assert_eq!(nobody.check(method, "/static/a.css", &[]).status, 401, "{method}");
    }
    for method in ["G ET", "GET,POST", "GET/", ""] {
        assert_eq!(nobody.check(method, "/static/a.css", &[]).status, 400, "{method}");
    }
}

#[test]
fn the_sign_in_at_an_application_leads_back_only_to_its_own_host() {
    let world = World::new();
    for path in [
        "//evil.test/",
        "/\\evil.test/",
        "\\\\evil.test",
        "/%5cevil.test/",
        "/%09/evil.test/",
        "/..//evil.test/",
        "/./%2f/evil.test",
        "https://evil.test/",
        "https:evil.test",
        "javascript:alert(1)",
        "@evil.test",
        ".evil.test/",
        "/@evil.test/",
        "/?next=https://evil.test/",
        "/;//evil.test",
        "",
        "evil.test",
    ] {
        let mut pat = world.at_wiki("pat@acme.test");
        let query: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let started = pat.own("GET", &format!("/.vestibule/start?return={query}"), &[]);
        assert_eq!(started.status, 303, "{path}: {}", started.body);
        let origin = world.app.app.config.public_url.origin().to_owned();
        let back = pat.home.get(&path_of(started.location(), &origin));
        let finish = path_of(back.location(), &format!("https://{HOST}"));
        let last = pat.own("GET", &finish, &[]);
        let here = Url::parse(&format!("https://{HOST}/.vestibule/finish")).expect("a URL");
        let landing = here.join(last.location()).expect("a URL");
        assert_eq!(
            (landing.scheme(), landing.host_str(), landing.port()),
            ("https", Some(HOST), None),
            "{path}: {landing}"
        );
    }
}

#[test]
fn a_code_for_one_application_does_not_work_at_another_and_its_cookie_opens_only_itself() {
    let mut world = World::new();
    let list = format!("/workspaces/{}/applications", world.org.workspace);
    let other_host = "a.acme.test-apps.test";
    let other =
        json!({ "kind": "proxy", "name": "Other", "url": format!("https://{other_host}"), "hosts": [other_host] });
    assert_eq!(world.ann.api("POST", &list, &other).status, 201);
    let mut pat = world.at_wiki("pat@acme.test");
    let finish = pat.path_of_finish("/");
    // The other application gets hold of the code, and of the start cookie.
    let mut thief = AtApplication { host: other_host.into(), cookies: pat.cookies.clone(), ..world.anonymous() };
    let refused = thief.own("GET", &finish, &[]);
    assert!(refused.status == 400 && !thief.cookies.contains_key("__Host-vestibule_app"), "{}", refused.body);
    pat.enter("/");
    let wiki = pat.application_cookie();
    // It sends a stolen cookie to its own checks, to the application's own pages, and to the console.
    thief.cookies = [("__Host-vestibule_app".to_owned(), wiki.clone())].into();
    assert_eq!((thief.check("GET", "/", &[]).status, thief.own("GET", "/.vestibule/me", &[]).status), (401, 401));
    let post = [("sec-fetch-site", "same-origin")];
    assert_eq!(thief.own("POST", "/.vestibule/sign-out", &post).status, 200);
    assert_eq!(pat.check("GET", "/", &[]).status, 200, "the session goes on");
    let mut console = world.app.anonymous();
    for name in ["vestibule_session", "__Host-vestibule_session"] {
        console.cookies.insert(name.into(), wiki.clone());
    }
    assert_eq!(console.read("/me").status, 401);
    let mut program = world.app.program(&wiki);
    assert_eq!((program.read("/me").status, program.get("/oauth2/userinfo").status), (401, 401));
    // Signing out at the application from another site does nothing.
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "https://evil.test")],
        vec![("origin", "null")],
        vec![("origin", "http://wiki.acme.test")],
        vec![("origin", "https://wiki.acme.test:8443")],
        vec![("sec-fetch-site", "cross-site"), ("origin", "https://wiki.acme.test")],
        vec![],
    ] {
        assert_eq!(pat.own("POST", "/.vestibule/sign-out", &headers).code(), "cross_site", "{headers:?}");
    }
    for method in ["HEAD", "GET", "OPTIONS", "TRACE", "PUT"] {
        pat.own(
            method,
            "/.vestibule/sign-out",
            &[("x-http-method-override", "POST"), ("sec-fetch-site", "same-origin")],
        );
    }
    assert_eq!(pat.check("GET", "/", &[]).status, 200);
}
