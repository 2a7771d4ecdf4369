//! The arguments, with their help.

mod check;
mod mock;
mod reports;
mod run;
mod select;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::run::snapshot::{self, Day};
pub(super) use check::{Check, CheckFormat, DebtArgs, Explain, Rules, RulesFormat};
pub(super) use mock::{LogWord, Mock, Mutants};
pub(super) use reports::{Merge, ReportArgs, ShowWord, ShownArgs, TestFormat};
pub(super) use run::{DESTINATION, LiveArgs, NEEDS_DESTINATION, RunArgs, Test};
pub(super) use select::{CaseSelection, Selection};

const EXIT_CODES: &str = "\
Exit codes:
  0    all passed
  1    something failed
  2    usage or configuration
  3    the run could not be done: no docs, or a target that cannot be reached
  4    no case was selected
  130  interrupted
  141  whoever read the standard output went away";

/// Proves API documentation against the service it describes.
#[derive(Debug, Parser)]
#[command(name = "docproof", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(super) struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Replay the documented examples and compare the answers
    Test(Box<Test>),
    /// Break the documented answers on purpose, and see whether a live run would notice
    Mutants(Mutants),
    /// Join the JSON reports of parts of a run into one
    Merge(Merge),
    /// Check what the pages say, without a service
    Check(Box<Check>),
    /// List the rules that pages are checked by
    Rules(Rules),
    /// Explain a rule, with an example that breaks it and one that does not
    Explain(Explain),
    /// List the documented examples
    List(List),
    /// Show what a run would send, and send nothing
    Plan(Box<Plan>),
    /// Serve the documented examples to clients, from the pages
    Mock(Box<Mock>),
    /// Write the documented examples as YAML case files
    Extract(Extract),
    /// Turn the tests of another tool into scenarios and targets
    #[command(subcommand)]
    Import(Box<Import>),
    /// Accept snapshots that wait
    Accept(Accept),
    /// Drop snapshots that wait
    Reject(Reject),
    /// Write into the pages what a service answers, or what was accepted
    Fix(Box<Fix>),
    /// Print the JSON Schema of a file format
    Schema(Schema),
    /// Print the configuration that holds, and where each value comes from
    Config(Box<ConfigArgs>),
    /// Begin a project: a configuration and a first page
    Init(Init),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page, or write that of each command
    Man(ManArgs),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof list
  docproof list docs --format json | jq -r .url")]
