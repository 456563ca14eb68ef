//! Makes the database itself report which rows a connection changes, by temporary triggers of that connection.

use super::connection::{Connection, failed};
use crate::domain::Result;
use rusqlite::functions::FunctionFlags;

/// A table whose changes are reported.
pub struct Watched {
    /// The table's name.
    pub table: &'static str,
    /// The kind of subject that a change concerns.
    pub kind: &'static str,
    /// The SQL expression for the subject's id, with `ROW` for the changed row.
    pub id: &'static str,
    /// The columns whose changes are not reported.
    pub ignored: &'static [&'static str],
}

impl Connection {
    /// Calls `changed` with the kind and id of the subject for each row that this connection inserts, updates or
    /// deletes in these tables, including by `ON DELETE CASCADE`, and even if the change is rolled back later.
    pub fn watch(&self, tables: &[Watched], changed: impl Fn(&str, &str) + Send + 'static) -> Result<()> {
        let changed = std::sync::Mutex::new(changed);
        self.0
            .create_scalar_function("report_change", 2, FunctionFlags::SQLITE_UTF8, move |call| {
                let changed = changed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                changed(call.get_raw(0).as_str().unwrap_or_default(), call.get_raw(1).as_str().unwrap_or_default());
                Ok(0_i64)
            })
            .map_err(failed)?;
        tables.iter().try_for_each(|one| self.0.execute_batch(&self.triggers(one)?).map_err(failed))
    }

    /// The tables of the schema, without those of the search.
    #[cfg(test)]
    pub fn tables(&self) -> Result<Vec<String>> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'users_found%'
            AND name NOT LIKE 'sqlite_%' ORDER BY name";
        self.all(sql, (), |row| row.get(0))
    }

    fn triggers(&self, Watched { table, kind, id, ignored }: &Watched) -> Result<String> {
        let columns: Vec<String> = self.all("SELECT name FROM pragma_table_info(?1)", [*table], |row| row.get(0))?;
        let columns: Vec<_> = columns.into_iter().filter(|column| !ignored.contains(&column.as_str())).collect();
        let trigger = |event: &str, on: String, row: &str| {
            let id = id.replace("ROW", row);
            format!(
                "CREATE TEMP TRIGGER watch_{table}_{event} AFTER {on} ON main.{table}
                 BEGIN SELECT report_change('{kind}', {id}); END;"
            )
        };
        let updated = trigger("update", format!("UPDATE OF {}", columns.join(", ")), "OLD");
        Ok([trigger("insert", "INSERT".into(), "NEW"), updated, trigger("delete", "DELETE".into(), "OLD")].concat())
    }
}
