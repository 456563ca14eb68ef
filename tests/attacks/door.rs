//! Attacks that need the door itself: replay, mix-ups of organisations and browsers, and floods. Through the real server.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, honest, relay_state_of, request_of};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

/// Two organisations that use the same identity provider, and one person who belongs to both.
pub struct Door {
    app: TestApp,
    acme: Org,
    bob: Browser,
}

/// What the twin was answered, and what the attack was.
type Answers = (Answer, Answer);

/// One row of the table. Both answers are to a POST to the callback, or to the GET that finishes.
pub struct DoorAttack {
    pub name: &'static str,
    /// The reason's code, or the code that the browser is sent away with.
    pub refused_as: &'static str,
    run: fn(&mut Door) -> Answers,
}

impl Door {
    fn new() -> Self {
        let app = TestApp::new();
        let acme = app.org("Acme", "enterprise");
        let globex = app.org("Globex", "enterprise");
        for (org, admin, key) in [(&acme, "ann@acme.test", "acme_SSO"), (&globex, "gina@globex.test", "globex_SSO")] {
            app.admin(org, admin);
            app.member(org, "bob@acme.test");
            connect(&app, org, admin, key);
        }
        let bob = app.anonymous();
        Self { app, acme, bob }
    }

    fn begin(&mut self, portal_key: &str) -> ReceivedRequest {
        request_of(&self.bob.get(&format!("/sso?key={portal_key}")))
    }

    fn answer(&self, request: &ReceivedRequest) -> String {
        honest(&self.app, request, "bob@acme.test").sign(&KEY, Sign::Both)
    }

    fn deliver(&mut self, request: &ReceivedRequest, xml: &str) -> Answer {
        deliver(&mut self.bob, &request.acs_url, xml)
    }

    /// A sign-in as it should be, up to the callback's answer.
    fn twin(&mut self) -> Answer {
        let request = self.begin("acme_SSO");
        let xml = self.answer(&request);
        self.deliver(&request, &xml)
    }

    /// The reason behind an answer: from the trace, or, where anybody could send any number of these, from the sealed notice.
    fn reason(&mut self, answer: &Answer) -> String {
        let shown = answer.refused_with();
        if shown != "sso_not_verified" {
            return shown;
        }
        let cookie = &self.bob.cookies["vestibule_notice"];
        let notice: Value = self.app.app.store.seal().open("notice", cookie, self.app.now()).expect("a notice");
        let page = self.bob.get(answer.location()).body;
        let Some((_, rest)) = page.split_once("Reference: ") else {
            return notice["untraced"]["code"].as_str().expect("a code").to_owned();
        };
        let reference = &rest[..6];
        let path = format!("/organisations/{}/sso/attempts?limit=200", self.acme.slug);
        let attempts = self.app.signed_in("ann@acme.test").read(&path).json();
        let items = attempts["items"].as_array().expect("a list");
        let traced = items.iter().find(|one| one["reference"] == reference);
        traced.expect("a line for each reference")["refusal"]["code"].as_str().expect("text").to_owned()
    }
}

pub const ATTACKS: [DoorAttack; 15] = [
    DoorAttack { name: "The same answer twice", refused_as: "request_used", run: same_answer_twice },
    DoorAttack { name: "The same answer from another browser", refused_as: "request_used", run: same_answer_elsewhere },
    DoorAttack {
        name: "An assertion again, in an answer to a new request",
        refused_as: "assertion_used",
        run: assertion_again,
    },
    DoorAttack { name: "An answer after ten minutes, twice", refused_as: "sso_took_too_long", run: late },
    DoorAttack { name: "An answer to a request that nobody made", refused_as: "unknown_request", run: made_up },
    DoorAttack { name: "An answer to a request with a longer life", refused_as: "unknown_request", run: prolonged },
    DoorAttack { name: "Another organisation's answer", refused_as: "unknown_request", run: others_answer },
    DoorAttack { name: "Another organisation's audience", refused_as: "audience", run: others_audience },
    DoorAttack { name: "An answer to nobody, twice", refused_as: "unsolicited", run: unsolicited_twice },
    DoorAttack { name: "An answer in another browser than began", refused_as: "sso_other_browser", run: other_browser },
    DoorAttack { name: "A ticket twice", refused_as: "sso_expired", run: ticket_twice },
    DoorAttack { name: "A ticket after a minute", refused_as: "sso_expired", run: ticket_late },
    DoorAttack { name: "A ticket that nobody gave", refused_as: "sso_expired", run: ticket_made_up },
    DoorAttack { name: "Garbage in place of an answer", refused_as: "malformed_xml", run: garbage },
    DoorAttack { name: "No answer in the form", refused_as: "malformed_xml", run: empty_form },
];

fn same_answer_twice(door: &mut Door) -> Answers {
    let request = door.begin("acme_SSO");
    let xml = door.answer(&request);
    (door.deliver(&request, &xml), door.deliver(&request, &xml))
}

fn same_answer_elsewhere(door: &mut Door) -> Answers {
    let request = door.begin("acme_SSO");
    let xml = door.answer(&request);
    let first = door.deliver(&request, &xml);
    door.bob = door.app.anonymous();
    (first, door.deliver(&request, &xml))
}

