//! What we send, and SMTP. Imports `domain` alone.

mod letters;
mod notices;
mod smtp;

pub use letters::{
    Letter, certificate_expiring, certificate_found, certificate_waiting, connection_waiting, invitation,
    operator_link, reset, reset_link, saml_reminder, sso_left,
};
pub use notices::notice;
pub use smtp::{Failure, Sender};
