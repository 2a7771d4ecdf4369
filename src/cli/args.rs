//! The command line: its commands, their options and their help.

mod check;
mod exit_codes;
mod extraction;
mod mock;
mod reports;
mod run;
mod select;
mod threads;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::run::snapshot::{self, Day};
pub(super) use check::{BaselineArgs, Check, CheckFormat, Denied, Explain, Rules, RulesFormat};
use exit_codes::EXIT_CODES;
pub(super) use extraction::ExtractionArgs;
pub(super) use mock::{LogFormat, Mock, Mutants};
pub(super) use reports::{Merge, ReportArgs, Show, ShownArgs, TestFormat};
pub(super) use run::{DESTINATION, LiveArgs, NEEDS_DESTINATION, RunArgs, Test};
pub(super) use select::{CaseSelection, Selection};
use threads::ThreadsArgs;

/// Test API documentation against the service it describes
#[derive(Debug, Parser)]
#[command(name = "docproof", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send the documented requests and compare the responses
    Test(Box<Test>),
    /// Break the documented responses and check that a live run would notice
    Mutants(Mutants),
    /// Merge the JSON reports of a partitioned run
    Merge(Merge),
    /// Check the pages without a service
    Check(Box<Check>),
    /// List the rules of check
    Rules(Rules),
    /// Explain a rule with a wrong and a right example, or how headers are compared
    Explain(Explain),
    /// List the documented examples
    List(List),
    /// Show what a run would send, without sending it
    Plan(Box<Plan>),
    /// Serve the documented examples as a mock server
    Mock(Box<Mock>),
    /// Write the documented examples as YAML case files
    Extract(Extract),
    /// Convert the tests of another tool to scenarios and targets
    #[command(subcommand)]
    Import(Box<Import>),
    /// Accept pending snapshots
    Accept(Accept),
    /// Reject pending snapshots
    Reject(Reject),
    /// Update pages to match the service or the accepted snapshots
    Fix(Box<Fix>),
    /// Annotate the examples that are recognised on the pages
    Annotate(Annotate),
    /// Print the JSON Schema of a file format
    Schema(Schema),
    /// Print the effective configuration and the source of each value
    Config(Box<ConfigArgs>),
    /// Create a project: a configuration for the docs, or with a first page
    Init(Init),
    /// Print shell completions
    Completions(Completions),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof list
  docproof list docs --format json | jq -r .url")]
