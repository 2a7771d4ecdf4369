//! The arguments, with their help.

mod reports;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use url::Url;

use crate::config::{Service, parse_base_url, parse_host, parse_seconds};
use crate::environment::{UPDATE_VARIABLE, UpdateWord};
use crate::report::Format;
use crate::schema::Mode;
use crate::snapshot::{self, Day};
use reports::REPORTS;
pub use reports::{Merge, ReportArgs, ShowWord, ShownArgs, TestFormat};

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
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replay the documented examples and compare the answers
    Test(Box<Test>),
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
    /// Begin a project: a configuration and a first page
    Init(Init),
}

const SELECTION: &str = "Selection";

/// Which cases are meant.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct Selection {
    /// Only cases whose id contains SUBSTRING; of several, any
    #[arg(long, value_name = "SUBSTRING", help_heading = SELECTION)]
    pub filter: Vec<String>,
    /// Only cases of pages whose path matches GLOB, such as 'api/user-*.md'; of several, any
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub page: Vec<String>,
    /// Only cases with one of these methods
    #[arg(long, value_name = "METHOD", value_delimiter = ',', help_heading = SELECTION)]
    pub method: Vec<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof test
      replay the project's pages against a mock that is made from them
  docproof test --base-url https://api.example.com --header 'Authorization: Bearer …'
      send the same requests to a service
  docproof test docs/api --filter pause --method POST
      only some cases, of another folder of pages

{EXIT_CODES}"))]
pub struct Test {
    /// A folder of pages (or one page, or a folder of case files) to test instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    /// Fail if a case file is not what its page says, instead of writing it anew
    #[arg(long, conflicts_with = "docs")]
    pub locked: bool,
    /// How results are written to standard output [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<TestFormat>,
    #[command(flatten)]
    pub shown: ShownArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    /// Keep a JSON record of the run in FOLDER, and show in HTML which cases are flaky or fail anew
    #[arg(long, value_name = "FOLDER", help_heading = REPORTS)]
    pub history: Option<PathBuf>,
    /// How many requests are under way at once [default: 4 × cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// What happens to snapshots that are new or differ: nothing (no), a .snap.new beside them
    /// (new), accepted at once (always); auto is `new`, but `no` under CI and for docs outside of
    /// the project
    #[arg(long, value_name = "auto|no|new|always", env = UPDATE_VARIABLE, hide_env_values = true,
        default_value = "auto", value_parser = update)]
    pub update: UpdateWord,
    /// Compare with the page alone, without snapshots
    #[arg(long)]
    pub no_snapshots: bool,
    #[command(flatten)]
    pub live: LiveArgs,
}

const LIVE: &str = "Live service (with --target or --base-url)";

/// The group of the arguments that name a service.
const DESTINATION: &str = "destination";

