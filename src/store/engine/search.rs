//! The search for people by the trigrams of their names and addresses, which SQLite has in a table of its own kind.

use super::Connection;
use crate::domain::ids::UserId;
use crate::domain::{Email, Result};

/// The fewest characters that can be looked up.
const FEWEST_CHARS: usize = 3;

/// A condition on `found`, the rows for people who have what a parameter of `phrase` says in their names or addresses.
pub const FITS: &str = "found.text MATCH ?";

/// The rows of `found` joined with a table that has the column `user_id` or, of people themselves, `id`, in this order: those who fit are
/// few, and looked up one by one.
pub fn found_in(table: &str, name: &str, id: &str) -> String {
    format!("users_found found CROSS JOIN {table} {name} ON {name}.{id} = found.user_id")
}

/// How to ask for a part of a name or an address in lower case; `None` where it is too short to be looked up.
pub fn phrase(part: &str) -> Option<String> {
    (part.chars().count() >= FEWEST_CHARS).then(|| format!("\"{}\"", part.replace('"', "\"\"")))
}

impl Connection {
    /// True if at most so many rows of `table` with `column` as `of` are about people who have a phrase in their names or addresses.
    pub fn finds_at_most(&self, most: i64, phrase: &str, (table, column, of): (&str, &str, &str)) -> Result<bool> {
        let from = found_in(table, "m", "user_id");
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {from} WHERE found.text MATCH ?1 AND m.{column} = ?2 LIMIT ?3)"
        );
        let found: Option<i64> = self.one(&sql, (phrase, of, most + 1), |row| row.get(0))?;
        Ok(found.unwrap_or_default() <= most)
    }

    /// Lets somebody be found.
    pub fn add_to_search(&self, user: &UserId, name: &str, email: &Email) -> Result<()> {
        self.run("INSERT INTO users_found (user_id, text) VALUES (?1, ?2)", (user.as_str(), text(name, email)))
            .map(drop)
    }

    /// Lets somebody be found by another name.
    pub fn change_in_search(&self, user: &UserId, name: &str, email: &Email) -> Result<()> {
        self.run("UPDATE users_found SET text = ?2 WHERE user_id = ?1", (user.as_str(), text(name, email))).map(drop)
    }
}

fn text(name: &str, email: &Email) -> String {
    format!("{name}\n{email}")
}
