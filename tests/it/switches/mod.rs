//! Switches never lock everyone out: random sequences of switches and sign-ins, in the appliance and in a small model
//! of the contract.
//!
//! After every step the outcomes and the resulting access are compared. Each switch is first tried as a dry run, which
//! must report the same effect as the real run, and that effect must be true.

mod appliance;
mod effect;
mod model;
mod steps;

use appliance::{Appliance, named_ways, person, told};
use effect::Effect;
use model::{Connection, Member, Mode, Model, ORGS, Org, PLANS, Person, Place, SPARE, Step, WINDOWS, Way};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use steps::{FIRST, sequence};

/// The state before the first step. Ann, Amy, Bob, Nell and Dora belong to Acme; Dora, Gus and Gina to Globex. Nell and
/// Gina have no password. Amy has not agreed to use her password for Acme.
fn at_first() -> Model {
    let member = |admin, agreed, place| Member { admin, agreed, place, proved: false };
    let members = [
        ((0, 0), member(true, true, Place::Admin)),
        ((0, 1), member(true, false, Place::PowerUser)),
        ((0, 2), member(false, true, Place::PowerUser)),
        ((0, 3), member(false, true, Place::PowerUser)),
        ((0, 4), member(false, true, Place::PowerUser)),
        ((1, 4), member(true, true, Place::Admin)),
        ((1, 5), member(false, true, Place::Admin)),
        ((1, 6), member(false, true, Place::PowerUser)),
    ];
    Model {
        plans: [1, 0],
        modes: [Mode::Password, Mode::Either],
        connections: [None, None],
        members: BTreeMap::from(members),
        passwords: [0, 1, 2, 4, 5].into(),
        codes: [0, 0],
        windows: [const { None }; WINDOWS],
    }
}

/// Acme's connection is ready, and Ann has signed in by both methods.
fn opening() -> Vec<Step> {
    vec![Step::Password(0, 0), Step::Save(0, FIRST), Step::Test(0, 0), Step::Password(1, 2)]
}

/// The appliance and its model.
struct Twins {
    model: Model,
    appliance: Appliance,
    steps: usize,
}

impl Twins {
    fn new() -> Self {
        let model = at_first();
        let mut twins = Self { appliance: Appliance::of(&model), model, steps: 0 };
        for step in opening() {
            twins.take(&step);
        }
        assert!(twins.model.ways(0, 0).contains(&Way::Saml), "the connection is ready");
        twins
    }

    /// Does a step in both, and compares the outcomes.
    fn take(&mut self, step: &Step) {
        self.steps += 1;
        let concerned = self.model.concerned(step);
        if concerned.0.is_empty() && !matches!(step, Step::SetMode(..)) {
            let real = self.appliance.run(&self.model, step);
            assert_eq!(real, self.model.apply(step), "{step:?}");
        } else {
            self.switch(step, &concerned);
        }
        self.compare(step);
    }

    /// Tries a switch as a dry run and then for real. Both must report the effect of the model, which must be true
    /// afterwards.
    fn switch(&mut self, step: &Step, concerned: &(Vec<Org>, Option<Person>)) {
        let mut next = self.model.clone();
        let expected = next.apply(step);
        let (dry, foretold) = self.appliance.switch(step, true);
        assert_eq!(dry, expected, "{step:?}, dry");
        self.compare(step);
        let (real, mut effect) = self.appliance.switch(step, false);
        assert_eq!(real, expected, "{step:?}");
        if expected.is_err() {
            return;
        }
        assert_eq!((foretold["applied"].as_bool(), effect["applied"].as_bool()), (Some(false), Some(true)), "{step:?}");
        effect["applied"] = json!(false);
        assert_eq!(effect, foretold, "{step:?}");
        let alike = self.model.saves_alike(&next, step);
        let becomes = if alike { Effect::default() } else { self.model.effect(&next, concerned) };
        assert_eq!(told(&effect), becomes, "{step:?}: {effect}");
        self.model = next;
        self.compare(step);
        for line in self.sample(&effect) {
            self.try_out(&concerned.0, &line, step);
        }
    }

    /// A few lines of the effect: trying all people after every switch would take a day.
    fn sample(&self, effect: &Value) -> Vec<Value> {
        let lines = |list: &str| effect[list].as_array().expect("a list").clone();
        let pick = |lines: Vec<Value>| lines.get(self.steps % lines.len().max(1)).cloned();
        [lines("loses"), lines("keeps")].into_iter().filter_map(pick).collect()
    }

