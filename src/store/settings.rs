//! The appliance's own settings and state.

use super::{Db, Tx};
use crate::domain::Result;
use crate::domain::lives::Lives;
use crate::domain::seal::digest;

/// Parses the stored lifetimes; the defaults if no server has run yet.
pub(super) fn lives_of(value: Option<Vec<u8>>) -> Lives {
    value.and_then(|bytes| Lives::of_text(&String::from_utf8(bytes).ok()?)).unwrap_or_default()
}

/// SQL: sets a setting. `?1`: the name; `?2`: the value.
pub(super) const SET: &str =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl Db<'_> {
    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.one("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0))
    }

    /// The public URL of the server at its last start, if any.
    pub fn find_public_url(&self) -> Result<Option<String>> {
        Ok(self.setting("public_url")?.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// True if the server had a mail server at its last start.
    pub fn sends_mail(&self) -> Result<bool> {
        Ok(self.setting("sends_mail")? == Some(vec![1]))
    }

    /// The lifetimes of invitations and sessions, from the server's flags at its last start.
    pub fn lives(&self) -> Result<Lives> {
        Ok(lives_of(self.setting("lives")?))
    }

    /// The limit of open files of the server at its last start, if any.
    pub fn find_file_limit(&self) -> Result<Option<u64>> {
        Ok(self.setting("file_limit")?.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
    }

    /// The file of the server's certificate at its last start; `None` if it had none.
    pub fn find_tls_certificate(&self) -> Result<Option<String>> {
        let found = self.setting("tls_certificate")?.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(found.filter(|path| !path.is_empty()))
    }

    /// The server's last observations of how requests arrive, as `set_sightings` stored them.
    pub fn find_sightings(&self) -> Result<Option<Vec<u8>>> {
        self.setting("sightings")
    }

    /// The records of the server's jobs, as `set_jobs` stored them.
    pub fn find_jobs(&self) -> Result<Option<Vec<u8>>> {
        self.setting("jobs")
    }

    /// True if this is the token of the link for the first run.
    pub fn is_setup_token(&self, token: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM settings WHERE name = 'setup' AND value = ?1";
        Ok(self.one(sql, [digest(token)], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    fn set_setting(&self, name: &str, value: &[u8]) -> Result<()> {
        self.run(SET, (name, value)).map(drop)
    }

    /// Stores the server's public URL.
    pub fn set_public_url(&self, origin: &str) -> Result<()> {
        self.set_setting("public_url", origin.as_bytes())
    }

    /// Stores whether the server has a mail server.
    pub fn set_sends_mail(&self, sends: bool) -> Result<()> {
        self.set_setting("sends_mail", &[u8::from(sends)])
    }

    /// Stores the lifetimes of invitations and sessions.
    pub fn set_lives(&self, lives: Lives) -> Result<()> {
        self.set_setting("lives", lives.to_text().as_bytes())
    }

    /// Stores the server's limit of open files.
    pub fn set_file_limit(&self, limit: u64) -> Result<()> {
        self.set_setting("file_limit", &limit.to_be_bytes())
    }

    /// Stores the file of the server's certificate; `None` if it has none.
    pub fn set_tls_certificate(&self, path: Option<&str>) -> Result<()> {
        self.set_setting("tls_certificate", path.unwrap_or_default().as_bytes())
    }

    /// Stores observations of how requests arrive.
    pub fn set_sightings(&self, seen: &[u8]) -> Result<()> {
        self.set_setting("sightings", seen)
    }

    /// Stores the records of the server's jobs.
    pub fn set_jobs(&self, records: &[u8]) -> Result<()> {
        self.set_setting("jobs", records)
    }

    /// Makes `token` the only link for the first run.
    pub fn set_setup_token(&self, token: &str) -> Result<()> {
        self.set_setting("setup", &digest(token))
    }

    /// Deletes the link for the first run.
    pub fn delete_setup_token(&self) -> Result<()> {
        self.run("DELETE FROM settings WHERE name = 'setup'", ()).map(drop)
    }
}
