//! The proof of a backup: everything that a server needs from it can be read.

use crate::actions::audit::{self, VerifiedLog};
use crate::app::is_hash;
use crate::domain::access::SamlAccess;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::signing_key::{KeyState, SigningKey};
use crate::domain::{Clock, Result, Timestamp};
use crate::saml::{Certificate, are_readable};
use crate::store::{Backup, Db};
use crate::tokens;
use serde_json::json;
use std::path::Path;

/// The maximum number of faults of each kind that are named.
const MOST_FAULTS: usize = 5;

/// What was found in a backup.
#[derive(Debug, Default)]
pub struct Proof {
    /// The number of organisations.
    pub organisations: i64,
    /// The number of people.
    pub people: i64,
    /// When the newest entry of the audit log was written.
    pub newest_event_at: Option<Timestamp>,
    /// Why a server could not run with it; empty if it could.
    pub faults: Vec<Phrase>,
    /// What is wrong with the database as well: people who cannot sign in, and changed audit logs.
    pub notes: Vec<Phrase>,
}

/// Reads a backup as a server would: the integrity of the file, foreign keys, the schema, password hashes, certificates,
/// keys, the access rule for each operator and organisation admin, and the chain of the audit log.
///
/// # Errors
/// `Unavailable` when the file cannot be opened.
pub fn prove(path: &Path, clock: Clock) -> Result<Proof> {
    let backup = Backup::open(path, clock)?;
    let mut proof = Proof::default();
    // Each check reads the result of the ones before.
    for check in [intact, schema, passwords, certificates, signing_keys, sign_ins, audit_log, counts] {
        if let Err(cause) = backup.read(|db| check(db, &mut proof)) {
            proof.faults.push(phrase!("backup-not-read", cause = cause.to_string()));
        }
        if !proof.faults.is_empty() {
            break;
        }
    }
    Ok(proof)
}

fn intact(db: &Db, proof: &mut Proof) -> Result<()> {
    let faults = db.faults()?;
    proof.faults.extend(faults.into_iter().take(MOST_FAULTS).map(|fault| phrase!("backup-damaged", fault = fault)));
    Ok(())
}

fn schema(db: &Db, proof: &mut Proof) -> Result<()> {
    let (file, program) = db.schema_versions()?;
    if file != program {
        proof.faults.push(phrase!("doctor-other-version", file = file, program = program));
        return Ok(());
    }
    let different = db.differences_of_schema()?;
    proof.faults.extend(different.into_iter().take(MOST_FAULTS).map(|part| phrase!("backup-schema", part = part)));
    Ok(())
}

fn passwords(db: &Db, proof: &mut Proof) -> Result<()> {
    let unreadable = db.password_hashes()?.into_iter().filter(|(_, hash)| !is_hash(hash)).take(MOST_FAULTS);
    proof.faults.extend(unreadable.map(|(email, _)| phrase!("backup-password", email = email)));
    Ok(())
}

fn certificates(db: &Db, proof: &mut Proof) -> Result<()> {
    for (slug, connection) in db.connections()? {
        let keyring = db.find_keyring(&connection.organisation)?;
        let certificates = connection.settings.certificates.iter().all(|pem| Certificate::stored(pem).is_ok());
        let keys = keyring.iter().flat_map(|keyring| keyring.generations()).all(are_readable);
        if !certificates || !keys {
            proof.faults.push(phrase!("backup-connection", organisation = slug));
        }
    }
    proof.faults.truncate(MOST_FAULTS);
    Ok(())
}

/// Signs and checks a token with each key that signs.
fn signing_keys(db: &Db, proof: &mut Proof) -> Result<()> {
    let keys = db.signing_keys()?;
    let signs = |key: &&SigningKey| {
        let token = tokens::signed(key, "JWT", &json!({})).unwrap_or_default();
        tokens::checked([*key], "JWT", &token).is_some()
    };
    let unreadable = keys.iter().filter(|key| key.state() != KeyState::Past).filter(|key| !signs(key));
    proof.faults.extend(unreadable.map(|key| phrase!("backup-signing-key", id = &key.id)));
    Ok(())
}

/// Evaluates the access rule for each operator and organisation admin.
fn sign_ins(db: &Db, proof: &mut Proof) -> Result<()> {
    let operators = db.able_operators()?;
    if !operators.is_empty() && operators.iter().all(|operator| operator.password_hash.is_none()) {
        proof.notes.push(phrase!("backup-no-operator"));
    }
    for id in db.organisation_ids()? {
        let organisation = db.organisation(id.as_str())?;
        let (policy, admins) = (organisation.sign_in_policy(), db.admins(&id)?);
        let mut can_sign_in = policy.saml() == SamlAccess::Yes || admins.is_empty();
        for admin in &admins {
            let standing = db.find_standing(&id, &admin.id)?;
            can_sign_in |= admin.password_hash.is_some() && standing.is_some_and(|standing| policy.password(standing));
        }
        if !can_sign_in {
            proof.notes.push(phrase!("backup-no-admin", organisation = organisation.slug));
        }
    }
    Ok(())
}

/// Verifies the chain of each audit log.
fn audit_log(db: &Db, proof: &mut Proof) -> Result<()> {
    proof.notes.extend(audit::verified(db)?.iter().filter_map(VerifiedLog::fault).take(MOST_FAULTS));
    Ok(())
}

fn counts(db: &Db, proof: &mut Proof) -> Result<()> {
    (proof.organisations, proof.people) = (db.count_organisations()?, db.count_users()?);
    proof.newest_event_at = db.newest_event_at()?;
    Ok(())
}
