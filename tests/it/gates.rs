//! Slow work of one organisation does not delay others.

use crate::app::{PASSWORD, TestApp};
use crate::browser::Browser;
use crate::forward_auth;
use crate::idp;
use crate::site::{Site, SiteAnswer};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use vestibule::app::{Lane, Turn, Turns};
use vestibule::domain::audit::{Actor, Event};
use vestibule::domain::person::Role;

fn appliance() -> TestApp {
    TestApp::with_operator(|flags| {
        flags.providers.fetch.metadata_private_hosts = Some("localhost".into());
        flags.trusted_proxies = Some("127.0.0.1".into());
    })
}

/// Runs `work` as the same person in several threads at once.
fn together<T: Send + 'static>(
    app: &TestApp,
    person: &Browser,
    threads: usize,
    work: impl Fn(Browser) -> T + Clone + Send + 'static,
) -> Vec<T> {
    let started = (0..threads).map(|_| {
        let (mut browser, work) = (app.anonymous(), work.clone());
        browser.cookies = person.cookies.clone();
        std::thread::spawn(move || work(browser))
    });
    let started: Vec<_> = started.collect();
    started.into_iter().map(|one| one.join().expect("done")).collect()
}

/// Runs `work` in a thread, because a request may wait a few seconds for a permit.
fn in_thread<T: Send + 'static>(
    mut browser: Browser,
    work: impl FnOnce(&mut Browser) -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::spawn(move || work(&mut browser))
}

/// Repeats `work` until `over` is set; returns the longest time that it took.
fn longest_time_during(
    over: &Arc<AtomicBool>,
    mut work: impl FnMut() + Send + 'static,
) -> std::thread::JoinHandle<Duration> {
    let over = over.clone();
    std::thread::spawn(move || {
        let mut longest = Duration::ZERO;
        while !over.load(Ordering::SeqCst) {
            let begun = Instant::now();
            work();
            longest = longest.max(begun.elapsed());
        }
        longest
    })
}

/// Sends a request to read metadata from an address, without waiting for the answer.
fn send_read(app: &TestApp, person: &Browser, n: usize, url: &str) -> TcpStream {
    let body = json!({ "metadata_url": url }).to_string();
    let mut stream = TcpStream::connect(app.url.trim_start_matches("http://")).expect("connected");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set");
    let head = format!(
        "POST /api/v1/organisations/acme/sso/metadata HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-Forwarded-For: 10.0.{}.{}\r\n\
         Connection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        person.cookie_header(),
        n / 200,
        n % 200,
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream
}

fn status_of(mut stream: TcpStream) -> u16 {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[test]
fn twelve_hundred_reads_from_a_slow_server_do_not_delay_health_probes() {
    let app = appliance();
    app.admin(&app.org("Acme", "enterprise"), "ann@acme.test");
    let ann = app.signed_in("ann@acme.test");
    let site = Site::new(SiteAnswer::Drip);
    let over = Arc::new(AtomicBool::new(false));
    let mut probe = app.anonymous();
    let probe = longest_time_during(&over, move || assert_eq!(probe.get("/readyz").status, 200));
    // Two bursts of 600 requests occupy all threads for blocking work. Requests sent one after another would not delay
    // the probes.
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let sent: Vec<_> = (0..600).map(|n| send_read(&app, &ann, n, &site.url())).collect();
        statuses.extend(sent.into_iter().map(status_of));
    }
    over.store(true, Ordering::SeqCst);
    let longest = probe.join().expect("a probe");
    // A probe that had to wait for a fetch would take ten seconds.
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    assert_eq!(statuses.len(), 1200);
    assert!(statuses.iter().all(|status| matches!(status, 422 | 429)), "{statuses:?}");
    assert!(site.visits() <= 60, "the organisation's limit applies to the fetches: {}", site.visits());
}

#[test]
fn an_organisation_reads_at_most_two_metadata_files_at_once_and_does_not_delay_others() {
    let app = appliance();
    for (name, admin) in [("Acme", "ann@acme.test"), ("Birch", "bob@birch.test")] {
        app.admin(&app.org(name, "enterprise"), admin);
    }
    let (ann, mut bob) = (app.signed_in("ann@acme.test"), app.signed_in("bob@birch.test"));
    let (slow, quick) = (Site::new(SiteAnswer::Drip), Site::new(SiteAnswer::Text("nothing".into())));
    let url = slow.url();
    let birch = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        let begun = Instant::now();
        let status =
            bob.api("POST", "/organisations/birch/sso/metadata", &json!({ "metadata_url": quick.url() })).status;
        (status, begun.elapsed())
    });
    let read = move |mut browser: Browser| {
        let answer = browser.api("POST", "/organisations/acme/sso/metadata", &json!({ "metadata_url": url }));
        (answer.status, answer.headers.contains_key("retry-after"))
    };
    let mut answers = together(&app, &ann, 4, read);
    answers.sort_unstable();
    assert_eq!(answers, [(422, false), (422, false), (429, true), (429, true)]);
    assert_eq!(slow.visits(), 2);
    let (status, took) = birch.join().expect("read");
    assert_eq!(status, 422, "the text is not metadata");
    assert!(took < Duration::from_secs(5), "reads of another organisation delayed it: {took:?}");
}