pub(super) struct List {
    /// A folder of pages (or one page, or a folder of case files) instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    /// How cases are written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    /// How many threads read pages [default: the number of cores]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "DOCPROOF_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// One line a case: method, documented status, place, id, target
    Table,
    /// One JSON object a line
    Json,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof plan --target staging
      what `docproof test --target staging` would send, in order, and what it would skip
  docproof plan --target staging --filter pause --format curl
      the same as commands; secrets are taken from the environment
  docproof plan --suggest > specs/scenarios/drafts.yaml
      draft scenarios for requests whose placeholders nothing binds")]
pub(super) struct Plan {
    /// A folder of pages (or one page, or a folder of case files) instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    /// How the plan is written to standard output
    #[arg(long, value_enum, default_value_t = PlanFormat::Pretty)]
    pub format: PlanFormat,
    /// Write draft scenarios instead, which take the values of placeholders from documented
    /// responses; what stays unbound is listed on standard error
    #[arg(long, conflicts_with = "format")]
    pub suggest: bool,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// For people: one line a request or skip, then a summary
    Pretty,
    /// One JSON object a line: one a case or scenario, then a summary
    Json,
    /// One curl command a request, for a POSIX shell
    Curl,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof extract
      write specs/cases anew
  docproof extract --check
      name each file that is missing, stale or left over, and exit with 1")]
pub(super) struct Extract {
    /// A folder of pages instead of the project's
    #[arg(requires = "out")]
    pub docs: Option<PathBuf>,
    /// The folder of case files [default: specs/cases]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write nothing; exit with 1 if something would be written
    #[arg(long)]
    pub check: bool,
    /// How many threads read pages [default: the number of cores]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "DOCPROOF_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// API Doctor's scenario files and account files
    ApiDoctor(ApiDoctor),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof import api-doctor ../api-docs/tests
      write specs/scenarios and the targets of docproof.toml, and name what has no counterpart

Exit codes:
  0  all files were turned into scenarios and targets, but for what is named
  1  a file could not be read
  2  a file that would be written is there already")]
pub(super) struct ApiDoctor {
    /// The folder of API Doctor's JSON files, or one of them
    pub folder: PathBuf,
    /// The folder of scenario files [default: specs/scenarios]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof accept
      take all new answers
  docproof accept api/pause --prune
      only those of cases whose id contains api/pause, and drop what belongs to no case any more
  docproof accept api/pause --deviation 'mended in the next release' --until 2027-03-31
      take the answer, and record that it is known to be otherwise than the page says")]
pub(super) struct Accept {
    /// Only snapshots of cases whose id contains FILTER
    pub filter: Option<String>,
    /// Remove the snapshots of cases that no longer exist, too
    #[arg(long, conflicts_with = "deviation")]
    pub prune: bool,
    /// Record that the answer is known to be otherwise than the page says, and why
    #[arg(long, value_name = "REASON", requires = "filter", value_parser = reason)]
    pub deviation: Option<String>,
    /// The last day on which that is put up with
    #[arg(long, value_name = "YYYY-MM-DD", requires = "deviation", value_parser = snapshot::day)]
    pub until: Option<Day>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof reject
      keep what was accepted before")]
pub(super) struct Reject {
    /// Only snapshots of cases whose id contains FILTER
    pub filter: Option<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof fix --from snapshot --dry-run
      show what the pages would say if they said what was accepted
  docproof fix api/pause --from live --base-url https://api.example.com
      ask the service, and write the status, the headers and the members that differ into the pages

Exit codes:
  0    all is written, or nothing was to be
  1    something was not written, and why is said
  4    no case was selected")]
pub(super) struct Fix {
    /// Only cases whose id contains FILTER; without it, known deviations are left as they are
    pub filter: Option<String>,
    /// Where what is written comes from
    #[arg(long, value_enum)]
    pub from: FixFrom,
    /// Write nothing, and print the difference
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FixFrom {
    /// The answers of a service, which are asked for
    Live,
    /// The snapshots that were accepted: status and headers
    Snapshot,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof schema case > case.schema.json")]
pub(super) struct Schema {
    /// The format
    #[arg(value_enum)]
    pub name: SchemaName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    /// Case files (specs/cases/*.yaml)
    Case,
    /// Scenario files (specs/scenarios/*.yaml)
    Scenario,
    /// The configuration (docproof.toml)
    Config,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof config --target staging
      what `docproof test --target staging` would go by

An argument comes before its variable, a variable before docproof.toml, and that before the
default. Of a secret only the variable or the file is shown that holds it.")]
pub(super) struct ConfigArgs {
    /// How settings are written to standard output
    #[arg(long, value_enum, default_value_t = ConfigFormat::Table)]
    pub format: ConfigFormat,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ConfigFormat {
    /// For people: one line a setting
    Table,
    /// One JSON object a line
    Json,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof completions bash > ~/.local/share/bash-completion/completions/docproof")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof man | man -l -
  docproof man --out ~/.local/share/man/man1")]
pub(super) struct ManArgs {
    /// Write a page for each command into FOLDER, instead of the main page to standard output
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof init && docproof test")]
pub(super) struct Init {
    /// The folder of the project
    #[arg(default_value = ".")]
    pub folder: PathBuf,
}

fn reason(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("write why".to_owned());
    }
    Ok(text.trim().to_owned())
}
