//! What people do here, one use case a function.
//!
//! Rights are checked before an action is called (`http/guard.rs`); an action checks the state it changes. Each writes its
//! audit row in the transaction of what it does.

pub mod account;
pub mod caretaker;
pub mod certificates;
pub mod checkup;
pub mod connection;
pub mod effects;
pub mod invitations;
pub mod keys;
pub mod mail;
mod mail_limits;
pub mod me;
pub mod members;
pub mod metadata;
pub mod next_steps;
pub mod notices;
pub mod organisations;
pub mod own_keys;
pub mod parties;
pub mod passwords;
pub mod plans;
pub mod readiness;
pub mod recovery;
pub mod saml_only;
pub mod sessions;
pub mod setup;
pub mod setup_links;
pub mod sign_in;
pub mod sso;
pub mod sso_start;
pub mod trace;
pub mod workspaces;

use crate::app::Source;
use crate::domain::audit::{Actor, Event};
use crate::domain::ids::OrganisationId;
use crate::domain::{Email, KnownBrowser, Result, Timestamp};
use crate::store::Tx;

/// Who does something, and from where: what the audit log will say.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// The address they came from; empty on the command line.
    pub address: String,
}

impl Caller {
    /// Somebody with a shell on the machine.
    pub const fn command_line() -> Self {
        Self { actor: Actor::CommandLine, address: String::new() }
    }

    /// What the log calls them.
    pub fn name(&self) -> &str {
        self.actor.columns().2
    }

    fn log(&self, tx: &Tx, now: Timestamp, event: &Event) -> Result<()> {
        tx.add_event(&self.actor, &self.address, event, now)
    }
}

/// The browser that signs in.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// The address it came from.
    pub address: String,
    /// Its own name for itself, cut to 200 characters.
    pub agent: String,
    /// The secret of the session that it has already, if any.
    pub token: Option<String>,
    /// Who signed in from it before.
    pub known: KnownBrowser,
}

impl Browser {
    /// Whether this person signed in from it before: with their password, or `through` this organisation's identity provider.
    fn knows(&self, email: &Email, through: Option<&OrganisationId>) -> bool {
        match through {
            Some(organisation) => self.known.is_known_through(email, organisation),
            None => self.known.id_for(email).is_some(),
        }
    }

    /// Where an attempt to sign in as `email` comes from.
    fn source(&self, email: &Email) -> Source<'_> {
        Source { address: &self.address, known: self.known.id_for(email) }
    }
}

/// Whether to do it, or only to say what it would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Change nothing.
    Dry {
        /// How many people of each list to leave out, where they were told already.
        skip: usize,
    },
    /// Do it.
    Real,
}
