//! How the command ends: its exit codes and errors.

use std::path::Path;

use super::output::{self, Output};
use crate::page::case_file::store::StoreError;
use crate::page::survey::DocsError;
use crate::project::config::ConfigError;
use crate::report::plural;
use crate::report::record::{Summary, counted};
use crate::run::RunError;
use crate::run::snapshot::SnapshotError;
use crate::text::secret::Secrets;

/// The exit code of the command. `--help` documents the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Everything passed.
    Passed = 0,
    /// Something failed.
    Failed = 1,
    /// The arguments or the configuration are invalid.
    Usage = 2,
    /// The run could not be completed.
    NotDone = 3,
    /// Nothing was tested: no case was selected, or none was sent.
    NoCase = 4,
    /// The run was interrupted (128 + SIGINT).
    Interrupted = 130,
    /// The reader closed standard output (128 + SIGPIPE).
    BrokenPipe = 141,
}

impl Exit {
    /// The exit code of a run. An unreadable page fails the run, because it was
    /// not tested.
    pub(super) fn of(summary: &Summary) -> Self {
        if summary.interrupted {
            Self::Interrupted
        } else if summary.has_failed() {
            Self::Failed
        } else if summary.tested_nothing() {
            Self::NoCase
        } else {
            Self::Passed
        }
    }
}

/// Prints why a run tested nothing.
pub(super) fn explain_nothing(summary: &Summary, output: &mut Output) {
    let reasons = counted(&summary.skip_reasons);
    let cases = plural(summary.cases, "selected case");
    let message = format!("nothing was tested: {cases}, all skipped ({reasons})");
    output.error(
        &message,
        Some("`--show skip` prints why each case was skipped"),
    );
}

/// An error that ends the command.
#[derive(Debug)]
pub(super) struct Failure {
    pub exit: Exit,
    pub message: String,
    pub help: Option<String>,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            help: None,
        }
    }

    /// A file that could not be written.
    pub(super) fn write(path: &Path, error: &std::io::Error) -> Self {
        let message = format!("failed to write `{}`: {error}", path.display());
        Self::new(Exit::NotDone, message)
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<std::io::Error> for Failure {
    /// Only writes to standard output return an error without a path.
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
            .help("name the folder of the pages, or create a project with `docproof init`")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::NotDone, error.to_string())
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        Self::new(Exit::NotDone, error.to_string())
            .help("use --no-snapshots to compare without snapshots")
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
