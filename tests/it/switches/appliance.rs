//! Runs the steps in the real appliance, and reads the resulting state.

use super::effect::Effect;
use super::model::{Keys, Mode, Model, ORGS, Org, Outcome, PLANS, Person, Place, Settings, Step, WINDOWS, Way, Window};
use crate::app::{Org as Made, PASSWORD, TestApp, email};
use crate::browser::{Answer, Browser};
use crate::idp::{ENTITY_ID, KEY, OTHER_KEY, deliver, request_of, valid_response};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use vestibule::actions::{Caller, recovery};
use vestibule::domain::access::Standing;
use vestibule::domain::person::Role;
use vestibule::saml::test_idp::Sign;

pub const PEOPLE: [&str; 7] = [
    "ann@acme.test",
    "amy@acme.test",
    "bob@acme.test",
    "nell@acme.test",
    "dora@both.test",
    "gus@globex.test",
    "gina@globex.test",
];

pub struct Appliance {
    pub app: TestApp,
    orgs: Vec<Made>,
    people: Vec<String>,
    operator: Browser,
    windows: Vec<Browser>,
    codes: Vec<Vec<String>>,
}

/// The outcome of a request in terms of the model: success, or the code of the refusal.
fn outcome(answer: &Answer) -> Outcome {
    const CODES: [&str; 9] = [
        "plan_required",
        "saml_only_on",
        "not_found",
        "saml_grant_required",
        "not_ready",
        "last_admin",
        "invalid",
        "refused",
        "sso_required",
    ];
    if answer.status < 300 {
        return Ok(());
    }
    let code = answer.code();
    Err(CODES.into_iter().find(|known| *known == code).unwrap_or_else(|| panic!("{} {}", answer.status, answer.body)))
}

/// The outcome of a request that needs access as an admin. A caller without access may get several codes, which other
/// tests check.
fn as_admin(answer: &Answer) -> Outcome {
    match (answer.status, answer.code().as_str()) {
        (401 | 404, _) | (403, "forbidden" | "sso_required") => Err("no_right"),
        _ => outcome(answer),
    }
}

fn keys(which: Keys) -> Vec<String> {
    match which {
        Keys::First => vec![KEY.certificate_pem()],
        Keys::Second => vec![OTHER_KEY.certificate_pem()],
        Keys::Both => vec![KEY.certificate_pem(), OTHER_KEY.certificate_pem()],
    }
}

fn portal_key(org: Org, renamed: bool) -> String {
    format!("{}_{}", ORGS[org], if renamed { "door" } else { "SSO" })
}

fn settings(org: Org, settings: Settings) -> Value {
    json!({
        "provider": "custom", "portal_key": portal_key(org, settings.renamed), "idp_entity_id": ENTITY_ID,
        "sign_on_url": if settings.moved { "https://idp.test/moved" } else { "https://idp.test/sso" },
        "certificates": keys(settings.keys),
    })
}

const fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Password => "password",
        Mode::Either => "password_or_saml",
        Mode::Saml => "saml",
    }
}

impl Appliance {
    /// An appliance with the people and plans of the model, without sessions and connections.
    pub fn of(model: &Model) -> Self {
        // The model does not include that a grant stops being fresh, so it stays fresh for a week.
        let app = TestApp::with_operator(|flags| flags.reauthentication_minutes = Some(10_080));
        let orgs: Vec<_> = (0..ORGS.len()).map(|org| app.org(ORGS[org], PLANS[model.plans[org]])).collect();
        let people = PEOPLE.iter().map(|address| app.account(address).to_string()).collect();
        let made = Self {
            operator: app.operator(),
            windows: (0..WINDOWS).map(|_| app.anonymous()).collect(),
            codes: vec![Vec::new(); ORGS.len()],
            app,
            orgs,
            people,
        };
        model.members.keys().for_each(|(org, person)| made.join(model, *org, *person));
        made
    }

    fn join(&self, model: &Model, org: Org, person: Person) {
        let member = model.members[&(org, person)].clone();
        let (org, address) = (self.orgs[org].clone(), email(PEOPLE[person]));
        let forget = !model.passwords.contains(&person);
        self.app.write(move |tx| {
            let user = tx.find_user(&address)?.expect("made");
            if forget {
                tx.clear_password(&user.id)?;
            }
            let standing = Standing { admin: member.admin, password_agreed: member.agreed };
            tx.add_person(&org.id, &user, standing)?;
            let role = if member.place == Place::Admin { Role::Admin } else { Role::PowerUser };
            tx.set_place(&org.id, &org.workspace, &user, &role)
        });
    }

