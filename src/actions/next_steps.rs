//! The next steps after the set-up, computed from the current state: nobody needs to mark them as done.

use crate::app::App;
use crate::domain::Result;
use crate::domain::access::ConnectionStatus;
use crate::domain::organisation::Organisation;
use crate::domain::phrase::{Phrase, phrase};
use crate::domain::time::lasting;
use crate::store::Db;

/// A step that an admin or operator should take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name for programs.
    pub step: &'static str,
    /// True if it is done.
    pub done: bool,
    /// True if the step can be left out.
    pub optional: bool,
    /// The step, as a heading.
    pub title: Phrase,
    /// The reason for the step, or its progress.
    pub text: Phrase,
    /// The page of the step; `None` if it has no page.
    pub path: Option<String>,
}

impl Step {
    fn new(step: &'static str, title: Phrase, text: Phrase) -> Self {
        Self { step, done: false, optional: false, title, text, path: None }
    }

    fn done(self, done: bool) -> Self {
        Self { done, ..self }
    }

    fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// The next steps of an organisation's admins: inviting people, and single sign-on where its plan has it.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_organisation(app: &App, organisation: &Organisation) -> Result<Vec<Step>> {
    app.store.read(|db| {
        let mut steps = vec![invite(db, organisation)?];
        if organisation.sign_in_policy().sso_available() {
            steps.extend(single_sign_on(db, organisation)?);
        }
        Ok(steps)
    })
}

fn invite(db: &Db, organisation: &Organisation) -> Result<Step> {
    let workspace = db.first_workspace(&organisation.id)?;
    let place = workspace
        .map_or_else(|| format!("/o/{}/workspaces", organisation.slug), |id| format!("/w/{id}/members#invite"));
    let life = lasting(organisation.lives.invitation_secs());
    Ok(Step::new("invite", phrase!("step-invite"), phrase!("step-invite-text", life = life))
        .done(db.has_several_people(&organisation.id)?)
        .at(place))
}

fn single_sign_on(db: &Db, organisation: &Organisation) -> Result<Vec<Step>> {
    let (status, enforced) = (organisation.connection_status, organisation.sign_in_policy().enforced());
    let (through, all) = db.count_ready(&organisation.id)?;
    let page = format!("/o/{}/sso", organisation.slug);
    let mut steps = vec![
        Step::new("sso_set_up", phrase!("step-sso-set-up"), phrase!("step-sso-set-up-text"))
            .done(status != ConnectionStatus::None),
        Step::new("sso_test", phrase!("step-sso-test"), phrase!("step-sso-test-text"))
            .done(status == ConnectionStatus::Ready),
        Step::new(
            "sso_members",
            phrase!("step-sso-members"),
            phrase!("step-sso-members-text", count = through, all = all),
        )
        .done(status == ConnectionStatus::Ready && through == all),
        Step::new("saml_only", phrase!("step-saml-only"), phrase!("step-saml-only-text")).done(enforced).optional(),
    ];
    if enforced {
        let left = db.count_recovery_codes(&organisation.id)?;
        let text = phrase!("step-recovery-codes-text", count = left);
        steps.push(Step::new("recovery_codes", phrase!("step-recovery-codes"), text).done(left > 0));
    }
    Ok(steps.into_iter().map(|step| step.at(&page)).collect())
}

/// The operators' next steps. `seen_rightly`: true if requests arrive for the public URL.
///
/// # Errors
/// `Unavailable` when the database cannot be read.
pub fn of_appliance(app: &App, seen_rightly: bool) -> Result<Vec<Step>> {
    let (organisations, operators, stuck) =
        app.store.read(|db| Ok((db.count_organisations()?, db.count_operators()?, db.stuck_mails()?)))?;
    let url = app.config.public_url.origin();
    let mut steps = vec![
        Step::new("organisation", phrase!("step-organisation"), phrase!("step-organisation-text"))
            .done(organisations > 0)
            .at("/operator/organisations"),
        Step::new("public_url", phrase!("step-public-url"), phrase!("step-public-url-text", url = url))
            .done(seen_rightly)
            .at("/operator/doctor"),
        Step::new("mail", phrase!("step-mail"), phrase!("step-mail-text")).done(app.sends_mail).at("/operator/mail"),
        Step::new("second_operator", phrase!("step-second-operator"), phrase!("step-second-operator-text"))
            .done(operators > 1)
            .at("/operator/operators"),
    ];
    let stuck_words = stuck.words().filter(|_| app.sends_mail);
    steps.extend(stuck_words.map(|words| {
        let text = phrase!("step-mail-stuck-text", what = words);
        Step::new("mail_stuck", phrase!("step-mail-stuck"), text).at("/operator/mail")
    }));
    Ok(steps)
}
