//! The arguments of `mock` and `mutants`.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::exit_codes::EXIT_CODES;
use super::extraction::ExtractionArgs;
use super::reports::{ReportArgs, TestFormat};
use super::run::BodyMode;
use super::select::CaseSelection;
use crate::run::mock::Validate;
use crate::tools::serve::fault::{FaultRule, LatencyRule};

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof mutants --min-score 95
      fail if the comparison misses more than 5 % of the mutants that no policy allows
  docproof mutants docs/api --format json | jq -r 'select(.outcome == \"survived\") | .reason'
      list the policies that let mutants pass
  docproof mutants --report html=mutants.html --report junit=mutants.xml
      also write an HTML and a JUnit report

{EXIT_CODES}"))]
pub(crate) struct Mutants {
    /// Folder of pages, single page, or folder of case files [default: the project's docs]
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: CaseSelection,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// How to compare bodies, as in docproof test
    #[arg(long, value_enum, default_value_t = BodyMode::Shape)]
    pub body: BodyMode,
    /// Output format [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<TestFormat>,
    #[command(flatten)]
    pub report: ReportArgs,
    /// Fail if the score, killed / (killed + missed), is below PERCENT
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_score: Option<f64>,
    /// Number of threads [default: number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  docproof mock
      serve the project's examples at http://127.0.0.1:8080
  docproof mock docs/api --any-host --cors
      serve a web page on any origin, and accept any Host header
  docproof mock --latency 50ms..200ms --fault 1%:500 --fault 'GET /users/*=0.5%:reset' --seed 7
      delay responses and inject faults, reproducibly

A request can choose its response with 'Prefer: status=404' or 'Prefer: case=ID' (RFC 7240).

Exit codes:
  0  stopped, by Ctrl-C or SIGTERM
  2  invalid arguments or configuration
  3  the server could not start: no docs, or the port is in use
  4  no case was selected")]
pub(crate) struct Mock {
    /// Folder of pages, single page, or folder of case files [default: the project's docs]
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: CaseSelection,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
    /// Port to listen on; 0 picks a free one
    #[arg(short, long, default_value_t = 8080)]
    pub port: u16,
    /// Address to listen on; other machines can reach any but loopback
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
    /// Accept any Host header, not only the documented hosts
    #[arg(long)]
    pub any_host: bool,
    /// How to treat requests that differ from the documented ones
    #[arg(long, value_enum, default_value_t = ValidateMode::Strict)]
    pub validate: ValidateMode,
    /// Respond with the example of this status where an operation documents one
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(200..600))]
    pub status: Option<u16>,
    /// Allow cross-origin requests from any origin (CORS)
    #[arg(long)]
    pub cors: bool,
    /// Format of the request log on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log: LogFormat,
    /// Do not reload pages when they change
    #[arg(long)]
    pub no_reload: bool,
    /// Delay responses, by 50ms or a range such as 50ms..200ms; repeatable
    ///
    /// The first rule whose method and path glob match a request applies.
    #[arg(long, value_name = "[[METHOD ]GLOB=]SPEC", help_heading = FAULTS)]
    pub latency: Vec<LatencyRule>,
    /// Inject a fault into all responses, or into P% of them; repeatable
    ///
    /// KIND is a status such as 500, or reset, truncate, slow-body or wrong-media-type.
    #[arg(long, value_name = "[[METHOD ]GLOB=][P%:]KIND", help_heading = FAULTS)]
    pub fault: Vec<FaultRule>,
    /// Seed of the random choices [default: random, and printed]
    #[arg(long, value_name = "N", help_heading = FAULTS)]
    pub seed: Option<u64>,
    /// Number of threads [default: number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

const FAULTS: &str = "Faults";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateMode {
    /// Match method, path, host and query only
    Off,
    /// Respond, and add a warning header
    Warn,
    /// Reject with the reason
    Strict,
}

impl ValidateMode {
    pub(crate) fn validate(self) -> Validate {
        match self {
            Self::Off => Validate::Off,
            Self::Warn => Validate::Warn,
            Self::Strict => Validate::Strict,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// One line per request
    Text,
    /// One JSON object per request
    Json,
    /// No log
    Off,
}

/// Parses a percentage, from 0 to 100.
fn percent(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "expected a number from 0 to 100, such as 95".to_owned())
}
