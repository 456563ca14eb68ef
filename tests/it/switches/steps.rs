//! The steps of the random sequences.

use super::appliance::PEOPLE;
use super::model::{Keys, Mode, ORGS, Org, PLANS, SPARE, Settings, Step, Window};
use proptest::prelude::*;

/// The settings with which a connection is first saved.
pub const FIRST: Settings = Settings { moved: false, renamed: false, keys: Keys::First };

fn settings() -> impl Strategy<Value = Settings> {
    let keys = prop::sample::select(vec![Keys::First, Keys::Second, Keys::Both]);
    let all = (prop::bool::weighted(0.2), any::<bool>(), keys);
    all.prop_map(|(moved, renamed, keys)| Settings { moved, renamed, keys })
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Password, Mode::Either, Mode::Saml])
}

/// Any step, whether or not it is useful.
fn step() -> impl Strategy<Value = Step> {
    let (org, plan, person, window) = (0..ORGS.len(), 0..PLANS.len(), 0..PEOPLE.len(), 0..SPARE);
    let (org_person, window_org) = ((org.clone(), person.clone()), (window.clone(), org.clone()));
    let all = (window.clone(), org.clone(), person.clone());
    prop_oneof![
        3 => (org.clone(), plan.clone()).prop_map(|(org, plan)| Step::SwitchPlan(org, plan)),
        3 => (plan, mode()).prop_map(|(plan, mode)| Step::SetMode(plan, mode)),
        2 => (org.clone(), settings()).prop_map(|(org, settings)| Step::Save(org, settings)),
        1 => org.prop_map(Step::Remove),
        3 => (window_org.clone(), any::<bool>()).prop_map(|((window, org), on)| Step::SamlOnly(org, window, on)),
        1 => org_person.clone().prop_map(|(org, person)| Step::Revoke(org, person)),
        1 => org_person.clone().prop_map(|(org, person)| Step::Leave(org, person)),
        1 => org_person.clone().prop_map(|(org, person)| Step::RemoveAdmin(org, person)),
        1 => org_person.prop_map(|(org, person)| Step::MakeAdmin(org, person)),
        4 => (window, person).prop_map(|(window, person)| Step::Password(window, person)),
        4 => all.clone().prop_map(|(window, org, person)| Step::Saml(window, org, person)),
        2 => window_org.clone().prop_map(|(window, org)| Step::Test(window, org)),
        2 => all.clone().prop_map(|(window, org, person)| Step::Code(window, org, person)),
        1 => window_org.prop_map(|(window, org)| Step::NewCodes(window, org)),
        1 => all.prop_map(|(window, org, person)| Step::Link(window, org, person)),
    ]
}

/// An admin of each organisation, with a window: Ann of Acme, and Dora of Globex.
const ADMINS: [(Window, usize); 2] = [(0, 0), (2, 4)];

/// The steps by which an admin sets up a connection and makes it ready.
fn connected(org: Org) -> Vec<Step> {
    let (window, admin) = ADMINS[org];
    vec![Step::SwitchPlan(org, 1), Step::Password(window, admin), Step::Save(org, FIRST), Step::Test(window, org)]
}

/// Typical sequences of steps, which random steps would seldom produce.
fn story() -> impl Strategy<Value = Vec<Step>> {
    let org = 0..ORGS.len();
    prop_oneof![
        2 => org.clone().prop_map(|org| vec![Step::SwitchPlan(org, 0), Step::SwitchPlan(org, 1)]),
        2 => mode().prop_map(|mode| vec![Step::SetMode(1, mode), Step::SetMode(1, Mode::Either)]),
        2 => org.clone().prop_map(|org| {
            let (window, admin) = ADMINS[org];
            vec![Step::Saml(window, org, admin), Step::SamlOnly(org, window, true), Step::Code(1, org, admin)]
        }),
        1 => org.clone().prop_map(|org| vec![Step::SamlOnly(org, 1, false)]),
        1 => org.prop_map(connected),
    ]
}

/// A sequence of random steps and typical sequences.
pub fn sequence() -> impl Strategy<Value = Vec<Step>> {
    let stretch = prop_oneof![3 => step().prop_map(|step| vec![step]), 2 => story()];
    prop::collection::vec(stretch, 4..12).prop_map(|stretches| stretches.concat())
}
