//! The `docproof` command: parses the arguments, runs a command, and returns its
//! exit code. Only this module and the harness print; only this module ends the
//! process.
//!
//! A new command starts at `Command` in `args.rs`; `dispatch` calls it.

mod annotate;
mod args;
mod changed;
mod check;
mod config;
mod docs;
mod exit;
mod extract;
mod fix;
mod import;
mod init;
mod list;
mod live;
mod log;
mod merge;
mod mock;
mod mutants;
mod output;
mod plan;
mod reports;
mod rules;
mod select;
mod shell;
mod snapshots;
mod suggest;
mod test;
mod variables;
mod write;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::process::ExitCode;

use clap::ArgMatches;

use crate::project::config::Config;
use crate::report::printable_lines;
use crate::text::secret::Secrets;
use args::{Command, ExtractionArgs};
use exit::{Exit, Failure};
use output::Output;

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let (args, given) = match variables::parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            // `--help` and `--version` arrive as errors, but print to standard output.
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Passed
            };
            let _ = error.print();
            return ExitCode::from(exit as u8);
        }
    };
    let mut output = Output::new();
    mask_panics(output.secrets().clone(), |text| eprintln!("{text}"));
    let result = dispatch(args.command, &given, &mut output).and_then(|exit| {
        output.flush()?;
        Ok(exit)
    });
    let exit = result.unwrap_or_else(|failure| {
        if failure.exit != Exit::BrokenPipe {
            output.error(&failure.message, failure.help.as_deref());
        }
        failure.exit
    });
    ExitCode::from(exit as u8)
}

/// Masks secrets in panic messages.
fn mask_panics(secrets: Secrets, write: impl Fn(&str) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| {
        let trace = Backtrace::capture();
        let mut text = panic.to_string();
        if trace.status() == BacktraceStatus::Captured {
            text += &format!("\n{trace}");
        }
        write(&printable_lines(&secrets.masked(&text)));
    }));
}

/// Runs the command of the arguments.
fn dispatch(command: Command, given: &ArgMatches, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => init::run(&args, output),
        Command::Check(args) => check::run(&args, &read(args.extraction, output)?, output),
        Command::Extract(args) => extract::run(&args, &read(args.extraction, output)?, output),
        Command::Import(args) => {
            let args::Import::ApiDoctor(args) = *args;
            import::api_doctor(&args, &project(output)?, output)
        }
        Command::List(args) => list::run(&args, &read(args.extraction, output)?, output),
        Command::Mock(args) => mock::run(&args, &read(args.extraction, output)?, output),
        Command::Plan(args) => plan::run(&args, &read(args.extraction, output)?, output),
        Command::Test(args) => test::run(&args, &read(args.extraction, output)?, output),
        Command::Merge(args) => merge::run(&args, output),
        Command::Mutants(args) => mutants::run(&args, &read(args.extraction, output)?, output),
        Command::Accept(args) => snapshots::accept(&args, &read(args.extraction, output)?, output),
        Command::Annotate(args) => annotate::run(&args, &project(output)?, output),
        Command::Fix(args) => fix::run(&args, &read(args.extraction, output)?, output),
        Command::Rules(args) => rules::rules(&args, output),
        Command::Explain(args) => rules::explain(&args, output),
        Command::Reject(args) => snapshots::reject(&args, &project(output)?, output),
        Command::Config(args) => {
            let (_, given) = given.subcommand().expect("a command");
            config::run(&args, given, &read(args.extraction, output)?, output)
        }
        Command::Completions(args) => shell::completions(&args, output),
        Command::Man(args) => shell::man(&args, output),
        Command::Schema(args) => {
            output.text(&match args.name {
                args::SchemaName::Case => crate::page::case_file::schema(),
                args::SchemaName::Scenario => crate::project::scenario::schema(),
                args::SchemaName::Config => crate::project::config::schema(),
            })?;
            Ok(Exit::Passed)
        }
    }
}

/// Loads the configuration of the project for a command that reads its pages.
fn read(args: ExtractionArgs, output: &mut Output) -> Result<Config, Failure> {
    let mut config = project(output)?;
    if let Some(unannotated) = args.unannotated {
        config.extract.unannotated = unannotated;
    }
    Ok(config)
}

/// Loads the configuration of the project that contains the working folder.
fn project(output: &mut Output) -> Result<Config, Failure> {
    let folder = std::env::current_dir().map_err(|error| {
        Failure::new(
            Exit::NotDone,
            format!("failed to determine the working folder: {error}"),
        )
    })?;
    let config = Config::find(&folder)?;
    for warning in variables::unknown_variables(&config) {
        output.note(&warning);
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn panics_mask_secrets() {
        let secrets = Secrets::default();
        let shown = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&shown);
        let before = std::panic::take_hook();
        mask_panics(secrets.clone(), move |text| {
            into.lock().expect("not poisoned").push_str(text);
        });
        secrets.add("KEY", "s3cret-token");
        let panicked = std::panic::catch_unwind(|| panic!("at s3cret-token!"));
        std::panic::set_hook(before);
        assert!(panicked.is_err());
        let shown = shown.lock().expect("not poisoned");
        assert!(shown.contains("at [secret:KEY]!"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
