//! The effects of switches.

use crate::domain::Email;
use crate::domain::access::{Counts, Effect, LevelChange, Line, Share};
use crate::domain::ids::{ApplicationId, OrganisationId, UserId};
use crate::domain::level::Level;
use crate::domain::phrase::Phrase;
use serde::Serialize;
use utoipa::ToSchema;

/// A person in an effect.
#[derive(Serialize, ToSchema)]
#[schema(as = Affected)]
pub struct AffectedView {
    /// The person.
    user: UserId,
    /// The person's e-mail address.
    email: Email,
    /// Why they keep or lose access, as a clause.
    reason: String,
    /// The organisation, if the switch affects several.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
}

impl From<Line> for AffectedView {
    fn from(line: Line) -> Self {
        let Line { user, email, reason, organisation } = line;
        Self { user, email, reason: reason.spoken(), organisation }
    }
}

/// An application in an effect.
#[derive(Serialize, ToSchema)]
#[schema(as = ApplicationRef)]
pub struct ApplicationRefView {
    id: ApplicationId,
    name: String,
}

mirror! {
    /// A person who gets another level in an application.
    #[schema(as = LevelChange)]
    LevelChangeView of LevelChange {
        /// The person.
        user: UserId,
        /// The person's e-mail address.
        email: Email,
        /// The application.
        application: ApplicationId,
        /// The application's name.
        name: String,
        /// The level before.
        from: Level,
        /// The level after.
        to: Level,
    }
}

mirror! {
    /// The totals of an effect. Unlike the lists, they are complete.
    #[schema(as = Counts)]
    CountsView of Counts {
        /// The number of people who keep access.
        keeps: usize,
        /// The number of people who lose access.
        loses: usize,
        /// The number of sessions that lose access to this organisation.
        sessions: usize,
        /// The number of grants for this organisation that end.
        grants: usize,
        /// The number of levels that change: for each person, the applications in which they get another level.
        levels: usize,
        /// Sessions at applications behind a reverse proxy that end.
        application_sessions: usize,
        /// Refresh tokens of applications that end.
        refresh_tokens: usize,
    }
}

mirror! {
    /// The part of a switch's effect that concerns one of several organisations.
    #[schema(as = Share)]
    ShareView of Share {
        /// The organisation.
        organisation: OrganisationId,
        /// The organisation's display name.
        name: String,
        /// The totals for this organisation.
        counts: CountsView,
    }
}

/// The effect of a switch on people. It has the same shape in a dry run and a real run.
#[derive(Serialize, ToSchema)]
#[schema(as = Effect)]
pub struct EffectView {
    /// False in a dry run.
    applied: bool,
    /// The people who can still sign in, and how; at most 200.
    keeps: Vec<AffectedView>,
    /// The people who can no longer sign in, and why; at most 200.
    loses: Vec<AffectedView>,
    /// The totals of all people, not only those listed.
    counts: CountsView,
    /// Warnings to read before the real run.
    warnings: Vec<String>,
    /// The applications that people can no longer open; at most 200.
    applications: Vec<ApplicationRefView>,
    /// The levels in applications that change; at most 200.
    levels: Vec<LevelChangeView>,
    /// The effect on each organisation, if the switch affects several; at most 200, those that lose the most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organisations: Vec<ShareView>,
}

impl From<Effect> for EffectView {
    fn from(effect: Effect) -> Self {
        let Effect { applied, keeps, loses, counts, warnings, applications, levels, organisations } = effect;
        Self {
            applied,
            keeps: all(keeps),
            loses: all(loses),
            counts: counts.into(),
            warnings: warnings.iter().map(Phrase::spoken).collect(),
            applications: applications.into_iter().map(|(id, name)| ApplicationRefView { id, name }).collect(),
            levels: all(levels),
            organisations: all(organisations),
        }
    }
}

fn all<S, T: From<S>>(items: Vec<S>) -> Vec<T> {
    items.into_iter().map(T::from).collect()
}
