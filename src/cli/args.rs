//! The arguments, with their help.

mod reports;

use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgGroup, Args as ClapArgs, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use url::Url;

use crate::config::{Service, parse_base_url, parse_host, parse_seconds};
use crate::environment::UpdateWord;
use crate::mock::Validate;
use crate::report::Format;
use crate::run::Repetition;
use crate::schema::Mode;
use crate::select::Partition;
use crate::serve::fault::{FaultRule, LatencyRule};
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

const SELECTION: &str = "Selection";

/// Which cases are meant, by what is documented.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct CaseSelection {
    /// Only cases whose id contains SUBSTRING; of several, any
    #[arg(long, value_name = "SUBSTRING", help_heading = SELECTION)]
    pub filter: Vec<String>,
    /// Only cases of pages whose path matches GLOB, such as 'api/user-*.md'; of several, any
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub page: Vec<String>,
    /// Only cases with one of these methods
    #[arg(long, value_name = "METHOD", value_delimiter = ',', help_heading = SELECTION)]
    pub method: Vec<String>,
    /// Only cases of which EXPR is so; of several, any. Predicates: `page(GLOB)`, `method(GET)`,
    /// `status(404)`, `status(2xx)`, `tag(NAME)`, `name(PART)`, `id(PART)`, `failed()`, `all()`,
    /// `none()`; a text may be written as =EXACT, ~PART, #GLOB or /REGEX/. Operators: ! & - | and
    /// parentheses
    #[arg(short = 'E', long, value_name = "EXPR", help_heading = SELECTION)]
    pub filter_expr: Vec<String>,
}

/// Which cases are meant.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct Selection {
    #[command(flatten)]
    pub cases: CaseSelection,
    /// Only cases that failed when they were last run, as --last-run knows it
    #[arg(long, help_heading = SELECTION)]
    pub last_failed: bool,
    /// Know from FILE what failed in the last run; `test` writes it there after the run
    #[arg(long, value_name = "FILE", env = "DOCPROOF_LAST_RUN", hide_env_values = true,
        help_heading = SELECTION)]
    pub last_run: Option<PathBuf>,
    /// Only cases of pages that differ from what the branch has in common with REV, uncommitted
    /// work included, and of those that link to them, include them or use their types
    #[arg(long, value_name = "REV", help_heading = SELECTION)]
    pub changed_since: Option<String>,
    /// Only share M of N of what is selected: hash:M/N by a hash of the id, count:M/N in turn
    #[arg(long, value_name = "hash:M/N|count:M/N", help_heading = SELECTION)]
    pub partition: Option<Partition>,
}

const REPETITION: &str = "Repetition";

/// How often cases are run, in which order, and until when.
#[derive(Debug, ClapArgs)]
pub struct RepetitionArgs {
    /// Run a case that fails again, up to N times, a scenario from its beginning; one that passes
    /// then is flaky, and counted as such
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true,
        help_heading = REPETITION)]
    pub retries: u32,
    /// Run each case N times; it must pass each time
    #[arg(long, value_name = "N", help_heading = REPETITION)]
    pub repeat: Option<NonZeroU32>,
    /// Begin no further case after the first that fails
    #[arg(long, conflicts_with = "max_fail", help_heading = REPETITION)]
    pub fail_fast: bool,
    /// Begin no further case after N that fail
    #[arg(long, value_name = "N", help_heading = REPETITION)]
    pub max_fail: Option<NonZeroUsize>,
    /// Begin the cases in another order, the same for each SEED; results come in the order of the
    /// pages all the same
    #[arg(long, value_name = "SEED", help_heading = REPETITION)]
    pub shuffle: Option<u64>,
}

impl RepetitionArgs {
    pub fn repetition(&self) -> Repetition {
        Repetition {
            retries: self.retries,
            repeat: self.repeat,
            max_fail: self
                .max_fail
                .or(self.fail_fast.then_some(NonZeroUsize::MIN)),
            shuffle: self.shuffle,
        }
    }
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
  docproof test -E 'page(api/**) & method(GET) & !tag(slow) & status(2xx)'
      only cases of which all that is so
  docproof test --target staging --last-run failed.json --last-failed --retries 2
      what failed when it was last run, twice more where it fails again
  docproof test --target staging --partition hash:2/8
      the second of eight machines' shares

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
    #[command(flatten)]
    pub run: RunArgs,
    /// Compare with the page alone, without snapshots
    #[arg(long)]
    pub no_snapshots: bool,
    #[command(flatten)]
    pub repetition: RepetitionArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}

