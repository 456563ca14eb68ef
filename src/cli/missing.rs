//! The message of a command that names something that does not exist: what was typed, and the command that lists what there
//! is.

use crate::domain::Error;
use crate::domain::phrase::Phrase;
use clap::ArgMatches;
use std::collections::BTreeMap;

/// The values of the arguments that were typed, by the arguments' ids.
pub type Typed = BTreeMap<String, String>;

/// For each message of the catalogue: the kind of thing, the arguments that may name it, and what to do.
const KINDS: [(&str, &str, &[&str], &str); 14] = [
    (
        "organisation-not-found",
        "Organisation",
        &["org", "connection"],
        "Name it by its slug or id, as `vestibule org list` shows it.",
    ),
    ("member-not-found", "Member", &["email"], "`vestibule member list ORG` shows the people of an organisation."),
    (
        "organisation-admin-not-found",
        "Organisation admin",
        &["email"],
        "`vestibule member list ORG --role organisation_admin` shows the admins.",
    ),
    (
        "person-not-found",
        "Person",
        &["email"],
        "Check the address: `vestibule member list ORG` shows the people of an organisation, and `vestibule operator list` the operators.",
    ),
    ("operator-not-found", "Operator", &["email"], "`vestibule operator list` shows the operators."),
    (
        "application-not-found",
        "Application",
        &["app"],
        "Name it by its id, as `vestibule app list WORKSPACE` shows it.",
    ),
    ("role-not-found", "Role", &["role"], "Name it by its slug or id, as `vestibule role list ORG` shows it."),
    ("plan-not-found", "Plan", &["plan"], "Name it by its id, as `vestibule plan list` shows it."),
    ("key-not-found", "API key", &["id"], "Name it by its id, as `vestibule key list --operator` shows it."),
    ("keys-not-found", "SAML keys", &["retire", "org"], "`vestibule saml keys ORG` shows the keys."),
    (
        "set-up-link-not-found",
        "Set-up link",
        &["id"],
        "Name it by its id, as `vestibule sso setup-link list ORG` shows it.",
    ),
    ("client-secret-not-found", "Secret", &[], "`vestibule app show APP` shows the secrets of a client."),
    ("connection-not-found", "Connection", &["org"], "The organisation has none: `vestibule sso save` makes one."),
    ("sign-in-not-found", "Sign-in", &["reference"], "`vestibule sso attempts ORG` shows the sign-ins that are kept."),
];

/// The values that the command line gives to the arguments of the command.
pub fn typed(matches: &ArgMatches) -> Typed {
    if let Some((_, below)) = matches.subcommand() {
        return typed(below);
    }
    let ids = matches.ids().map(|id| id.as_str().to_owned());
    ids.filter_map(|id| {
        let mut values = matches.try_get_raw(&id).ok().flatten()?;
        Some((id.clone(), values.next()?.to_string_lossy().into_owned()))
    })
    .collect()
}

/// The error with a message that names what does not exist, if it is one of these.
pub fn named(error: Error, typed: &Typed) -> Error {
    let Error::NotFound(Phrase::Keyed { key, .. }) = &error else { return error };
    let Some((_, kind, arguments, advice)) = KINDS.iter().find(|(of, ..)| of == key) else { return error };
    let named = arguments.iter().find_map(|argument| typed.get(*argument));
    let named = named.map_or_else(String::new, |value| format!(": {value}"));
    Error::NotFound(Phrase::words(format!("{kind} not found{named}. {advice}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::phrase::phrase;

    #[test]
    fn a_message_names_what_was_typed_and_the_command_that_lists_what_there_is() {
        let typed = Typed::from([("email".into(), "bob@acme.test".into()), ("org".into(), "acme".into())]);
        let told = |phrase| named(Error::NotFound(phrase), &typed).to_string();
        assert_eq!(
            told(phrase!("member-not-found")),
            "Member not found: bob@acme.test. `vestibule member list ORG` shows the people of an organisation."
        );
        assert!(told(phrase!("role-not-found")).starts_with("Role not found. Name it by"));
        assert_eq!(told(Phrase::words("Workspace not found: lab.")), "Workspace not found: lab.");
    }
}
