//! Checks of the strength of new passwords: they run in the hasher's queue, count towards a limit of the person, and
//! use only the data that the session may see.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::idp::{connect, saml_sign_in};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A password whose strength is especially expensive to compute.
const COSTLY: &str = "4@8({[<369$5+7%2!1|0";
/// The number of checks that a person may request in quick succession.
const BURST: usize = 100;

fn check_strength(browser: &mut Browser, password: &str) -> crate::browser::Answer {
    browser.api("POST", "/password-strength", &json!({ "password": password }))
}

#[test]
fn seven_hundred_strength_checks_of_a_member_do_not_delay_sign_ins() {
    let app = TestApp::new();
    app.member(&app.org("Acme", "business"), "mallory@acme.test");
    app.member(&app.org("Birch", "business"), "bob@birch.test");
    let mallory = app.signed_in("mallory@acme.test");
    let (over, mut bob, begun) = (Arc::new(AtomicBool::new(false)), app.signed_in("bob@birch.test"), Instant::now());
    bob.sign_in("bob@birch.test", PASSWORD);
    let calm = begun.elapsed();
    let attackers = (0..35).map(|_| {
        let mut browser = app.anonymous();
        browser.cookies = mallory.cookies.clone();
        std::thread::spawn(move || {
            (0..20).map(|_| check_strength(&mut browser, &COSTLY.repeat(6)).status).collect::<Vec<u16>>()
        })
    });
    let attackers: Vec<_> = attackers.collect();
    let until = over.clone();
    let victim = std::thread::spawn(move || {
        let mut longest = Duration::ZERO;
        while !until.load(Ordering::SeqCst) {
            let begun = Instant::now();
            let answer = bob.sign_in("bob@birch.test", PASSWORD);
            assert_eq!(answer.status, 200, "{}", answer.body);
            longest = longest.max(begun.elapsed());
        }
        longest
    });
    let statuses: Vec<u16> = attackers.into_iter().flat_map(|one| one.join().expect("an attacker")).collect();
    over.store(true, Ordering::SeqCst);
    let longest = victim.join().expect("a victim");
    assert!(longest < Duration::from_secs(2) + 10 * calm, "{longest:?} during the checks, {calm:?} before");
    let count = |status: u16| statuses.iter().filter(|one| **one == status).count();
    assert!(count(200) > 0 && count(200) <= BURST, "{} checks were done", count(200));
    assert_eq!(count(200) + count(429) + count(503), 700, "{statuses:?}");
}

#[test]
fn strength_checks_count_towards_one_limit_of_the_person_across_sessions_and_links() {
    let app = TestApp::new();
    let user = app.member(&app.org("Acme", "business"), "ann@acme.test");
    app.member(&app.org("Birch", "business"), "bob@birch.test");
    let mut sessions = [app.signed_in("ann@acme.test"), app.signed_in("ann@acme.test")];
    (0..BURST).for_each(|n| assert_eq!(check_strength(&mut sessions[n % 2], "short").status, 200, "{n}"));
    let refused = check_strength(&mut app.signed_in("ann@acme.test"), "short");
    assert_eq!((refused.status, refused.code().as_str()), (429, "throttled"));
    assert_eq!(refused.headers["retry-after"], "1");
    let link = app.operator().api("POST", &format!("/users/{user}/reset-link"), &Value::Null).json();
    let token = link["reset_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned();
    let finish = |app: &TestApp| {
        let body = json!({ "token": token, "password": "violet tractor lagoon" });
        app.anonymous().api("POST", "/password-reset/finish", &body).status
    };
    assert_eq!(finish(&app), 429, "the limit includes checks with a link of the same person");
    let change = json!({ "current_password": PASSWORD, "new_password": "violet tractor lagoon" });
    assert_eq!(
        sessions[0].api("PUT", "/me/password", &change).status,
        429,
        "the limit includes changes of the password"
    );
    assert_eq!(
        check_strength(&mut app.signed_in("bob@birch.test"), "short").status,
        200,
        "other people are not affected"
    );
    app.wait(1);
    assert_eq!(finish(&app), 200);
}

#[test]
fn a_strength_check_in_a_session_through_one_provider_reveals_no_other_organisation() {
    let app = TestApp::new();
    let own = app.org("Acme", "enterprise");
    app.admin(&own, "ann@acme.test");
    connect(&app, &own, "ann@acme.test", "acme_SSO");
    for org in [&own, &app.org("Vermilion Narwhal Shipping", "business")] {
        app.member(org, "bob@acme.test");
    }
    let guess = "vermilion narwhal shipping";
    let mut by_saml = app.anonymous();
    assert_eq!(saml_sign_in(&app, &mut by_saml, "/sso?key=acme_SSO", "bob@acme.test").status, 303);
    assert_eq!(check_strength(&mut by_saml, guess).json()["fault"], Value::Null);
    assert_eq!(
        check_strength(&mut by_saml, "acme acme acme acme").json()["score"],
        1,
        "the name of the session's own organisation counts as easy to guess"
    );
    let known = check_strength(&mut app.signed_in("bob@acme.test"), guess).json();
    assert!(known["fault"].is_string(), "in a session by password, the names of all organisations count: {known}");
}

#[test]
fn password_strength_is_rated_in_one_place() {
    let actions = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![actions];
    let mut places = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path)
                .is_ok_and(|text| text.contains("Password::new(") || text.contains("Strength::of("))
            {
                places.push(path.file_name().expect("a name").to_owned());
            }
        }
    }
    places.sort();
    // `actions/new_password.rs` and `actions/passwords.rs` rate passwords in the hasher's queue. `domain/password.rs`
    // is listed because its `Password::new`, which `new_password.rs` calls in that queue, calls `Strength::of`.
    assert_eq!(places, ["new_password.rs", "password.rs", "passwords.rs"]);
}

