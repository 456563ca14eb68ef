//! Conversions between domain types and columns.

use super::engine::{FromValue, Row, ToValue, Value};
use crate::domain::application_host::AppHost;
use crate::domain::ids::{
    ApplicationId, AttemptId, ClientSecretId, ConnectionId, InvitationId, KeyId, LogoId, MailId, OrganisationId,
    OwnKeysId, RoleId, SessionId, SetupLinkId, UserId, WorkspaceId,
};
use crate::domain::{Email, Error, Result, Timestamp};

impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(self.0)
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value<'_>) -> Result<Self> {
        i64::from_value(value).map(Self)
    }
}

macro_rules! text_columns {
    ($($type:ty)*) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Text(self.as_str())
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value<'_>) -> Result<Self> {
                Self::parse(value.text()?).map_err(|_| value.misread(stringify!($type)))
            }
        }
    )*};
}

text_columns! { ApplicationId AppHost ClientSecretId LogoId Email UserId OrganisationId ConnectionId WorkspaceId InvitationId SessionId KeyId MailId AttemptId OwnKeysId RoleId SetupLinkId }

/// Reads a column that can contain only words known to `parse`; any other word is an internal error.
pub(super) fn word<T>(row: &Row, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| Error::internal(format_args!("{column} is {text:?}")))
}
