//! The arguments of `test`, and those of a live service.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgGroup, Args as ClapArgs, ValueEnum};
use url::Url;

use super::EXIT_CODES;
use super::reports::{REPORTS, ReportArgs, ShownArgs, TestFormat};
use super::select::{RepetitionArgs, Selection};
use crate::check::types::Mode;
use crate::project::config::{Service, parse_base_url, parse_host, parse_seconds};
use crate::run::environment::UpdateWord;

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
pub(crate) struct Test {
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
pub(crate) struct RunArgs {
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
pub(crate) const DESTINATION: &str = "destination";

/// The options that need it when they are given; a variable may stand for all runs.
pub(crate) const NEEDS_DESTINATION: [&str; 5] = [
    "var_default",
    "allow_writes",
    "strict",
    "max_requests",
    "max_body",
];

/// A service to send to instead of the mock.
#[derive(Debug, ClapArgs)]
#[command(group(ArgGroup::new(DESTINATION).args(["target", "base_url"]).multiple(true)))]
pub(crate) struct LiveArgs {
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
pub(crate) enum BodyWord {
    /// Not at all
    Off,
    /// By their shape
    Shape,
    /// By their values
    Exact,
}

impl BodyWord {
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
