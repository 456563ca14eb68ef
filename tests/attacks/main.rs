//! Attacks on the door: each is made from a message that is let in, and is refused for a named reason.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

// The running appliance, its browser and its identity provider are those of the other tests.
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
mod door;
mod judge;
mod published;
mod seeds;
