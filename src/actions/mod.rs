//! The use cases, one per function.
//!
//! An action takes a caller, who claims a right. It can write only with this claim, which is judged again in the same
//! transaction (`store/rights.rs`), and it writes its audit entry in that transaction, too.

pub mod account;
pub mod admission;
mod application_event;
pub mod applications;
pub mod assertions;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod branding;
pub mod bulk_invitations;
pub mod certificates;
mod client_snippets;
pub mod connection;
pub mod connection_overview;
pub mod copies;
pub mod deletion;
pub mod disabling;
pub mod doctor;
pub mod dry_run;
pub mod first_run;
pub mod forward_auth;
pub mod handed_over;
pub mod host_grants;
pub mod invitations;
pub mod keys;
mod lost_applications;
mod made;
pub mod mail;
mod mail_limits;
pub mod mail_test;
pub mod me;
pub mod members;
pub mod metadata;
pub mod metadata_changes;
mod new_password;
pub mod next_steps;
pub mod notices;
pub mod oidc;
pub mod oidc_clients;
pub mod operators;
pub mod organisations;
pub mod own_keys;
mod own_values;
pub mod passwords;
pub mod plans;
pub mod portal;
mod proof;
pub mod readiness;
pub mod reauthentication;
pub mod recovery;
pub mod removal;
pub mod roles;
pub mod saml_only;
pub mod saml_sign_in;
pub mod security;
pub mod sessions;
pub mod setup_links;
pub mod sign_in;
pub mod signing_keys;
pub mod snippets;
mod some_of;
pub mod upgrade;
pub mod workspaces;

use crate::app::Source;
use crate::domain::audit::{Actor, Event};
use crate::domain::ids::{OrganisationId, UserId};
use crate::domain::person::User;
use crate::domain::principal::{Claim, Need, Principal};
use crate::domain::{Email, KnownBrowser, Result};
use crate::store::Note;
use std::ops::Deref;

/// The actor and their address, for the audit log.
#[derive(Debug, Clone)]
pub struct Author {
    /// The actor.
    pub actor: Actor,
    /// The address of the actor's request; empty on the command line.
    pub address: String,
}

/// The principal who calls an action, and the right that the action uses.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The actor, for the audit log.
    pub author: Author,
    /// The principal and the right, to be judged in the transaction that uses it.
    pub claim: Claim,
}

impl Caller {
    /// A person with a shell on the machine.
    pub const fn command_line() -> Self {
        Self { author: Author { actor: Actor::CommandLine, address: String::new() }, claim: Claim::command_line() }
    }

    /// The appliance itself, in the background.
    pub const fn job() -> Self {
        Self { author: Author { actor: Actor::System, address: String::new() }, claim: Claim::job() }
    }

    /// True if the caller is an API key.
    pub const fn is_key(&self) -> bool {
        matches!(self.claim.principal, Principal::Key(_))
    }

    /// The same caller, claiming another kind of right to the same object.
    #[must_use]
    pub fn needing(mut self, need: Need) -> Self {
        self.claim.right.need = need;
        self
    }
}

impl Deref for Caller {
    type Target = Author;

    fn deref(&self) -> &Author {
        &self.author
    }
}

impl Author {
    /// A person who acts on their own account.
    pub fn person(user: &User, address: &str) -> Self {
        let actor = Actor::Person { id: user.id.clone(), email: user.email.to_string() };
        Self { actor, address: address.into() }
    }

    /// An unknown person.
    pub fn anonymous(address: &str) -> Self {
        Self { actor: Actor::Anonymous, address: address.into() }
    }

    /// The actor's name in the audit log.
    pub fn name(&self) -> &str {
        self.actor.columns().2
    }

    fn log(&self, note: &Note, event: &Event) -> Result<()> {
        note.add_event(&self.actor, &self.address, event)
    }

    /// Logs an event in each of these organisations, so that their admins see it; if there are none, logs it outside of
    /// organisations.
    fn log_in_each(&self, note: &Note, organisations: &[OrganisationId], event: &Event) -> Result<()> {
        if organisations.is_empty() {
            return self.log(note, event);
        }
        organisations.iter().try_for_each(|organisation| self.log(note, &event.clone().within(organisation)))
    }

    /// Logs an event in each organisation of a person.
    fn log_in_each_of(&self, note: &Note, user: &UserId, event: &Event) -> Result<()> {
        let organisations: Vec<_> = note.seats(user)?.into_iter().map(|seat| seat.organisation.id).collect();
        self.log_in_each(note, &organisations, event)
    }
}

/// The browser that signs in.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// The address of its request.
    pub address: String,
    /// Its User-Agent header, cut to 200 characters.
    pub agent: String,
    /// The secret of its current session, if any.
    pub token: Option<String>,
    /// The people who signed in from it before.
    pub known: KnownBrowser,
}

impl Browser {
    /// True if this person signed in from this browser before, with their password or `through` this organisation's
    /// identity provider.
    fn knows(&self, email: &Email, through: Option<&OrganisationId>) -> bool {
        match through {
            Some(organisation) => self.known.is_known_through(email, organisation),
            None => self.known.id_for(email).is_some(),
        }
    }

    /// The source of an attempt to sign in as `email`.
    fn source(&self, email: &Email) -> Source<'_> {
        Source { address: &self.address, known: self.known.id_for(email) }
    }
}

/// A dry run or a real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Change nothing.
    Dry {
        /// The number of people to skip in each list, because an earlier page had them.
        skip: usize,
    },
    /// Apply the change.
    Real,
}
