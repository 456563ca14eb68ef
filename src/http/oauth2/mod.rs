//! OpenID Connect for applications.

pub mod keys;
