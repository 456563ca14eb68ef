//! Progress of the move to SAML, and reminders.

use crate::domain::Timestamp;
use crate::domain::readiness::{Readiness, Reminded};
use serde::Serialize;
use utoipa::ToSchema;

mirror! {
    /// The number of an organisation's people who have signed in through SAML since the connection was tested.
    #[schema(as = Readiness)]
    ReadinessView of Readiness {
        /// The number of people who have signed in through SAML.
        ready: i64,
        /// The number of people in the organisation.
        total: i64,
        /// When the connection was tested; null if it has not been.
        since: Option<Timestamp>,
        /// The address at which they sign in; null before the first save.
        portal_url: Option<String>,
        /// True if people can be reminded by e-mail.
        mail_server: bool,
    }
}

mirror! {
    /// The result of sending reminders.
    #[schema(as = Reminded)]
    RemindedView of Reminded {
        /// The number of people who get an e-mail now.
        reminded: usize,
        /// The number of people who were skipped, because they were reminded within the last day, or because the daily
        /// limit of e-mails to their address is reached.
        skipped: usize,
        /// The number of people left for another call: at most a thousand are reminded at once, and at most as many a
        /// day as the plan allows.
        left: usize,
    }
}
