//! How values with a type of their own stand in the API's description.

use super::ids::{
    AttemptId, InvitationId, KeyId, MailId, OrganisationId, OwnKeysId, SessionId, SetupLinkId, UserId, WorkspaceId,
};
use super::mail::MailKind;
use super::request_options::NameIdFormat;
use super::{Email, Name, Timestamp};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// Types that are texts outside: the name of each there, an example, and what else to say of it.
macro_rules! texts {
    ($($type:ident as $name:literal $example:literal $(.$more:ident($($value:expr),*))*;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).examples([$example])$(.$more($($value),*))*.into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

const ID: &str = "^[0-9a-f]{32}$";
/// At most 64 characters before the `@`, at most 63 in each part of the domain.
const EMAIL: &str = "^(?=[^@]{1,64}@)(?=.{3,254}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@\
    [A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$";
/// No control and no invisible direction character.
const NAME: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]*$";

texts! {
    AttemptId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    InvitationId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    KeyId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    MailId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    OrganisationId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    OwnKeysId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    SessionId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    SetupLinkId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    UserId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    WorkspaceId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    Timestamp as "Time" "2026-11-24T09:00:00Z"
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("RFC 3339, UTC."));
    Email as "Email" "ann@acme.example" .pattern(Some(EMAIL))
        .description(Some("ASCII; an international domain as punycode."));
    Name as "Name" "Acme" .pattern(Some(NAME)) .min_length(Some(1)) .max_length(Some(100))
        .description(Some("Without control characters, and not only spaces."));
    NameIdFormat as "NameIdFormat" "email" .enum_values(Some(NameIdFormat::ALL.map(NameIdFormat::as_str)))
        .description(Some("The format of NameID that our requests ask for."));
    MailKind as "MailKind" "invitation" .enum_values(Some(MailKind::all().map(MailKind::as_str)))
        .description(Some("The purpose of an e-mail."));
}