pub(super) struct List {
    /// Folder of pages, single page, or folder of case files [default: the project's docs]
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    #[command(flatten)]
    pub threads: ThreadsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// One line per case: method, documented status, location, id, URL
    Table,
    /// One JSON object per line
    Json,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof plan --target staging
      show what 'docproof test --target staging' would send, in order, and what it would skip
  docproof plan --target staging --filter pause --format curl
      print curl commands, which read secrets from the environment
  docproof plan --suggest > specs/scenarios/drafts.yaml
      draft scenarios for requests with unbound placeholders")]
pub(super) struct Plan {
    /// Folder of pages, single page, or folder of case files [default: the project's docs]
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// Output format
    #[arg(long, value_enum, default_value_t = PlanFormat::Pretty)]
    pub format: PlanFormat,
    /// Print draft scenarios instead of the plan
    ///
    /// The drafts take the values of placeholders from documented responses. Placeholders that
    /// stay unbound are listed on standard error.
    #[arg(long, conflicts_with = "format")]
    pub suggest: bool,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// Human-readable: one line per request or skipped case, then a summary
    Pretty,
    /// One JSON object per line: each case or scenario, then a summary
    Json,
    /// One curl command per request, for a POSIX shell
    Curl,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof extract
      update specs/cases
  docproof extract --check
      list missing, stale and orphaned case files, and exit with 1 if there are any")]
pub(super) struct Extract {
    /// Folder of pages [default: the project's docs]
    #[arg(requires = "out")]
    pub docs: Option<PathBuf>,
    /// Folder of the case files [default: specs/cases]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// Write nothing; exit with 1 if a case file is out of date
    #[arg(long)]
    pub check: bool,
    #[command(flatten)]
    pub threads: ThreadsArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Convert API Doctor's scenario and account files
    ApiDoctor(ApiDoctor),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof import api-doctor ../api-docs/tests
      write specs/scenarios and add targets to docproof.toml; list what cannot be converted

Exit codes:
  0  all files were converted, except for what is listed
  1  a file could not be read
  2  an output file already exists")]
pub(super) struct ApiDoctor {
    /// Folder of API Doctor's JSON files, or one such file
    pub folder: PathBuf,
    /// Folder of the scenario files [default: specs/scenarios]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof accept
      accept all pending snapshots
  docproof accept api/pause --prune
      accept those of cases whose id contains api/pause; remove snapshots without a case
  docproof accept api/pause --deviation 'fixed in the next release' --until 2027-03-31
      accept a response that is known to differ from its page")]
pub(super) struct Accept {
    /// Select cases whose id contains FILTER
    pub filter: Option<String>,
    /// Also remove snapshots of cases that no longer exist
    #[arg(long, conflicts_with = "deviation")]
    pub prune: bool,
    /// Record the response as a known deviation from its page, for REASON
    #[arg(long, value_name = "REASON", requires = "filter", value_parser = reason)]
    pub deviation: Option<String>,
    /// Last day on which the deviation passes
    #[arg(long, value_name = "YYYY-MM-DD", requires = "deviation", value_parser = snapshot::day)]
    pub until: Option<Day>,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof reject
      delete all pending snapshots and keep the accepted ones")]
pub(super) struct Reject {
    /// Select cases whose id contains FILTER
    pub filter: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof fix --from snapshot --dry-run
      show how the pages differ from the accepted snapshots
  docproof fix api/pause --from live --base-url https://api.example.com
      write the status, header fields and JSON members that differ into the pages

Exit codes:
  0    every difference was written, or there was none
  1    a difference could not be written; the reason is shown
  4    no case was selected, or no request was sent")]
pub(super) struct Fix {
    /// Select cases whose id contains FILTER; without it, known deviations are skipped
    pub filter: Option<String>,
    /// Source of the new text
    #[arg(long, value_enum)]
    pub from: FixFrom,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// Print a diff without writing it
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof annotate docs
      show the annotations that recognised examples need, and a summary
  docproof annotate docs --write
      write them into the pages
  docproof annotate --check
      list recognised examples without annotations, and exit with 1 if there are any")]
pub(super) struct Annotate {
    /// Folder of pages, or single page [default: the project's docs]
    pub docs: Option<PathBuf>,
    /// Write the annotations into the pages instead of printing a diff
    #[arg(long)]
    pub write: bool,
    /// Write nothing; exit with 1 if a recognised example is not annotated
    #[arg(long, conflicts_with = "write")]
    pub check: bool,
    #[command(flatten)]
    pub threads: ThreadsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FixFrom {
    /// Responses of a service
    Live,
    /// Accepted snapshots: status and header fields
    Snapshot,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof schema case > case.schema.json")]
pub(super) struct Schema {
    /// File format
    #[arg(value_enum)]
    pub name: SchemaName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    /// Case files (specs/cases/*.yaml)
    Case,
    /// Scenario files (specs/scenarios/*.yaml)
    Scenario,
    /// Configuration (docproof.toml)
    Config,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof config --target staging
      show the settings of 'docproof test --target staging'

Precedence: command line, then environment variable, then docproof.toml, then default. Secrets are
shown only as the name of the variable or file they come from.")]
pub(super) struct ConfigArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = ConfigFormat::Table)]
    pub format: ConfigFormat,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfigFormat {
    /// Human-readable: one line per setting
    Table,
    /// One JSON object per line
    Json,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof completions bash > ~/.local/share/bash-completion/completions/docproof")]
pub(super) struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof man | man -l -
  docproof man --out ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write one page per command to FOLDER instead of printing the main page
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof init && docproof test
  docproof init --docs website/content/api
      create a configuration for the pages of this folder")]
pub(super) struct Init {
    /// Project folder
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Folder of the pages, relative to the project [default: docs]
    #[arg(long, value_name = "FOLDER")]
    pub docs: Option<PathBuf>,
}

fn reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("the reason is empty".to_owned());
    }
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::Args;

    /// The short and the long help of a command and of all its subcommands.
    fn helps_of(command: &mut Command) -> Vec<(String, String, String)> {
        let mut helps = vec![(
            command.get_name().to_owned(),
            command.render_help().to_string(),
            command.render_long_help().to_string(),
        )];
        for below in command.get_subcommands_mut() {
            helps.extend(helps_of(below));
        }
        helps
    }

    #[test]
    fn help_contains_no_backticks() {
        for (name, short, long) in helps_of(&mut Args::command()) {
            assert!(!short.contains('`'), "{name}: {short}");
            assert!(!long.contains('`'), "{name}: {long}");
        }
    }

    #[test]
    fn short_help_of_an_option_fits_one_line() {
        fn check(command: &Command) {
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let (name, id) = (command.get_name(), arg.get_id());
                assert!(help.len() <= 100, "{name} {id}: {help}");
                assert!(!help.ends_with('.'), "{name} {id}: {help}");
                assert!(!help.is_empty(), "{name} {id} has no help");
            }
            command.get_subcommands().for_each(check);
        }
        check(&Args::command());
    }
}
