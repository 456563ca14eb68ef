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
            let place = self.value(value);
            self.sql.push(sql.replace('?', &place));
        }
    }

    /// Adds that a column holds one of these.
    pub fn one_of(&mut self, column: &str, values: impl IntoIterator<Item = String>) {
        let places: Vec<_> = values.into_iter().map(|value| self.value(value)).collect();
        self.sql.push(if places.is_empty() { "FALSE".into() } else { format!("{column} IN ({})", places.join(", ")) });
    }

    /// Keeps a value, and gives what stands for it in a condition.
    pub fn value(&mut self, value: impl Into<Operand>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// Adds one without a value of its own.
    pub fn plain(&mut self, sql: &str) {
        self.sql.push(sql.to_owned());
    }

    /// All of them; the query itself where there is none.
    pub fn of(&self, query: &str) -> String {
        if self.sql.is_empty() { query.to_owned() } else { format!("{query} WHERE {}", self.sql.join(" AND ")) }
    }
}

/// The pattern of `LIKE ... ESCAPE '!'` for texts that hold this part.
pub(super) fn holding(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.chars() {
        match letter {
            '%' | '_' | '!' => pattern.extend(['!', letter]),
            // It would end the pattern. No text holds it.
            '\0' => pattern.push(char::REPLACEMENT_CHARACTER),
            _ => pattern.push(letter),
        }
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_looked_for_as_it_is_written() {
        assert_eq!(holding("ann"), "%ann%");
        assert_eq!(holding("50%_!"), "%50!%!_!!%");
        assert_eq!(holding("a\0"), "%a\u{fffd}%");
    }

    #[test]
    fn conditions_number_their_values_and_none_of_nothing_is_true() {
        let mut all = Conditions::default();
        all.add("a = ?", Some(7));
        all.add("b = ?", None::<i64>);
        all.one_of("c", ["x".to_owned(), "y".to_owned()]);
        all.one_of("d", []);
        assert_eq!(all.of("SELECT 1 FROM t"), "SELECT 1 FROM t WHERE a = ?1 AND c IN (?2, ?3) AND FALSE");
        assert_eq!(all.values.len(), 3);
    }
}
