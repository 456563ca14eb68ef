//! The log of decisions about requests to an application.

use super::Timestamp;
use super::application_rule::Require;
use super::forward_auth::{Decision, OriginalRequest};
use super::level::Level;
use super::phrase::{Phrase, phrase};
use serde::Serialize;

/// The longest path in the log, in characters.
const MOST_PATH: usize = 200;

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The request passed.
    Allowed,
    /// A person had to sign in.
    SignIn,
    /// The person who was signed in was refused.
    Denied,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number in the log of the application, from 1.
    pub number: u64,
    /// When it was made.
    pub at: Timestamp,
    /// The e-mail address of the person who was signed in.
    pub email: Option<String>,
    /// The method of the request.
    pub method: String,
    /// The path of the request, without the query.
    pub path: String,
    /// The answer.
    pub outcome: Outcome,
    needs: Require,
    level: Option<Level>,
}

impl LogEntry {
    /// An entry about a decision, not numbered yet.
    pub fn new(at: Timestamp, original: &OriginalRequest, needs: Require, decision: &Decision) -> Self {
        let (outcome, person) = match decision {
            Decision::Allowed(person) => (Outcome::Allowed, person.as_ref()),
            Decision::SignIn => (Outcome::SignIn, None),
            Decision::Denied(person) => (Outcome::Denied, Some(person)),
        };
        let path = String::from_utf8_lossy(&original.path).chars().take(MOST_PATH).collect();
        let (email, level) = (person.map(|person| person.email.clone()), person.map(|person| person.level));
        Self { number: 0, at, email, method: original.method.clone(), path, outcome, needs, level }
    }

    /// The reason for the decision, as a sentence.
    pub fn reason(&self) -> Phrase {
        let needs = self.needs.as_str();
        match (self.outcome, self.level) {
            (Outcome::SignIn, _) => phrase!("decision-sign-in", needs = needs),
            (_, Some(level)) => phrase!("decision-level", needs = needs, level = level.as_str()),
            (_, None) => phrase!("decision-public"),
        }
    }
}
