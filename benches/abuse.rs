//! Measures how long other clients wait during attacks: the 99th percentile of their answers during each attack.
//!
//! `cargo bench --bench abuse` starts a server on loopback and runs each attack for 20 seconds. It fails if `/readyz`
//! takes longer than 100 ms or a sign-in longer than 2 s. `-- --seconds N` sets the duration, and `-- WORD` runs the
//! attacks whose names contain the word. Linux only, because the attackers' addresses are 127.0.0.2 and following.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
#[path = "../tests/it/app.rs"]
mod app;
#[allow(dead_code)]
#[path = "../tests/it/browser.rs"]
mod browser;
#[path = "../tests/it/contract.rs"]
mod contract;
#[allow(dead_code)]
#[path = "../tests/it/idp.rs"]
mod idp;
#[allow(dead_code)]
#[path = "../tests/it/site.rs"]
mod site;
#[allow(dead_code)]
#[path = "../tests/it/wire.rs"]
mod wire;

use app::{PASSWORD, TestApp};
use serde_json::json;
use site::{Site, SiteAnswer};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{Scope, scope, sleep};
use std::time::{Duration, Instant};
use vestibule::app::{Source, raise_file_limit};
use vestibule::domain::Email;
use vestibule::domain::access::Standing;
use vestibule::domain::audit::{Actor, Event};
use vestibule::domain::person::Role;
use wire::{Reply, Wire, get, post};

const LONGEST_READY: Duration = Duration::from_millis(100);
const LONGEST_SIGN_IN: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);
const CLIENTS: usize = 64;
const STALLED: usize = 1050;
const AUDIT_LINES: usize = 200_000;
const MEMBERS: usize = 20_000;
const THROTTLED: usize = 1_000_000;

/// A server with the people and cookies of the benchmark.
struct Arena {
    app: TestApp,
    callback: String,
    slow_site: Site,
    workspace: String,
    /// The cookies of an operator, of an organisation admin, of a member, and of a member of another organisation.
    operator: String,
    admin: String,
    member: String,
    bystander: String,
}

