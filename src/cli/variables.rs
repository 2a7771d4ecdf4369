//! Parses the arguments together with the `DOCPROOF_*` variables. A variable sets
//! its option unless the option is given.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, Error, FromArgMatches};

use super::args::{self, Args, DESTINATION, FixFrom, NEEDS_DESTINATION};
use super::live::HEADER_VARIABLE;
use crate::project::config::{Config, Reference, Value, Written};
use crate::run::environment::{PREFIX, is_set, update_variable, variable, variables};
use crate::text::finding::nearest;

/// Parses the arguments. The matches tell where each value comes from.
pub(super) fn parse() -> Result<(Args, ArgMatches), Error> {
    let mut command = layered(Args::command());
    let matches = command
        .try_get_matches_from_mut(std::env::args_os())
        .map_err(|error| naming_variable(error, &command))?;
    let mut args = Args::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    // `--from snapshot` sends nothing, so variables that name a service do not apply.
    if let args::Command::Fix(fix) = &mut args.command
        && fix.from == FixFrom::Snapshot
        && let Some((_, given)) = matches.subcommand()
    {
        if given.value_source("target") == Some(ValueSource::EnvVariable) {
            fix.live.target = None;
        }
        if given.value_source("base_url") == Some(ValueSource::EnvVariable) {
            fix.live.base_url = None;
        }
    }
    Ok((args, matches))
}

/// Adds the variables to the command. An empty variable counts as unset, and a
/// variable does not trigger `requires`.
fn layered(command: Command) -> Command {
    command.mut_subcommands(layered).mut_args(|arg| {
        let Some(name) = variable_of(&arg) else {
            return arg;
        };
        if is_set(&name) {
            return match arg.get_id().as_str() {
                "update" => arg.env(update_variable()),
                _ => arg,
            };
        }
        let needs = NEEDS_DESTINATION.contains(&arg.get_id().as_str());
        let arg = if needs {
            arg.requires(DESTINATION)
        } else {
            arg
        };
        if variable(&name).is_some() {
            return arg.env(None::<&'static str>);
        }
        arg
    })
}

/// The variable of an option.
fn variable_of(arg: &Arg) -> Option<String> {
    let name = arg.get_env()?.to_string_lossy().into_owned();
    Some(match arg.get_id().as_str() {
        "update" => update_variable().to_owned(),
        _ => name,
    })
}

/// All options of all commands that have a variable.
fn with_variable(command: &Command) -> Vec<&Arg> {
    let own = command
        .get_arguments()
        .filter(|arg| arg.get_env().is_some());
    let below = command.get_subcommands().flat_map(with_variable);
    own.chain(below).collect()
}

/// Names the variable in an error about an option that a variable set.
fn naming_variable(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let long = shown.split([' ', '[', '=']).next().unwrap_or_default();
    let options = with_variable(command);
    let Some(arg) = options.into_iter().find(|arg| {
        arg.get_long()
            .is_some_and(|name| long.strip_prefix("--") == Some(name))
    }) else {
        return error;
    };
    let short = arg.get_short().map(|short| format!("-{short}"));
    let is_given = std::env::args_os().any(|given| {
        let given = given.to_string_lossy();
        given.starts_with(long)
            || short
                .as_ref()
                .is_some_and(|short| given.starts_with(short.as_str()))
    });
    if let (false, Some(name)) = (is_given, variable_of(arg)) {
        let tip = StyledStr::from(format!("the value comes from the variable {name}"));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// Warnings about unknown variables with docproof's prefix. Variables that the
/// configuration refers to are known.
pub(super) fn unknown_variables(config: &Config) -> Vec<String> {
    let command = Args::command();
    let known: Vec<String> = with_variable(&command)
        .into_iter()
        .filter_map(|arg| Some(arg.get_env()?.to_string_lossy().into_owned()))
        .collect();
    let values: Vec<_> = config
        .written
        .iter()
        .filter_map(Written::reference)
        .collect();
    let is_referred_to = |name: &str| {
        let mut references = values.iter().flat_map(Value::references);
        references.any(|reference| reference == Reference::Variable(name))
    };
    let set = variables(PREFIX).into_keys();
    set.filter(|name| {
        !known.contains(name) && !name.starts_with(HEADER_VARIABLE) && !is_referred_to(name)
    })
    .map(|name| {
        // The common prefix would make all names similar.
        let after = |name: &'_ str| name.strip_prefix(PREFIX).unwrap_or_default().to_owned();
        let mut candidates: Vec<String> = known.iter().map(|name| after(name)).collect();
        candidates.push("HEADER_NAME".to_owned());
        let near = nearest(&after(&name), candidates.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `{PREFIX}{near}`?"),
            None => "see `docproof test --help`".to_owned(),
        };
        format!("warning: unknown variable `{name}`; {help}")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_named_after_their_options() {
        let command = Args::command();
        let options = with_variable(&command);
        assert!(options.len() > 10);
        for arg in options {
            let long = arg.get_long().expect("an option");
            let name = format!("{PREFIX}{}", long.replace('-', "_").to_uppercase());
            assert_eq!(arg.get_env().expect("a variable"), name.as_str());
            assert!(
                arg.is_hide_env_values_set(),
                "{name}: --help would print its value"
            );
        }
    }

    #[test]
    fn options_that_need_a_destination_have_variables() {
        let command = Args::command();
        let options = with_variable(&command);
        for id in NEEDS_DESTINATION {
            assert!(options.iter().any(|arg| arg.get_id() == id), "{id}");
        }
    }
}
