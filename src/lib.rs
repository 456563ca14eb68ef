//! Vestibule: sign-in and access management for a company's software.
//!
//! `ARCHITECTURE.md` has the map. Imports run one way:
//! `domain <- store, saml, tokens, logo, mail, fetch, config <- app <- actions <- api <- http, jobs, demo <- cli <- main`.

pub mod actions;
pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod fetch;
pub mod http;
pub mod jobs;
pub mod logo;
pub mod mail;
pub mod saml;
pub mod store;
pub mod tokens;
