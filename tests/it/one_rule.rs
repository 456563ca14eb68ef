//! Forward auth, OpenID Connect and the tiles give the same answer about a person and an application: that of the rule
//! for applications. Random sequences of changes run in the appliance and in a small model, and all ways are asked after
//! every step.

use crate::forward_auth::{AtApplication, World as Behind};
use crate::idp::{connect, saml_sign_in};
use crate::jwt::verified;
use crate::oidc::{Client, add_client};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use vestibule::domain::access::Standing;
use vestibule::domain::custom_role::ApplicationRole;
use vestibule::domain::level::Level;
use vestibule::domain::person::Role;

const PEOPLE: [&str; 3] = ["pat@acme.test", "wes@acme.test", "kim@acme.test"];
const MODES: [&str; 3] = ["password", "password_or_saml", "saml"];
const SCOPE: &str = "openid vestibule offline_access";

/// The level of a custom role in the Wiki and in the Board; `None` for the default level.
type Own = [Option<Level>; 2];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Password,
    Saml,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Admin,
    PowerUser,
    Custom,
}

impl Place {
    const fn word(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::PowerUser => "power_user",
            Self::Custom => "auditor",
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Gives a member of the workspace a role.
    Give(usize, Place),
    /// Removes a person from the workspace.
    Remove(usize),
    MakeAdmin(usize),
    RemoveAdmin(usize),
    /// Changes the levels of the custom role.
    Levels(Level, Own),
    /// Changes how the plan lets people sign in.
    Mode(usize),
    SignIn(usize, Way),
    SignOut(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let person = 0..PEOPLE.len();
    let place = prop::sample::select(vec![Place::Admin, Place::PowerUser, Place::Custom, Place::Custom]);
    let way = prop::sample::select(vec![Way::Password, Way::Saml]);
    let level = prop::sample::select(Level::ALL.to_vec());
    let own = prop::option::of(level.clone());
    prop_oneof![
        4 => (person.clone(), place).prop_map(|(person, place)| Step::Give(person, place)),
        1 => person.clone().prop_map(Step::Remove),
        1 => person.clone().prop_map(Step::MakeAdmin),
        1 => person.clone().prop_map(Step::RemoveAdmin),
        5 => (level, [own.clone(), own]).prop_map(|(default, own)| Step::Levels(default, own)),
        2 => (0..MODES.len()).prop_map(Step::Mode),
        5 => (person.clone(), way).prop_map(|(person, way)| Step::SignIn(person, way)),
        2 => person.prop_map(Step::SignOut),
    ]
}

/// A person in the model, and what their browser holds in the appliance.
struct Person {
    place: Option<Place>,
    admin: bool,
    /// The methods of the grants of their session.
    grants: BTreeSet<Way>,
    browser: AtApplication,
    /// True while the browser has a session at the Wiki that gives access.
    entered: bool,
    /// The tokens that the Board has, and the method of the grant behind them.
    tokens: Option<(Value, Way)>,
}

struct World {
    behind: Behind,
    board: Client,
    people: Vec<Person>,
    mode: usize,
    default: Level,
    own: Own,
}

impl World {
    fn new() -> Self {
        let mut behind = Behind::new();
        behind.app.person(&behind.org, PEOPLE[1], Role::Admin, false);
        behind.app.member(&behind.org, PEOPLE[2]);
        behind.ann = connect(&behind.app, &behind.org, "ann@acme.test", "acme_SSO");
        let board = add_client(&behind.app, &behind.org, &mut behind.ann, &json!({ "name": "Board" }));
        let role = json!({ "name": "Auditor", "default_level": "viewer", "levels": {} });
        assert_eq!(behind.ann.api("POST", "/organisations/acme/roles", &role).status, 201);
        let person = |place: Place, email: &str| Person {
            place: Some(place),
            admin: false,
            grants: [Way::Password].into(),
            browser: behind.at_wiki(email),
            entered: false,
            tokens: None,
        };
        let people = vec![
            person(Place::PowerUser, PEOPLE[0]),
            person(Place::Admin, PEOPLE[1]),
            person(Place::PowerUser, PEOPLE[2]),
        ];
        Self { behind, board, people, mode: 1, default: Level::Viewer, own: [None, None] }
    }

    fn lets_in(&self, way: Way) -> bool {
        matches!((self.mode, way), (0 | 1, Way::Password) | (1 | 2, Way::Saml))
    }

    /// Ends the grants that the mode does not allow.
    fn close(&mut self) {
        let open: BTreeSet<_> = [Way::Password, Way::Saml].into_iter().filter(|way| self.lets_in(*way)).collect();
        for person in &mut self.people {
            person.grants.retain(|way| open.contains(way) && (person.admin || person.place.is_some()));
        }
    }

    /// The level of a person in the Wiki (0) or the Board (1), by the rule for applications.
    fn level(&self, person: &Person, application: usize) -> Level {
        if person.grants.is_empty() {
            return Level::NoAccess;
        }
        let role = person.place.map(|place| match place {
            Place::Admin => ApplicationRole { role: Role::Admin, level: Level::Admin },
            Place::PowerUser => ApplicationRole { role: Role::PowerUser, level: Level::Editor },
            Place::Custom => {
                let level = self.own[application].unwrap_or(self.default);
                ApplicationRole { role: Role::PowerUser, level }
            }
        });
        Level::of(Standing { admin: person.admin, password_agreed: true }, role.as_ref())
    }

    /// Sends a change as an operator; returns whether it was made.
    fn change(&self, method: &str, path: &str, body: &Value) -> bool {
        let answer = self.behind.app.operator().api(method, path, body);
        assert!([200, 201, 404, 409].contains(&answer.status), "{method} {path}: {}", answer.body);
        answer.status < 300
    }

    fn run(&mut self, step: &Step) {
        let id = |person: usize| self.behind.app.user(PEOPLE[person]);
        let member = |person: usize| format!("/workspaces/{}/members/{}", self.behind.org.workspace, id(person));
        match *step {
            Step::Give(person, place) => {
                if self.change("PATCH", &member(person), &json!({ "role": place.word() })) {
                    self.people[person].place = Some(place);
                }
            }
            Step::Remove(person) => {
                if self.change("DELETE", &member(person), &Value::Null) {
                    self.people[person].place = None;
                }
            }
            Step::MakeAdmin(person) => {
                // An address that belongs to nobody of the organisation would get an invitation.
                let belongs = self.people[person].admin || self.people[person].place.is_some();
                if belongs && self.change("POST", "/organisations/acme/admins", &json!({ "email": PEOPLE[person] })) {
                    self.people[person].admin = true;
                }
            }
            Step::RemoveAdmin(person) => {
                if self.change("DELETE", &format!("/organisations/acme/admins/{}", id(person)), &Value::Null) {
                    self.people[person].admin = false;
                }
            }
            Step::Levels(default, own) => {
                let board = self.board.id.clone();
                let word = |level: Option<Level>| json!(level.map(Level::as_str));
                let levels = json!({ &self.behind.wiki: word(own[0]), board: word(own[1]) });
                let body = json!({ "default_level": default.as_str(), "levels": levels });
                assert!(self.change("PATCH", "/organisations/acme/roles/auditor", &body));
                (self.default, self.own) = (default, own);
            }
            Step::Mode(mode) => {
                assert!(self.change("PATCH", "/plans/enterprise", &json!({ "auth_mode": MODES[mode] })));
                self.mode = mode;
            }
            Step::SignIn(person, way) => self.sign_in(person, way),
            Step::SignOut(person) => {
                self.people[person].browser.home.api("POST", "/logout", &Value::Null);
                self.people[person].grants.clear();
            }
        }
        self.close();
    }

    fn sign_in(&mut self, number: usize, way: Way) {
        let lets_in = self.lets_in(way);
        let person = &mut self.people[number];
        if !lets_in || !person.admin && person.place.is_none() {
            return;
        }
        match way {
            Way::Password => {
                let answer = person.browser.home.sign_in(PEOPLE[number], crate::app::PASSWORD);
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
            Way::Saml => {
                let home = &mut person.browser.home;
                let answer = saml_sign_in(&self.behind.app, home, "/sso?key=acme_SSO", PEOPLE[number]);
                assert_eq!((answer.status, answer.location()), (303, "/"), "{}", answer.body);
            }
        }
        person.grants.insert(way);
    }

    fn check(&mut self, step: &Step) {
        for (number, email) in PEOPLE.into_iter().enumerate() {
            let [wiki, board] = [0, 1].map(|application| self.level(&self.people[number], application));
            let told = format!("{email} after {step:?}");
            self.check_tiles(number, [wiki, board], &told);
            self.check_forward_auth(number, wiki, &told);
            self.check_tokens(number, board, &told);
        }
    }

    fn check_tiles(&mut self, number: usize, levels: [Level; 2], told: &str) {
        let (wiki, board) = (self.behind.wiki.clone(), self.board.id.clone());
        let person = &mut self.people[number];
        let answer = person.browser.home.read("/me/applications");
        if person.grants.is_empty() {
            assert_eq!(answer.status, 401, "{told}: {}", answer.body);
            return;
        }
        let items = answer.json()["items"].as_array().expect("a list").clone();
        let text = |one: &Value, name: &str| one[name].as_str().expect("a text").to_owned();
        let found: BTreeMap<_, _> = items.iter().map(|one| (text(one, "id"), text(one, "level"))).collect();
        let expected = [wiki, board].into_iter().zip(levels).filter(|(_, level)| *level > Level::NoAccess);
        let expected: BTreeMap<_, _> = expected.map(|(id, level)| (id, level.as_str().to_owned())).collect();
        assert_eq!(found, expected, "{told}");
    }

    fn check_forward_auth(&mut self, number: usize, level: Level, told: &str) {
        let person = &mut self.people[number];
        if !person.entered && level > Level::NoAccess {
            // A session that gave no access for a while gives it again.
            if person.browser.check("GET", "/page", &[]).status != 200 {
                let entered = person.browser.enter("/page");
                assert_eq!(entered.status, 303, "{told}: {}", entered.body);
            }
            person.entered = true;
        }
        let answer = person.browser.check("GET", "/page", &[]);
        let header = answer.headers.get("x-vestibule-level").map_or("", String::as_str);
        match level {
            Level::NoAccess => {
                assert!([401, 403].contains(&answer.status), "{told}: {}", answer.status);
                person.entered = false;
            }
            _ => assert_eq!((answer.status, header), (200, level.as_str()), "{told}"),
        }
    }

    fn check_tokens(&mut self, number: usize, level: Level, told: &str) {
        let (board, program) = (self.board.clone(), self.behind.app.anonymous());
        let person = &mut self.people[number];
        if person.tokens.is_none() && level > Level::NoAccess {
            let code = board.code(&mut person.browser.home, &[("scope", SCOPE)]);
            let tokens = board.redeem(&code).json();
            let acr =
                verified(&self.behind.app, tokens["id_token"].as_str().expect("an ID token")).claims["acr"].clone();
            let way = if acr == "saml" { Way::Saml } else { Way::Password };
            assert!(person.grants.contains(&way), "{told}: {acr}");
            person.tokens = Some((tokens, way));
        }
        let Some((tokens, way)) = &person.tokens else {
            assert_ne!(person.browser.home.get(&board.authorize(&[("scope", SCOPE)])).status, 200, "{told}");
            return;
        };
        let mut program = program;
        let access_token = tokens["access_token"].as_str().expect("a token");
        program.headers = vec![("authorization", format!("Bearer {access_token}"))];
        let info = program.get("/oauth2/userinfo");
        let active = board.introspect(&tokens["access_token"])["active"].clone();
        let refreshed = board.refresh(&tokens["refresh_token"]);
        // Tokens end with the grant behind them, even if the session has another one.
        let opens = level > Level::NoAccess && person.grants.contains(way);
        let statuses = if opens { (200, 200) } else { (401, 400) };
        assert_eq!((info.status, refreshed.status), statuses, "{told}: {} {}", info.body, refreshed.body);
        assert_eq!(active, json!(opens), "{told}");
        if opens {
            assert_eq!(info.json()["vestibule"]["level"], level.as_str(), "{told}");
        }
        // A refresh token works once.
        person.tokens = opens.then(|| (refreshed.json(), *way));
    }
}

#[test]
fn forward_auth_tokens_and_tiles_give_the_answer_of_the_rule_for_applications_after_each_change() {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 30, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 6;
    }
    let run = TestRunner::new(config).run(&prop::collection::vec(step(), 6..16), |steps| {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
            world.check(step);
            // The sign-ins of a person at applications have a rate.
            world.behind.app.pass(2);
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}
