//! How values lie in columns.

use super::{Db, failed};
use crate::domain::ids::{
    AttemptId, ConnectionId, InvitationId, KeyId, LogoId, MailId, OrganisationId, OwnKeysId, SessionId, SetupLinkId,
    UserId, WorkspaceId,
};
use crate::domain::{Email, Result, Timestamp};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Params, Row};

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Self)
    }
}

macro_rules! text_columns {
    ($($type:ty)*) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::parse(value.as_str()?).map_err(FromSqlError::other)
            }
        }
    )*};
}

text_columns! { LogoId Email UserId OrganisationId ConnectionId WorkspaceId InvitationId SessionId KeyId MailId AttemptId OwnKeysId SetupLinkId }

/// A column whose word the schema itself restricts to those that `parse` knows.
pub(super) fn word<T>(row: &Row, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            0,
            rusqlite::types::Type::Text,
            format!("{column} is {text:?}").into(),
        )
    })
}

impl Db<'_> {
    /// The one row of a query, if there is one.
    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnOnce(&Row) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        statement.query_row(params, from_row).optional().map_err(failed)
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        from_row: impl FnMut(&Row) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.0.prepare_cached(sql).map_err(failed)?;
        let rows = statement.query_map(params, from_row).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    }

    /// The number that a query counts.
    pub(super) fn count(&self, sql: &str, params: impl Params) -> Result<i64> {
        self.one(sql, params, |row| row.get(0)).map(Option::unwrap_or_default)
    }

    /// Runs a statement and gives how many rows it touched, or SQLite's own error for the caller to map.
    pub(super) fn try_run(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.0.prepare_cached(sql)?.execute(params)
    }

    /// Runs a statement and gives how many rows it touched.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.try_run(sql, params).map_err(failed)
    }
}
