//! Describes the values that are texts in JSON: ids, times, addresses, and words of a fixed list.

use crate::actions::bulk_invitations::Outcome;
use crate::domain::access::{AuthMode, ConnectionStatus};
use crate::domain::application::ApplicationKind;
use crate::domain::application_host::AppHost;
use crate::domain::application_log::Outcome as DecidedAs;
use crate::domain::application_rule::Require;
use crate::domain::attempt::AttemptOutcome;
use crate::domain::connection::Provider;
use crate::domain::ids::{
    ApplicationId, AttemptId, ClientSecretId, InvitationId, KeyId, MailId, OrganisationId, OwnKeysId, RoleId,
    SessionId, SetupLinkId, UserId, WorkspaceId,
};
use crate::domain::key::Scope;
use crate::domain::level::Level;
use crate::domain::mail::MailKind;
use crate::domain::method::Method;
use crate::domain::notice::NoticeKind;
use crate::domain::oidc_client::{ClientType, Signing, TokenAuth};
use crate::domain::person::Role;
use crate::domain::request_options::NameIdFormat;
use crate::domain::setup_link::SetupLinkStatus;
use crate::domain::skew::SkewLevel;
use crate::domain::{Email, Name, Timestamp};
use crate::saml::{Fault, Product};
use serde_json::json;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// Types that are texts in JSON: the schema name of each, an example, and further attributes.
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
/// No control characters, and no invisible direction characters.
const NAME: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]*$";

texts! {
    ApplicationId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    AttemptId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    ClientSecretId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    InvitationId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    KeyId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    MailId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    OrganisationId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    OwnKeysId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
    RoleId as "Id" "9f86d081884c7d659a2feaa0c55ad015" .pattern(Some(ID));
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
        .description(Some("No control characters, and not only spaces."));
    AppHost as "ApplicationHost" "wiki.example.com" .max_length(Some(259))
        .description(Some("A host in lower case, with the port if it is not 80 or 443."));
    Role as "Role" "power_user" .pattern(Some("^(admin|power_user|[0-9a-f]{32})$"))
        .description(Some("A person's role in a workspace: `admin`, `power_user`, or the id of a custom role."));
    Require as "Require" "viewer" .enum_values(Some(["public", "signed_in", "viewer", "operator", "editor", "admin"]))
        .description(Some("The access that a request to an application needs."));
    NameIdFormat as "NameIdFormat" "email" .enum_values(Some(NameIdFormat::ALL.map(NameIdFormat::as_str)))
        .description(Some("The format of NameID that our requests ask for."));
    Product as "Product" "okta" .enum_values(Some(Product::ALL.map(Product::as_str)))
        .description(Some("An identity provider's software, with its own admin screens."));
    MailKind as "MailKind" "invitation" .enum_values(Some(MailKind::all().map(MailKind::as_str)))
        .description(Some("The purpose of an e-mail."));
}

/// Types that are one of several words in JSON: the schema name of each, its description, and all variants.
macro_rules! words {
    ($($type:ident as $name:literal $description:literal [$($variant:ident),*];)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                // This does not compile if a variant is missing.
                let word = |value: $type| match value { $($type::$variant => json!(value),)* };
                let all = [$(word($type::$variant)),*];
                ObjectBuilder::new().schema_type(Type::String).description(Some($description)).enum_values(Some(all)).into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

words! {
    ApplicationKind as "ApplicationKind" "How an application learns who is signed in." [Link, Proxy, Oidc];
    ClientType as "ClientType" "Whether an OpenID Connect client can keep a secret." [Confidential, Public];
    Signing as "SigningAlgorithm" "The algorithm of the ID tokens of an OpenID Connect client." [Rs256, Es256];
    TokenAuth as "TokenAuth" "How an OpenID Connect client proves its identity." [ClientSecretBasic, ClientSecretPost, None];
    AttemptOutcome as "AttemptOutcome" "The outcome of a SAML sign-in so far." [Verified, SignedIn, Refused];
    AuthMode as "AuthMode" "How the organisations on a plan may sign in." [Password, PasswordOrSaml, Saml];
    ConnectionStatus as "ConnectionStatus" "The state of an organisation's SAML set-up." [None, Draft, Ready];
    Fault as "Fault" "Who has to fix the fault, as far as the message shows."
        [Provider, Settings, Operator, Clock, Person, Nobody];
    Level as "Level" "The level of access to an application, lowest first." [NoAccess, Viewer, Operator, Editor, Admin];
    Method as "Method" "The method by which a grant was obtained." [Password, Saml, Recovery];
    NoticeKind as "NoticeKind" "The kind of a notice." [
        PasswordChanged, NewBrowser, OperatorAdded, AdminAdded, AdminRemoved, KeyMade, ConnectionChanged, SamlOnlyChanged,
        RecoveryUsed
    ];
    Outcome as "InvitationOutcome" "The outcome of one line."
        [Invited, Member, AlreadyInvited, Repeated, Invalid, PlanLimit, MailLimit];
    DecidedAs as "ApplicationOutcome" "The answer to a request to an application." [Allowed, SignIn, Denied];
    Provider as "Provider" "The kind of identity provider, which determines the wording of its form and guide."
        [Google, Okta, Entra, Custom];
    Scope as "Scope" "A permission of an organisation's key." [Read, ManageMembers, ManageSso, ManageApplications];
    SetupLinkStatus as "SetupLinkStatus" "The state of a set-up link: whether it still gives access to the set-up, and why not."
        [Live, Done, Expired, Orphaned];
    SkewLevel as "SkewLevel" "How much attention the provider's clock needs." [Fine, Drifting, Failing];
}
