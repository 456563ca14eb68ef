//! Switches: one function works out who is concerned, for the dry and the real run alike.

use super::Run;
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::{Affected, AuthMode, Door, Effect, Method, SamlAccess};
use crate::domain::ids::OrganisationId;
use crate::store::{Db, Tx};

/// Works out a switch and, in a real run, does it in the same transaction.
///
/// `plan` reads and gives the effect and what `apply` needs; `apply` writes.
pub(super) fn switch<T: Send + 'static>(
    app: &App,
    run: Run,
    plan: impl FnOnce(&Db) -> Result<(Effect, T)> + Send + 'static,
    apply: impl FnOnce(&Tx, T) -> Result<()> + Send + 'static,
) -> Result<Effect> {
    match run {
        Run::Dry => app.store.read(|db| plan(db).map(|(effect, _)| effect)),
        Run::Real => app.store.write(move |tx| {
            let (effect, planned) = plan(tx)?;
            apply(tx, planned)?;
            Ok(Effect { applied: true, ..effect })
        }),
    }
}

/// The effect on an organisation's people when its door changes.
pub(super) fn door_change(before: Door, after: Door, people: &[Affected]) -> Effect {
    let mut effect = Effect::of(before, after, people);
    let without = people.iter().filter(|person| !person.has_password).count();
    if before.sso_available() && !after.sso_available() {
        if before.connection != crate::domain::access::ConnectionStatus::None {
            effect
                .warnings
                .push("The SSO connection stays as it is, asleep, and works again when SSO comes back.".into());
        }
        if before.saml_only {
            effect.warnings.push("SAML-only is turned off.".into());
        }
        if without > 0 {
            let who = if without == 1 { "1 person has".into() } else { format!("{without} people have") };
            effect.warnings.push(format!("{who} no password and cannot get in without a reset link."));
        }
    }
    if after.mode == AuthMode::Saml && after.saml() != SamlAccess::Yes {
        effect
            .warnings
            .push("Until an organisation admin finishes the SSO set-up, only organisation admins get in.".into());
    }
    effect
}

/// Ends the grants that open nothing under the new door, so that they do not wake up at a later switch.
pub(super) fn end_closed_grants(tx: &Tx, organisation: &OrganisationId, after: Door) -> Result<()> {
    if after.saml() != SamlAccess::Yes {
        tx.delete_grants_of_method(organisation, Method::Saml)?;
    }
    if after.enforced() {
        tx.clear_passwords_of(organisation)?;
        tx.delete_grants_of_method(organisation, Method::Password)?;
    }
    tx.delete_empty_sessions()
}
