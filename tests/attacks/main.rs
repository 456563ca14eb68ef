//! Attacks on SAML sign-ins: each starts from an accepted message and is refused with a specific reason.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

// The server, the browser and the identity provider are shared with `tests/it`.
#[allow(dead_code)]
#[path = "../it/app.rs"]
mod app;
#[allow(dead_code)]
#[path = "../it/browser.rs"]
mod browser;
#[allow(dead_code)]
#[path = "../it/contract.rs"]
mod contract;
#[allow(dead_code)]
#[path = "../it/idp.rs"]
mod idp;

mod accepted;
mod cases;
mod chance;
mod corpus;
mod judge;
mod published;
mod seeds;
mod server;