#[test]
fn metadata_reads_of_many_organisations_are_refused_when_the_queue_is_full() {
    let app = appliance();
    let site = Site::new(SiteAnswer::Drip);
    let mut answers = Vec::new();
    let readers = (0..22).map(|n| {
        let admin = format!("ann@acme{n}.test");
        app.admin(&app.org(&format!("Acme {n}"), "enterprise"), &admin);
        let (browser, url) = (app.signed_in(&admin), site.url());
        [0, 1].map(|_| {
            let (mut one, url) = (app.anonymous(), url.clone());
            one.cookies = browser.cookies.clone();
            let path = format!("/organisations/acme-{n}/sso/metadata");
            move || one.api("POST", &path, &json!({ "metadata_url": url }))
        })
    });
    let readers: Vec<_> = readers.flatten().collect();
    let (tell, reported) = std::sync::mpsc::channel();
    for mut read in readers {
        let tell = tell.clone();
        std::thread::spawn(move || drop(tell.send(read())));
    }
    // Refused requests are answered immediately; the others wait for the slow server.
    while let Ok(answer) = reported.recv_timeout(Duration::from_secs(5)) {
        answers.push(answer);
    }
    let busy = answers.iter().filter(|answer| answer.status == 503);
    assert!(busy.clone().all(|answer| answer.code() == "busy" && answer.headers.contains_key("retry-after")));
    assert_eq!(busy.count(), 44 - 4 - 32, "{answers:?}");
}

#[test]
fn searches_of_a_large_log_do_not_delay_sign_ins() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    app.member(&app.org("Birch", "business"), "bob@birch.test");
    let id = org.id.clone();
    app.write(move |tx| {
        let event = Event::new("member.revoked", "member", "m", "Somebody with a long enough name").within(&id);
        (0..200_000).try_for_each(|_| tx.add_event(&Actor::System, "192.0.2.1", &event))
    });
    let ann = app.signed_in("ann@acme.test");
    let (over, mut bob, begun) = (Arc::new(AtomicBool::new(false)), app.signed_in("bob@birch.test"), Instant::now());
    bob.sign_in("bob@birch.test", PASSWORD);
    let calm = begun.elapsed();
    let bob = longest_time_during(&over, move || assert_eq!(bob.sign_in("bob@birch.test", PASSWORD).status, 200));
    let search = |mut browser: Browser| browser.read("/organisations/acme/audit?resource=nowhere").status;
    let statuses = together(&app, &ann, 190, search);
    over.store(true, Ordering::SeqCst);
    let longest = bob.join().expect("a sign-in");
    assert!(longest < Duration::from_secs(2) + 10 * calm, "{longest:?} during the searches, {calm:?} before");
    assert_eq!(statuses.len(), 190);
    assert!(statuses.contains(&200), "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
    assert_eq!(
        app.signed_in("ann@acme.test").read("/organisations/acme/audit").status,
        200,
        "the permits are released afterwards"
    );
}

