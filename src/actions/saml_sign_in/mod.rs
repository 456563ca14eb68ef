//! A sign-in through SAML: the start at the portal URL, the callback that verifies the response, and the finish that begins the
//! session in the browser that started.

pub mod callback;
pub mod finish;
pub mod notice;
pub mod parties;
mod refusal;
pub mod second_look;
pub mod start;
pub mod under_way;
