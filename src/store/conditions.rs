//! The conditions of a query, joined as they come up.

use super::engine::{ToValue, Value};

/// A value that a condition keeps.
pub(super) enum Operand {
    Integer(i64),
    Text(String),
}

impl From<i64> for Operand {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<String> for Operand {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl ToValue for Operand {
    fn to_value(&self) -> Value<'_> {
        match self {
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text),
        }
    }
}

/// The conditions after WHERE, and their values.
#[derive(Default)]
pub(super) struct Conditions {
    pub sql: Vec<String>,
    pub values: Vec<Operand>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the value; nothing where there is none.
    pub fn add(&mut self, sql: &str, value: Option<impl Into<Operand>>) {
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
