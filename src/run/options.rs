//! What a run is asked to do.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use crate::check::types::{Mode, Types};
use crate::project::plan::Live;
use crate::project::scenario::Scenario;
use crate::run::outcome::Exchanges;
use crate::run::snapshot::{Day, Update};
use crate::text::secret::Secrets;

/// What a run is asked to do with its cases.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to send; the mock where there is none.
    pub live: Option<Live>,
    /// How long one exchange may take in all.
    pub timeout: Duration,
    /// What happens to snapshots; none where they are not asked for.
    pub snapshots: Option<Update>,
    /// Whether results keep the answers.
    pub keep_responses: bool,
    /// Whose exchanges results keep.
    pub exchanges: Exchanges,
    /// The day of the run, by which deviations end.
    pub today: Day,
    /// How bodies are compared with the documented ones.
    pub bodies: Bodies,
    /// How some cases are run against a live service.
    pub scenarios: Vec<Arc<Scenario>>,
    /// What scenarios may take from outside.
    pub outside: Outside,
    /// How often cases are run, in which order, and until when.
    pub repetition: Repetition,
}

/// How often cases are run, in which order, and until when. By default each is
/// run once, in the order of the pages, whatever fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct Repetition {
    /// How often in turn a case may fail before that is its outcome, less one.
    pub retries: u32,
    /// How often a case must pass; once, where that is not said.
    pub repeat: Option<NonZeroU32>,
    /// After how many failed cases no further one is begun.
    pub max_fail: Option<NonZeroUsize>,
    /// The seed of the order in which cases are begun. Results come in the order
    /// of the pages all the same.
    pub shuffle: Option<u64>,
}

/// How the bodies of a live service's answers are compared.
#[derive(Debug, Clone, Default)]
pub struct Bodies {
    /// By their shape, or by their values too; not at all where there is none.
    pub mode: Option<Mode>,
    /// The documented types.
    pub types: Arc<Types>,
    /// Whether what is only worth a word is a failure.
    pub strict: bool,
}

impl Options {
    /// What is shown nowhere; the mock knows no secrets.
    pub(super) fn secrets(&self) -> Secrets {
        let live = self.live.as_ref();
        live.map(|live| live.secrets.clone()).unwrap_or_default()
    }
}

/// The bytes of a file of the project, or why there are none.
type Files = dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync;

/// The environment and the files of the project, for the templates of
/// scenarios.
#[derive(Clone)]
pub struct Outside {
    /// A variable of the environment.
    pub env: fn(&str) -> Option<String>,
    /// The files of the project, by their path from its root.
    pub files: Arc<Files>,
    /// 128 random bits a call.
    pub random: fn() -> u128,
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outside").finish_non_exhaustive()
    }
}
