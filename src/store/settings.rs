//! The appliance's own settings and state.

use super::{Db, Tx};
use crate::domain::Result;
use crate::domain::lives::Lives;
use crate::domain::seal::digest;

/// Lives as the database keeps them; the usual ones where no server ever ran.
pub(super) fn lives_of(value: Option<Vec<u8>>) -> Lives {
    value.and_then(|bytes| Lives::of_text(&String::from_utf8(bytes).ok()?)).unwrap_or_default()
}

/// Sets a setting by name and value.
pub(super) const SET: &str =
    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

impl Db<'_> {
    fn setting(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.one("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0))
    }

    /// The address under which the server was last started, if it ever was.
    pub fn find_public_url(&self) -> Result<Option<String>> {
        Ok(self.setting("public_url")?.and_then(|bytes| String::from_utf8(bytes).ok()))
    }

    /// True if the server, when it was last started, had a mail server to give letters to.
    pub fn sends_mail(&self) -> Result<bool> {
        Ok(self.setting("sends_mail")? == Some(vec![1]))
    }

    /// How long invitations and sessions live by the flags with which the server was last started.
    pub fn lives(&self) -> Result<Lives> {
        Ok(lives_of(self.setting("lives")?))
    }

    /// How many files the server could have open when it was last started, if it ever was.
    pub fn find_file_limit(&self) -> Result<Option<u64>> {
        Ok(self.setting("file_limit")?.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
    }

    /// What the server last saw of how requests arrive, as it was written.
    pub fn find_sightings(&self) -> Result<Option<Vec<u8>>> {
        self.setting("sightings")
    }

    /// How the server's jobs went, as it was written last.
    pub fn find_jobs(&self) -> Result<Option<Vec<u8>>> {
        self.setting("jobs")
    }

    /// True if this is the token of the set-up link.
    pub fn is_setup_token(&self, token: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM settings WHERE name = 'setup' AND value = ?1";
        Ok(self.one(sql, [digest(token)], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    fn set_setting(&self, name: &str, value: &[u8]) -> Result<()> {
        self.run(SET, (name, value)).map(drop)
    }

    /// Remembers the address under which the server is reached.
    pub fn set_public_url(&self, origin: &str) -> Result<()> {
        self.set_setting("public_url", origin.as_bytes())
    }

    /// Remembers whether the server has a mail server to give letters to.
    pub fn set_sends_mail(&self, sends: bool) -> Result<()> {
        self.set_setting("sends_mail", &[u8::from(sends)])
    }

    /// Remembers how long invitations and sessions live.
    pub fn set_lives(&self, lives: Lives) -> Result<()> {
        self.set_setting("lives", lives.to_text().as_bytes())
    }

    /// Remembers how many files the server can have open.
    pub fn set_file_limit(&self, limit: u64) -> Result<()> {
        self.set_setting("file_limit", &limit.to_be_bytes())
    }

    /// Remembers how requests arrive.
    pub fn set_sightings(&self, seen: &[u8]) -> Result<()> {
        self.set_setting("sightings", seen)
    }

    /// Remembers how the server's jobs went.
    pub fn set_jobs(&self, records: &[u8]) -> Result<()> {
        self.set_setting("jobs", records)
    }

    /// Makes `token` the only set-up link.
    pub fn set_setup_token(&self, token: &str) -> Result<()> {
        self.set_setting("setup", &digest(token))
    }

    /// Ends the set-up link.
    pub fn delete_setup_token(&self) -> Result<()> {
        self.run("DELETE FROM settings WHERE name = 'setup'", ()).map(drop)
    }
}
