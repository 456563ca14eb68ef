//! Withdrawing access from operators, their API keys, a person, or a member of one organisation.

mod adding;
mod disabled;
mod known_passwords;
mod members;
mod operators;

use crate::app::{Org, PASSWORD, TestApp, email};
use crate::browser::{Answer, Browser};
use crate::idp::connect;
use serde_json::{Value, json};
use vestibule::actions::{Caller, recovery};
use vestibule::domain::ids::UserId;

const NEW: &str = "violet tractor lagoon";
const OLIVIA: &str = "olivia@vestibule.test";

fn token_of(link: &Value) -> String {
    link.as_str().and_then(|link| link.split_once("token=")).expect("a link").1.to_owned()
}

fn finish_reset(app: &TestApp, token: &str) -> Answer {
    app.anonymous().api("POST", "/password-reset/finish", &json!({ "token": token, "password": NEW }))
}

/// A program with an operators' API key.
fn operators_program(app: &TestApp) -> Browser {
    app.program(&app.operators_key("Program").1)
}

fn switch(browser: &mut Browser, user: &UserId, what: &str) -> Answer {
    browser.api("POST", &format!("/users/{user}/{what}"), &Value::Null)
}

/// Disables a person as the operator.
fn disable(app: &TestApp, address: &str) -> Value {
    let answer = switch(&mut app.operator(), &app.user(address), "disable");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn enable(app: &TestApp, address: &str) {
    assert_eq!(switch(&mut app.operator(), &app.user(address), "enable").status, 200);
}

/// Bob is an admin of Acme, where SAML works, and a member of Other.
struct World {
    app: TestApp,
    acme: Org,
    bob: UserId,
}

impl World {
    fn new() -> Self {
        Self::of(TestApp::new())
    }

    fn of(app: TestApp) -> Self {
        let (acme, other) = (app.org("Acme", "enterprise"), app.org("Other", "business"));
        app.admin(&acme, "ann@acme.test");
        let bob = app.admin(&acme, "bob@acme.test");
        app.member(&other, "bob@acme.test");
        app.admin(&other, "otto@other.test");
        connect(&app, &acme, "ann@acme.test", "acme_SSO");
        Self { app, acme, bob }
    }

    fn recovery_link(&self, address: &str) -> String {
        let organisation = self.app.app.store.read(|db| db.organisation("acme")).expect("there");
        let link = recovery::link(&self.app.app, &Caller::command_line(), &organisation, email(address));
        link.expect("made").split_once("token=").expect("a token").1.to_owned()
    }

    fn reset_link(&self, user: &UserId) -> String {
        token_of(
            &self.app.operator().api("POST", &format!("/users/{user}/reset-link"), &Value::Null).json()["reset_url"],
        )
    }
}

#[test]
fn a_new_password_revokes_the_other_links_that_set_a_password() {
    let world = World::new();
    let app = &world.app;
    let statuses_of = |reset: &str, recover: &str| {
        let inspected = app.anonymous().api("POST", "/password-reset/inspect", &json!({ "token": reset })).status;
        (inspected, app.anonymous().get(&format!("/recover?token={recover}")).status)
    };
    let links = || (world.reset_link(&world.bob), world.recovery_link("bob@acme.test"));
    let (reset, recover) = links();
    assert_eq!(statuses_of(&reset, &recover), (200, 200));
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    assert_eq!(app.signed_in("bob@acme.test").api("PUT", "/me/password", &change).status, 200);
    assert_eq!(statuses_of(&reset, &recover), (404, 404), "after a change");
    let (reset, recover) = links();
    assert_eq!(finish_reset(app, &reset).status, 200);
    assert_eq!(statuses_of(&reset, &recover), (404, 404), "after a reset");
    let (reset, recover) = links();
    assert_eq!(app.anonymous().form("/recover", &[("token", &recover), ("password", NEW)]).status, 303);
    assert_eq!(statuses_of(&reset, &recover), (404, 404), "after a recovery");
    let (reset, recover) = links();
    app.operator().api("POST", "/operators", &json!({ "email": "bob@acme.test" }));
    assert_eq!(statuses_of(&reset, &recover), (404, 404), "after becoming an operator");
}