#[test]
fn operators_have_separate_permits_to_read_the_log_of_all_organisations() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let places = ["", org.id.as_str()].map(|key| [app.app.audit_reads.enter(key), app.app.audit_reads.enter(key)]);
    let [of_all, of_acme] = places;
    let refused = ["/audit", "/audit/activity", "/organisations/acme/audit", "/organisations/acme/audit/activity"]
        .map(|path| in_thread(app.operator(), move |operator| (operator.read(path).status, path)));
    for refused in refused {
        let (status, path) = refused.join().expect("an answer");
        assert_eq!(status, 429, "{path}");
    }
    drop(of_all);
    let mut ann = app.signed_in("ann@acme.test");
    assert_eq!((app.operator().read("/audit").status, ann.read("/organisations/acme/audit").status), (200, 429));
    drop(of_acme);
    assert_eq!(ann.read("/organisations/acme/audit").status, 200);
}

#[test]
fn each_organisation_runs_a_limited_number_of_slow_requests_at_once() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    let ann = app.admin(&org, "ann@acme.test");
    let mut admin = app.signed_in("ann@acme.test");
    let sso = "/organisations/acme/sso";
    let member = json!({ "email": "ann@acme.test" });
    let asked = [
        ("GET", "/organisations/acme/next-steps".to_owned(), json!(null)),
        ("GET", "/organisations/acme/workspaces".into(), json!(null)),
        ("GET", format!("/organisations/acme/members/{ann}/sessions"), json!(null)),
        ("GET", format!("{sso}/attempts"), json!(null)),
        ("POST", format!("{sso}/own-keys"), json!(null)),
        ("POST", format!("{sso}/reminders"), json!({})),
        ("POST", format!("{sso}/candidates/{}/adopt", "0".repeat(64)), json!(null)),
        ("PUT", sso.into(), idp::settings("acme_SSO")),
        ("PATCH", "/organisations/acme".into(), json!({ "name": "Acme" })),
        ("POST", "/organisations/acme/admins".into(), member),
        ("POST", format!("/workspaces/{}/invitations/bulk", org.workspace), json!({ "text": "bob@acme.test" })),
    ];
    let taken = [(); 2].map(|()| app.app.costly.enter(&format!("organisation {}", org.id)).expect("free"));
    let refused = asked.clone().map(|(method, path, body)| {
        in_thread(app.signed_in("ann@acme.test"), move |admin| {
            assert_eq!(admin.api(method, &path, &body).status, 429, "{method} {path}");
        })
    });
    for refused in refused {
        refused.join().expect("refused");
    }
    drop(taken);
    for (method, path, body) in &asked {
        assert_ne!(admin.api(method, path, body).status, 429, "{method} {path}");
    }
}

#[test]
fn a_members_own_lists_do_not_delay_other_people() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let bob = app.member(&org, "bob@acme.test");
    let taken = [(); 2].map(|()| app.app.own_lists.enter(bob.as_str()).expect("free"));
    for path in ["/me/sessions", "/organisations/acme/workspaces"] {
        assert_eq!(app.signed_in("bob@acme.test").read(path).status, 429, "{path}");
        assert_eq!(app.signed_in("ann@acme.test").read(path).status, 200, "{path}");
    }
    drop(taken);
    assert_eq!(app.signed_in("bob@acme.test").read("/me/sessions").status, 200);
}

#[test]
fn a_session_through_one_provider_does_not_take_permits_of_other_sessions() {
    let app = TestApp::new();
    let (acme, birch) = (app.org("Acme", "enterprise"), app.org("Birch", "business"));
    app.admin(&acme, "tess@acme.test");
    idp::connect(&app, &acme, "tess@acme.test", "acme_SSO");
    app.admin(&acme, "bob@birch.test");
    let bob = app.admin(&birch, "bob@birch.test");
    let (mut own, mut through) = (app.signed_in("bob@birch.test"), app.anonymous());
    idp::saml_sign_in(&app, &mut through, "/sso?key=acme_SSO", "bob@birch.test");
    let lists = [(); 2].map(|()| app.app.own_lists.enter(&format!("{bob} through {}", acme.id)).expect("free"));
    let files = [(); 2].map(|()| app.app.own_downloads.enter(&format!("person {bob} {}", acme.id)).expect("free"));
    let (list, file) = ("/me/sessions", "/organisations/acme/audit.csv");
    assert_eq!((through.read(list).status, through.read(file).status), (429, 429));
    assert_eq!((own.read(list).status, own.read("/organisations/birch/audit.csv").status), (200, 200));
    drop((lists, files));
    assert_eq!((through.read(list).status, through.read(file).status), (200, 200));
}

