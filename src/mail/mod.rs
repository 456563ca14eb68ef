//! E-mails and SMTP. Imports only `domain`.

mod failure;
mod letters;
mod notices;
mod smtp;

pub use failure::{Failure, Step};
pub use letters::{
    Inviter, Letter, PasswordUse, SsoOnly, backup_late, certificate_expiring, certificate_found, certificate_waiting,
    connection_waiting, invitation, operator_link, operator_wanted, reset, reset_link, saml_reminder, sso_left, test,
};
pub use notices::notice;
pub use smtp::{Outgoing, Sender};
