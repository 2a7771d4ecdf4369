//! Which cases are meant, and how often they are run.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::run::Repetition;
use crate::run::select::Partition;

pub(super) const SELECTION: &str = "Selection";

/// Which cases are meant, by what is documented.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(crate) struct CaseSelection {
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
pub(crate) struct Selection {
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
pub(crate) struct RepetitionArgs {
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