/// A person who loses the right while their request waits receives no data.
#[test]
fn a_right_is_checked_again_after_a_request_has_waited() {
    let app = TestApp::new();
    let org = app.org("Acme", "enterprise");
    let ann = app.admin(&org, "ann@acme.test");
    let mallory = app.person(&org, "mallory@acme.test", Role::PowerUser, true);
    let lists = ["next-steps", "workspaces", "sso/attempts", "members", "sso", "sso/readiness", "audit", "audit.csv"];
    let sessions = format!("members/{ann}/sessions");
    let lists: Vec<_> =
        lists.into_iter().chain([sessions.as_str()]).map(|list| format!("/organisations/acme/{list}")).collect();
    let lists = [lists, vec![format!("/workspaces/{}/members", org.workspace)]].concat();
    let key = format!("organisation {}", org.id);
    let audit = [org.id.to_string(), format!("{} file", org.id)];
    let taken: Vec<_> = [(&app.app.costly, &key), (&app.app.audit_reads, &audit[0]), (&app.app.audit_reads, &audit[1])]
        .into_iter()
        .flat_map(|(gate, key)| [(); 2].map(|()| gate.enter(key).expect("free")))
        .collect();
    let asked: Vec<_> = lists
        .into_iter()
        .map(|path| in_thread(app.signed_in("mallory@acme.test"), move |mallory| (mallory.read(&path).status, path)))
        .collect();
    // A person's own list needs only a session, which ends while the request waits.
    let bob = app.member(&org, "bob@acme.test");
    let own = [(); 2].map(|()| app.app.own_lists.enter(bob.as_str()).expect("free"));
    let waits = in_thread(app.signed_in("bob@acme.test"), |bob| bob.read("/me/sessions").status);
    std::thread::sleep(Duration::from_secs(1));
    app.write(move |tx| {
        tx.set_admin(&org.id, &mallory, false)?;
        tx.delete_other_sessions(&bob, None)
    });
    drop((taken, own));
    for one in asked {
        let (status, path) = one.join().expect("an answer");
        assert_eq!(status, 403, "{path}");
    }
    assert_eq!(waits.join().expect("an answer"), 401);
}

#[test]
fn a_person_who_opens_many_pages_at_once_is_not_refused() {
    let app = TestApp::new();
    let bob = app.member(&app.org("Acme", "business"), "bob@acme.test");
    let taken = [(); 2].map(|()| app.app.own_lists.enter(bob.as_str()).expect("free"));
    let pages: Vec<_> =
        (0..16).map(|_| in_thread(app.signed_in("bob@acme.test"), |bob| bob.read("/me/sessions").status)).collect();
    std::thread::sleep(Duration::from_secs(2));
    drop(taken);
    let statuses: Vec<_> = pages.into_iter().map(|page| page.join().expect("an answer")).collect();
    assert_eq!(statuses, [200; 16]);
}

#[test]
fn a_program_does_not_prevent_people_from_reading_the_audit_log() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let made = ann.api("POST", "/organisations/acme/keys", &json!({ "name": "reader", "scopes": ["read"] })).json();
    let mut program = app.program(made["key"].as_str().expect("a key"));
    let taken = [(); 2].map(|()| app.app.audit_reads.enter(&format!("{} key", org.id)).expect("free"));
    let read = |browser: &mut Browser| browser.read("/organisations/acme/audit").status;
    assert_eq!((read(&mut program), read(&mut ann)), (429, 200));
    drop(taken);
    assert_eq!(read(&mut program), 200);
}

#[test]
fn guesses_by_strangers_do_not_block_an_accounts_known_browsers() {
    let app = TestApp::new();
    app.admin(&app.org("Acme", "business"), "ann@acme.test");
    let mut ann = app.signed_in("ann@acme.test");
    let held: Vec<_> = (0..4).map(|_| app.app.guesses.enter("ann@acme.test").expect("free")).collect();
    let stranger = app.anonymous().sign_in("ann@acme.test", PASSWORD);
    assert_eq!((stranger.status, stranger.code().as_str()), (503, "busy"));
    assert_eq!(ann.sign_in("ann@acme.test", PASSWORD).status, 200);
    drop(held);
    assert_eq!(app.anonymous().sign_in("ann@acme.test", PASSWORD).status, 200);
}