    /// Checks that a person who keeps access can sign in by each named method, and one who loses it by none.
    fn try_out(&mut self, orgs: &[Org], line: &Value, step: &Step) {
        let person = person(&line["email"]);
        let named = named_ways(line);
        let by_password = self.gets_in(&Step::Password(SPARE, person));
        let by_saml: Vec<_> = orgs.iter().flat_map(|org| self.gets_in(&Step::Saml(SPARE, *org, person))).collect();
        // A person in two of these organisations has two lines.
        let [org] = orgs else { return };
        let keeps = line["reason"].as_str().is_some_and(|reason| reason.starts_with("signs in"));
        let unknown_to_us =
            line["reason"].as_str().is_some_and(|reason| reason.contains("unless your identity provider knows"));
        let promised = |way: Way| keeps && named.contains(&way);
        assert_eq!(by_password.contains(org), promised(Way::Password), "{step:?}: {line}");
        assert!(by_saml.contains(org) == promised(Way::Saml) || unknown_to_us, "{step:?}: {line}");
    }

    /// The organisations that a person can access after this sign-in, in a separate window.
    fn gets_in(&mut self, step: &Step) -> Vec<Org> {
        let real = self.appliance.run(&self.model, step);
        assert_eq!(real, self.model.apply(step), "{step:?}");
        let open = self.appliance.open_in(SPARE).into_iter().flatten().map(|(org, _)| org).collect();
        self.appliance.leave(SPARE);
        self.model.windows[SPARE] = None;
        open
    }

    /// Compares the visible state of the appliance with the model. Each session must have an open grant, and each
    /// organisation an admin.
    fn compare(&mut self, step: &Step) {
        for window in 0..WINDOWS {
            let held = self.model.windows[window].as_ref().map(|session| session.grants.clone());
            assert_eq!(self.appliance.open_in(window), held, "window {window} after {step:?}");
        }
        let held = self.model.windows.iter().flatten().count();
        assert_eq!(self.appliance.count_sessions(), held, "sessions after {step:?}");
        for (org, name) in ORGS.into_iter().enumerate() {
            assert_eq!(self.appliance.settings_of(org), self.settings_of(org), "{name} after {step:?}");
            let members = self.model.members.iter().filter(|((of, _), _)| *of == org);
            let members: BTreeMap<_, _> = members.map(|((_, person), member)| (*person, member.admin)).collect();
            assert_eq!(self.appliance.members_of(org), members, "{name} after {step:?}");
            assert!(members.values().any(|admin| *admin), "{name} has no admin after {step:?}");
        }
    }

    fn settings_of(&self, org: Org) -> Value {
        let connection = self.model.connections[org].as_ref();
        let status =
            connection.map_or("none", |connection| if connection.tested.is_some() { "ready" } else { "draft" });
        let saml_only = connection.is_some_and(|connection: &Connection| connection.saml_only);
        // A plan that allows only SAML counts as SAML-only.
        let saml_only = saml_only || self.model.only_saml(org);
        json!([PLANS[self.model.plans[org]], status, saml_only, self.model.codes[org]])
    }

    /// Checks that an admin of each organisation can sign in, by each method that the model names and by `org recover`.
    fn let_an_admin_in(&mut self) {
        for (org, name) in ORGS.into_iter().enumerate() {
            let admins: Vec<_> = self.model.admins(org).collect();
            for admin in &admins {
                let by_code = self.model.clone().apply(&Step::Code(SPARE, org, *admin)).is_ok();
                for way in self.model.ways(org, *admin) {
                    let step =
                        if way == Way::Saml { Step::Saml(SPARE, org, *admin) } else { Step::Password(SPARE, *admin) };
                    assert!(self.gets_in(&step).contains(&org), "{step:?}");
                }
                assert!(!by_code || self.gets_in(&Step::Code(SPARE, org, *admin)).contains(&org));
            }
            assert!(self.gets_in(&Step::Link(SPARE, org, admins[0])).contains(&org), "org recover {name}");
        }
    }
}

#[test]
fn every_switch_has_the_effect_of_its_dry_run_and_leaves_an_admin_with_access() {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 12;
    }
    let run = TestRunner::new(config).run(&sequence(), |steps| {
        let mut twins = Twins::new();
        for step in &steps {
            twins.take(step);
        }
        twins.let_an_admin_in();
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}
