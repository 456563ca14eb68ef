//! The appliance as people meet it: a real server on loopback, real SQLite, minted SAML responses.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod app;
mod browser;
mod contract;
mod idp;
mod post;
mod program;
mod site;

mod account;
mod assets;
mod audit;
mod bad_input;
mod certificates;
mod cli;
mod door_rate;
mod dry_runs;
mod durability;
mod encrypted;
mod explain;
mod flood;
mod full_disk;
mod house;
mod invitations;
mod keys;
mod killed;
mod mail;
mod mail_tls;
mod members;
mod metadata;
mod next_steps;
mod openapi;
mod organisations;
mod own_keys;
mod plans;
mod proxy;
mod requests;
mod saml_only;
mod setup_links;
mod sign_in;
mod sso_set_up;
mod sso_sign_in;
mod switches;
mod takeovers;
mod trace;
mod way_back;
