//! The arguments that select cases, and those that repeat them.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::run::Repetition;
use crate::run::select::Partition;

pub(super) const SELECTION: &str = "Selection";

const EXPRESSION_HELP: &str = "Select cases matching EXPR; repeatable (OR)

Predicates: page(GLOB), method(GET), status(404), status(2xx), tag(NAME), name(PART), id(PART), \
failed(), all(), none(). Operators: ! & - | and parentheses. A string is written as =EXACT, ~PART, \
#GLOB or /REGEX/.";

/// Selects cases by their documentation.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct CaseSelection {
    /// Select cases whose id contains SUBSTRING; repeatable (OR)
    #[arg(long, value_name = "SUBSTRING", help_heading = SELECTION)]
    pub filter: Vec<String>,
    /// Select cases of pages that match GLOB, such as 'api/user-*.md'; repeatable (OR)
    #[arg(long, value_name = "GLOB", help_heading = SELECTION)]
    pub page: Vec<String>,
    /// Select cases with one of these methods
    #[arg(long, value_name = "METHOD", value_delimiter = ',', help_heading = SELECTION)]
    pub method: Vec<String>,
    /// Select cases matching EXPR; repeatable (OR)
    #[arg(short = 'E', long, value_name = "EXPR", help_heading = SELECTION)]
    #[arg(long_help = EXPRESSION_HELP)]
    pub filter_expr: Vec<String>,
}

/// Selects cases.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct Selection {
    #[command(flatten)]
    pub cases: CaseSelection,
    /// Select cases that failed in the last run, as recorded by --last-run
    #[arg(long, help_heading = SELECTION)]
    pub last_failed: bool,
    /// File that records which cases failed; docproof test updates it after the run
    #[arg(long, value_name = "FILE", env = "DOCPROOF_LAST_RUN", hide_env_values = true,
        help_heading = SELECTION)]
    pub last_run: Option<PathBuf>,
    /// Select cases of pages affected by changes since REV
    ///
    /// These are the pages that differ from the merge base with REV, uncommitted changes included,
    /// and the pages that link to them, include them or use their types.
    #[arg(long, value_name = "REV", help_heading = SELECTION)]
    pub changed_since: Option<String>,
    /// Run partition M of N of the selected cases: by a hash of the id, or by count
    #[arg(long, value_name = "hash:M/N|count:M/N", help_heading = SELECTION)]
    pub partition: Option<Partition>,
}

const REPETITION: &str = "Repetition";

/// How often cases run, in which order, and when to stop.
#[derive(Debug, ClapArgs)]
pub(crate) struct RepetitionArgs {
    /// Retry a failed case up to N times; a case that then passes counts as flaky
    ///
    /// A retried scenario starts from its first step.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true,
        help_heading = REPETITION)]
    pub retries: u32,
    /// Run each case N times; it passes if every run passes
    #[arg(long, value_name = "N", help_heading = REPETITION)]
    pub repeat: Option<NonZeroU32>,
    /// Stop after the first failed case
    #[arg(long, conflicts_with = "max_fail", help_heading = REPETITION)]
    pub fail_fast: bool,
    /// Stop after N failed cases
    #[arg(long, value_name = "N", help_heading = REPETITION)]
    pub max_fail: Option<NonZeroUsize>,
    /// Start the cases in a random order, determined by SEED
    ///
    /// Results are still reported in the order of the pages.
    #[arg(long, value_name = "SEED", help_heading = REPETITION)]
    pub shuffle: Option<u64>,
}

impl RepetitionArgs {
    pub(crate) fn repetition(&self) -> Repetition {
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
