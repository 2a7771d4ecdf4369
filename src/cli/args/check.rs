//! The arguments of `check`, and of its rules.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::EXIT_CODES;
use super::reports::ReportArgs;
use super::select::SELECTION;
use crate::report::Format;

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof check
  docproof check docs/api/user-get.md --format short
  docproof check --changed-since origin/main
      only what a branch touches, as in a pull request
  docproof check --baseline docproof-baseline.jsonl --write-baseline
      freeze what is found today; without --write-baseline only what is new fails from then on
  docproof check --fix --dry-run
      show what would be written into the pages, where one answer is right

{EXIT_CODES}"))]
pub(crate) struct Check {
    /// A folder of pages (or one page) to check instead of the project's
    pub docs: Option<PathBuf>,
    /// Only pages whose path matches GLOB, such as 'api/user-*.md'; of several, any
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub page: Vec<String>,
    #[command(flatten)]
    pub debt: DebtArgs,
    /// How findings are written to standard output [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<CheckFormat>,
    #[command(flatten)]
    pub report: ReportArgs,
    /// Show info findings too; the formats pretty, short and github only count them
    #[arg(long, alias = "remarks")]
    pub info: bool,
    /// Write into the pages what has one right answer: a comma too many, a reason phrase
    #[arg(long)]
    pub fix: bool,
    /// Print what --fix would write as a diff, and write nothing
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// How many threads read the pages [default: the number of cores]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "DOCPROOF_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
}

const DEBT: &str = "New findings only";

/// Which findings count where not all of them do.
#[derive(Debug, ClapArgs)]
pub(crate) struct DebtArgs {
    /// Only pages that differ from what the branch has in common with REV, uncommitted work
    /// included, and those that link to them, include them or use their types
    #[arg(long, value_name = "REV", help_heading = DEBT)]
    pub changed_since: Option<String>,
    /// Count only errors and warnings that are not frozen in FILE
    #[arg(long, value_name = "FILE", help_heading = DEBT)]
    pub baseline: Option<PathBuf>,
    /// Freeze the errors and warnings of today in the baseline, and show none
    #[arg(long, requires = "baseline", help_heading = DEBT)]
    pub write_baseline: bool,
    /// Fail also if what is frozen in the baseline is no longer found
    #[arg(long, requires = "baseline", conflicts_with = "write_baseline", help_heading = DEBT)]
    pub strict_baseline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: each finding under the lines of its page
    Pretty,
    /// `path:line:column: error[rule]: message`, for editors
    Short,
    /// One JSON object a line: one a finding, then a summary
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Workflow commands, for GitHub Actions
    Github,
    /// XML as `JUnit` writes it
    Junit,
    /// The Test Anything Protocol, version 14
    Tap,
    /// For a job summary, or a comment on a pull request
    Markdown,
    /// One file to look at
    Html,
}

impl CheckFormat {
    /// The report that it is, if it is one.
    pub(crate) fn report(self) -> Option<Format> {
        Some(match self {
            Self::Pretty | Self::Short => return None,
            Self::Json => Format::Json,
            Self::Sarif => Format::Sarif,
            Self::Github => Format::Github,
            Self::Junit => Format::Junit,
            Self::Tap => Format::Tap,
            Self::Markdown => Format::Markdown,
            Self::Html => Format::Html,
        })
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Rules {
    /// How the rules are written to standard output
    #[arg(long, value_enum, default_value_t = RulesFormat::Table)]
    pub format: RulesFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For people
    Table,
    /// One JSON object a line
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The name of a rule, such as status-reason
    pub rule: String,
}
