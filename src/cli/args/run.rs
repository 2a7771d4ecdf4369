//! The arguments of `test`, and those that describe a live service.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};
use url::Url;

use super::exit_codes::EXIT_CODES;
use super::extraction::ExtractionArgs;
use super::reports::{REPORTS, ReportArgs, ShownArgs, TestFormat};
use super::select::{RepetitionArgs, Selection};
use crate::check::types::Mode;
use crate::project::config::{Service, parse_base_url, parse_host, parse_seconds};
use crate::run::environment::UpdateWord;

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof test
      replay the project's examples against a mock generated from the same pages
  docproof test --base-url https://api.example.com --header 'Authorization: Bearer …'
      send the requests to a service
  docproof test docs/api --filter pause --method POST
      test some examples of another folder
  docproof test -E 'page(api/**) & method(GET) & !tag(slow) & status(2xx)'
      select cases by an expression
  docproof test --target staging --last-run failed.json --last-failed --retries 2
      rerun the cases that failed last time, with two retries
  docproof test --target staging --partition hash:2/8
      run the second of eight partitions

{EXIT_CODES}"))]
pub(crate) struct Test {
    /// Folder of pages, single page, or folder of case files [default: the project's docs]
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// Fail if case files are out of date, instead of updating them
    #[arg(long, conflicts_with = "docs")]
    pub locked: bool,
    /// Output format [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<TestFormat>,
    #[command(flatten)]
    pub shown: ShownArgs,
    #[command(flatten)]
    pub report: ReportArgs,
    /// Record the run in FOLDER; the HTML report then marks flaky cases and new failures
    #[arg(long, value_name = "FOLDER", help_heading = REPORTS)]
    pub history: Option<PathBuf>,
    #[command(flatten)]
    pub run: RunArgs,
    /// Compare responses with the pages only, without snapshots
    #[arg(long)]
    pub no_snapshots: bool,
    #[command(flatten)]
    pub repetition: RepetitionArgs,
    #[command(flatten)]
    pub live: LiveArgs,
}

/// The arguments of every run, mock or live.
#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    /// Maximum concurrent requests [default: 4 × number of cores]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "DOCPROOF_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
    /// How to update new and changed snapshots
    ///
    /// no: write nothing. new: write a pending .snap.new file. always: accept them. auto: new, or
    /// no in CI and for docs outside the project. INSTA_UPDATE also sets this.
    #[arg(long, value_name = "auto|no|new|always", env = "DOCPROOF_UPDATE", hide_env_values = true,
        default_value = "auto", value_parser = update)]
    pub update: UpdateWord,
}

const LIVE: &str = "Live service (with --target or --base-url)";

/// The group of arguments that name a service.
pub(crate) const DESTINATION: &str = "destination";

/// Options that require the group on the command line, but not as a variable: a variable may be
/// set for all runs.
pub(crate) const NEEDS_DESTINATION: [&str; 6] = [
    "var_default",
    "allow_writes",
    "strict",
    "max_requests",
    "max_body",
    "body_timeout",
];

