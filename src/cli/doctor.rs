//! `vestibule doctor`.

use super::{Place, output};
use crate::actions::doctor::{self, Finding, Report};
use crate::api::doctor::ReportView;
use crate::app::{App, Fix, sender};
use crate::config::{MailConfig, MailFlags};
use crate::domain::Result;
use crate::domain::phrase::Phrase;
use std::process::ExitCode;

/// Check the appliance; report problems and what to do; exits with 1 if something is wrong
#[derive(clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    mail: MailFlags,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Runs the command: exit code 0 if nothing is wrong, 1 otherwise.
    pub fn run(self) -> Result<ExitCode> {
        let report = match self.place.open() {
            Ok(app) => self.examine(app)?,
            Err(cause) => {
                let mut findings = vec![Finding::bad("database", Phrase::words(cause.to_string()))];
                findings.extend(doctor::versions());
                Report { findings, jobs: Vec::new() }
            }
        };
        let healthy = report.findings.iter().all(Finding::is_fine);
        if self.json {
            output::json(&ReportView::from(report));
        } else {
            print(&report.findings, healthy);
        }
        Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }

    /// Runs all checks, with the mail settings of the environment and of the options.
    fn examine(&self, mut app: App) -> Result<Report> {
        let unusable = self.set_mail(&mut app).err();
        let mut report = doctor::everything_beside(&app)?;
        if let Some(cause) = unusable {
            report.findings.retain(|finding| finding.check != "mail");
            report.findings.push(Finding::bad("mail", Phrase::words(cause.to_string())));
        }
        Ok(report)
    }

    fn set_mail(&self, app: &mut App) -> Result<()> {
        if let Some(config) = MailConfig::read(&self.mail, Some(&app.config.public_url))? {
            app.mail = Some(sender(&config)?);
            app.config.mail = Some(config);
        }
        Ok(())
    }
}

fn print(findings: &[Finding], healthy: bool) {
    for finding in findings {
        let mark = match finding.ok {
            Some(true) => "ok  ",
            Some(false) => "BAD ",
            None => "note",
        };
        say!("{mark}  {:<13} {}", finding.check, finding.found);
        finding.fix.iter().for_each(print_fix);
    }
    say!("{}", if healthy { "Nothing is wrong." } else { "Something is wrong: see the lines marked BAD." });
}

fn print_fix(fix: &Fix) {
    say!("{:20}{}", "", fix.what);
    if let Some(lines) = &fix.lines {
        for (proxy, line) in
            [("nginx", &lines.nginx), ("Caddy", &lines.caddy), ("Traefik", &lines.traefik), ("Apache", &lines.apache)]
        {
            say!("{:20}{proxy}: {line}", "");
        }
    }
}