/// A service to send to instead of the mock.
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new(DESTINATION).args(["target", "base_url"]).multiple(true)))]
pub struct LiveArgs {
    /// Send to the service that `[target.NAME]` in docproof.toml describes; what else is given
    /// here adds to that, or stands in its place
    #[arg(long, value_name = "NAME", help_heading = LIVE)]
    pub target: Option<String>,
    /// Send to the service at URL instead of a mock
    #[arg(long, value_name = "URL", value_parser = parse_base_url, help_heading = LIVE)]
    pub base_url: Option<Url>,
    /// The documented URL that the base URL stands for [default: `[docs] service`]
    #[arg(long, value_name = "URL", value_parser = service, help_heading = LIVE)]
    pub service: Option<Service>,
    /// Send the cases of another documented host to URL (headers that are given go there too)
    #[arg(long, value_name = "HOST=URL", value_parser = host, requires = DESTINATION, help_heading = LIVE)]
    pub host: Vec<(String, Url)>,
    /// The value of a placeholder, such as id=7; the second {id} of a URL is id.2
    #[arg(long, value_name = "NAME=VALUE", value_parser = var, requires = DESTINATION, help_heading = LIVE)]
    pub var: Vec<(String, String)>,
    /// The value of all other placeholders
    #[arg(long, value_name = "VALUE", requires = DESTINATION, help_heading = LIVE)]
    pub var_default: Option<String>,
    /// Send requests that change something too, not only GET, HEAD and OPTIONS
    #[arg(long, requires = DESTINATION, help_heading = LIVE)]
    pub allow_writes: bool,
    /// A header for each request; variables add more (`DOCPROOF_HEADER_AUTHORIZATION`)
    #[arg(long, value_name = "NAME: VALUE", requires = DESTINATION, help_heading = LIVE)]
    pub header: Vec<String>,
    /// How bodies are compared: by their shape (the members that the page shows, and the types that
    /// its resources document), not at all, or by their values too
    #[arg(long, value_enum, default_value_t = BodyWord::Shape, help_heading = LIVE)]
    pub body: BodyWord,
    /// Fail also for members that no page documents
    #[arg(long, requires = DESTINATION, help_heading = LIVE)]
    pub strict: bool,
    /// How many seconds one exchange may take in all [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = LIVE)]
    pub timeout: Option<Duration>,
    /// Send no more than N requests; the cases that are left then are skipped
    #[arg(long, value_name = "N", requires = DESTINATION, help_heading = LIVE)]
    pub max_requests: Option<u64>,
    /// Read no more than BYTES of an answer, also when its compression is undone [default: 16MiB]
    #[arg(long, value_name = "BYTES", value_parser = bytes, requires = DESTINATION, help_heading = LIVE)]
    pub max_body: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BodyWord {
    /// Not at all
    Off,
    /// By their shape
    Shape,
    /// By their values
    Exact,
}

impl BodyWord {
    pub fn mode(self) -> Option<Mode> {
        match self {
            Self::Off => None,
            Self::Shape => Some(Mode::Shape),
            Self::Exact => Some(Mode::Exact),
        }
    }
}

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
pub struct Check {
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
    /// Show remarks too, where they are only counted: pretty, short, github
    #[arg(long)]
    pub remarks: bool,
    /// Write into the pages what has one right answer: a comma too many, a reason phrase
    #[arg(long)]
    pub fix: bool,
    /// Print what --fix would write as a diff, and write nothing
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
    /// How many threads read the pages [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

const DEBT: &str = "New findings only";

/// Which findings count where not all of them do.
#[derive(Debug, ClapArgs)]
pub struct DebtArgs {
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
pub enum CheckFormat {
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
    pub fn report(self) -> Option<Format> {
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
pub struct Rules {
    /// How the rules are written to standard output
    #[arg(long, value_enum, default_value_t = RulesFormat::Table)]
    pub format: RulesFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For people
    Table,
    /// One JSON object a line
    Json,
}

#[derive(Debug, ClapArgs)]
pub struct Explain {
    /// The name of a rule, such as status-reason
    pub rule: String,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof list
  docproof list docs --format json | jq -r .url")]
pub struct List {
    /// A folder of pages (or one page, or a folder of case files) instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    /// How cases are written to standard output
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    /// How many threads read pages [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
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
pub struct Plan {
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
pub enum PlanFormat {
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
pub struct Extract {
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
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub enum Import {
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
pub struct ApiDoctor {
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
pub struct Accept {
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
pub struct Reject {
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
pub struct Fix {
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
pub enum FixFrom {
    /// The answers of a service, which are asked for
    Live,
    /// The snapshots that were accepted: status and headers
    Snapshot,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof schema case > case.schema.json")]
pub struct Schema {
    /// The format
    #[arg(value_enum)]
    pub name: SchemaName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// Case files (specs/cases/*.yaml)
    Case,
    /// Scenario files (specs/scenarios/*.yaml)
    Scenario,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof init && docproof test")]
pub struct Init {
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

fn service(text: &str) -> Result<Service, String> {
    Service::parse(text).map_err(|error| error.to_string())
}

fn host(text: &str) -> Result<(String, Url), String> {
    let (host, url) = text.split_once('=').ok_or("write HOST=URL")?;
    Ok((parse_host(host)?, parse_base_url(url)?))
}

fn var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    let name = name
        .trim()
        .trim_start_matches(['{', '<'])
        .trim_end_matches(['}', '>']);
    if name.is_empty() {
        return Err("write NAME=VALUE".to_owned());
    }
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn update(text: &str) -> Result<UpdateWord, String> {
    UpdateWord::parse(text).ok_or_else(|| "write auto, no, new or always".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "write a number of seconds".to_owned())?;
    parse_seconds(seconds)
}

/// A number of bytes, such as 4096, 64KiB or 16MiB.
fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("B", 0)];
    let (number, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)))
        .unwrap_or((text, 0));
    let number: Option<usize> = number.trim().parse().ok();
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "write a number of bytes above 0, such as 4096, 64KiB or 16MiB".to_owned())
}