/// The name of an attack, and the attack, which runs until the flag is set.
type Attack = (&'static str, fn(&Arena, &AtomicBool));

const ATTACKS: [Attack; 33] = [
    ("nothing", |_, _| {}),
    ("stalled bodies", |arena, stop| stall(arena, stop, STALLED, 1, &post("/api/v1/login", 100, "{"))),
    ("stalled headers", |arena, stop| stall(arena, stop, STALLED, 1, "GET /readyz HTTP/1.1\r\nhost: x\r\n")),
    ("stalled callbacks", |arena, stop| {
        stall(arena, stop, 500, 5, &post(&arena.callback, 1_100_000, &"x".repeat(1_000_000)));
    }),
    ("garbage at the callback", |arena, stop| {
        let body = format!("SAMLResponse={}", "PHg%2B".repeat(2000));
        flood(arena, stop, |_| post(&arena.callback, body.len(), &body));
    }),
    ("large responses at the callback", |arena, stop| {
        let (path, form) = idp::large_response(&arena.app, "/sso?key=acme_SSO", "ben@acme.test");
        flood(arena, stop, |_| post(&path, form.len(), &form));
    }),
    ("wrong passwords", |arena, stop| {
        flood(arena, stop, |n| api("/login", "", &json!({ "email": format!("p{n}@x.test"), "password": "wrong" })));
    }),
    ("password strength", |arena, stop| {
        let typed = json!({ "password": "correct horse battery staple ".repeat(4), "name": "", "email": "" });
        flood(arena, stop, |_| api("/password-strength", &arena.member, &typed));
    }),
    ("slow metadata", |arena, stop| {
        let url = json!({ "metadata_url": arena.slow_site.url() });
        flood(arena, stop, |_| api("/organisations/acme/sso/metadata", &arena.admin, &url));
    }),
    ("audit searches", |arena, stop| {
        let search = get("/api/v1/organisations/acme/audit?resource=zzz");
        flood(arena, stop, |_| with_cookie(&search, &arena.admin));
    }),
    ("connection reads", |arena, stop| request_as_admin(arena, stop, "/api/v1/organisations/acme/sso")),
    ("lists of members", |arena, stop| {
        request_as_admin(arena, stop, "/api/v1/organisations/acme/members?limit=200&q=per");
    }),
    ("dry runs of a removal", |arena, stop| {
        let dry_run = get("/api/v1/organisations/acme/sso?dry_run=true").replacen("GET", "DELETE", 1);
        flood(arena, stop, |_| with_cookie(&dry_run, &arena.admin));
    }),
    ("a million keys in the throttle", |arena, stop| {
        let guess = |n: usize| {
            let address = format!("2001:db8:{:x}:{:x}::1", n >> 16, n & 0xffff);
            let email = Email::parse(&format!("p{n}@x.test")).expect("usable");
            drop(arena.app.app.throttle.charge(&email, Source { address: &address, known: None }, arena.app.now()));
        };
        // Each guess is counted under three keys.
        let guesses = THROTTLED / 3;
        (0..guesses).for_each(guess);
        for n in (0..guesses).cycle() {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            guess(n);
        }
    }),
    ("lists of 500 invitations", |arena, stop| {
        let path = format!("/workspaces/{}/invitations/bulk", arena.workspace);
        flood(arena, stop, |n| {
            let lines: Vec<_> = (0..500).map(|line| format!("i{n}x{line}@acme.test")).collect();
            api(&path, &arena.admin, &json!({ "text": lines.join("\n") }))
        });
    }),
    ("sign-ins through a provider", |arena, stop| {
        scope(|threads| {
            for _ in 0..CLIENTS / 4 {
                threads.spawn(|| {
                    while !stop.load(Ordering::SeqCst) {
                        idp::saml_sign_in(&arena.app, &mut arena.app.anonymous(), "/sso?key=acme_SSO", "ben@acme.test");
                    }
                });
            }
        });
    }),
    ("answers that nobody takes", |arena, stop| {
        let list = with_cookie(&get("/api/v1/organisations/acme/members?limit=200"), &arena.admin);
        stall(arena, stop, 1000, 6, &list.repeat(20));
    }),
    ("outcomes that nobody takes", |arena, stop| {
        let path = format!("/workspaces/{}/invitations/bulk", arena.workspace);
        let lines = json!({ "text": vec!["nobody ".repeat(50); 500].join("\n") });
        stall(arena, stop, 400, 6, &api(&path, &arena.admin, &lines).repeat(5));
    }),
    ("slow downloads of the log", |arena, stop| {
        let file = with_cookie(&get("/api/v1/organisations/acme/audit.csv"), &arena.admin);
        stall(arena, stop, 64, 6, &file);
    }),
    ("own sessions", |arena, stop| {
        let list = with_cookie(&get("/api/v1/me/sessions?limit=200"), &arena.member);
        flood(arena, stop, |_| list.clone());
    }),
    ("new keys", |arena, stop| post_as_admin(arena, stop, "/organisations/acme/sso/own-keys", &json!({}))),
    ("metadata of ours", |arena, stop| {
        let metadata = get(&arena.callback.replace("/acs", "/metadata"));
        flood(arena, stop, |_| metadata.clone());
    }),
    ("next steps", |arena, stop| request_as_admin(arena, stop, "/api/v1/organisations/acme/next-steps")),
    ("organisation admins", |arena, stop| {
        post_as_admin(arena, stop, "/organisations/acme/admins", &json!({ "email": "ann@acme.test" }));
    }),
    ("junk cookies at a start", |arena, stop| {
        let junk: Vec<_> = (0..400).map(|n| format!("vestibule_sso_{n:08x}=x")).collect();
        let start = with_cookie(&get("/sso?key=acme_SSO&restart=1"), &junk.join("; "));
        flood(arena, stop, |_| start.clone());
    }),
    ("thousands of cookies", |arena, stop| large(arena, stop, &get("/api/v1/me"), "cookie", &"a=bcde; ".repeat(3900))),
    ("thousands of our cookies", |arena, stop| {
        large(arena, stop, &get("/sso?key=x&restart=1"), "cookie", &"vestibule_sso_00000000=; ".repeat(1250));
    }),
    ("thousands of forwarded addresses", |arena, stop| {
        large(arena, stop, &get("/healthz"), "x-forwarded-for", &"1.2.3.4,".repeat(3900));
    }),
    ("thousands of languages", |arena, stop| {
        large(arena, stop, &get("/api/v1/me"), "accept-language", &"en;q=0.1,".repeat(3500));
    }),
    ("forms of many fields", |arena, stop| {
        let form = ["abc=de"; 9000].join("&");
        flood(arena, stop, |_| post("/login/sso", form.len(), &form));
    }),
    ("help pages", |arena, stop| request_as_admin(arena, stop, "/help/security")),
    ("long addresses", |arena, stop| request_as_admin(arena, stop, &format!("/{}", "a/".repeat(30_000)))),
    // This attack must be the last one, because the plan of the organisation is unpredictable after it.
    ("switches of a plan with 20,000 members", |arena, stop| {
        flood(arena, stop, |n| {
            let plan = json!({ "plan": if n % 2 == 0 { "enterprise" } else { "business" } });
            api("/organisations/acme/plan", &arena.operator, &plan).replacen("POST", "PUT", 1)
        });
    }),
];

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().skip_while(|one| *one != name).nth(1);
    let secs = after("--seconds").and_then(|secs| secs.parse().ok()).unwrap_or(20);
    let word = arguments.iter().find(|one| !one.starts_with("--") && one.parse::<u64>().is_err());
    raise_file_limit();
    let arena = Arena::new();
    println!(
        "| attack | requests | `/readyz`, p99 ms | session check, p99 ms | sign-in, p99 ms |\n|---|---|---|---|---|"
    );
    let mut good = true;
    for (name, attack) in ATTACKS.iter().filter(|(name, _)| word.is_none_or(|word| name.contains(word.as_str()))) {
        let [ready, check, sign_in] = arena.measure_during(*attack, Duration::from_secs(secs));
        let fine = ready.p99 <= LONGEST_READY
            && sign_in.p99 <= LONGEST_SIGN_IN
            && ready.failed.is_empty()
            && sign_in.failed.is_empty();
        println!(
            "| {name} | {} | {} | {} | {} |{}",
            ready.count + check.count + sign_in.count,
            ready.p99.as_millis(),
            check.p99.as_millis(),
            sign_in.p99.as_millis(),
            if fine {
                String::new()
            } else {
                format!(" too slow, or failed: {}", [ready.failures(), sign_in.failures()].concat().join(", "))
            },
        );
        good &= fine;
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The answers to one kind of request during an attack.
#[derive(Default)]
struct Measured {
    count: usize,
    /// The number of answers by status, except 200; 0 means that there was no answer.
    failed: BTreeMap<u16, usize>,
    p99: Duration,
}

impl Measured {
    fn failures(&self) -> Vec<String> {
        self.failed.iter().map(|(status, many)| format!("{many} with {status}")).collect()
    }
}

impl Arena {
    fn new() -> Self {
        let app = TestApp::with_flags(|flags| {
            flags.providers.fetch.metadata_private_hosts = Some("localhost".into());
            // The attacks sign in as often as they can.
            flags.sso_rate = Some(0);
        });
        app.add_operator();
        let org = app.org("Acme", "enterprise");
        app.admin(&org, "ann@acme.test");
        app.member(&org, "ben@acme.test");
        // The people whose requests are measured belong to another organisation.
        let globex = app.org("Globex", "business");
        for email in ["cid@globex.test", "dan@globex.test"] {
            app.member(&globex, email);
        }
        add_members(&app, &org);
        let id = org.id.clone();
        app.write(move |tx| {
            let event = Event::new("member.invited", "member", "id", "somebody@acme.test").within(&id);
            (0..AUDIT_LINES).try_for_each(|_| tx.add_event(&Actor::System, "", &event))
        });
        let cookie = |email: &str| app.signed_in(email).cookie_header();
        let (admin, member, bystander) = (cookie("ann@acme.test"), cookie("ben@acme.test"), cookie("cid@globex.test"));
        let operator = cookie("olivia@vestibule.test");
        let shown = idp::connect(&app, &org, "ann@acme.test", "acme_SSO").read("/organisations/acme/sso").json();
        let callback = shown["callback_url"].as_str().expect("a URL").replace(&app.url, "");
        let workspace = org.workspace.to_string();
        Self { app, callback, slow_site: Site::new(SiteAnswer::Drip), workspace, operator, admin, member, bystander }
    }

    /// Runs an attack for a while, and measures requests from another address meanwhile.
    fn measure_during(&self, attack: fn(&Self, &AtomicBool), time: Duration) -> [Measured; 3] {
        let stop = AtomicBool::new(false);
        let right = json!({ "email": "dan@globex.test", "password": PASSWORD });
        let kinds = [get("/readyz"), with_cookie(&get("/api/v1/me"), &self.bystander), api("/login", "", &right)];
        scope(|threads| {
            threads.spawn(|| attack(self, &stop));
            sleep(time / 10);
            let measured = kinds.map(|request| measure(threads, self, &stop, request));
            sleep(time);
            stop.store(true, Ordering::SeqCst);
            measured.map(|thread| thread.join().expect("the program ends"))
        })
    }
}

/// Sends requests one after another, each on a new connection, until the flag is set.
fn measure<'s>(
    threads: &'s Scope<'s, '_>,
    arena: &'s Arena,
    stop: &'s AtomicBool,
    request: String,
) -> std::thread::ScopedJoinHandle<'s, Measured> {
    threads.spawn(move || {
        let (mut times, mut failed) = (Vec::new(), BTreeMap::new());
        while !stop.load(Ordering::SeqCst) {
            let begun = Instant::now();
            let reply = ask(250, arena, &request);
            times.push(begun.elapsed());
            let status = reply.map_or(0, |reply| reply.status);
            if status != 200 {
                *failed.entry(status).or_default() += 1;
            }
            sleep(Duration::from_millis(20));
        }
        times.sort_unstable();
        let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
        Measured { count: times.len(), failed, p99 }
    })
}

