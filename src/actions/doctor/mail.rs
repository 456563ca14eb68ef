//! The mail server, and e-mail that it has not accepted.

use super::Finding;
use crate::app::{App, Fix};
use crate::config::MailConfig;
use crate::domain::Result;

/// Connects to the mail server with the settings of this process.
pub fn server(app: &App) -> Finding {
    let Some(sender) = &app.mail else {
        return Finding::note(
            "mail",
            if app.sends_mail {
                "the server sends mail by settings that this command does not know; Operator > Doctor tries them"
            } else {
                "no --smtp-url: invitation and reset links must be passed on by hand"
            },
        );
    };
    if let Err(failure) = sender.check() {
        let found = format!("{}: {}", sender.place(), failure.reason);
        return Finding::bad("mail", found).with_fix(Fix { what: failure.advice.into(), lines: None });
    }
    match app.config.mail.as_ref().and_then(MailConfig::doubt) {
        Some(doubt) => Finding::note("mail", format!("{} answers, but {doubt}", sender.place())),
        None => Finding::fine("mail", format!("{} answers", sender.place())),
    }
}

/// E-mail that could not be sent or waits for too long; nothing if no e-mail is sent.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn queue(app: &App) -> Result<Option<Finding>> {
    if !app.sends_mail {
        return Ok(None);
    }
    Ok(Some(match app.store.read(|db| db.stuck_mails())?.words() {
        Some(words) => {
            Finding::bad("mail queue", format!("{words}. See Operator > Mail for what the mail server said."))
        }
        None => Finding::fine("mail queue", "no e-mail has been waiting for long"),
    }))
}
