//! What we send, and SMTP. Imports `domain` alone.

mod letters;
mod smtp;

pub use letters::{
    Letter, certificate_expiring, certificate_found, certificate_waiting, connection_waiting, invitation,
    recovery_used, reset, reset_link, saml_reminder,
};
pub use smtp::{Failure, Sender};
