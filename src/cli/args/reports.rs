//! The arguments of what a run shows and reports.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::EXIT_CODES;
use crate::report::Format;
use crate::text::finding::nearest;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people: failures, then a summary
    Pretty,
    /// One JSON object a line: one a result, then a summary
    Json,
    /// XML as `JUnit` writes it
    Junit,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Workflow commands, for GitHub Actions
    Github,
    /// The Test Anything Protocol, version 14
    Tap,
    /// For a job summary, or a comment on a pull request
    Markdown,
    /// One file to look at
    Html,
}

impl TestFormat {
    /// The report that it is, if it is one.
    pub(crate) fn report(self) -> Option<Format> {
        Some(match self {
            Self::Pretty => return None,
            Self::Json => Format::Json,
            Self::Junit => Format::Junit,
            Self::Sarif => Format::Sarif,
            Self::Github => Format::Github,
            Self::Tap => Format::Tap,
            Self::Markdown => Format::Markdown,
            Self::Html => Format::Html,
        })
    }
}

const SHOWN: &str = "What is shown (with --format pretty)";

/// What a person is shown of a run.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct ShownArgs {
    /// A line for each failure, the counts, and what the run has shown
    #[arg(short, long, conflicts_with_all = ["verbose", "show"], help_heading = SHOWN)]
    pub quiet: bool,
    /// Failures and pages that cannot be read, the counts, and what the run has shown: no findings
    /// of pages, warnings, flaky cases and known deviations
    #[arg(long, conflicts_with_all = ["quiet", "show"], help_heading = SHOWN)]
    pub failures_only: bool,
    /// What was sent and what came back too, secrets masked
    #[arg(short, long, help_heading = SHOWN)]
    pub verbose: bool,
    /// Cases that came out so as well
    #[arg(long, value_enum, value_delimiter = ',', value_name = "pass,skip", help_heading = SHOWN)]
    pub show: Vec<ShowWord>,
    /// The N cases that took longest, at the end
    #[arg(long, value_name = "N", help_heading = SHOWN)]
    pub slowest: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowWord {
    /// Those that passed
    Pass,
    /// Those that were left out
    Skip,
}

/// The heading of the arguments of reports.
pub(super) const REPORTS: &str = "Reports";

/// The reports that a command writes beside its output.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct ReportArgs {
    /// Write a report to PATH, in the format junit, html, json, sarif, github, tap or markdown;
    /// without =PATH to standard output, as --format does. May be given several times
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = report, help_heading = REPORTS)]
    pub report: Vec<ReportTo>,
}

/// A report, and the file that it goes to; none for standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTo {
    pub format: Format,
    pub path: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof test --partition hash:1/8 --report json=run-1.json
      on each of eight machines, its part of a run
  docproof merge run-*.json --report html=report.html
      then one report of all

{EXIT_CODES}"))]
pub(crate) struct Merge {
    /// JSON reports of `docproof test`, in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How the run is written to standard output [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<TestFormat>,
    #[command(flatten)]
    pub report: ReportArgs,
}

fn report(text: &str) -> Result<ReportTo, String> {
    let (name, path) = match text.split_once('=') {
        Some((name, path)) => (name, Some(path)),
        None => (text, None),
    };
    let Some(format) = Format::ALL.into_iter().find(|format| format.name() == name) else {
        let names = Format::ALL.map(Format::name);
        return Err(match nearest(name, names) {
            Some(near) => format!("there is no format `{name}`; did you mean `{near}`?"),
            None => format!(
                "there is no format `{name}`; write one of {}",
                names.join(", ")
            ),
        });
    };
    if path.is_some_and(str::is_empty) {
        return Err(format!("write {name}=PATH, or {name} for standard output"));
    }
    Ok(ReportTo {
        format,
        path: path.map(PathBuf::from),
    })
}
