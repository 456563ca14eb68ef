//! Checks the mail server, and e-mail that it has not accepted.

use super::Finding;
use crate::app::{App, Fix};
use crate::config::MailConfig;
use crate::domain::Result;
use crate::domain::phrase::phrase;

/// Connects to the mail server with the settings of this process.
pub fn server(app: &App) -> Finding {
    let Some(sender) = &app.mail else {
        return Finding::note(
            "mail",
            if app.sends_mail { phrase!("doctor-mail-unknown") } else { phrase!("doctor-no-mail") },
        );
    };
    if let Err(failure) = sender.check() {
        let found = phrase!("doctor-mail-failed", server = sender.place(), reason = failure.reason);
        return Finding::bad("mail", found).with_fix(Fix { what: failure.advice, lines: None });
    }
    match app.config.mail.as_ref().and_then(MailConfig::doubt) {
        Some(doubt) => Finding::note("mail", phrase!("doctor-mail-doubt", server = sender.place(), doubt = doubt)),
        None => Finding::fine("mail", phrase!("doctor-mail-answers", server = sender.place())),
    }
}

/// Checks for e-mail that could not be sent or has waited too long; `None` if this appliance sends no e-mail.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn queue(app: &App) -> Result<Option<Finding>> {
    if !app.sends_mail {
        return Ok(None);
    }
    Ok(Some(match app.store.read(|db| db.stuck_mails())?.words() {
        Some(words) => Finding::bad("mail queue", phrase!("doctor-mail-stuck", what = words)),
        None => Finding::fine("mail queue", phrase!("doctor-mail-fine")),
    }))
}
