//! What we send, and SMTP. Imports `domain` alone.

mod letters;
mod smtp;

pub use letters::{
    Letter, certificate_expiring, certificate_found, connection_waiting, invitation, recovery_used, reset, reset_link,
    saml_reminder, sso_left,
};
pub use smtp::{Failure, Sender};