/// Adds many members to an organisation.
fn add_members(app: &TestApp, org: &app::Org) {
    let org = org.clone();
    app.write(move |tx| {
        (0..MEMBERS).try_for_each(|n| {
            let email = Email::parse(&format!("person{n}@acme.test"))?;
            let user = tx.add_user(&email, "A Person", None, false)?;
            tx.add_person(&org.id, &user, Standing { admin: false, password_agreed: true })?;
            tx.set_place(&org.id, &org.workspace, &user, &Role::PowerUser)
        })
    });
}

fn ask(from: u8, arena: &Arena, request: &str) -> Option<Reply> {
    Wire::try_from(from, &arena.app.url).ok()?.send(request).reply(PATIENCE)
}

/// Keeps `many` connections from `addresses` addresses open, each of which sends only `text`.
fn stall(arena: &Arena, stop: &AtomicBool, many: usize, addresses: usize, text: &str) {
    let open = |n: usize| {
        let mut wire = Wire::try_from(address(n % addresses), &arena.app.url).ok()?;
        wire.send(text);
        Some(wire)
    };
    let mut wires: Vec<_> = (0..many).map(open).collect();
    while !stop.load(Ordering::SeqCst) {
        for (n, wire) in wires.iter_mut().enumerate() {
            if wire.as_mut().is_none_or(|wire| wire.closes(Duration::from_millis(1)).is_some()) {
                *wire = open(n);
            }
        }
    }
}

