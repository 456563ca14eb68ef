//! The signed statements that were made in the last seconds, in memory, by the digest of the secret of a session at an
//! application.

use crate::domain::Timestamp;
use crate::domain::assertion::REUSED_SECS;
use crate::domain::forward_auth::Identity;
use crate::domain::ids::ApplicationId;
use crate::domain::seal::digest;
use crate::domain::session::SecretDigest;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// The maximum number of statements in memory.
const MOST: usize = 4096;

struct Kept {
    application: ApplicationId,
    person: Identity,
    made_at: Timestamp,
    text: String,
}

/// The statements. One is only used for a request whose session was checked, and only while it says the same about the
/// person.
pub struct Assertions(Cache<SecretDigest, Arc<Kept>>);

impl Default for Assertions {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Assertions {
    /// The statement about this person that was made in the last seconds, if there is one.
    pub fn find(&self, token: &str, application: &ApplicationId, person: &Identity, now: Timestamp) -> Option<String> {
        let kept = self.0.get(&digest(token))?;
        let is_new = kept.made_at <= now && now < kept.made_at.plus(REUSED_SECS);
        (is_new && kept.application == *application && kept.person == *person).then(|| kept.text.clone())
    }

    /// Adds a statement.
    pub fn keep(&self, token: &str, application: &ApplicationId, person: &Identity, made_at: Timestamp, text: String) {
        let (application, person) = (application.clone(), person.clone());
        self.0.insert(digest(token), Arc::new(Kept { application, person, made_at, text }));
    }
}
