//! The values of flags: from the command line, else from the environment, else from the settings file of the service.
//!
//! clap can read the environment itself, but it accepts a variable that is set and empty as a value, names the flag in
//! an error that is about the variable, and refuses a flag that conflicts with a variable. Here a variable is the
//! default value of its flag.

use crate::config::Environment;
use clap::builder::{ArgPredicate, BoolishValueParser, Resettable};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, ArgMatches, Command, Error, Id};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;

/// The command, with the values of the environment as its default values.
pub fn with_defaults(command: Command, environment: &Environment) -> Command {
    let rivals = rivals(&command);
    let variables: HashMap<Id, String> =
        command.get_arguments().filter_map(|arg| Some((arg.get_id().clone(), variable(arg)?))).collect();
    let command = command.mut_args(|arg| match variable(&arg) {
        Some(name) => {
            let rivals: Vec<_> = rivals.get(arg.get_id()).into_iter().flatten().cloned().collect();
            // If two variables conflict with each other, both are passed on, so that clap refuses them.
            let (beaten, rivals): (Vec<_>, Vec<_>) = rivals
                .into_iter()
                .partition(|id| variables.get(id).is_some_and(|rival| environment.own(rival).is_some()));
            let value = environment.own(&name).or_else(|| environment.of_file(&name).filter(|_| beaten.is_empty()));
            with_default(arg, &name, value, &rivals)
        }
        None => arg,
    });
    // A negative number, as in `--max-members -1`, is a value that is out of range, not another option.
    let command = command.mut_args(|arg| {
        let takes_text = arg.get_long().is_some() && arg.get_action().takes_values();
        if takes_text { arg.allow_negative_numbers(true) } else { arg }
    });
    command.mut_subcommands(|command| with_defaults(command, environment))
}

fn variable(arg: &Arg) -> Option<String> {
    arg.get_env().and_then(|name| name.to_str()).map(ToOwned::to_owned)
}

/// The flags that conflict with each flag, in both directions.
fn rivals(command: &Command) -> HashMap<Id, HashSet<Id>> {
    let mut all: HashMap<Id, HashSet<Id>> = HashMap::new();
    for arg in command.get_arguments().filter(|arg| arg.get_env().is_some()) {
        for rival in command.get_arg_conflicts_with(arg) {
            all.entry(arg.get_id().clone()).or_default().insert(rival.get_id().clone());
            all.entry(rival.get_id().clone()).or_default().insert(arg.get_id().clone());
        }
    }
    all
}

fn with_default(arg: Arg, name: &str, value: Option<OsString>, rivals: &[Id]) -> Arg {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut arg = arg.env(None).help(format!("{help} [env: {name}]"));
    // All boolean flags accept the same values.
    let boolean = matches!(arg.get_action(), ArgAction::SetTrue);
    arg = if boolean { arg.value_parser(BoolishValueParser::new()) } else { arg.hide_default_value(value.is_some()) };
    if let Some(value) = value {
        let given = rivals
            .iter()
            .map(|rival| (rival.clone(), ArgPredicate::IsPresent, Resettable::<clap::builder::OsStr>::Reset));
        arg = arg.default_value(value).default_value_ifs(given);
    }
    arg
}

/// Names the variable in place of the flag, if the invalid value comes from the variable.
pub fn name_variable(mut error: Error, command: &Command, environment: &Environment) -> Error {
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(arg)) => arg.split([' ', '=']).next().unwrap_or_default().to_owned(),
        _ => return error,
    };
    if let Some(place) = place(&flag, command, environment) {
        error.insert(ContextKind::InvalidArg, ContextValue::String(place));
    }
    error
}

/// As `name_variable`, in a message that begins with the flag.
pub fn named_in(line: &str, command: &Command, environment: &Environment) -> String {
    let flag = line.split([':', ' ']).next().unwrap_or_default();
    match place(flag, command, environment) {
        Some(place) => line.replacen(flag, &place, 1),
        None => line.to_owned(),
    }
}

/// The command that was typed, such as `setup-link create`.
pub fn chosen(command: &Command, matches: &ArgMatches) -> Command {
    let below = matches.subcommand().and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)));
    below.map_or_else(|| command.clone(), |(command, matches)| chosen(command, matches))
}

/// Fields of the API whose flags have other names.
const OTHER_NAMES: [(&str, &str); 3] =
    [("metadata_xml", "metadata"), ("idp_entity_id", "entity_id"), ("certificates", "certificate")];

/// A message that begins with a field of the API, with this command's flag in place of the field.
pub fn by_flag(line: &str, command: &Command) -> String {
    let Some((field, message)) = line.split_once(": ") else { return line.to_owned() };
    let id = OTHER_NAMES.iter().find(|(other, _)| *other == field).map_or(field, |(_, id)| id);
    match command.get_arguments().find(|arg| arg.get_id() == id) {
        Some(arg) => arg
            .get_long()
            .map_or_else(|| format!("<{}>: {message}", id.to_uppercase()), |long| format!("--{long}: {message}")),
        None => line.to_owned(),
    }
}

/// The variable that gave this flag its value; `None` if the value comes from the command line, or there is none.
fn place(flag: &str, command: &Command, environment: &Environment) -> Option<String> {
    let long = flag.strip_prefix("--")?;
    let typed = |arg: &OsString| arg == flag || arg.to_string_lossy().starts_with(&format!("{flag}="));
    if std::env::args_os().any(|arg| typed(&arg)) {
        return None;
    }
    let name = variable_of(long, command)?;
    environment.value(&name).map(|_| environment.place(&name))
}

fn variable_of(long: &str, command: &Command) -> Option<String> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(long)).and_then(variable);
    own.or_else(|| command.get_subcommands().find_map(|command| variable_of(long, command)))
}
