//! Attacks that need a running server: replays, mix-ups of organisations and browsers, and floods.

use crate::app::{Org, TestApp};
use crate::browser::{Answer, Browser};
use crate::idp::{KEY, connect, deliver, relay_state_of, request_of, valid_response};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use vestibule::saml::test_idp::{ReceivedRequest, Sign};

/// A server with two organisations that use the same identity provider, and a person who belongs to both.
pub struct Appliance {
    app: TestApp,
    acme: Org,
    bob: Browser,
}

/// The answers to the valid message and to the attack.
type Answers = (Answer, Answer);

/// One attack of the table. Both answers are to a POST to the callback, or to a GET of `/sso/finish`.
pub struct ServerAttack {
    pub name: &'static str,
    /// The code of the reason, or the error code of the redirect to the sign-in page.
    pub refused_as: &'static str,
    run: fn(&mut Appliance) -> Answers,
}

impl Appliance {
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
        valid_response(&self.app, request, "bob@acme.test").sign(&KEY, Sign::Both)
    }

    fn deliver(&mut self, request: &ReceivedRequest, xml: &str) -> Answer {
        deliver(&mut self.bob, &request.acs_url, xml)
    }

    /// A valid sign-in up to the callback's answer.
    fn valid(&mut self) -> Answer {
        let request = self.begin("acme_SSO");
        let xml = self.answer(&request);
        self.deliver(&request, &xml)
    }

    /// The reason for a refusal: from the recorded attempt, or from the sealed notice if the attempt was not recorded.
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

pub const ATTACKS: [ServerAttack; 15] = [
    ServerAttack { name: "The same response posted twice", refused_as: "request_used", run: same_answer_twice },
    ServerAttack {
        name: "The same response from another browser",
        refused_as: "request_used",
        run: same_answer_elsewhere,
    },
    ServerAttack {
        name: "An assertion repeated in a response to a new request",
        refused_as: "assertion_used",
        run: assertion_again,
    },
    ServerAttack { name: "A response after ten minutes, twice", refused_as: "sso_took_too_long", run: late_response },
    ServerAttack {
        name: "A response to a request that was never sent",
        refused_as: "unknown_request",
        run: made_up_request_id,
    },
    ServerAttack {
        name: "A response to a request with an extended lifetime",
        refused_as: "unknown_request",
        run: extended_request_id,
    },
    ServerAttack {
        name: "Another organisation's response",
        refused_as: "unknown_request",
        run: answer_for_another_organisation,
    },
    ServerAttack {
        name: "Another organisation's audience",
        refused_as: "audience",
        run: audience_of_another_organisation,
    },
    ServerAttack { name: "An unsolicited response, twice", refused_as: "unsolicited", run: unsolicited_twice },
    ServerAttack {
        name: "A response in another browser than the one that started the sign-in",
        refused_as: "sso_other_browser",
        run: other_browser,
    },
    ServerAttack { name: "A ticket used twice", refused_as: "sso_expired", run: ticket_twice },
    ServerAttack { name: "A ticket after a minute", refused_as: "sso_expired", run: ticket_late },
    ServerAttack { name: "A forged ticket", refused_as: "sso_expired", run: ticket_made_up },
    ServerAttack { name: "Random data in place of a response", refused_as: "malformed_xml", run: garbage },
    ServerAttack { name: "No response in the form", refused_as: "malformed_xml", run: empty_form },
];

fn same_answer_twice(appliance: &mut Appliance) -> Answers {
    let request = appliance.begin("acme_SSO");
    let xml = appliance.answer(&request);
    (appliance.deliver(&request, &xml), appliance.deliver(&request, &xml))
}

fn same_answer_elsewhere(appliance: &mut Appliance) -> Answers {
    let request = appliance.begin("acme_SSO");
    let xml = appliance.answer(&request);
    let first = appliance.deliver(&request, &xml);
    appliance.bob = appliance.app.anonymous();
    (first, appliance.deliver(&request, &xml))
}

fn assertion_again(appliance: &mut Appliance) -> Answers {
    let request = appliance.begin("acme_SSO");
    let mut minted = valid_response(&appliance.app, &request, "bob@acme.test");
    let first = appliance.deliver(&request, &minted.sign(&KEY, Sign::Response));
    let second = appliance.begin("acme_SSO");
    minted.in_response_to = Some(second.id.clone());
    minted.subject_in_response_to = Some(second.id.clone());
    (first, appliance.deliver(&second, &minted.sign(&KEY, Sign::Response)))
}

fn late_response(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    let request = appliance.begin("acme_SSO");
    appliance.app.wait(600);
    let xml = appliance.answer(&request);
    let restart = appliance.deliver(&request, &xml);
    let second = request_of(&appliance.bob.get(restart.location()));
    appliance.app.wait(600);
    let xml = appliance.answer(&second);
    (valid, appliance.deliver(&second, &xml))
}

