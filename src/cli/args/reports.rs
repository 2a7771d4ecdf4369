//! The arguments for output and reports, and those of `merge`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::exit_codes::EXIT_CODES;
use crate::report::Format;
use crate::text::finding::nearest;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// Human-readable: failures, then a summary
    Pretty,
    /// One JSON object per line: each result, then a summary
    Json,
    /// JUnit XML
    Junit,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Workflow commands, for GitHub Actions
    Github,
    /// Test Anything Protocol, version 14
    Tap,
    /// Markdown, for a job summary or a pull request comment
    Markdown,
    /// Self-contained HTML file
    Html,
}

impl TestFormat {
    /// The report format, if this is one.
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

const SHOWN: &str = "Output (with --format pretty)";

/// What the human-readable output of a run contains.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct ShownArgs {
    /// Print one line per failure, and the summary
    #[arg(short, long, conflicts_with_all = ["verbose", "show"], help_heading = SHOWN)]
    pub quiet: bool,
    /// Print failures, unreadable pages and the summary only
    ///
    /// Leaves out findings, warnings, flaky cases and known deviations.
    #[arg(long, conflicts_with_all = ["quiet", "show"], help_heading = SHOWN)]
    pub failures_only: bool,
    /// Also print each request and response, with secrets masked
    #[arg(short, long, help_heading = SHOWN)]
    pub verbose: bool,
    /// Also print passed or skipped cases
    #[arg(long, value_enum, value_delimiter = ',', value_name = "pass,skip", help_heading = SHOWN)]
    pub show: Vec<Show>,
    /// Print the N slowest cases at the end
    #[arg(long, value_name = "N", help_heading = SHOWN)]
    pub slowest: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    /// Passed cases
    Pass,
    /// Skipped cases
    Skip,
}

/// The help heading of report options.
pub(super) const REPORTS: &str = "Reports";

/// The reports that a command writes in addition to its output.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct ReportArgs {
    /// Write a report to PATH, or to standard output without =PATH; repeatable
    ///
    /// FORMAT is junit, html, json, sarif, github, tap or markdown.
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = report, help_heading = REPORTS)]
    pub report: Vec<ReportTo>,
}

/// A report and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTo {
    pub format: Format,
    /// Standard output if `None`.
    pub path: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof test --partition hash:1/8 --report json=run-1.json
      run on each of eight machines, with its own number
  docproof merge run-*.json --report html=report.html
      write one report of all parts

{EXIT_CODES}"))]
pub(crate) struct Merge {
    /// JSON reports of docproof test, in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Output format [default: pretty]
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
            Some(near) => format!("unknown format `{name}`; did you mean `{near}`?"),
            None => format!(
                "unknown format `{name}`; expected one of {}",
                names.join(", ")
            ),
        });
    };
    if path.is_some_and(str::is_empty) {
        return Err(format!(
            "the path is empty; expected {name}=PATH, or {name} for standard output"
        ));
    }
    Ok(ReportTo {
        format,
        path: path.map(PathBuf::from),
    })
}
