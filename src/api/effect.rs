//! Effects of switches.

use crate::domain::Email;
use crate::domain::access::{Counts, Effect, Line, Share};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::phrase::Phrase;
use serde::Serialize;
use utoipa::ToSchema;

/// One line of an effect.
#[derive(Serialize, ToSchema)]
#[schema(as = Affected)]
pub struct AffectedView {
    /// The person.
    user: UserId,
    /// Their address.
    email: Email,
    /// Why they keep or lose access, as a clause.
    reason: String,
    /// The organisation, where the switch affects several.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
}

impl From<Line> for AffectedView {
    fn from(line: Line) -> Self {
        let Line { user, email, reason, organisation } = line;
        Self { user, email, reason: reason.spoken(), organisation }
    }
}

mirror! {
    /// The totals of an effect. Unlike the lists, they are complete.
    #[schema(as = Counts)]
    CountsView of Counts {
        /// People who keep access.
        keeps: usize,
        /// People who lose it.
        loses: usize,
        /// Sessions that lose their access to this organisation.
        sessions: usize,
        /// Grants that stop opening this organisation.
        grants: usize,
    }
}

mirror! {
    /// The effect of a switch of several organisations on the people of one.
    #[schema(as = Share)]
    ShareView of Share {
        /// The organisation.
        organisation: OrganisationId,
        /// Its display name.
        name: String,
        /// How many of its people are concerned.
        counts: CountsView,
    }
}

/// The effect of a switch on people: the same for the dry and the real run.
#[derive(Serialize, ToSchema)]
#[schema(as = Effect)]
pub struct EffectView {
    /// False in a dry run.
    applied: bool,
    /// Who can still sign in, and how; at most 200.
    keeps: Vec<AffectedView>,
    /// Who no longer can, and why; at most 200.
    loses: Vec<AffectedView>,
    /// The totals, not only of the people listed.
    counts: CountsView,
    /// Warnings to read before doing it.
    warnings: Vec<String>,
    /// Where the switch is of several organisations: what it does to each, at most 200, those that lose the most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organisations: Vec<ShareView>,
}

impl From<Effect> for EffectView {
    fn from(effect: Effect) -> Self {
        let Effect { applied, keeps, loses, counts, warnings, organisations } = effect;
        Self {
            applied,
            keeps: all(keeps),
            loses: all(loses),
            counts: counts.into(),
            warnings: warnings.iter().map(Phrase::spoken).collect(),
            organisations: all(organisations),
        }
    }
}

fn all<S, T: From<S>>(items: Vec<S>) -> Vec<T> {
    items.into_iter().map(T::from).collect()
}
