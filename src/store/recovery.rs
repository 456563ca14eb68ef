//! Recovery codes.

use super::{Db, Tx};
use crate::domain::Result;
use crate::domain::ids::OrganisationId;
use crate::domain::recovery::folded;
use crate::domain::seal::digest;

impl Db<'_> {
    /// How many unused recovery codes an organisation has.
    pub fn count_recovery_codes(&self, organisation: &OrganisationId) -> Result<i64> {
        self.count("SELECT count(*) FROM recovery_codes WHERE organisation_id = ?1", [organisation])
    }
}

impl Tx<'_> {
    /// Makes these an organisation's only recovery codes.
    pub fn set_recovery_codes(&self, organisation: &OrganisationId, codes: &[String]) -> Result<()> {
        self.run("DELETE FROM recovery_codes WHERE organisation_id = ?1", [organisation])?;
        codes.iter().try_for_each(|code| {
            self.run(
                "INSERT INTO recovery_codes (organisation_id, code_hash) VALUES (?1, ?2)",
                (organisation, digest(&folded(code))),
            )
            .map(drop)
        })
    }

    /// Uses a recovery code up, and tells whether it was one.
    pub fn take_recovery_code(&self, organisation: &OrganisationId, code: &str) -> Result<bool> {
        let gone = self.run(
            "DELETE FROM recovery_codes WHERE organisation_id = ?1 AND code_hash = ?2",
            (organisation, digest(&folded(code))),
        )?;
        Ok(gone > 0)
    }
}
