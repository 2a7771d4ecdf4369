//! The data that the tasks of a run share, and the result of a unit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::running::Running;
use crate::page::case::Case;
use crate::project::plan::{LiveTarget, Skip, SkipReason, Unit};
use crate::project::scenario::Scenario;
use crate::run::compare::Difference;
use crate::run::error::RunError;
use crate::run::exchange::{Client, Exchange, TransportError, TransportKind};
use crate::run::judge::Judge;
use crate::run::options::{Outside, Repetition};
use crate::run::outcome::CaseResult;
use crate::run::select::shuffled;

/// The data that the tasks of a run share.
#[derive(Debug)]
pub(super) struct Run {
    pub cases: Arc<[Case]>,
    pub units: Vec<Unit>,
    pub scripts: Option<Scripts>,
    pub client: Client,
    pub judge: Judge,
    pub base: String,
    pub repetition: Repetition,
    /// The number of failed cases so far.
    pub failures: AtomicUsize,
    /// The running units, if they are watched.
    pub running: Option<Arc<Running>>,
}

/// The result of a unit, as the tasks of a run pass it on.
pub(super) struct Judged {
    pub result: Result<CaseResult, RunError>,
    /// Whether anything was sent.
    pub is_sent: bool,
    /// The error, if the connection to the base URL was refused.
    pub refusal: Option<TransportError>,
}

impl Judged {
    pub(super) fn unsent(result: Result<CaseResult, RunError>) -> Self {
        Self {
            result,
            is_sent: false,
            refusal: None,
        }
    }
}

/// What scenarios need of a run besides its client.
#[derive(Debug)]
pub(super) struct Scripts {
    /// The target.
    pub target: Box<LiveTarget>,
    /// The cases of the whole docs; steps refer to them by index.
    pub all_cases: Arc<[Case]>,
    /// A lock for each group of scenarios that must not overlap.
    pub serial: BTreeMap<String, tokio::sync::Mutex<()>>,
    /// What templates may read from outside.
    pub outside: Outside,
}

impl Run {
    /// The order in which units start.
    pub(super) fn order(&self) -> Vec<usize> {
        match self.repetition.shuffle {
            None => (0..self.units.len()).collect(),
            Some(seed) => {
                let ids = self
                    .units
                    .iter()
                    .map(|unit| unit.id(&self.cases[unit.case]));
                shuffled(ids, seed)
            }
        }
    }

    /// Judges the exchange of a case. `found` are the differences that a
    /// scenario found.
    pub(super) fn sent(
        &self,
        case: &Case,
        exchange: Exchange,
        scenario: Option<&Scenario>,
        found: Vec<Difference>,
    ) -> Judged {
        if let Some(halted) = self.halted(&exchange, scenario) {
            return halted;
        }
        let error = exchange.response.as_ref().err();
        Judged {
            is_sent: error.is_none_or(|error| error.kind != TransportKind::NotSent),
            refusal: self.refusal(&exchange),
            result: self
                .judge
                .judge(case, exchange, scenario, found)
                .map_err(RunError::from),
        }
    }

    /// The result of a case whose request was not sent because of the request
    /// limit or a missing access token.
    pub(super) fn halted(
        &self,
        exchange: &Exchange,
        scenario: Option<&Scenario>,
    ) -> Option<Judged> {
        let error = exchange.response.as_ref().err()?;
        let detail = error.message.clone();
        match error.kind {
            TransportKind::Limit => {
                let reason = SkipReason::RequestLimit;
                let skipped = self.judge.skipped(Skip { reason, detail }, scenario);
                Some(Judged::unsent(Ok(skipped)))
            }
            // Without a token no case can run, so this is an error of the run.
            TransportKind::Token => Some(Judged::unsent(Err(RunError::Token(detail)))),
            _ => None,
        }
    }

    /// The error, if the connection to the base URL was refused.
    fn refusal(&self, exchange: &Exchange) -> Option<TransportError> {
        let error = exchange
            .response
            .as_ref()
            .err()
            .filter(|error| error.is_connect())?;
        let below = exchange.url.strip_prefix(&self.base)?;
        let is_base = below.is_empty() || below.starts_with(['/', '?']);
        is_base.then(|| error.clone())
    }
}