/// How a run goes, whatever it sends to.
#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    /// How many requests are under way at once [default: 4 × cores]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "DOCPROOF_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
    /// What happens to snapshots that are new or differ: nothing (no), a .snap.new beside them
    /// (new), accepted at once (always); auto is `new`, but `no` under CI and for docs outside of
    /// the project. `INSTA_UPDATE` says it too
    #[arg(long, value_name = "auto|no|new|always", env = "DOCPROOF_UPDATE", hide_env_values = true,
        default_value = "auto", value_parser = update)]
    pub update: UpdateWord,
}

const LIVE: &str = "Live service (with --target or --base-url)";

/// The group of the arguments that name a service.
pub const DESTINATION: &str = "destination";

/// The options that need it when they are given; a variable may stand for all runs.
pub const NEEDS_DESTINATION: [&str; 5] = [
    "var_default",
    "allow_writes",
    "strict",
    "max_requests",
    "max_body",
];

/// A service to send to instead of the mock.
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new(DESTINATION).args(["target", "base_url"]).multiple(true)))]
pub struct LiveArgs {
    /// Send to the service that `[target.NAME]` in docproof.toml describes; what else is given
    /// here adds to that, or stands in its place
    #[arg(long, value_name = "NAME", env = "DOCPROOF_TARGET", hide_env_values = true,
        help_heading = LIVE)]
    pub target: Option<String>,
    /// Send to the service at URL instead of a mock
    #[arg(long, value_name = "URL", env = "DOCPROOF_BASE_URL", hide_env_values = true,
        value_parser = parse_base_url, help_heading = LIVE)]
    pub base_url: Option<Url>,
    /// The documented URL that the base URL stands for [default: `[docs] service`]
    #[arg(long, value_name = "URL", env = "DOCPROOF_SERVICE", hide_env_values = true,
        value_parser = service, help_heading = LIVE)]
    pub service: Option<Service>,
    /// Send the cases of another documented host to URL (headers that are given go there too)
    #[arg(long, value_name = "HOST=URL", value_parser = host, requires = DESTINATION, help_heading = LIVE)]
    pub host: Vec<(String, Url)>,
    /// The value of a placeholder, such as id=7; the second {id} of a URL is id.2
    #[arg(long, value_name = "NAME=VALUE", value_parser = var, requires = DESTINATION, help_heading = LIVE)]
    pub var: Vec<(String, String)>,
    /// The value of all other placeholders
    #[arg(long, value_name = "VALUE", env = "DOCPROOF_VAR_DEFAULT", hide_env_values = true,
        help_heading = LIVE)]
    pub var_default: Option<String>,
    /// Send requests that change something too, not only GET, HEAD and OPTIONS
    #[arg(long, value_name = "true|false", env = "DOCPROOF_ALLOW_WRITES", hide_env_values = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true",
        value_parser = BoolishValueParser::new(), help_heading = LIVE)]
    pub allow_writes: Option<bool>,
    /// A header for each request; variables add more (`DOCPROOF_HEADER_AUTHORIZATION`)
    #[arg(long, value_name = "NAME: VALUE", requires = DESTINATION, help_heading = LIVE)]
    pub header: Vec<String>,
    /// How bodies are compared: by their shape (the members that the page shows, and the types that
    /// its resources document), not at all, or by their values too
    #[arg(long, value_enum, default_value_t = BodyWord::Shape, env = "DOCPROOF_BODY",
        hide_env_values = true, help_heading = LIVE)]
    pub body: BodyWord,
    /// Fail also for members that no page documents
    #[arg(long, env = "DOCPROOF_STRICT", hide_env_values = true,
        value_parser = BoolishValueParser::new(), help_heading = LIVE)]
    pub strict: bool,
    /// How many seconds one exchange may take in all [default: 30]
    #[arg(long, value_name = "SECONDS", env = "DOCPROOF_TIMEOUT", hide_env_values = true,
        value_parser = seconds, help_heading = LIVE)]
    pub timeout: Option<Duration>,
    /// Send no more than N requests; the cases that are left then are skipped
    #[arg(long, value_name = "N", env = "DOCPROOF_MAX_REQUESTS", hide_env_values = true,
        help_heading = LIVE)]
    pub max_requests: Option<u64>,
    /// Read no more than BYTES of an answer, also when its compression is undone [default: 16MiB]
    #[arg(long, value_name = "BYTES", env = "DOCPROOF_MAX_BODY", hide_env_values = true,
        value_parser = bytes, help_heading = LIVE)]
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
  docproof mutants --min-score 95
      fail where more than one in twenty broken facts gets past the comparison by a hole in it
  docproof mutants docs/api --format json | jq -r 'select(.outcome == \"survived\") | .reason'
      which rules let broken answers through