#[test]
fn strength_checks_in_a_session_through_one_provider_do_not_use_up_the_persons_own_limit() {
    let app = TestApp::new();
    let (acme, birch) = (app.org("Acme", "enterprise"), app.org("Birch", "business"));
    app.admin(&acme, "tess@acme.test");
    connect(&app, &acme, "tess@acme.test", "acme_SSO");
    app.member(&acme, "vic@birch.test");
    app.member(&birch, "vic@birch.test");
    let (mut own, mut through) = (app.signed_in("vic@birch.test"), app.anonymous());
    saml_sign_in(&app, &mut through, "/sso?key=acme_SSO", "vic@birch.test");
    let statuses: Vec<_> = (0..=BURST).map(|_| check_strength(&mut through, "short").status).collect();
    assert_eq!((statuses[0], statuses[BURST]), (200, 429));
    assert_eq!(check_strength(&mut own, "short").status, 200);
    let languages: Vec<_> = (0..61).map(|_| through.api("PATCH", "/me", &json!({ "language": "en" })).status).collect();
    assert_eq!((languages[0], languages[60]), (200, 429));
    assert_eq!(own.api("PATCH", "/me", &json!({ "language": "en" })).status, 200);
}

#[test]
fn invitations_of_two_organisations_have_separate_limits_of_strength_checks() {
    let app = TestApp::new();
    let (acme, birch) = (app.org("Acme", "business"), app.org("Birch", "business"));
    app.admin(&acme, "mallory@acme.test");
    app.admin(&birch, "bob@birch.test");
    let link = |by: &str, workspace: &vestibule::domain::ids::WorkspaceId| {
        let invited = json!({ "email": "carol@third.test", "role": "power_user" });
        let made = app.signed_in(by).api("POST", &format!("/workspaces/{workspace}/invitations"), &invited).json();
        made["accept_url"].as_str().expect("a link").split_once("token=").expect("a token").1.to_owned()
    };
    let (hers, other) = (link("mallory@acme.test", &acme.workspace), link("bob@birch.test", &birch.workspace));
    let strength = |token: &str| {
        let typed = json!({ "password": "short", "token": token });
        app.anonymous().api("POST", "/password-strength", &typed).status
    };
    assert!((0..=BURST).any(|_| strength(&hers) == 429), "the limit of the first link is reached");
    assert_eq!(strength(&other), 200);
    let typed = json!({ "token": other, "name": "Carol", "password": "violet tractor lagoon" });
    assert_eq!(app.anonymous().api("POST", "/invitations/accept", &typed).status, 200);
}
