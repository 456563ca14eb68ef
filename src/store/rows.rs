//! How values lie in columns.

use crate::domain::ids::{
    AttemptId, ConnectionId, InvitationId, KeyId, LogoId, MailId, OrganisationId, OwnKeysId, SessionId, SetupLinkId,
    UserId, WorkspaceId,
};
use crate::domain::{Email, Timestamp};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

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
