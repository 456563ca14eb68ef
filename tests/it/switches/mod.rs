//! Switches never take access away from everyone: random sequences of switches and sign-ins run in the appliance and in
//! a small model of its rules.
//!
//! The outcomes and the resulting access are compared after every step. Each switch is first run as a dry run, which
//! must report the same effect as the real run. That effect must be correct.

mod appliance;
mod effect;
mod model;
mod steps;

use appliance::{Appliance, effect_of, named_ways, person};
use effect::Effect;
use model::{Connection, Member, Mode, Model, ORGS, Org, PLANS, Person, Place, SPARE, Step, WINDOWS, Way};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use steps::{FIRST, sequence};

/// The state before the first step. Ann, Amy, Bob, Nell and Dora belong to Acme; Dora, Gus and Gina to Globex. Nell and
/// Gina have no password. Amy's password is not confirmed for Acme.
fn initial_state() -> Model {
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

/// The steps after which Acme's connection is ready, and Ann has signed in by both methods.
fn first_steps() -> Vec<Step> {
    vec![Step::Password(0, 0), Step::Save(0, FIRST), Step::Test(0, 0), Step::Password(1, 2)]
}

/// The appliance and its model.
struct Comparison {
    model: Model,
    appliance: Appliance,
    steps: usize,
}

impl Comparison {
    fn new() -> Self {
        let model = initial_state();
        let mut comparison = Self { appliance: Appliance::of(&model), model, steps: 0 };
        for step in first_steps() {
            comparison.step(&step);
        }
        assert!(comparison.model.ways(0, 0).contains(&Way::Saml), "the connection is ready");
        comparison
    }

    /// Runs a step in both, and compares the outcomes.
    fn step(&mut self, step: &Step) {
        self.steps += 1;
        let affected = self.model.affected(step);
        if affected.0.is_empty() && !matches!(step, Step::SetMode(..)) {
            let real = self.appliance.run(&self.model, step);
            assert_eq!(real, self.model.apply(step), "{step:?}");
        } else {
            self.switch(step, &affected);
        }
        self.compare(step);
    }

    /// Runs a switch as a dry run and then for real. Both must report the effect of the model, and that effect must be
    /// correct afterwards.
    fn switch(&mut self, step: &Step, affected: &(Vec<Org>, Option<Person>)) {
        let mut next = self.model.clone();
        let expected = next.apply(step);
        let (dry, reported) = self.appliance.switch(step, true);
        assert_eq!(dry, expected, "{step:?}, dry");
        self.compare(step);
        let (real, mut effect) = self.appliance.switch(step, false);
        assert_eq!(real, expected, "{step:?}");
        if expected.is_err() {
            return;
        }
        assert_eq!((reported["applied"].as_bool(), effect["applied"].as_bool()), (Some(false), Some(true)), "{step:?}");
        effect["applied"] = json!(false);
        assert_eq!(effect, reported, "{step:?}");
        let unchanged = self.model.keeps_sign_ins(&next, step);
        let expected_effect = if unchanged { Effect::default() } else { self.model.effect(&next, affected, step) };
        assert_eq!(effect_of(&effect), expected_effect, "{step:?}: {effect}");
        self.model = next;
        self.compare(step);
        for line in self.sample(&effect) {
            self.check_access(&affected.0, &line, step);
        }
    }

    /// A few lines of the effect. To check all people after every switch would take a day.
    fn sample(&self, effect: &Value) -> Vec<Value> {
        let lines = |list: &str| effect[list].as_array().expect("a list").clone();
        let pick = |lines: Vec<Value>| lines.get(self.steps % lines.len().max(1)).cloned();
        [lines("loses"), lines("keeps")].into_iter().filter_map(pick).collect()
    }

    /// Asserts that a person who keeps access can sign in by each named method, and that one who loses it cannot sign
    /// in.
    fn check_access(&mut self, orgs: &[Org], line: &Value, step: &Step) {
        let person = person(&line["email"]);
        let named = named_ways(line);
        let by_password = self.accessible_after(&Step::Password(SPARE, person));
        let by_saml: Vec<_> =
            orgs.iter().flat_map(|org| self.accessible_after(&Step::Saml(SPARE, *org, person))).collect();
        // A person in two of these organisations has two lines, so only a switch of one organisation is checked.
        let [org] = orgs else { return };
        let keeps = line["reason"].as_str().is_some_and(|reason| reason.starts_with("signs in"));
        let unknown_to_us =
            line["reason"].as_str().is_some_and(|reason| reason.contains("unless your identity provider knows"));
        let promised = |way: Way| keeps && named.contains(&way);
        assert_eq!(by_password.contains(org), promised(Way::Password), "{step:?}: {line}");
        assert!(by_saml.contains(org) == promised(Way::Saml) || unknown_to_us, "{step:?}: {line}");
    }

    /// The organisations to which a person has access after this sign-in, in a separate window.
    fn accessible_after(&mut self, step: &Step) -> Vec<Org> {
        let real = self.appliance.run(&self.model, step);
        assert_eq!(real, self.model.apply(step), "{step:?}");
        let open = self.appliance.grants_in(SPARE).into_iter().flatten().map(|(org, _)| org).collect();
        self.appliance.sign_out(SPARE);
        self.model.windows[SPARE] = None;
        open
    }

    /// Compares the visible state of the appliance with the model. Each session must have a grant, and each
    /// organisation an admin.
    fn compare(&mut self, step: &Step) {
        for window in 0..WINDOWS {
            let held = self.model.windows[window].as_ref().map(|session| session.grants.clone());
            assert_eq!(self.appliance.grants_in(window), held, "window {window} after {step:?}");
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
        // An organisation on a plan that allows only SAML has SAML-only turned on.
        let saml_only = saml_only || self.model.only_saml(org);
        json!([PLANS[self.model.plans[org]], status, saml_only, self.model.codes[org]])
    }

    /// Asserts that the admins of each organisation can sign in by each method that the model names, and one of them by
    /// `vestibule org recover`.
    fn assert_admins_can_sign_in(&mut self) {
        for (org, name) in ORGS.into_iter().enumerate() {
            let admins: Vec<_> = self.model.admins(org).collect();
            for admin in &admins {
                let by_code = self.model.clone().apply(&Step::Code(SPARE, org, *admin)).is_ok();
                for way in self.model.ways(org, *admin) {
                    let step =
                        if way == Way::Saml { Step::Saml(SPARE, org, *admin) } else { Step::Password(SPARE, *admin) };
                    assert!(self.accessible_after(&step).contains(&org), "{step:?}");
                }
                assert!(!by_code || self.accessible_after(&Step::Code(SPARE, org, *admin)).contains(&org));
            }
            assert!(self.accessible_after(&Step::Link(SPARE, org, admins[0])).contains(&org), "org recover {name}");
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
        let mut comparison = Comparison::new();
        for step in &steps {
            comparison.step(step);
        }
        comparison.assert_admins_can_sign_in();
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}