/// Sends as many requests as possible, each client from its own address.
fn flood(arena: &Arena, stop: &AtomicBool, request: impl Fn(usize) -> String + Sync) {
    let (request, asked) = (&request, &AtomicUsize::new(0));
    scope(|threads| {
        for client in 0..CLIENTS {
            threads.spawn(move || {
                let connect = || Wire::try_from(address(client), &arena.app.url);
                let mut wire = connect();
                while !stop.load(Ordering::SeqCst) {
                    let text = request(asked.fetch_add(1, Ordering::SeqCst));
                    let answered = wire.as_mut().is_ok_and(|wire| wire.send(text).reply(PATIENCE).is_some());
                    if !answered {
                        sleep(Duration::from_millis(10));
                        wire = connect();
                    }
                }
            });
        }
    });
}

/// Sends the same request repeatedly, with a header of this value, which may be as large as headers may be.
fn large(arena: &Arena, stop: &AtomicBool, request: &str, name: &str, value: &str) {
    let request = request.replacen("host: x\r\n", &format!("host: x\r\n{name}: {value}\r\n"), 1);
    flood(arena, stop, |_| request.clone());
}

/// Requests the same path repeatedly as the organisation admin.
fn request_as_admin(arena: &Arena, stop: &AtomicBool, path: &str) {
    let request = with_cookie(&get(path), &arena.admin);
    flood(arena, stop, |_| request.clone());
}

/// Posts the same body to the same path repeatedly as the organisation admin.
fn post_as_admin(arena: &Arena, stop: &AtomicBool, path: &str, body: &serde_json::Value) {
    let request = api(path, &arena.admin, body);
    flood(arena, stop, |_| request.clone());
}

fn address(client: usize) -> u8 {
    u8::try_from(2 + client).expect("few clients")
}

fn api(path: &str, cookie: &str, body: &serde_json::Value) -> String {
    let body = body.to_string();
    with_cookie(&post(&format!("/api/v1{path}"), body.len(), &body), cookie)
}

fn with_cookie(request: &str, cookie: &str) -> String {
    request.replacen("host: x\r\n", &format!("host: x\r\ncookie: {cookie}\r\n"), 1)
}