    /// The request of a switch, and the browser that sends it.
    fn request(&mut self, step: &Step) -> (&mut Browser, &'static str, String, Value) {
        let operator = &mut self.operator;
        match *step {
            Step::SwitchPlan(org, plan) => {
                (operator, "PUT", format!("/organisations/{}/plan", ORGS[org]), json!({ "plan": PLANS[plan] }))
            }
            Step::SetMode(plan, mode) => {
                (operator, "PATCH", format!("/plans/{}", PLANS[plan]), json!({ "auth_mode": mode_word(mode) }))
            }
            Step::Save(org, new) => (operator, "PUT", format!("/organisations/{}/sso", ORGS[org]), settings(org, new)),
            Step::Remove(org) => (operator, "DELETE", format!("/organisations/{}/sso", ORGS[org]), Value::Null),
            Step::SamlOnly(org, window, on) => {
                let path = format!("/organisations/{}/sso/saml-only", ORGS[org]);
                (&mut self.windows[window], "PUT", path, json!({ "enabled": on }))
            }
            Step::Revoke(org, person) => {
                let path = format!("/workspaces/{}/members/{}", self.orgs[org].workspace, self.people[person]);
                (operator, "DELETE", path, Value::Null)
            }
            Step::Leave(org, person) => {
                let path = format!("/organisations/{}/members/{}", ORGS[org], self.people[person]);
                (operator, "DELETE", path, Value::Null)
            }
            Step::RemoveAdmin(org, person) => {
                let path = format!("/organisations/{}/admins/{}", ORGS[org], self.people[person]);
                (operator, "DELETE", path, Value::Null)
            }
            _ => unreachable!("{step:?} is no switch"),
        }
    }

    /// Runs a switch as a dry or a real run; returns its outcome and its effect.
    pub fn switch(&mut self, step: &Step, dry: bool) -> (Outcome, Value) {
        let (who, method, path, body) = self.request(step);
        let query = if dry { "?dry_run=true" } else { "" };
        let answer = who.api(method, &format!("{path}{query}"), &body);
        let outcome = if matches!(step, Step::SamlOnly(..)) { as_admin(&answer) } else { outcome(&answer) };
        if outcome.is_err() {
            return (outcome, Value::Null);
        }
        let mut reported = answer.json();
        if let Step::SamlOnly(org, _, _) = step
            && let Some(codes) = reported.as_object_mut().and_then(|reported| reported.remove("recovery_codes"))
        {
            self.codes[*org] = serde_json::from_value(codes).expect("codes");
        }
        (outcome, if matches!(step, Step::Save(..)) { reported["effect"].take() } else { reported })
    }

    /// Runs a step that is not a switch.
    pub fn run(&mut self, model: &Model, step: &Step) -> Outcome {
        // Otherwise, requests of the last minute could be throttled.
        self.app.wait(60);
        match *step {
            Step::MakeAdmin(org, person) => {
                let path = format!("/organisations/{}/admins", ORGS[org]);
                outcome(&self.operator.api("POST", &path, &json!({ "email": PEOPLE[person] })))
            }
            Step::Password(window, person) => outcome(&self.windows[window].sign_in(PEOPLE[person], PASSWORD)),
            Step::Saml(window, org, person) => self.through_saml(model, window, org, PEOPLE[person], ""),
            Step::Test(window, org) => {
                let address = model.windows[window].as_ref().map_or("", |session| PEOPLE[session.person]);
                self.through_saml(model, window, org, address, "&test=1")
            }
            Step::Code(window, org, person) => {
                let code = self.codes[org].pop().unwrap_or_else(|| "AAAA-BBBB-CCCC".into());
                let asked = json!({
                    "email": PEOPLE[person], "password": PASSWORD, "recovery_code": code, "organisation": ORGS[org],
                });
                let outcome = outcome(&self.windows[window].api("POST", "/login", &asked));
                if outcome.is_err() {
                    self.codes[org].push(code);
                }
                outcome
            }
            Step::NewCodes(window, org) => {
                let path = format!("/organisations/{}/sso/recovery-codes", ORGS[org]);
                let answer = self.windows[window].api("POST", &path, &Value::Null);
                if answer.status == 201 {
                    self.codes[org] = serde_json::from_value(answer.json()["recovery_codes"].take()).expect("codes");
                }
                as_admin(&answer)
            }
            Step::Link(window, org, person) => self.by_link(window, org, person),
            _ => unreachable!("{step:?} is a switch"),
        }
    }

    fn through_saml(&mut self, model: &Model, window: Window, org: Org, address: &str, query: &str) -> Outcome {
        let settings = model.connections[org].as_ref().map(|connection| connection.settings);
        let browser = &mut self.windows[window];
        let key = portal_key(org, settings.is_some_and(|settings| settings.renamed));
        let began = browser.get(&format!("/sso?key={key}{query}"));
        if !began.location().starts_with("https://idp.test/") {
            return refusal(&began);
        }
        let request = request_of(&began);
        let second = settings.is_some_and(|settings| settings.keys == Keys::Second);
        let key = if second { &OTHER_KEY } else { &KEY };
        let callback = deliver(
            browser,
            &request.acs_url,
            &valid_response(&self.app, &request, address).sign(key, Sign::Assertion),
        );
        if !callback.location().contains("/sso/finish") {
            return refusal(&callback);
        }
        let finished = browser.get(callback.location());
        if finished.location() == "/" { Ok(()) } else { refusal(&finished) }
    }

