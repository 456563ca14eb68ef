//! The conditions of a query, joined as they come up.

use rusqlite::types::Value;

/// The conditions after WHERE, and their values.
#[derive(Default)]
pub(super) struct Conditions {
    pub sql: Vec<String>,
    pub values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the value; nothing where there is none.
    pub fn add(&mut self, sql: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.sql.push(sql.replace('?', &format!("?{}", self.values.len())));
        }
    }

    /// Adds one without a value.
    pub fn plain(&mut self, sql: &str) {
        self.sql.push(sql.to_owned());
    }

    /// All of them; the query itself where there is none.
    pub fn of(&self, query: &str) -> String {
        if self.sql.is_empty() { query.to_owned() } else { format!("{query} WHERE {}", self.sql.join(" AND ")) }
    }
}
