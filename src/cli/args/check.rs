//! The arguments of `check`, `rules` and `explain`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::exit_codes::EXIT_CODES;
use super::extraction::ExtractionArgs;
use super::reports::ReportArgs;
use super::select::SELECTION;
use super::threads::ThreadsArgs;
use crate::report::Format;
use crate::text::finding::{is_slip, rule_named};
use crate::text::rules::Rule;

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof check
  docproof check docs/api/user-get.md --format short
  docproof check --changed-since origin/main
      check only the pages that a branch affects
  docproof check --baseline docproof-baseline.jsonl --write-baseline
      record today's findings; later runs without --write-baseline fail only on new ones
  docproof check --deny warnings --deny orphan-page
      fail on warnings too, and on pages that no page links to
  docproof check --fix --dry-run
      show the automatic fixes without writing them

{EXIT_CODES}"))]
pub(crate) struct Check {
    /// Folder of pages, or single page [default: the project's docs]
    pub docs: Option<PathBuf>,
    /// Check pages whose path matches GLOB, such as 'api/user-*.md'; repeatable (OR)
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub page: Vec<String>,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    #[command(flatten)]
    pub baseline: BaselineArgs,
    /// Output format [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<CheckFormat>,
    #[command(flatten)]
    pub report: ReportArgs,
    /// Also show info findings, which pretty, short and github only count
    #[arg(long, alias = "remarks")]
    pub info: bool,
    /// Report the findings of RULE as errors, or all warnings, or fail without examples; repeatable
    #[arg(long, value_name = "RULE|warnings|no-examples", value_delimiter = ',', value_parser = denied)]
    pub deny: Vec<Denied>,
    /// Apply automatic fixes to the pages
    ///
    /// Fixes findings with a single correct replacement, such as a trailing comma or a wrong
    /// reason phrase.
    #[arg(long)]
    pub fix: bool,
    /// With --fix, print a diff without writing it
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    #[command(flatten)]
    pub threads: ThreadsArgs,
}

/// What `--deny` reports as errors.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Denied {
    /// The findings that would be warnings.
    Warnings,
    /// Pages of which none has an example.
    NoExamples,
    /// The findings of a rule, also if it is off.
    Rule(&'static Rule),
}

const WARNINGS: &str = "warnings";
const NO_EXAMPLES: &str = "no-examples";

fn denied(text: &str) -> Result<Denied, String> {
    match text {
        WARNINGS => Ok(Denied::Warnings),
        NO_EXAMPLES => Ok(Denied::NoExamples),
        name => match rule_named(name) {
            Err(_) if is_slip(name, WARNINGS) => Err(format!("did you mean `{WARNINGS}`?")),
            Err(_) if is_slip(name, NO_EXAMPLES) => Err(format!("did you mean `{NO_EXAMPLES}`?")),
            Ok(rule) => Ok(Denied::Rule(rule)),
            Err(help) => Err(format!("unknown rule `{name}`; {help}")),
        },
    }
}

const NEW_FINDINGS: &str = "New findings only";

/// Options that limit which findings fail the check.
#[derive(Debug, ClapArgs)]
pub(crate) struct BaselineArgs {
    /// Check pages affected by changes since REV
    ///
    /// These are the pages that differ from the merge base with REV, uncommitted changes included,
    /// and the pages that link to them, include them or use their types.
    #[arg(long, value_name = "REV", help_heading = NEW_FINDINGS)]
    pub changed_since: Option<String>,
    /// Ignore the errors and warnings recorded in FILE
    #[arg(long, value_name = "FILE", help_heading = NEW_FINDINGS)]
    pub baseline: Option<PathBuf>,
    /// Record the current errors and warnings in the baseline
    #[arg(long, requires = "baseline", help_heading = NEW_FINDINGS)]
    pub write_baseline: bool,
    /// Also fail if the baseline lists findings that no longer occur
    #[arg(long, requires = "baseline", conflicts_with = "write_baseline", help_heading = NEW_FINDINGS)]
    pub strict_baseline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Human-readable: each finding with the lines of its page
    Pretty,
    /// path:line:column: error[rule]: message, for editors
    Short,
    /// One JSON object per line: each finding, then a summary
    Json,
    /// SARIF 2.1.0, for code hosts
    Sarif,
    /// Workflow commands, for GitHub Actions
    Github,
    /// JUnit XML
    Junit,
    /// Test Anything Protocol, version 14
    Tap,
    /// Markdown, for a job summary or a pull request comment
    Markdown,
    /// Self-contained HTML file
    Html,
}

impl CheckFormat {
    /// The report format, if this is one.
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
    /// Output format
    #[arg(long, value_enum, default_value_t = RulesFormat::Table)]
    pub format: RulesFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// Human-readable
    Table,
    /// One JSON object per line
    Json,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// Name of a rule, such as status-reason, or headers
    pub rule: String,
}
