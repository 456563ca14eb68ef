//! E-mails that are not sent yet.

use crate::actions::mail_test::{MailTest, TestStep};
use crate::domain::ids::MailId;
use crate::domain::mail::{Mail, MailKind};
use crate::domain::{Email, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// An e-mail that is not sent yet, without its text, which may contain a link.
#[derive(Serialize, ToSchema)]
#[schema(as = Mail)]
pub struct MailView {
    id: MailId,
    to: Email,
    kind: MailKind,
    subject: String,
    attempts: i64,
    /// Null after the last attempt has failed.
    next_attempt_at: Option<Timestamp>,
    last_error: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl From<Mail> for MailView {
    fn from(mail: Mail) -> Self {
        Self {
            id: mail.id,
            to: mail.to,
            kind: mail.kind,
            subject: mail.subject,
            attempts: mail.attempts,
            next_attempt_at: mail.next_attempt_at,
            last_error: mail.last_error.map(|why| why.spoken()),
            created_at: mail.created_at,
            expires_at: mail.expires_at,
        }
    }
}

/// E-mails, oldest first, and whether a mail server is set up.
#[derive(Serialize, ToSchema)]
pub struct MailListing {
    pub(crate) items: Vec<MailView>,
    pub(crate) next: Option<String>,
    pub(crate) mail_server: bool,
}

/// The result of a test e-mail.
#[derive(Serialize, ToSchema)]
#[schema(as = MailTest)]
pub struct MailTestView {
    /// True if the mail server accepted it.
    accepted: bool,
    /// The mail server: host and port.
    server: String,
    /// The sender.
    from: String,
    /// A setting that other mail servers would reject, and what to do; null if there is none.
    warning: Option<String>,
    /// The steps, in order. Where one failed, it is the last.
    steps: Vec<TestStepView>,
}

/// A step of sending an e-mail.
#[derive(Serialize, ToSchema)]
#[schema(as = MailTestStep)]
pub struct TestStepView {
    /// `connect`, `tls`, `sign_in` or `send`.
    step: &'static str,
    /// True if the step succeeded.
    ok: bool,
    /// The result of the step.
    found: String,
    /// What to do next; null if the step succeeded.
    what: Option<String>,
}

impl From<TestStep> for TestStepView {
    fn from(TestStep { step, ok, found, what }: TestStep) -> Self {
        Self { step, ok, found: found.spoken(), what: what.map(|what| what.spoken()) }
    }
}

impl From<MailTest> for MailTestView {
    fn from(MailTest { accepted, server, from, warning, steps }: MailTest) -> Self {
        let warning = warning.map(|warning| warning.spoken());
        Self { accepted, server, from, warning, steps: steps.into_iter().map(TestStepView::from).collect() }
    }
}
