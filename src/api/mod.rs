//! The JSON shapes that the HTTP API returns and the command line prints. They use only serde and utoipa.
//!
//! A shape is built from the result of an action, and reads nothing itself. `values` describes the types that are
//! texts in JSON.

/// Defines a shape with the same fields as a type of another module, and the conversion from that type.
macro_rules! mirror {
    ($(#[$meta:meta])* $name:ident of $source:ty { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        #[derive(Serialize, ToSchema)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$field_meta])* $field: $type,)*
        }

        impl From<$source> for $name {
            fn from(source: $source) -> Self {
                Self { $($field: source.$field.into(),)* }
            }
        }
    };
}

pub mod account;
pub mod admins;
pub mod applications;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod branding;
pub mod connection;
pub mod doctor;
pub mod effect;
pub mod error;
pub mod events;
pub mod first_run;
pub mod invitations;
pub mod keys;
pub mod mails;
pub mod me;
pub mod members;
pub mod next_steps;
pub mod oidc;
pub mod oidc_clients;
pub mod operators;
pub mod organisations;
pub mod own_keys;
pub mod page;
pub mod passwords;
pub mod plans;
pub mod readiness;
pub mod roles;
pub mod sessions;
pub mod setup_links;
pub mod signing_keys;
pub mod upgrade;
mod values;
pub mod workspaces;
