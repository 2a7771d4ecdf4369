//! The arguments of `mock` and `mutants`.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::EXIT_CODES;
use super::reports::{ReportArgs, TestFormat};
use super::run::BodyWord;
use super::select::CaseSelection;
use crate::run::mock::Validate;
use crate::tools::serve::fault::{FaultRule, LatencyRule};

#[derive(Debug, ClapArgs)]
#[command(after_help = format!("\
Examples:
  docproof mutants --min-score 95
      fail where more than one in twenty broken facts gets past the comparison by a hole in it
  docproof mutants docs/api --format json | jq -r 'select(.outcome == \"survived\") | .reason'
      which rules let broken answers through
  docproof mutants --report html=mutants.html --report junit=mutants.xml
      what a person and what CI looks at, beside what is printed

{EXIT_CODES}"))]
pub(crate) struct Mutants {
    /// A folder of pages (or one page, or a folder of case files) instead of the project's
    pub docs: Option<PathBuf>,
    #[command(flatten)]
    pub selection: CaseSelection,
    /// How bodies are compared: as `docproof test` compares those of a service
    #[arg(long, value_enum, default_value_t = BodyWord::Shape)]
    pub body: BodyWord,
    /// How results are written to standard output [default: pretty]
    #[arg(long, value_enum)]
    pub format: Option<TestFormat>,
    #[command(flatten)]
    pub report: ReportArgs,
    /// Fail if fewer than PERCENT of the mutants are noticed that no rule lets through
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_score: Option<f64>,
    /// How many threads work [default: the number of cores]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
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
pub(crate) struct Mock {
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
    /// Delay responses: 50ms, or a range such as 50ms..200ms; of several, the first
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
pub(crate) enum ValidateWord {
    /// Method, path, host and query decide, and nothing else
    Off,
    /// What is not as documented is answered, with a warning
    Warn,
    /// What is not as documented is refused, with the reason
    Strict,
}

impl ValidateWord {
    pub(crate) fn validate(self) -> Validate {
        match self {
            Self::Off => Validate::Off,
            Self::Warn => Validate::Warn,
            Self::Strict => Validate::Strict,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogWord {
    /// One line a request
    Text,
    /// One JSON object a request
    Json,
    /// Not at all
    Off,
}

/// A number of bytes, such as 4096, 64KiB or 16MiB.
fn percent(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "write a number from 0 to 100, such as 95".to_owned())
}
