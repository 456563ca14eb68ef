//! `vestibule setup`.

use super::{CALLER, output, read_file};
use crate::actions::first_run::{ByCommand, ByCommandDone, set_up_by_command};
use crate::actions::mail::PASSWORD_LINK_SECS;
use crate::app::App;
use crate::domain::phrase::Phrase;
use crate::domain::{Error, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Set up an empty appliance without a browser: the first operator, their organisation and its first workspace
///
/// Without --password-file, it prints a one-time link that sets the operator's password.
#[derive(clap::Args)]
pub struct Setup {
    /// The e-mail address of the first operator, who also becomes the admin of the organisation
    #[arg(long, value_name = "EMAIL")]
    operator: String,
    /// The operator's name. Default: the part of the address before the @
    #[arg(long)]
    name: Option<String>,
    /// The name of the organisation
    #[arg(long, value_name = "NAME")]
    organisation: String,
    /// The organisation's plan
    #[arg(long, default_value = "starter")]
    plan: String,
    /// A file with the operator's password; `-` is standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The folder for vestibule.db
    #[arg(long, env = "VESTIBULE_DATA", default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// The public URL that the printed link begins with
    #[arg(long, env = "VESTIBULE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

impl Setup {
    /// Runs the command.
    pub fn run(self) -> Result<ExitCode> {
        let Self { operator: email, name, organisation, plan, password_file, data, public_url } = self;
        let password = password_file.map(|file| password_in(read_file(&file)?)).transpose()?;
        let mut app = App::open_beside(&data, public_url)?;
        // The link is for the person at the shell.
        app.sends_mail = false;
        let given = ByCommand { email, name, password, organisation, plan };
        let ByCommandDone { user, organisation, link } = set_up_by_command(&app, &CALLER, given)?;
        say!("{} is the first operator, and the admin of {}.", user.email, organisation.name);
        if let Some(link) = link {
            output::one_time_link("Link that sets their password", PASSWORD_LINK_SECS, &link);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The password in a file, without the line break at its end.
fn password_in(bytes: Vec<u8>) -> Result<String> {
    let text =
        String::from_utf8(bytes).map_err(|_| Error::invalid("--password-file", Phrase::words("must be UTF-8 text")))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
