//! Inviting many people at once, in one transaction and with an outcome for each line. A dry run only reads: it does not
//! occupy the writer.

use super::invitations::{Invited, Inviting, Wanted};
use super::mail::Outbox;
use super::{Caller, Run};
use crate::app::App;
use crate::domain::custom_role::RoleNames;
use crate::domain::invitees::{self, Listed, MOST_AT_ONCE};
use crate::domain::organisation::{Organisation, Workspace};
use crate::domain::person::Role;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Result};
use serde::Serialize;
use std::collections::HashSet;

/// The outcome of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Invited; in a dry run, can be invited.
    Invited,
    /// A member of the workspace already.
    Member,
    /// Invited before; the link still works.
    AlreadyInvited,
    /// The same address is on an earlier line.
    Repeated,
    /// The line has no usable address or role.
    Invalid,
    /// The plan does not allow more members.
    PlanLimit,
    /// The limit of e-mails is reached.
    MailLimit,
}

/// A line of the list, and its outcome.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The line as it was given.
    pub listed: Listed,
    /// The role on the line, or the default role.
    pub role: Option<Role>,
    /// The outcome.
    pub outcome: Outcome,
    /// The reason why the person was not invited, and what to do.
    pub message: Option<Phrase>,
    /// The invitation; `None` in a dry run.
    pub invited: Option<Invited>,
}

/// Reads the people of a list that was typed, pasted or uploaded. `custom`: the custom roles of the organisation.
///
/// # Errors
/// `Invalid` with field `text` when the list has no people, or more than 500.
pub fn read(text: &str, custom: &RoleNames) -> Result<Vec<Listed>> {
    let listed = invitees::read(text, custom);
    bounded("text", listed.len())?;
    Ok(listed)
}

/// Checks the number of people on a list.
///
/// # Errors
/// `Invalid` with `field` when there are none, or more than 500.
pub fn bounded(field: &str, count: usize) -> Result<()> {
    match count {
        0 => Err(Error::invalid(field, phrase!("field-no-address"))),
        1..=MOST_AT_ONCE => Ok(()),
        _ => Err(Error::invalid(field, phrase!("field-too-many-people", most = MOST_AT_ONCE, count = count))),
    }
}

/// Invites everybody on the list who can be invited, in one transaction, and returns the outcome of each line. `role`:
/// the role for lines without one.
///
/// # Errors
/// `Unavailable` when the database cannot be written; then nobody is invited.
pub fn invite_all(
    app: &App,
    caller: &Caller,
    organisation: &Organisation,
    workspace: &Workspace,
    people: Vec<Listed>,
    role: Option<Role>,
    run: Run,
) -> Result<Vec<Tried>> {
    let (author, organisation, workspace) = (caller.author.clone(), organisation.id.clone(), workspace.clone());
    let outbox = Outbox::of(app);
    if run != Run::Real {
        return app.read(&caller.claim, |db| {
            let organisation = db.organisation(organisation.as_str())?;
            let inviting = Inviting::new(db, &outbox, &author, &organisation, &workspace);
            each(&inviting, people, role, |wanted| inviting.dry_run(wanted).map(|()| None))
        });
    }
    app.write_long(&caller.claim, move |tx| {
        let organisation = tx.organisation(organisation.as_str())?;
        let inviting = Inviting::new(tx, &outbox, &author, &organisation, &workspace);
        each(&inviting, people, role, |wanted| inviting.attempt(tx, wanted).map(Some))
    })
}

fn each(
    inviting: &Inviting,
    people: Vec<Listed>,
    role: Option<Role>,
    invite: impl Fn(&Wanted) -> Result<Option<Invited>>,
) -> Result<Vec<Tried>> {
    let mut seen = HashSet::new();
    // A custom role may have been removed since the list was read.
    let roles = inviting.roles()?;
    let tried = people.into_iter().map(|listed| {
        let role = listed.role.clone().or_else(|| role.clone()).filter(|role| roles.has(role));
        let (outcome, message, invited) = match wanted(&listed, role.clone()) {
            Err(fault) => (Outcome::Invalid, Some(fault), None),
            Ok(wanted) if !seen.insert(wanted.email.clone()) => {
                (Outcome::Repeated, Some(phrase!("invitee-repeated")), None)
            }
            Ok(wanted) => match invite(&wanted) {
                Ok(invited) => (Outcome::Invited, None, invited),
                Err(error) => (refusal(inviting, &wanted.email, &error)?, Some(error.message()), None),
            },
        };
        Ok(Tried { listed, role, outcome, message, invited })
    });
    tried.collect()
}

/// The outcome of a line that was refused.
///
/// # Errors
/// `error` itself if it is about more than this line.
fn refusal(inviting: &Inviting, email: &Email, error: &Error) -> Result<Outcome> {
    match error {
        Error::Conflict { .. } if inviting.is_settled(email)? => Ok(Outcome::Member),
        Error::Conflict { .. } => Ok(Outcome::AlreadyInvited),
        Error::PlanLimit(_) => Ok(Outcome::PlanLimit),
        Error::MailLimit { .. } => Ok(Outcome::MailLimit),
        other => Err(other.clone()),
    }
}

/// The person on a line, or the error in it.
fn wanted(listed: &Listed, role: Option<Role>) -> Result<Wanted, Phrase> {
    if let Some(fault) = &listed.fault {
        return Err(fault.clone());
    }
    let email = Email::parse(&listed.email).map_err(|error| match error {
        Error::Invalid { message, .. } => phrase!("invitee-address", fault = message),
        other => other.message(),
    })?;
    let role = role.ok_or(phrase!("invitee-role"))?;
    Ok(Wanted { email, role, organisation_admin: false })
}
