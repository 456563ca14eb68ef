//! The search for people by the trigrams of their names and e-mail addresses, in a full-text table of SQLite.

use super::Connection;
use crate::domain::ids::UserId;
use crate::domain::{Email, Result};

/// The fewest characters for a search by trigrams.
const FEWEST_CHARS: usize = 3;

/// SQL: the condition for rows `found` of people whose name or e-mail address matches the parameter, a result of
/// `phrase`.
pub const FITS: &str = "found.text MATCH ?";

/// SQL: the matches `found`, joined with `table` (aliased `name`) by its column `id`, which holds a user id. SQLite
/// keeps this order: the few matches are looked up one by one in the table.
pub fn found_in(table: &str, name: &str, id: &str) -> String {
    format!("users_found found CROSS JOIN {table} {name} ON {name}.{id} = found.user_id")
}

/// The full-text query for a part of a name or e-mail address, in lower case; `None` if it is too short for a search by
/// trigrams.
pub fn phrase(part: &str) -> Option<String> {
    (part.chars().count() >= FEWEST_CHARS).then(|| format!("\"{}\"", part.replace('"', "\"\"")))
}

impl Connection {
    /// True if at most `most` rows of `table` whose `column` equals `of` are about people who match `phrase`.
    pub fn finds_at_most(&self, most: i64, phrase: &str, (table, column, of): (&str, &str, &str)) -> Result<bool> {
        let from = found_in(table, "m", "user_id");
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {from} WHERE found.text MATCH ?1 AND m.{column} = ?2 LIMIT ?3)"
        );
        let found: Option<i64> = self.one(&sql, (phrase, of, most + 1), |row| row.get(0))?;
        Ok(found.unwrap_or_default() <= most)
    }

    /// Adds a person to the search table.
    pub fn add_to_search(&self, user: &UserId, name: &str, email: &Email) -> Result<()> {
        self.run("INSERT INTO users_found (user_id, text) VALUES (?1, ?2)", (user.as_str(), text(name, email)))
            .map(drop)
    }

    /// Updates a person's name and e-mail address in the search table.
    pub fn change_in_search(&self, user: &UserId, name: &str, email: &Email) -> Result<()> {
        self.run("UPDATE users_found SET text = ?2 WHERE user_id = ?1", (user.as_str(), text(name, email))).map(drop)
    }
}

fn text(name: &str, email: &Email) -> String {
    format!("{name}\n{email}")
}
