//! Builds the WHERE clause of a query from optional conditions.

use super::engine::{ToValue, Value};

/// The value of a condition.
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
    /// Adds a condition in which `?` is the placeholder of the value; adds nothing if `value` is `None`.
    pub fn add(&mut self, sql: &str, value: Option<impl Into<Operand>>) {
        if let Some(value) = value {
            let place = self.value(value);
            self.sql.push(sql.replace('?', &place));
        }
    }

    /// Adds the condition that a column has one of these values.
    pub fn one_of(&mut self, column: &str, values: impl IntoIterator<Item = String>) {
        let places: Vec<_> = values.into_iter().map(|value| self.value(value)).collect();
        self.sql.push(if places.is_empty() { "FALSE".into() } else { format!("{column} IN ({})", places.join(", ")) });
    }

    /// Adds a value and returns its numbered placeholder.
    pub fn value(&mut self, value: impl Into<Operand>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// Adds a condition that has no placeholder for a new value.
    pub fn plain(&mut self, sql: &str) {
        self.sql.push(sql.to_owned());
    }

    /// The query with all conditions, joined by AND; the query itself if there are none.
    pub fn of(&self, query: &str) -> String {
        if self.sql.is_empty() { query.to_owned() } else { format!("{query} WHERE {}", self.sql.join(" AND ")) }
    }
}

/// The pattern of `LIKE ... ESCAPE '!'` for texts that contain this part.
pub(super) fn holding(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.chars() {
        match letter {
            '%' | '_' | '!' => pattern.extend(['!', letter]),
            // SQLite would end the pattern here. No stored text contains this character.
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
    fn wildcards_in_a_searched_part_are_escaped() {
        assert_eq!(holding("ann"), "%ann%");
        assert_eq!(holding("50%_!"), "%50!%!_!!%");
        assert_eq!(holding("a\0"), "%a\u{fffd}%");
    }

    #[test]
    fn conditions_number_their_values_and_an_empty_list_matches_nothing() {
        let mut all = Conditions::default();
        all.add("a = ?", Some(7));
        all.add("b = ?", None::<i64>);
        all.one_of("c", ["x".to_owned(), "y".to_owned()]);
        all.one_of("d", []);
        assert_eq!(all.of("SELECT 1 FROM t"), "SELECT 1 FROM t WHERE a = ?1 AND c IN (?2, ?3) AND FALSE");
        assert_eq!(all.values.len(), 3);
    }
}