/// The service to send requests to instead of the mock.
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new(DESTINATION).args(["target", "base_url"]).multiple(true)))]
pub(crate) struct LiveArgs {
    /// Send requests to the service of [target.NAME] in docproof.toml
    ///
    /// Other options add to the settings of the target, or override them.
    #[arg(long, value_name = "NAME", env = "DOCPROOF_TARGET", hide_env_values = true,
        help_heading = LIVE)]
    pub target: Option<String>,
    /// Send requests to the service at URL instead of the mock
    #[arg(long, value_name = "URL", env = "DOCPROOF_BASE_URL", hide_env_values = true,
        value_parser = parse_base_url, help_heading = LIVE)]
    pub base_url: Option<Url>,
    /// Documented URL that --base-url replaces; repeatable [default: service in docproof.toml]
    #[arg(long, value_name = "URL", env = "DOCPROOF_SERVICE", hide_env_values = true,
        value_parser = service, help_heading = LIVE)]
    pub service: Vec<Service>,
    /// Send requests for another documented HOST to URL, with the same headers; repeatable
    #[arg(long, value_name = "HOST=URL", value_parser = host, requires = DESTINATION, help_heading = LIVE)]
    pub host: Vec<(String, Url)>,
    /// Value of a placeholder, such as id=7 (the second {id} of a URL is id.2); repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = var, requires = DESTINATION, help_heading = LIVE)]
    pub var: Vec<(String, String)>,
    /// Value of all other placeholders
    #[arg(long, value_name = "VALUE", env = "DOCPROOF_VAR_DEFAULT", hide_env_values = true,
        help_heading = LIVE)]
    pub var_default: Option<String>,
    /// Send requests of all methods, not only GET, HEAD and OPTIONS
    #[arg(long, value_name = "true|false", env = "DOCPROOF_ALLOW_WRITES", hide_env_values = true,
        num_args = 0..=1, require_equals = true, default_missing_value = "true",
        value_parser = BoolishValueParser::new(), help_heading = LIVE)]
    pub allow_writes: Option<bool>,
    /// Header of each request, also set by DOCPROOF_HEADER_NAME variables; repeatable
    #[arg(long, value_name = "NAME: VALUE", requires = DESTINATION, help_heading = LIVE)]
    pub header: Vec<String>,
    /// How to compare response bodies
    #[arg(long, value_enum, default_value_t = BodyMode::Shape, env = "DOCPROOF_BODY",
        hide_env_values = true, help_heading = LIVE)]
    pub body: BodyMode,
    /// Also fail on undocumented members, and on bodies that prove nothing
    #[arg(long, env = "DOCPROOF_STRICT", hide_env_values = true,
        value_parser = BoolishValueParser::new(), help_heading = LIVE)]
    pub strict: bool,
    /// Timeout of one exchange, in seconds [default: 30]
    #[arg(long, value_name = "SECONDS", env = "DOCPROOF_TIMEOUT", hide_env_values = true,
        value_parser = seconds, help_heading = LIVE)]
    pub timeout: Option<Duration>,
    /// How long to read a stream, in seconds [default: 3]
    ///
    /// A stream is a body without a Content-Length that is not compared or captured, or that the
    /// page documents as text/event-stream. If it does not end, status and headers are compared.
    #[arg(long, value_name = "SECONDS", env = "DOCPROOF_BODY_TIMEOUT", hide_env_values = true,
        value_parser = seconds, help_heading = LIVE)]
    pub body_timeout: Option<Duration>,
    /// Send at most N requests, and skip the remaining cases
    #[arg(long, value_name = "N", env = "DOCPROOF_MAX_REQUESTS", hide_env_values = true,
        help_heading = LIVE)]
    pub max_requests: Option<u64>,
    /// Read at most BYTES of a response, before and after decompression [default: 16MiB]
    #[arg(long, value_name = "BYTES", env = "DOCPROOF_MAX_BODY", hide_env_values = true,
        value_parser = bytes, help_heading = LIVE)]
    pub max_body: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BodyMode {
    /// Not at all
    Off,
    /// By documented members and types
    Shape,
    /// By members, types and values
    Exact,
}

impl BodyMode {
    pub(crate) fn mode(self) -> Option<Mode> {
        match self {
            Self::Off => None,
            Self::Shape => Some(Mode::Shape),
            Self::Exact => Some(Mode::Exact),
        }
    }
}

fn service(text: &str) -> Result<Service, String> {
    Service::parse(text).map_err(|error| error.to_string())
}

fn host(text: &str) -> Result<(String, Url), String> {
    let (host, url) = text.split_once('=').ok_or("expected HOST=URL")?;
    Ok((parse_host(host)?, parse_base_url(url)?))
}

fn var(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let name = name
        .trim()
        .trim_start_matches(['{', '<'])
        .trim_end_matches(['}', '>']);
    if name.is_empty() {
        return Err("expected NAME=VALUE".to_owned());
    }
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn update(text: &str) -> Result<UpdateWord, String> {
    UpdateWord::parse(text).ok_or_else(|| "expected auto, no, new or always".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "expected a number of seconds".to_owned())?;
    parse_seconds(seconds)
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
        .ok_or_else(|| {
            "expected a number of bytes above 0, such as 4096, 64KiB or 16MiB".to_owned()
        })
}
