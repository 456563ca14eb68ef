//! The documentation at `/help`: complete, linked and public.

use crate::app::TestApp;
use crate::browser::{Answer, Browser};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The values of all attributes with this name, in order.
fn values(page: &str, attribute: &str) -> Vec<String> {
    let start = format!(" {attribute}=\"");
    page.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// A page without its blocks of code, which may contain attributes as text.
fn without_code(page: &str) -> String {
    page.split("<pre").map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest)).collect()
}

/// Opens a page of the help.
fn open(browser: &mut Browser, path: &str) -> Answer {
    let answer = browser.get(path);
    assert_eq!(answer.status, 200, "{path}");
    assert!(answer.headers["content-type"].starts_with("text/html"), "{path}");
    answer
}

/// All pages that are reachable from the table of contents, by path: the ids and the links of each page.
fn walk(browser: &mut Browser) -> BTreeMap<String, (BTreeSet<String>, Vec<String>)> {
    let mut pages = BTreeMap::new();
    let mut waiting = vec!["/help".to_owned()];
    while let Some(path) = waiting.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        let body = without_code(&open(browser, &path).body);
        let links: Vec<String> = values(&body, "href")
            .iter()
            .map(|to| if to.starts_with('#') { format!("{path}{to}") } else { to.clone() })
            .collect();
        let onward =
            links.iter().filter(|to| to.starts_with("/help")).map(|to| to.split('#').next().unwrap().to_owned());
        waiting.extend(onward);
        for picture in values(&body, "src") {
            assert_eq!(browser.get(&picture).status, 200, "{path}: {picture}");
        }
        pages.insert(path, (values(&body, "id").into_iter().collect(), links));
    }
    pages
}

/// The files with these extensions in a folder, at any depth.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if endings.iter().any(|ending| path.extension().is_some_and(|of| of == *ending)) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_document_is_served_and_every_link_points_to_an_existing_section() {
    let app = TestApp::new();
    let pages = walk(&mut app.anonymous());
    for file in files("docs", &["md"]) {
        let name = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap().with_extension("");
        let address = format!("/help/{}", name.display());
        assert_eq!(pages.contains_key(&address), name.as_os_str() != "asvs", "{address}");
    }
    let mut anchors = 0;
    for (path, (_, links)) in &pages {
        for link in links.iter().filter(|to| !to.starts_with("https://") && !to.starts_with("/static/") && *to != "/") {
            let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
            let (ids, _) = pages.get(page).unwrap_or_else(|| panic!("{path} links to {link}"));
            assert!(anchor.is_empty() || ids.contains(anchor), "{path} links to {link}");
            anchors += usize::from(!anchor.is_empty());
        }
    }
    assert!(anchors > 100, "{anchors} links to sections");
}

#[test]
fn every_help_link_in_pages_and_messages_points_to_an_existing_section() {
    let app = TestApp::new();
    let pages = walk(&mut app.anonymous());
    let mut seen = 0;
    for file in files("static", &["js", "html"]).into_iter().chain(files("src", &["rs"])) {
        // This file contains invented documents, which its unit tests use.
        if file.ends_with("help_pages.rs") {
            continue;
        }
        let source = std::fs::read_to_string(&file).unwrap();
        for (at, _) in source.match_indices("/help/") {
            let link: String = source[at..]
                .chars()
                .take_while(|sign| sign.is_ascii_alphanumeric() || "/#-_".contains(*sign))
                .collect();
            // This is the pattern of a route and not a link.
            if link == "/help/" {
                continue;
            }
            let (page, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let known = pages.get(page).is_some_and(|(ids, _)| anchor.is_empty() || ids.contains(anchor));
            assert!(known, "{} links to {link}", file.display());
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen} links");
}

#[test]
fn the_help_is_public_after_the_set_up() {
    let empty = TestApp::empty();
    let before = empty.anonymous().get("/help/install");
    assert_eq!((before.status, before.code().as_str()), (503, "setup_required"));

    let app = TestApp::new();
    let mut browser = app.anonymous();
    let page = open(&mut browser, "/help/install");
    assert!(page.body.contains("<h1 id=\"install-and-operate\">Install and operate</h1>"), "{}", page.body);
    assert!(page.body.contains("<title>Install and operate · Vestibule</title>"));
    let policy = &page.headers["content-security-policy"];
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(
        !page.body.contains("<script>") && !page.body.contains("style=") && !page.body.contains("{{"),
        "no inline scripts, styles or unfilled placeholders"
    );
    assert_eq!(browser.get("/help/").body, browser.get("/help").body);
    for missing in ["/help/nothing", "/help/asvs", "/help/%2e%2e/index", "/help/install.html", "/help/help"] {
        assert_eq!(browser.get(missing).status, 404, "{missing}");
    }
    assert_eq!(browser.form("/help", &[]).status, 405);
}

#[test]
fn a_missing_screenshot_is_described_in_text() {
    let app = TestApp::new();
    let tour = open(&mut app.anonymous(), "/help/tour").body;
    assert!(
        tour.contains("Picture: The sign-in page (docs/screens/login-wide-light.webp, with the source code)"),
        "{tour}"
    );
    assert_eq!(values(&tour, "src").len(), 2, "only the icon and the script that sets the theme");
    let guide = open(&mut app.anonymous(), "/help/providers/okta").body;
    assert!(
        values(&guide, "src").iter().filter(|picture| picture.contains("/help/providers/okta-")).count() > 5,
        "{guide}"
    );
}

#[test]
fn a_cached_page_shows_the_current_brand() {
    let app = TestApp::new();
    let (mut operator, mut browser) = (app.operator(), app.anonymous());
    for name in ["Acme", "Birch"] {
        let set = operator.api("PUT", "/branding", &serde_json::json!({ "name": name }));
        assert_eq!(set.status, 200, "{}", set.body);
        for _ in 0..2 {
            assert!(open(&mut browser, "/help/security").body.contains(name), "{name}");
        }
    }
}
