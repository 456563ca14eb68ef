//! Passwords that were set by a link whose maker was given it. The maker may know them: the effect of ending the maker's right names them, and
//! they can be ended with it. They do not end by themselves, since most makers only pass the link on.

use super::Author;
use super::keys_made::keys_in_words;
use super::some_of::some_of;
use crate::domain::Result;
use crate::domain::access::{Counts, Effect, Line};
use crate::domain::audit::Event;
use crate::domain::ids::UserId;
use crate::domain::person::{HandedTo, User};
use crate::store::{Db, Tx};

/// What becomes of the passwords that a maker may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownPasswords {
    /// They keep working.
    Stay,
    /// They end, with the sessions of their people.
    End,
}

impl KnownPasswords {
    /// They end where this is wanted.
    pub const fn that_end(wanted: bool) -> Self {
        if wanted { Self::End } else { Self::Stay }
    }
}

/// The effect of the end of a maker on the people whose passwords they may know, and those whose password ends. `named`: the maker, in
/// words.
pub(super) fn passwords_of(
    db: &Db,
    maker: &HandedTo,
    named: &str,
    passwords: KnownPasswords,
) -> Result<(Effect, Vec<User>)> {
    let (mut effect, known) = (Effect::default(), db.people_with_password_by(maker)?);
    if passwords == KnownPasswords::Stay {
        effect.warnings.extend(passwords_that_stay(&known, named));
        return Ok((effect, Vec::new()));
    }
    for user in &known {
        let (sessions, grants) = held_by(db, &user.id)?;
        let reason = format!("must set a new password, because {named} received the link that set the current one");
        let loses = vec![Line { user: user.id.clone(), email: user.email.clone(), reason, organisation: None }];
        let made = keys_in_words(&db.keys_made_by(user.id.as_str(), None)?);
        let made = made.map(|keys| format!("API keys that {} made keep working: {keys}.", user.email));
        let counts = Counts { loses: 1, sessions, grants, keeps: 0 };
        effect = effect.and(Effect { loses, counts, warnings: made.into_iter().collect(), ..Effect::default() });
    }
    Ok((effect, known))
}

/// Names these people: all operators first, and some of the others.
fn passwords_that_stay(known: &[User], named: &str) -> Option<String> {
    let (operators, others): (Vec<_>, Vec<_>) = known.iter().partition(|user| user.operator);
    let others: Vec<_> = others.iter().map(|user| user.email.to_string()).collect();
    let operators = operators.iter().map(|user| format!("{} (operator)", user.email));
    let people: Vec<_> = operators.chain((!others.is_empty()).then(|| some_of(&others))).collect();
    (!people.is_empty()).then(|| {
        format!(
            "Passwords that were set with links that {named} received keep working: {}. They must be set again if others may know them.",
            people.join(", ")
        )
    })
}

/// Ends these people's passwords and sessions. They ask for a link to set a new one.
pub(super) fn end_passwords(tx: &Tx, author: &Author, known: &[User]) -> Result<()> {
    for user in known {
        tx.clear_password(&user.id)?;
        tx.delete_other_sessions(&user.id, None)?;
        let event = Event::new("account.password_ended", "person", &user.id, &user.email);
        author.log_in_each_of(tx, &user.id, &event)?;
    }
    Ok(())
}

/// How many sessions somebody has, and how many live grants.
pub(super) fn held_by(db: &Db, user: &UserId) -> Result<(usize, usize)> {
    let sessions = db.sessions(user)?;
    let grants = sessions.iter().flat_map(|session| &session.grants).filter(|grant| db.now() < grant.expires_at);
    Ok((sessions.len(), grants.count()))
}
