//! A test e-mail that is sent at once, to check the mail settings.

use super::mail::language_of;
use super::{Caller, branding};
use crate::app::App;
use crate::config::MailConfig;
use crate::domain::audit::Event;
use crate::domain::ids::MailId;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::{Email, Error, Result};
use crate::mail::{self, Outgoing, Step};

/// The result of a test e-mail.
#[derive(Debug)]
pub struct MailTest {
    /// True if the mail server accepted the e-mail.
    pub accepted: bool,
    /// The mail server: host and port.
    pub server: String,
    /// The sender's address.
    pub from: String,
    /// A setting that other mail servers would reject, and what to do; `None` if there is none.
    pub warning: Option<Phrase>,
    /// The steps, in order; a failed step is the last one.
    pub steps: Vec<TestStep>,
}

/// A step of sending an e-mail.
#[derive(Debug)]
pub struct TestStep {
    /// `connect`, `tls`, `sign_in` or `send`.
    pub step: &'static str,
    /// True if the step succeeded.
    pub ok: bool,
    /// The result.
    pub found: Phrase,
    /// The next step; `None` if all is well.
    pub what: Option<Phrase>,
}

impl TestStep {
    fn done(step: Step, found: Phrase) -> Self {
        Self { step: step.as_str(), ok: true, found, what: None }
    }
}

/// Sends a test e-mail to this address now, through the mail server of this process.
///
/// # Errors
/// `Conflict` with code `no_mail_server` if this process has no mail server.
pub fn send(app: &App, caller: &Caller, to: Email) -> Result<MailTest> {
    let (author, now, known) = (caller.author.clone(), app.now(), app.mail.is_some());
    let (id, recipient) = (MailId::random(), to.clone());
    let about = id.clone();
    let (brand, language) = app.write(&caller.claim, move |tx| {
        if !known {
            return Err(no_server());
        }
        author.log(tx, &Event::new("mail.tested", "mail", &about, &recipient))?;
        Ok((branding::of_letter(tx, None)?, language_of(tx, &recipient, None)?))
    })?;
    let sender = app.mail.as_ref().ok_or_else(no_server)?;
    let letter = mail::test(app.config.public_url.origin(), now).within(language);
    let (plain, html) = (letter.plain(brand.as_deref()), letter.html(brand.as_deref()));
    let outgoing = Outgoing { id: id.as_str(), to: &to, subject: &letter.subject, plain: &plain, html: &html };
    let mut steps = Vec::new();
    let sent = sender.send(&outgoing, &mut |step, found| steps.push(TestStep::done(step, found)));
    if let Err(failure) = &sent {
        let (step, found, what) = (failure.step.as_str(), failure.reason.clone(), Some(failure.advice.clone()));
        steps.push(TestStep { step, ok: false, found, what });
    }
    let warning = app.config.mail.as_ref().and_then(MailConfig::doubt);
    Ok(MailTest { accepted: sent.is_ok(), server: sender.place(), from: sender.from(), warning, steps })
}

fn no_server() -> Error {
    Error::conflict("no_mail_server", phrase!("no-mail-server"))
}
