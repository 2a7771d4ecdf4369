//! Options of a run.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use crate::check::types::{Mode, Types};
use crate::project::plan::Live;
use crate::project::scenario::Scenario;
use crate::run::outcome::Exchanges;
use crate::run::snapshot::{Day, Handling};
use crate::text::secret::Secrets;

/// Options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The live target; `None` for the mock.
    pub live: Option<Live>,
    /// The time limit of one exchange.
    pub timeout: Duration,
    /// What to do with snapshots; `None` to ignore them.
    pub snapshots: Option<Handling>,
    /// Whether results keep the responses.
    pub keep_responses: bool,
    /// Which exchanges the results keep.
    pub exchanges: Exchanges,
    /// The day of the run; deviations end by it.
    pub today: Day,
    /// How bodies are compared with the documented ones.
    pub bodies: Bodies,
    /// The scenarios of cases that need more than one request to a live
    /// service.
    pub scenarios: Vec<Arc<Scenario>>,
    /// What scenarios may read from outside.
    pub outside: Outside,
    /// Retries, repetitions, order and limits.
    pub repetition: Repetition,
}

/// Retries, repetitions, order and limits. By default each case runs once, in
/// page order, whatever fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct Repetition {
    /// How often a failed case is retried.
    pub retries: u32,
    /// How often a case must pass; `None` for once.
    pub repeat: Option<NonZeroU32>,
    /// The number of failed cases after which no further one starts.
    pub max_fail: Option<NonZeroUsize>,
    /// The seed of the order in which cases start. Results are still reported
    /// in page order.
    pub shuffle: Option<u64>,
}

/// How the bodies of a live service are compared.
#[derive(Debug, Clone, Default)]
pub struct Bodies {
    /// By shape or by value; `None` to compare nothing.
    pub mode: Option<Mode>,
    /// The documented types.
    pub types: Arc<Types>,
    /// Whether warnings are failures.
    pub strict: bool,
}

impl Options {
    /// The secrets to mask; the mock has none.
    pub(super) fn secrets(&self) -> Secrets {
        let live = self.live.as_ref();
        live.map(|live| live.secrets.clone()).unwrap_or_default()
    }
}

/// Reads a project file, or explains why it cannot.
type Files = dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync;

/// The environment and the project files, for templates of scenarios.
#[derive(Clone)]
pub struct Outside {
    /// Reads an environment variable.
    pub env: fn(&str) -> Option<String>,
    /// Reads a project file by its path from the project root.
    pub files: Arc<Files>,
    /// Returns 128 random bits a call.
    pub random: fn() -> u128,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outside").finish_non_exhaustive()
    }
}