fn made_up_request_id(appliance: &mut Appliance) -> Answers {
    with_request_id(appliance, |_| "_made-up".into())
}

/// The id begins with its expiry, which is protected: otherwise a changed id would be valid for longer.
fn extended_request_id(appliance: &mut Appliance) -> Answers {
    with_request_id(appliance, |id| {
        let at = id.find(|c: char| c.is_ascii_hexdigit()).expect("a digit");
        let other = if id.as_bytes()[at] == b'f' { "e" } else { "f" };
        format!("{}{other}{}", &id[..at], &id[at + 1..])
    })
}

fn with_request_id(appliance: &mut Appliance, change: fn(&str) -> String) -> Answers {
    let valid = appliance.valid();
    let mut request = appliance.begin("acme_SSO");
    request.id = change(&request.id);
    let xml = appliance.answer(&request);
    (valid, appliance.deliver(&request, &xml))
}

fn answer_for_another_organisation(appliance: &mut Appliance) -> Answers {
    let (globex, acme) = (appliance.begin("globex_SSO"), appliance.begin("acme_SSO"));
    let xml = appliance.answer(&globex);
    (appliance.deliver(&globex, &xml), appliance.deliver(&acme, &xml))
}

fn audience_of_another_organisation(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    let (globex, acme) = (appliance.begin("globex_SSO"), appliance.begin("acme_SSO"));
    let mut minted = valid_response(&appliance.app, &acme, "bob@acme.test");
    minted.audiences = vec![globex.issuer];
    (valid, appliance.deliver(&acme, &minted.sign(&KEY, Sign::Both)))
}

fn unsolicited_twice(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    let request = appliance.begin("acme_SSO");
    let mut minted = valid_response(&appliance.app, &request, "bob@acme.test");
    (minted.in_response_to, minted.subject_in_response_to) = (None, None);
    let xml = minted.sign(&KEY, Sign::Both);
    let restart = appliance.deliver(&request, &xml);
    let mark = relay_state_of(&appliance.bob.get(restart.location())).expect("a restart mark");
    let fields = [("SAMLResponse", STANDARD.encode(&xml)), ("RelayState", mark)];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    (valid, appliance.bob.cross_site_form(&request.acs_url, &fields))
}

fn other_browser(appliance: &mut Appliance) -> Answers {
    let (valid, forged) = (appliance.valid(), appliance.valid());
    let mut victim = appliance.app.anonymous();
    (valid, victim.get(forged.location()))
}

fn ticket_twice(appliance: &mut Appliance) -> Answers {
    let cookies = appliance.bob.cookies.clone();
    let valid = appliance.valid();
    let started = appliance.bob.cookies.clone();
    assert_ne!(cookies, started, "the cookie for the ticket is set");
    assert_eq!(appliance.bob.get(valid.location()).location(), "/");
    appliance.bob.cookies = started;
    let again = appliance.bob.get(valid.location());
    (valid, again)
}

fn ticket_late(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    appliance.app.wait(60);
    let refused = appliance.bob.get(valid.location());
    (valid, refused)
}

fn ticket_made_up(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    let refused = appliance.bob.get(&format!("/sso/finish?ticket={}", "A".repeat(43)));
    (valid, refused)
}

fn garbage(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    let request = appliance.begin("acme_SSO");
    (valid, appliance.deliver(&request, "not XML at all"))
}

fn empty_form(appliance: &mut Appliance) -> Answers {
    let valid = appliance.valid();
    let request = appliance.begin("acme_SSO");
    (valid, appliance.bob.cross_site_form(&request.acs_url, &[]))
}

#[test]
fn every_attack_on_the_server_is_refused_with_its_reason_and_the_valid_message_succeeds() {
    let mut appliance = Appliance::new();
    for attack in &ATTACKS {
        appliance.bob = appliance.app.anonymous();
        let (valid, refused) = (attack.run)(&mut appliance);
        assert!(valid.location().contains("/sso/finish?ticket="), "{}: the valid message: {valid:?}", attack.name);
        assert!(!appliance.bob.has_session() || attack.name == "A ticket used twice", "{}", attack.name);
        assert_eq!(appliance.reason(&refused), attack.refused_as, "{}", attack.name);
    }
}

#[test]
fn a_body_of_20_mb_is_refused_and_sign_ins_still_work() {
    let mut appliance = Appliance::new();
    let request = appliance.begin("acme_SSO");
    let huge = "A".repeat(20_000_000);
    let refused = appliance.bob.cross_site_form(&request.acs_url, &[("SAMLResponse", &huge)]);
    assert_eq!(refused.status, 413, "{}", refused.body);
    assert!(appliance.valid().location().contains("/sso/finish?ticket="));
}
