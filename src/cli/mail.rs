//! `vestibule mail`.

use super::output;
use super::{CALLER, Place};
use crate::actions::mail_test::{self, MailTest};
use crate::api::mails::MailTestView;
use crate::app::{App, sender};
use crate::config::{Environment, MailConfig, MailFlags};
use crate::domain::phrase::Phrase;
use crate::domain::{Email, Error, Result};
use std::process::ExitCode;

/// The commands of `mail`.
#[derive(clap::Subcommand)]
pub enum Mail {
    /// Send a test e-mail through the mail server and report each step; exits with 1 if the server does not accept it
    Test(Test),
}

/// The flags of `mail test`.
#[derive(clap::Args)]
pub struct Test {
    /// The e-mail address that receives it
    email: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    mail: MailFlags,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl Mail {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        let Self::Test(Test { email, place, mail, json }) = self;
        let to = Email::parse(&email)?;
        let mut app = place.open()?;
        let config = MailConfig::read(&mail, Some(&app.config.public_url))?.ok_or_else(|| no_server(&app))?;
        app.mail = Some(sender(&config)?);
        app.config.mail = Some(config);
        let test = mail_test::send(&app, &CALLER, to)?;
        let accepted = test.accepted;
        if json {
            output::json(&MailTestView::from(test));
        } else {
            print(&email, &test);
        }
        Ok(if accepted { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn print(email: &str, test: &MailTest) {
    for step in &test.steps {
        say!("{}  {:<8} {}", if step.ok { "ok  " } else { "BAD " }, step.step, step.found);
        if let Some(what) = &step.what {
            say!("{:15}{what}", "");
        }
    }
    if let Some(warning) = &test.warning {
        say!("note  {:<8} {warning}", "sender");
    }
    if test.accepted {
        say!("Sent to {email} from {}. If it does not arrive, check the spam folder.", test.from);
    } else {
        say!("Not sent.");
    }
}

/// The error when this command has no mail settings. The server may have some that this user cannot read.
fn no_server(app: &App) -> Error {
    let message = match (app.sends_mail, Environment::forbidden_file()) {
        (true, Some(file)) => format!(
            "The server sends mail by settings in {}, which this user may not read. Run this as root, or press Send a test e-mail \
             under Operator > Mail.",
            file.display()
        ),
        (true, None) => "The server sends mail by settings that this command does not know. Give it the same --smtp-url, or press Send \
             a test e-mail under Operator > Mail."
            .into(),
        (false, _) => "No mail server is set. Set one with --smtp-url, such as smtp://user:password@mail.example.com:587.".into(),
    };
    Error::conflict("no_mail_server", Phrase::words(message))
}
