//! Switching strands nobody: random sequences of switches and sign-ins, at the appliance and in a small model of the contract.
//!
//! After every step the two agree on what came of it and on what is open to whom. Each switch is tried dry first, tells what the
//! real one tells, and what it tells is what happens.

mod appliance;
mod effect;
mod model;
mod steps;

use appliance::{Appliance, named_ways, person, told};
use effect::Effect;
use model::{Connection, House, Member, Mode, ORGS, Org, PLANS, Person, Place, SPARE, Step, WINDOWS, Way};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use steps::{FIRST, sequence};

/// Ann, Amy, Bob, Nell and Dora are at Acme, Dora, Gus and Gina at Globex. Nell and Gina have no password; Amy has one that she never
/// gave for Acme.
fn at_first() -> House {
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
    House {
        plans: [1, 0],
        modes: [Mode::Password, Mode::Either],
        connections: [None, None],
        members: BTreeMap::from(members),
        passwords: [0, 1, 2, 4, 5].into(),
        codes: [0, 0],
        windows: [const { None }; WINDOWS],
    }
}

/// Acme's connection is ready, and Ann is in by both ways.
fn opening() -> Vec<Step> {
    vec![Step::Password(0, 0), Step::Save(0, FIRST), Step::Test(0, 0), Step::Password(1, 2)]
}

/// The appliance and its model, side by side.
struct Twins {
    house: House,
    appliance: Appliance,
    steps: usize,
}

impl Twins {
    fn new() -> Self {
        let house = at_first();
        let mut twins = Self { appliance: Appliance::of(&house), house, steps: 0 };
        for step in opening() {
            twins.take(&step);
        }
        assert!(twins.house.ways(0, 0).contains(&Way::Saml), "the connection is ready");
        twins
    }

    /// Takes a step at both, and compares what came of it.
    fn take(&mut self, step: &Step) {
        self.steps += 1;
        let concerned = self.house.concerned(step);
        if concerned.0.is_empty() && !matches!(step, Step::SetMode(..)) {
            let real = self.appliance.run(&self.house, step);
            assert_eq!(real, self.house.apply(step), "{step:?}");
        } else {
            self.switch(step, &concerned);
        }
        self.compare(step);
    }

    /// Tries a switch dry, then for real: they tell the same, it is what the model tells, and it comes true.
    fn switch(&mut self, step: &Step, concerned: &(Vec<Org>, Option<Person>)) {
        let mut next = self.house.clone();
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
        let alike = self.house.saves_alike(&next, step);
        let becomes = if alike { Effect::default() } else { self.house.effect(&next, concerned) };
        assert_eq!(told(&effect), becomes, "{step:?}: {effect}");
        self.house = next;
        self.compare(step);
        for line in self.sample(&effect) {
            self.try_out(&concerned.0, &line, step);
        }
    }

    /// A few of those who are told of: trying everybody out after every switch would take a day.
    fn sample(&self, effect: &Value) -> Vec<Value> {
        let lines = |list: &str| effect[list].as_array().expect("a list").clone();
        let pick = |lines: Vec<Value>| lines.get(self.steps % lines.len().max(1)).cloned();
        [lines("loses"), lines("keeps")].into_iter().filter_map(pick).collect()
    }

    /// Whoever keeps access gets in by each way that was named, and whoever loses it by none.
    fn try_out(&mut self, orgs: &[Org], line: &Value, step: &Step) {
        let person = person(&line["email"]);
        let named = named_ways(line);
        let by_password = self.gets_in(&Step::Password(SPARE, person));
        let by_saml: Vec<_> = orgs.iter().flat_map(|org| self.gets_in(&Step::Saml(SPARE, *org, person))).collect();
        // Of somebody in two of these organisations there are two lines.
        let [org] = orgs else { return };
        let keeps = line["reason"].as_str().is_some_and(|reason| reason.starts_with("signs in"));
        let unknown_to_us =
            line["reason"].as_str().is_some_and(|reason| reason.contains("unless your identity provider knows"));
        let promised = |way: Way| keeps && named.contains(&way);
        assert_eq!(by_password.contains(org), promised(Way::Password), "{step:?}: {line}");
        assert!(by_saml.contains(org) == promised(Way::Saml) || unknown_to_us, "{step:?}: {line}");
    }

    /// The organisations that open to somebody who signs in like this, in a window of their own.
    fn gets_in(&mut self, step: &Step) -> Vec<Org> {
        let real = self.appliance.run(&self.house, step);
        assert_eq!(real, self.house.apply(step), "{step:?}");
        let open = self.appliance.open_in(SPARE).into_iter().flatten().map(|(org, _)| org).collect();
        self.appliance.leave(SPARE);
        self.house.windows[SPARE] = None;
        open
    }

    /// What can be seen of the appliance is what the model holds: no session is without an open grant, and no organisation without
    /// an admin.
    fn compare(&mut self, step: &Step) {
        for window in 0..WINDOWS {
            let held = self.house.windows[window].as_ref().map(|session| session.grants.clone());
            assert_eq!(self.appliance.open_in(window), held, "window {window} after {step:?}");
        }
        let held = self.house.windows.iter().flatten().count();
        assert_eq!(self.appliance.count_sessions(), held, "sessions after {step:?}");
        for (org, name) in ORGS.into_iter().enumerate() {
            assert_eq!(self.appliance.settings_of(org), self.settings_of(org), "{name} after {step:?}");
            let members = self.house.members.iter().filter(|((of, _), _)| *of == org);
            let members: BTreeMap<_, _> = members.map(|((_, person), member)| (*person, member.admin)).collect();
            assert_eq!(self.appliance.members_of(org), members, "{name} after {step:?}");
            assert!(members.values().any(|admin| *admin), "{name} has no admin after {step:?}");
        }
    }

    fn settings_of(&self, org: Org) -> Value {
        let connection = self.house.connections[org].as_ref();
        let status =
            connection.map_or("none", |connection| if connection.tested.is_some() { "ready" } else { "draft" });
        let saml_only = connection.is_some_and(|connection: &Connection| connection.saml_only);
        // A plan that leaves no other way counts as on.
        let saml_only = saml_only || self.house.only_saml(org);
        json!([PLANS[self.house.plans[org]], status, saml_only, self.house.codes[org]])
    }

    /// However it came to this, some admin of each organisation gets in: by a way that the model names, and by `org recover`.
    fn let_an_admin_in(&mut self) {
        for (org, name) in ORGS.into_iter().enumerate() {
            let admins: Vec<_> = self.house.admins(org).collect();
            for admin in &admins {
                let by_code = self.house.clone().apply(&Step::Code(SPARE, org, *admin)).is_ok();
                for way in self.house.ways(org, *admin) {
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
fn every_switch_does_what_its_dry_run_told_and_leaves_an_admin_a_way_in() {
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