/// Requests of strangers, one from each of 500 networks. Returns the turns of the requests that run, and the futures of
/// those that wait for a turn.
fn flood(turns: &Arc<Turns>) -> (Vec<Turn>, Vec<impl Future<Output = Option<Turn>> + use<>>) {
    let (mut working, mut waiting) = (Vec::new(), Vec::new());
    for n in 0..500_u16 {
        let [site, network] = n.to_be_bytes();
        let turns = turns.clone();
        let address = IpAddr::from([198, 18 + site, network, 1]);
        let mut turn = Box::pin(async move { turns.take(Lane::Stranger, address).await });
        match turn.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => working.extend(turn),
            Poll::Pending => waiting.push(turn),
        }
    }
    (working, waiting)
}

#[test]
fn strangers_from_many_networks_do_not_delay_people_at_applications_whose_data_has_changed() {
    let world = forward_auth::World::new();
    let mut pat = world.at_wiki("pat@acme.test");
    pat.enter("/");
    assert_eq!(pat.check("GET", "/", &[]).status, 200);
    let mut eve = world.at_wiki("pat@acme.test");
    eve.cookies.insert("__Host-vestibule_app".into(), "junk".into());
    let id = world.app.user("pat@acme.test");
    world.app.write(move |tx| tx.set_user(&id, "Patricia", None));
    let flood = [&world.app.app.turns, &world.app.app.lookups].map(flood);
    let asked = Instant::now();
    let allowed = pat.check("GET", "/", &[]);
    assert_eq!((allowed.status, forward_auth::header(&allowed, "remote-name")), (200, "Patricia"));
    assert!(asked.elapsed() < Duration::from_secs(5), "waited {:?}", asked.elapsed());
    let stranger = std::thread::spawn(move || eve.check("GET", "/", &[]).status);
    std::thread::sleep(Duration::from_millis(500));
    assert!(!stranger.is_finished(), "an unknown secret waits in the lane of strangers");
    drop(flood);
    assert_eq!(stranger.join().expect("an answer"), 401);
}

#[test]
fn strangers_from_many_networks_do_not_delay_clients_with_a_verified_cookie() {
    let app = TestApp::new();
    let org = app.org("Acme", "business");
    app.admin(&org, "ann@acme.test");
    let workspace = format!("/workspaces/{}", org.workspace);
    let mut ann = app.signed_in("ann@acme.test");
    // The first read records the workspace that Ann opened last, which is a write; later ones only read.
    assert_eq!([ann.read(&workspace).status, ann.read(&workspace).status], [200, 200]);
    // A browser with only this cookie of Ann's browser, which `change` may damage.
    let alone = |name: &str, change: &dyn Fn(&str) -> String| {
        let mut browser = app.anonymous();
        browser.cookies.insert(name.into(), change(&ann.cookies[name]));
        browser
    };
    let same = |value: &str| value.to_owned();
    let damaged = |value: &str| format!("{}{}", if value.starts_with('A') { 'B' } else { 'A' }, &value[1..]);
    let mut known = alone("vestibule_known", &same);
    let mut with_session = alone("vestibule_session", &same);
    let (read, sign_in) =
        (workspace.clone(), |browser: &mut Browser| browser.sign_in("ann@acme.test", PASSWORD).status);
    let reads = move |browser: &mut Browser| browser.read(&read).status;
    let flood = [&app.app.turns, &app.app.lookups].map(flood);
    let asked = Instant::now();
    assert_eq!((reads(&mut with_session), sign_in(&mut known)), (200, 200));
    assert!(asked.elapsed() < Duration::from_secs(5), "known clients waited {:?}", asked.elapsed());
    let strangers = [
        in_thread(app.anonymous(), sign_in),
        in_thread(alone("vestibule_known", &damaged), sign_in),
        in_thread(alone("vestibule_session", &damaged), reads.clone()),
        in_thread(app.program("vk_of_nobody"), reads),
    ];
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        strangers.iter().all(|stranger| !stranger.is_finished()),
        "requests without a valid cookie wait in the lane of strangers"
    );
    drop(flood);
    assert_eq!(strangers.map(|stranger| stranger.join().expect("an answer")), [200, 200, 401, 401]);
}
