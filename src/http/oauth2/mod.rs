//! OpenID Connect for applications: discovery, authorization, tokens and logout.

pub mod authorize;
pub mod cors;
pub mod discovery;
pub mod form;
pub mod keys;
pub mod logout;
pub mod refusals;
pub mod request_cookies;
pub mod token;
pub mod userinfo;
