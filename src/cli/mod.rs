//! The command: arguments in, text and an exit code out. Only this module
//! prints, and only it ends the process.

mod args;
mod changed;
mod check;
mod config;
mod docs;
mod extract;
mod fix;
mod import;
mod init;
mod layers;
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
mod settle;
mod shell;
mod suggest;
mod test;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::process::ExitCode;

use clap::ArgMatches;

use crate::page::case_file::store::StoreError;
use crate::page::collect::DocsError;
use crate::project::config::{Config, ConfigError};
use crate::report::printable_lines;
use crate::report::record::Summary;
use crate::run::RunError;
use crate::run::snapshot::SnapshotError;
use crate::text::secret::Secrets;
use args::Command;
use output::Output;

/// How a run ended. The codes are documented in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// All passed.
    Passed = 0,
    /// Something failed.
    Failed = 1,
    /// Usage or configuration.
    Usage = 2,
    /// The run could not be done.
    NotDone = 3,
    /// No case was selected.
    NoCase = 4,
    /// Interrupted.
    Interrupted = 130,
    /// Whoever read the standard output went away.
    BrokenPipe = 141,
}

impl Exit {
    /// How a run ended that came to this. A page that could not be read was not
    /// tested: that is no green run.
    fn of(summary: &Summary) -> Self {
        if summary.interrupted {
            Self::Interrupted
        } else if summary.has_failed() {
            Self::Failed
        } else {
            Self::Passed
        }
    }
}

/// An error that ends the command.
#[derive(Debug)]
struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<std::io::Error> for Failure {
    /// Only standard output is written without a path to name.
    fn from(error: std::io::Error) -> Self {
        let exit = match error.kind() {
            std::io::ErrorKind::BrokenPipe => Exit::BrokenPipe,
            _ => Exit::NotDone,
        };
        Self::new(exit, format!("failed to write the output: {error}"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::Usage, error.to_string())
    }
}

impl From<DocsError> for Failure {
    fn from(error: DocsError) -> Self {
        if let DocsError::NoPages { findings, .. } = &error {
            output::findings(findings, true, &Secrets::default());
        }
        Self::new(Exit::NotDone, error.to_string())
            .help("name the folder of the pages, or run `docproof init` to begin with one")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::NotDone, error.to_string())
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        Self::new(Exit::NotDone, error.to_string()).help("--no-snapshots compares without them")
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Snapshots(error) => error.into(),
            other => Self::new(Exit::NotDone, other.to_string()),
        }
    }
}

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let (args, given) = match layers::parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version are no errors, and go to standard output.
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

/// A panic shows no secret either.
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

fn dispatch(command: Command, given: &ArgMatches, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => init::run(&args, output),
        Command::Check(args) => check::run(&args, &project(output)?, output),
        Command::Extract(args) => extract::run(&args, &project(output)?, output),
        Command::Import(args) => {
            let args::Import::ApiDoctor(args) = *args;
            import::api_doctor(&args, &project(output)?, output)
        }
        Command::List(args) => list::run(&args, &project(output)?, output),
        Command::Mock(args) => mock::run(&args, &project(output)?, output),
        Command::Plan(args) => plan::run(&args, &project(output)?, output),
        Command::Test(args) => test::run(&args, &project(output)?, output),
        Command::Merge(args) => merge::run(&args, output),
        Command::Mutants(args) => mutants::run(&args, &project(output)?, output),
        Command::Accept(args) => settle::accept(&args, &project(output)?, output),
        Command::Fix(args) => fix::run(&args, &project(output)?, output),
        Command::Rules(args) => rules::rules(&args, output),
        Command::Explain(args) => rules::explain(&args, output),
        Command::Reject(args) => settle::reject(&args, &project(output)?, output),
        Command::Config(args) => {
            let (_, given) = given.subcommand().expect("a command");
            config::run(&args, given, &project(output)?, output)
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

/// The configuration of the project that the working folder belongs to.
fn project(output: &mut Output) -> Result<Config, Failure> {
    let folder = std::env::current_dir().map_err(|error| {
        Failure::new(
            Exit::NotDone,
            format!("failed to find the working folder: {error}"),
        )
    })?;
    let config = Config::find(&folder)?;
    for warning in layers::unknown_variables(&config) {
        output.note(&warning);
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_panic_shows_no_secret() {
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