fn assertion_again(door: &mut Door) -> Answers {
    let request = door.begin("acme_SSO");
    let mut minted = honest(&door.app, &request, "bob@acme.test");
    let first = door.deliver(&request, &minted.sign(&KEY, Sign::Response));
    let second = door.begin("acme_SSO");
    minted.in_response_to = Some(second.id.clone());
    minted.subject_in_response_to = Some(second.id.clone());
    (first, door.deliver(&second, &minted.sign(&KEY, Sign::Response)))
}

fn late(door: &mut Door) -> Answers {
    let twin = door.twin();
    let request = door.begin("acme_SSO");
    door.app.wait(600);
    let xml = door.answer(&request);
    let restart = door.deliver(&request, &xml);
    let second = request_of(&door.bob.get(restart.location()));
    door.app.wait(600);
    let xml = door.answer(&second);
    (twin, door.deliver(&second, &xml))
}

fn made_up(door: &mut Door) -> Answers {
    with_request_id(door, |_| "_made-up".into())
}

/// The id begins with its expiry: another would live longer, if it were not sealed.
fn prolonged(door: &mut Door) -> Answers {
    with_request_id(door, |id| {
        let at = id.find(|c: char| c.is_ascii_hexdigit()).expect("a digit");
        let other = if id.as_bytes()[at] == b'f' { "e" } else { "f" };
        format!("{}{other}{}", &id[..at], &id[at + 1..])
    })
}

fn with_request_id(door: &mut Door, change: fn(&str) -> String) -> Answers {
    let twin = door.twin();
    let mut request = door.begin("acme_SSO");
    request.id = change(&request.id);
    let xml = door.answer(&request);
    (twin, door.deliver(&request, &xml))
}

fn others_answer(door: &mut Door) -> Answers {
    let (globex, acme) = (door.begin("globex_SSO"), door.begin("acme_SSO"));
    let xml = door.answer(&globex);
    (door.deliver(&globex, &xml), door.deliver(&acme, &xml))
}

fn others_audience(door: &mut Door) -> Answers {
    let twin = door.twin();
    let (globex, acme) = (door.begin("globex_SSO"), door.begin("acme_SSO"));
    let mut minted = honest(&door.app, &acme, "bob@acme.test");
    minted.audiences = vec![globex.issuer];
    (twin, door.deliver(&acme, &minted.sign(&KEY, Sign::Both)))
}

fn unsolicited_twice(door: &mut Door) -> Answers {
    let twin = door.twin();
    let request = door.begin("acme_SSO");
    let mut minted = honest(&door.app, &request, "bob@acme.test");
    (minted.in_response_to, minted.subject_in_response_to) = (None, None);
    let xml = minted.sign(&KEY, Sign::Both);
    let restart = door.deliver(&request, &xml);
    let mark = relay_state_of(&door.bob.get(restart.location())).expect("a mark");
    let fields = [("SAMLResponse", STANDARD.encode(&xml)), ("RelayState", mark)];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    (twin, door.bob.cross_site_form(&request.acs_url, &fields))
}

fn other_browser(door: &mut Door) -> Answers {
    let (twin, forged) = (door.twin(), door.twin());
    let mut victim = door.app.anonymous();
    (twin, victim.get(forged.location()))
}

fn ticket_twice(door: &mut Door) -> Answers {
    let cookies = door.bob.cookies.clone();
    let twin = door.twin();
    let started = door.bob.cookies.clone();
    assert_ne!(cookies, started, "a cookie waits for the ticket");
    assert_eq!(door.bob.get(twin.location()).location(), "/");
    door.bob.cookies = started;
    let again = door.bob.get(twin.location());
    (twin, again)
}

fn ticket_late(door: &mut Door) -> Answers {
    let twin = door.twin();
    door.app.wait(60);
    let late = door.bob.get(twin.location());
    (twin, late)
}

fn ticket_made_up(door: &mut Door) -> Answers {
    let twin = door.twin();
    let made_up = door.bob.get(&format!("/sso/finish?ticket={}", "A".repeat(43)));
    (twin, made_up)
}

fn garbage(door: &mut Door) -> Answers {
    let twin = door.twin();
    let request = door.begin("acme_SSO");
    (twin, door.deliver(&request, "not XML at all"))
}

fn empty_form(door: &mut Door) -> Answers {
    let twin = door.twin();
    let request = door.begin("acme_SSO");
    (twin, door.bob.cross_site_form(&request.acs_url, &[]))
}

#[test]
fn every_attack_on_the_door_is_refused_for_its_reason_and_its_twin_goes_through() {
    let mut door = Door::new();
    for attack in &ATTACKS {
        door.bob = door.app.anonymous();
        let (twin, refused) = (attack.run)(&mut door);
        assert!(twin.location().contains("/sso/finish?ticket="), "{}: the twin: {twin:?}", attack.name);
        assert!(!door.bob.has_session() || attack.name == "A ticket twice", "{}", attack.name);
        assert_eq!(door.reason(&refused), attack.refused_as, "{}", attack.name);
    }
}

#[test]
fn a_body_of_20_mb_is_turned_away_and_the_door_stays_open() {
    let mut door = Door::new();
    let request = door.begin("acme_SSO");
    let huge = "A".repeat(20_000_000);
    let refused = door.bob.cross_site_form(&request.acs_url, &[("SAMLResponse", &huge)]);
    assert_eq!(refused.status, 413, "{}", refused.body);
    assert!(door.twin().location().contains("/sso/finish?ticket="));
}
