//! The keys that sign tokens for applications: made when they are first needed, and rotated.

use super::Caller;
use crate::app::App;
use crate::domain::audit::Event;
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::signing_key::{Algorithm, SigningKey, SigningKeys};
use crate::domain::{Error, Result};
use crate::store::Tx;
use crate::tokens::make_signing_key;
use serde_json::json;
use std::sync::Arc;

/// The signing keys. They are made when they are first needed.
///
/// # Errors
/// `Unavailable` when the database cannot be written, or with code `busy` while keys are being made.
pub fn keys(app: &App) -> Result<Arc<SigningKeys>> {
    let known = app.store.signing_keys()?;
    if known.are_complete() {
        return Ok(known);
    }
    // There is only one permit for making keys, since it occupies a core for a while.
    let _permit = app.key_making.enter("").ok_or_else(|| Error::busy(phrase!("busy-keys")))?;
    let mut made = Vec::new();
    for algorithm in Algorithm::ALL {
        made.push((make_signing_key(algorithm, app.now())?, make_signing_key(algorithm, app.now())?));
    }
    app.write(&Claim::job(), move |tx| {
        // Another process may have made keys at the same moment.
        if tx.signing_keys()?.are_complete() {
            return Ok(());
        }
        made.iter().try_for_each(|(current, next)| {
            tx.add_signing_key(current)?;
            tx.advance_signing_keys(current.algorithm)?;
            tx.add_signing_key(next)
        })
    })?;
    app.store.signing_keys()
}

/// As `keys`, but only from the in-memory cache; `None` where the database is needed or keys must be made.
pub fn known_keys(app: &App) -> Option<Arc<SigningKeys>> {
    app.store.known_signing_keys().filter(|keys| keys.are_complete())
}

/// Makes the next key of each algorithm sign from now on, and makes new next keys.
///
/// # Errors
/// The errors of `keys`.
pub fn rotate(app: &App, caller: &Caller) -> Result<Arc<SigningKeys>> {
    keys(app)?;
    rotate_these(app, caller, &Algorithm::ALL)?;
    app.store.signing_keys()
}

/// Rotates the keys that have signed for long enough. Keys that were never needed are not made here.
///
/// # Errors
/// The errors of `keys`.
pub fn rotate_due(app: &App) -> Result<()> {
    let (known, now) = (app.store.signing_keys()?, app.now());
    let due: Vec<_> = Algorithm::ALL.into_iter().filter(|algorithm| known.is_due(*algorithm, now)).collect();
    if due.is_empty() { Ok(()) } else { rotate_these(app, &Caller::job(), &due) }
}

fn rotate_these(app: &App, caller: &Caller, algorithms: &[Algorithm]) -> Result<()> {
    let made = algorithms.iter().map(|algorithm| make_signing_key(*algorithm, app.now()));
    let made: Vec<_> = made.collect::<Result<_>>()?;
    let author = caller.author.clone();
    app.write(&caller.claim, move |tx| {
        for next in &made {
            tx.advance_signing_keys(next.algorithm)?;
            tx.add_signing_key(next)?;
            author.log(tx, &event(tx, next)?)?;
        }
        Ok(())
    })
}

fn event(tx: &Tx, next: &SigningKey) -> Result<Event> {
    let keys = tx.signing_keys()?;
    let current = keys.current(next.algorithm).ok_or_else(|| Error::internal("no key signs"))?;
    let event = Event::new("signing_key.rotated", "signing_key", &current.id, next.algorithm.as_str());
    Ok(event.with(json!({ "next": next.id })))
}
