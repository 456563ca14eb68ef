//! The files of the web UI: compressed, and cached for a year at addresses that change with the content.

use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use flate2::read::GzDecoder;
use std::io::Read;

/// The addresses of the files that a page uses.
fn addresses_in(page: &Answer) -> Vec<String> {
    let starts = page.body.match_indices("\"/static/");
    starts.map(|(at, _)| page.body[at + 1..].split('"').next().unwrap().to_owned()).collect()
}

fn on_disk(name: &str) -> String {
    std::fs::read_to_string(format!("{}/static/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Checks that a file is sent as it is on disk, except for the doc comments of our own modules.
fn assert_as_on_disk(name: &str, body: &str) {
    let source = on_disk(name);
    let mut sent = body.lines().peekable();
    for line in source.lines() {
        let explains = ["/**", "*"].iter().any(|start| line.trim_start().starts_with(start));
        if sent.next_if(|got| *got == line).is_none() {
            assert!(explains && name != "vendor/lit-html.js", "{name} lacks {line:?}");
        }
    }
    assert_eq!(sent.next(), None, "{name} contains more lines than the file on disk");
}

/// The file's path inside `static/`.
fn path_in_static(address: &str) -> &str {
    address.splitn(4, '/').nth(3).unwrap()
}

fn files_of_page(browser: &mut Browser, path: &str) -> Vec<String> {
    let page = browser.get(path);
    assert_eq!(
        page.headers["cache-control"], "no-store",
        "{path} contains the addresses of the current files and must not be cached"
    );
    addresses_in(&page)
}

#[test]
fn files_of_a_page_are_cached_for_a_year_and_have_the_content_on_disk() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    let mut all = files_of_page(&mut browser, "/login");
    all.extend(files_of_page(&mut browser, "/account"));
    all.extend(files_of_page(&mut browser, "/recover?token=x"));
    for address in all {
        let answer = browser.get(&address);
        assert_eq!(answer.status, 200, "{address}");
        assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable", "{address}");
        assert_eq!(answer.headers["vary"], "Accept-Encoding", "{address}");
        assert!(
            !answer.headers.contains_key("content-encoding"),
            "{address} is sent uncompressed to clients that do not accept compression"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{address}");
        let guarded = answer.headers.contains_key("content-security-policy");
        assert_eq!(
            guarded,
            address.contains("icon.svg"),
            "{address}: only documents and SVG images have a content security policy"
        );
        // The text modules are generated from the catalogue; `catalogue.rs` tests them.
        if !path_in_static(&address).starts_with("locales/") {
            assert_as_on_disk(path_in_static(&address), &answer.body);
        }
    }
}

#[test]
fn files_are_compressed_for_clients_that_accept_gzip() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    let style =
        files_of_page(&mut browser, "/login").into_iter().find(|address| address.ends_with("style.css")).unwrap();
    for (accepts, compressed) in
        [("gzip, deflate, br, zstd", true), ("gzip", true), ("gzip;q=0, identity", false), ("br", false), ("", false)]
    {
        let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
        let mut answer = agent.get(format!("{}{style}", app.url)).header("accept-encoding", accepts).call().unwrap();
        assert_eq!(answer.headers().contains_key("content-encoding"), compressed, "{accepts}");
        let bytes = answer.body_mut().read_to_vec().unwrap();
        let mut text = String::new();
        if compressed {
            assert!(bytes.len() < 8_000, "{} bytes", bytes.len());
            GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        assert_eq!(text, on_disk("style.css"), "{accepts}");
    }
}

#[test]
fn a_page_that_loads_during_an_upgrade_gets_the_new_files_without_caching_them() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    for path in ["/static/0123456789abcdef/pages/keys.js", "/static/pages/keys.js"] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.headers["cache-control"].as_str()), (200, "no-cache"), "{path}");
        assert_as_on_disk("pages/keys.js", &answer.body);
    }
    for path in ["/static/0123456789abcdef/pages/cake.js", "/static/cake.js", "/static/login.html", "/static/types.js"]
    {
        assert_eq!(browser.get(path).status, 404, "{path}");
    }
}

/// The modules that the page at a path loads.
fn modules(browser: &mut Browser, path: &str) -> Vec<String> {
    let page = browser.get(path);
    let names = addresses_in(&page).into_iter().map(|address| path_in_static(&address).to_owned());
    names.filter(|name| !name.contains(".css") && !name.contains(".svg")).collect()
}

#[test]
fn a_page_preloads_exactly_the_modules_that_it_uses() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    let router = on_disk("router.js");
    let pages = router.lines().filter_map(|line| line.trim().strip_prefix("['")?.split_once("', async"));
    let mut seen = 0;
    for (pattern, rest) in pages {
        let own = format!("pages/{}.js", rest.split("pages/").nth(1).unwrap().split('.').next().unwrap());
        let named = modules(&mut browser, &pattern.replace(':', "x"));
        for module in named.iter().filter(|module| !module.starts_with("locales/")) {
            let source = on_disk(module);
            for line in source.lines().filter(|line| line.starts_with("import ") || line.starts_with("} from ")) {
                let file = line.rsplit('/').next().unwrap().trim_end_matches(['\'', '"', ';']);
                assert!(named.iter().any(|one| one.rsplit('/').next() == Some(file)), "{pattern}: {module}: {line}");
            }
        }
        let texts = own.replace("pages/", "locales/en/");
        assert!(
            named.contains(&texts) && rest.contains(&format!("textsOf('{}')", texts[11..].trim_end_matches(".js"))),
            "{pattern}"
        );
        let mut others = named.iter().filter(|name| name.starts_with("pages/") && **name != "pages/missing.js");
        assert_eq!((others.next(), others.next()), (Some(&own), None), "{pattern}");
        seen += 1;
    }
    assert_eq!(seen, 32, "the number of routes");
    let nowhere = modules(&mut browser, "/nowhere");
    assert!(nowhere.contains(&"app.js".into()) && nowhere.contains(&"vendor/lit-html.js".into()), "{nowhere:?}");
}
