//! The progress of an organisation's people in moving to SAML.

use super::Timestamp;

/// The number of people who have signed in through SAML since the connection was tested: only for them is it certain
/// that the provider accepts them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// People who have signed in through SAML.
    pub ready: i64,
    /// All people of the organisation.
    pub total: i64,
    /// When the connection was tested; `None` before.
    pub since: Option<Timestamp>,
    /// The URL at which they sign in; `None` before the first save.
    pub portal_url: Option<String>,
    /// True if people can be reminded by e-mail.
    pub mail_server: bool,
}

/// The numbers of people who were reminded, skipped or left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminded {
    /// The people who get an e-mail now.
    pub reminded: usize,
    /// People who were skipped because they were reminded within the last day, or because the daily limit of e-mails to their address is reached.
    pub skipped: usize,
    /// People who were not reminded by this call and are left for a later one: at most a thousand are reminded at once,
    /// and at most as many in a day as the plan allows.
    pub left: usize,
}