{EXIT_CODES}"))]
pub struct Mutants {
    /// A folder of pages (or one page, or a folder of case files) instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: CaseSelection,
    /// How bodies are compared: as `docproof test` compares those of a service
    #[arg(long, value_enum, default_value_t = BodyWord::Shape)]
    pub body: BodyWord,
    /// How results are written to standard output
    #[arg(long, value_enum, default_value_t = MutantsFormat::Pretty)]
    pub format: MutantsFormat,
    /// Fail if fewer than PERCENT of the mutants are noticed that no rule lets through
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_score: Option<f64>,
    /// How many threads work [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MutantsFormat {
    /// For people: counts by kind, survivors, and what the run has shown
    Pretty,
    /// One JSON object a line: one a mutant, then a summary
    Json,
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
  docproof mock
      serve the project's pages at http://127.0.0.1:8080
  docproof mock docs/api --any-host --cors
      for a web page that is developed against them, whatever host they document
  docproof mock --latency 50ms..200ms --fault 1%:500 --fault 'GET /users/*=0.5%:reset' --seed 7
      let answers come late, and some go wrong, in the same way each time

A request may choose its answer: `Prefer: status=404` or `Prefer: case=ID` (RFC 7240).

Exit codes:
  0  stopped, by Ctrl-C or SIGTERM
  2  usage or configuration
  3  nothing could be served: no docs, or a port that is taken
  4  no case was selected")]
pub struct Mock {
    /// A folder of pages (or one page, or a folder of case files) instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: CaseSelection,
    /// The port; 0 takes one that is free
    #[arg(short, long, default_value_t = 8080)]
    pub port: u16,
    /// The address; all but loopback can be reached by others
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
    /// Answer whatever host a request names, also where the pages name another
    #[arg(long)]
    pub any_host: bool,
    /// How strictly requests are held against the documented ones
    #[arg(long, value_enum, default_value_t = ValidateWord::Strict)]
    pub validate: ValidateWord,
    /// Answer with the case of this status, where an operation documents it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(200..600))]
    pub status: Option<u16>,
    /// Allow web pages of any origin to use it
    #[arg(long)]
    pub cors: bool,
    /// How each request is written to standard error
    #[arg(long, value_enum, default_value_t = LogWord::Text)]
    pub log: LogWord,
    /// Keep to the pages as they are now
    #[arg(long)]
    pub no_reload: bool,
    /// Let answers come late: 50ms, 50ms..200ms, or normal:MEAN,DEVIATION; of several, the first
    /// that is for a request
    #[arg(long, value_name = "[[METHOD ]GLOB=]SPEC", help_heading = FAULTS)]
    pub latency: Vec<LatencyRule>,
    /// Let answers go wrong, all of them or P% of them: a status such as 500, reset, truncate,
    /// slow-body or wrong-media-type; several are drawn in turn
    #[arg(long, value_name = "[[METHOD ]GLOB=][P%:]KIND", help_heading = FAULTS)]
    pub fault: Vec<FaultRule>,
    /// Draw the same again [default: another each time, which is said]
    #[arg(long, value_name = "N", help_heading = FAULTS)]
    pub seed: Option<u64>,
    /// How many threads read pages and serve requests [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

const FAULTS: &str = "Faults";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ValidateWord {
    /// Method, path, host and query decide, and nothing else
    Off,
    /// What is not as documented is answered, with a warning
    Warn,
    /// What is not as documented is refused, with the reason
    Strict,
}

impl ValidateWord {
    pub fn validate(self) -> Validate {
        match self {
            Self::Off => Validate::Off,
            Self::Warn => Validate::Warn,
            Self::Strict => Validate::Strict,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogWord {
    /// One line a request
    Text,
    /// One JSON object a request
    Json,
    /// Not at all
    Off,
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
pub struct ConfigArgs {
    /// How settings are written to standard output
    #[arg(long, value_enum, default_value_t = ConfigFormat::Table)]
    pub format: ConfigFormat,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// For people: one line a setting
    Table,
    /// One JSON object a line
    Json,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof completions bash > ~/.local/share/bash-completion/completions/docproof")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof man | man -l -
  docproof man --out ~/.local/share/man/man1")]
pub struct ManArgs {
    /// Write a page for each command into FOLDER, instead of the main page to standard output
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
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
fn percent(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "write a number from 0 to 100, such as 95".to_owned())
}

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