    fn by_link(&mut self, window: Window, org: Org, person: Person) -> Outcome {
        let organisation = self.app.app.store.read(|db| db.organisation(ORGS[org])).expect("there");
        let link = recovery::link(&self.app.app, &Caller::command_line(), &organisation, email(PEOPLE[person]));
        let Ok(link) = link else { return Err("invalid") };
        let token = link.split_once("token=").expect("a token").1;
        let answer = self.windows[window].form("/recover", &[("token", token), ("password", PASSWORD)]);
        assert_eq!(answer.status, 303, "{}", answer.body);
        Ok(())
    }

    /// Signs out in a window.
    pub fn sign_out(&mut self, window: Window) {
        self.windows[window].form("/logout", &[]);
        self.windows[window].cookies.clear();
    }

    /// The grants of the session in a window; `None` if there is no session.
    pub fn grants_in(&mut self, window: Window) -> Option<BTreeSet<(Org, Way)>> {
        let me = self.windows[window].read("/me");
        if me.status == 401 {
            return None;
        }
        let me = me.json();
        let grants = me["grants"].as_array().expect("a list").iter();
        let org = |id: &Value| self.orgs.iter().position(|org| *id == json!(org.id)).expect("a known organisation");
        Some(grants.map(|grant| (org(&grant["organisation"]), way(&grant["method"]))).collect())
    }

    /// The number of sessions in the appliance, except those of operators.
    pub fn count_sessions(&self) -> usize {
        let store = &self.app.app.store;
        let held = |address: &&str| {
            let user = self.app.user(address);
            store.read(|db| db.sessions(&user)).expect("read").len()
        };
        PEOPLE.iter().map(held).sum()
    }

    /// The plan, the status of the connection, SAML-only, and the number of remaining codes of an organisation, as
    /// operators see them.
    pub fn settings_of(&mut self, org: Org) -> Value {
        let (mut organisation, sso) = (
            self.operator.read(&format!("/organisations/{}", ORGS[org])).json(),
            self.operator.read(&format!("/organisations/{}/sso", ORGS[org])).json(),
        );
        json!([organisation["plan"]["id"].take(), sso["status"], sso["saml_only"], sso["recovery_codes_left"]])
    }

    /// The members of an organisation, and whether they are admins.
    pub fn members_of(&mut self, org: Org) -> BTreeMap<Person, bool> {
        let listed = self.operator.read(&format!("/organisations/{}/members", ORGS[org])).json();
        let items = listed["items"].as_array().expect("a list").iter();
        items.map(|one| (person(&one["email"]), one["admin"] == true)).collect()
    }
}

fn refusal(answer: &Answer) -> Outcome {
    let code = answer.refused_with();
    Err(["sso_unavailable", "sso_not_a_member"]
        .into_iter()
        .find(|known| *known == code)
        .unwrap_or_else(|| panic!("{code}")))
}

fn way(method: &Value) -> Way {
    match method.as_str() {
        Some("password") => Way::Password,
        Some("saml") => Way::Saml,
        Some("recovery") => Way::Recovery,
        _ => panic!("{method}"),
    }
}

pub fn person(address: &Value) -> Person {
    PEOPLE.iter().position(|known| address == known).unwrap_or_else(|| panic!("{address} is not a person of the model"))
}

/// The sign-in methods that a line of an effect names.
pub fn named_ways(line: &Value) -> Vec<Way> {
    let reason = line["reason"].as_str().expect("a reason");
    let named = [(reason.contains("with a password"), Way::Password), (reason.contains("through SAML"), Way::Saml)];
    named.into_iter().filter(|(named, _)| *named).map(|(_, way)| way).collect()
}

/// An effect in terms of the model.
pub fn effect_of(effect: &Value) -> Effect {
    let lines = |list: &str| effect[list].as_array().expect("a list").clone();
    let count = |of: &str| usize::try_from(effect["counts"][of].as_u64().expect("a number")).expect("a small number");
    let mut keeps: Vec<_> = lines("keeps").iter().map(|line| (person(&line["email"]), named_ways(line))).collect();
    let mut loses: Vec<_> = lines("loses").iter().map(|line| person(&line["email"])).collect();
    assert_eq!((keeps.len(), loses.len()), (count("keeps"), count("loses")), "{effect}");
    keeps.sort();
    loses.sort_unstable();
    Effect { keeps, loses, sessions: count("sessions"), grants: count("grants") }
}
