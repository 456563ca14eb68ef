//! The only actix-web; async ends here.
//!
//! A handler extracts (rights are judged by the extractors of `guard.rs`), makes one call to `actions` or `store`, and
//! answers. `routes.rs` has every route on one screen.

mod account;
mod admins;
mod assets;
mod attempts;
mod audit;
mod blocking;
mod body;
mod cookies;
mod directory;
mod doctor;
mod error;
mod events;
mod guard;
mod headers;
mod invitations;
mod keys;
mod login;
mod mails;
mod members;
mod next_steps;
mod openapi;
mod openapi_examples;
mod organisations;
mod origin;
mod own_keys;
#[cfg(not(packed))]
mod packing;
mod pages;
mod passwords;
mod plans;
mod query;
mod readiness;
mod recover;
mod routes;
mod saml;
mod server;
mod session;
mod setup;
mod setup_links;
mod sso;
mod workspaces;

pub use openapi::document;
pub use pages::escape;
pub use server::{application, serve};
