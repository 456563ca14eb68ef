//! The effect of a switch on people, according to the model.

use super::model::{Model, ORGS, Org, Person, Session, Step, Way};

/// The expected effect of a switch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub keeps: Vec<(Person, Vec<Way>)>,
    pub loses: Vec<Person>,
    pub sessions: usize,
    pub grants: usize,
}

impl Model {
    /// The organisations that a switch affects; and the affected person, or `None` for all people.
    pub fn affected(&self, step: &Step) -> (Vec<Org>, Option<Person>) {
        match *step {
            Step::SetMode(plan, _) => ((0..ORGS.len()).filter(|org| self.plans[*org] == plan).collect(), None),
            Step::SwitchPlan(org, _) | Step::Save(org, _) | Step::Remove(org) | Step::SamlOnly(org, ..) => {
                (vec![org], None)
            }
            Step::Revoke(org, person) | Step::Leave(org, person) | Step::RemoveAdmin(org, person) => {
                (vec![org], Some(person))
            }
            _ => (Vec::new(), None),
        }
    }

    /// True if the saved settings change nothing about who can sign in. Then the effect is empty.
    pub fn keeps_sign_ins(&self, next: &Self, step: &Step) -> bool {
        let policy =
            |model: &Self, org: Org| model.connections[org].as_ref().map(|one| (one.tested.is_some(), one.saml_only));
        matches!(*step, Step::Save(org, _) if policy(self, org) == policy(next, org))
    }

    /// The effect on all affected people of the change from this state to `next`.
    pub fn effect(&self, next: &Self, (orgs, only): &(Vec<Org>, Option<Person>), step: &Step) -> Effect {
        let mut effect = Effect::default();
        for (org, person) in self.members.keys() {
            if !orgs.contains(org) || only.is_some_and(|only| only != *person) {
                continue;
            }
            let last_hope = self.may_use_saml(*org, *person) && !next.may_use_saml(*org, *person);
            match (self.ways(*org, *person), next.ways(*org, *person)) {
                // Also a person who could not sign in is a member no longer.
                _ if matches!(step, Step::Leave(..)) => effect.loses.push(*person),
                (had, has) if has.is_empty() && (!had.is_empty() || last_hope) => effect.loses.push(*person),
                (_, has) if !has.is_empty() => effect.keeps.push((*person, has)),
                _ => {}
            }
            for (before, after) in self.windows.iter().zip(&next.windows) {
                let of = |window: &Option<Session>| {
                    let session = window.as_ref().filter(|session| session.person == *person);
                    session.map_or(0, |session| session.grants.iter().filter(|(of, _)| of == org).count())
                };
                effect.grants += of(before) - of(after);
                effect.sessions += usize::from(of(before) > 0 && of(after) == 0);
            }
        }
        effect.keeps.sort();
        effect.loses.sort_unstable();
        effect
    }
}
