//! The HTTP server: the only module that uses actix-web. Async ends here.
//!
//! `routes.rs` has every route with its policy on one screen; `admission.rs` enforces the policy; a handler extracts
//! who was let in (`guard.rs`), makes one call to `actions`, and answers.

mod account;
mod admins;
mod admission;
mod answer;
mod application_cookies;
mod application_host;
mod application_pages;
mod applications;
mod arrival;
mod assets;
mod at_host;
mod attempts;
mod audit;
mod blocking;
mod body;
mod branding;
mod client;
mod connection;
mod cookies;
mod counted;
mod doctor;
mod download;
mod echo;
mod error;
mod events;
mod facts;
mod first_run;
mod forward_auth;
mod guard;
mod head_size;
mod headers;
mod help;
mod html;
mod in_flight;
mod invitations;
mod kept;
mod keys;
mod language;
mod load;
mod login;
mod mails;
#[cfg(packed)]
mod manifest;
mod member_search;
mod members;
mod next_steps;
mod oauth2;
mod openapi;
mod openapi_examples;
mod operators;
mod organisations;
mod origin;
mod own_keys;
mod own_lists;
mod pace;
#[cfg(not(packed))]
mod packing;
mod pages;
mod passwords;
mod plans;
mod policy;
mod query;
mod readiness;
mod recover;
mod refusals;
mod routes;
mod saml_sign_in;
mod security;
mod sending;
mod server;
mod session;
mod setup_links;
mod signed_in;
mod watch;
mod withdrawal;
mod workspaces;

pub use echo::{echo, serve_echo};
pub use html::{escape, sentence};
pub use language::negotiate;
pub use openapi::document;
pub use policy::Policy;
pub use routes::{Declared, operations};
pub use server::{application, serve};
