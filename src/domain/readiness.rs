//! How far an organisation's people are on their way to SAML.

use super::Timestamp;

/// The people who have signed in through SAML since the connection was tested: only for them is it certain that the provider
/// lets them in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// People who have signed in through SAML.
    pub ready: i64,
    /// All people of the organisation.
    pub total: i64,
    /// When the connection was tested; null before.
    pub since: Option<Timestamp>,
    /// Where they sign in; null before the first save.
    pub portal_url: Option<String>,
    /// True if people can be reminded by mail.
    pub mail_server: bool,
}

/// How many were reminded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reminded {
    /// The people who get an e-mail now.
    pub reminded: usize,
    /// People who were skipped because they were reminded within the last day, or because the daily limit of e-mails to their address is reached.
    pub skipped: usize,
    /// People left for another call: at most a thousand are reminded at once, and at most as many a day as the plan allows.
    pub left: usize,
}
