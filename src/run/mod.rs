//! A run, whole: cases and a target in, typed results out. The command and the
//! `cargo test` harness both stand on it.

pub(crate) mod observation;
pub(crate) mod compare;
pub(crate) mod snapshot;
pub(crate) mod outcome;
pub(crate) mod select;
pub(crate) mod mock;
pub(crate) mod exchange;
pub(crate) mod environment;
mod accepted;
mod attempts;
mod cookies;
mod judge;
mod running;
mod schedule;
mod script;

use std::collections::BTreeMap;
use std::future::Future;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use thiserror::Error;
use tokio::sync::Mutex;
use url::Url;

use crate::check::types::{Mode, Types};
use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan::{Live, Planned, Skip, SkipReason, Target, Unit, plan};
use crate::project::scenario::Scenario;
use crate::run::compare::Difference;
use crate::run::exchange::{Client, ClientError, Exchange, TransportError, TransportKind};
use crate::run::mock::RunningMock;
use crate::run::outcome::{
    CaseResult, Counts, Exchanges, Finished, KnownDeviation, Outcome, Proof,
};
use crate::run::select::shuffled;
use crate::run::snapshot::{Day, SnapshotError, Update};
use crate::text::secret::Secrets;
use judge::Judge;
pub(crate) use running::Running;
pub(crate) use schedule::Stop;
use schedule::{End, Work};
pub(crate) use script::Outside;
use script::Scripts;

/// How a mock is named as a target; its address is another one each time.
const MOCK: &str = "mock";

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
    fn secrets(&self) -> Secrets {
        let live = self.live.as_ref();
        live.map(|live| live.secrets.clone()).unwrap_or_default()
    }
}

/// Why a run could not be done.
#[derive(Debug, Error)]
pub enum RunError {
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The target does not answer.
    #[error("failed to reach {base}: {message}")]
    Unreachable {
        /// The base URL.
        base: String,
        /// What happened.
        message: String,
    },
    /// No access token can be had.
    #[error("{0}")]
    Token(String),
    /// The snapshots cannot be read or written.
    #[error(transparent)]
    Snapshots(#[from] SnapshotError),
}

/// A target that is ready, and a plan for it.
#[derive(Debug)]
pub struct Replay {
    run: Arc<Run>,
    proof: Proof,
    /// Keeps the mock's server running.
    _mock: Option<RunningMock>,
}

/// What the tasks of a run share.
#[derive(Debug)]
struct Run {
    cases: Arc<[Case]>,
    units: Vec<Unit>,
    scripts: Option<Scripts>,
    client: Client,
    judge: Judge,
    base: String,
    repetition: Repetition,
    /// How many cases failed so far.
    failures: AtomicUsize,
    /// What is under way, where somebody watches.
    running: Option<Arc<Running>>,
}

/// What came of a case, as the tasks of a run hand it over.
struct Judged {
    result: Result<CaseResult, RunError>,
    /// Whether anything was sent.
    is_sent: bool,
    /// Why nobody was found at the base URL, if that is so.
    refusal: Option<TransportError>,
}

impl Judged {
    fn unsent(result: Result<CaseResult, RunError>) -> Self {
        Self {
            result,
            is_sent: false,
            refusal: None,
        }
    }
}

impl Replay {
    /// Makes the target ready and plans `cases` for it. `all_cases` are those
    /// of the whole docs, of which `cases` may be a part: the main host is
    /// taken from them. `docs_name` is how the project names the docs root, or
    /// empty where it stands outside.
    pub async fn start(
        cases: Arc<[Case]>,
        all_cases: &Arc<[Case]>,
        config: &Config,
        docs_name: &str,
        options: &Options,
    ) -> Result<Self, RunError> {
        let (target, base, proof, mock) = if let Some(live) = &options.live {
            (
                live.target(config.service.clone(), all_cases),
                live.base.as_str().trim_end_matches('/').to_owned(),
                Proof::Conformance,
                None,
            )
        } else {
            let mock = RunningMock::start(Arc::clone(&cases)).await;
            let base = Url::parse(&mock.base()).expect("a server's own address is a URL");
            (
                Target::Mock { base },
                MOCK.to_owned(),
                Proof::Parsing,
                Some(mock),
            )
        };
        let units = plan(&cases, all_cases, &options.scenarios, &target);
        let client = Client::new(&target, options.timeout)?;
        let scripts = match target {
            Target::Live(target) if !options.scenarios.is_empty() => Some(Scripts {
                target,
                all_cases: Arc::clone(all_cases),
                serial: options
                    .scenarios
                    .iter()
                    .filter_map(|scenario| Some((scenario.serial.clone()?, Mutex::default())))
                    .collect::<BTreeMap<_, _>>(),
                outside: options.outside.clone(),
            }),
            _ => None,
        };
        Ok(Self {
            run: Arc::new(Run {
                client,
                cases,
                units,
                scripts,
                judge: Judge::new(config, docs_name, options),
                base,
                repetition: options.repetition,
                failures: AtomicUsize::new(0),
                running: None,
            }),
            proof,
            _mock: mock,
        })
    }

    /// The pieces of the run, in order.
    pub fn units(&self) -> &[Unit] {
        &self.run.units
    }

    /// Lets somebody watch what is under way. To be asked for before the run.
    pub fn watch(&mut self) -> Option<Arc<Running>> {
        let run = Arc::get_mut(&mut self.run)?;
        let ids = run.units.iter();
        let ids = ids.map(|unit| unit.id(&run.cases[unit.case]).into_owned());
        let running = Arc::new(Running::new(ids.collect()));
        run.running = Some(Arc::clone(&running));
        Some(running)
    }

    /// Runs one piece.
    pub async fn run_one(&self, index: usize) -> Result<CaseResult, RunError> {
        let judged = self.run.piece(index, &Stop::never()).await;
        judged.expect("nothing stops it").result
    }

    /// Runs all cases, at most `jobs` at a time. Each result goes to `done` in
    /// the order of the cases, as soon as it and all before it are known;
    /// `done` may end the run. `cancel` is a signal, which may come again.
    pub async fn run<C: Future<Output = ()>>(
        &self,
        jobs: NonZeroUsize,
        cancel: impl Fn() -> C,
        done: impl FnMut(&Case, CaseResult) -> ControlFlow<()>,
    ) -> Result<Finished, RunError> {
        let mut progress = Progress {
            run: &self.run,
            done,
            counts: Counts::default(),
            deviations: Vec::new(),
            error: None,
            reached: self.proof == Proof::Parsing,
            refused: 0,
            held: Vec::new(),
        };
        let each = |index, judged| progress.take(index, judged);
        let order = self.run.order();
        let end = schedule::run(&self.run, order, jobs, cancel, each).await;
        progress.end()?;
        Ok(Finished {
            counts: progress.counts,
            deviations: progress.deviations,
            target: self.run.base.clone(),
            proof: self.proof,
            selected: self.run.units.len(),
            interrupted: end == End::Cancelled,
        })
    }

    /// What a green run shows.
    pub fn proof(&self) -> Proof {
        self.proof
    }
}

impl Run {
    /// The order in which pieces are begun.
    fn order(&self) -> Vec<usize> {
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

    /// What came of sending a case's request. `found` is what a scenario found
    /// of itself.
    fn sent(
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

    /// What becomes of a case whose request was not sent, because no more may
    /// be sent or because there is no access token.
    fn halted(&self, exchange: &Exchange, scenario: Option<&Scenario>) -> Option<Judged> {
        let error = exchange.response.as_ref().err()?;
        let detail = error.message.clone();
        match error.kind {
            TransportKind::Limit => {
                let reason = SkipReason::RequestLimit;
                let skipped = self.judge.skipped(Skip { reason, detail }, scenario);
                Some(Judged::unsent(Ok(skipped)))
            }
            // Without a token no case can be asked for: that is an error of the
            // run.
            TransportKind::Token => Some(Judged::unsent(Err(RunError::Token(detail)))),
            _ => None,
        }
    }

    /// Why an exchange found nobody at the base URL, if that is so.
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

impl Work for Run {
    type Output = Judged;

    async fn piece(&self, index: usize, stop: &Stop) -> Option<Judged> {
        attempts::run(&self.repetition, || self.once(index, stop)).await
    }

    fn is_enough(&self, judged: &Judged) -> bool {
        let Some(most) = self.repetition.max_fail else {
            return false;
        };
        let result = judged.result.as_ref();
        let has_failed = result.is_ok_and(|result| matches!(result.outcome, Outcome::Fail(_)));
        has_failed && self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= most.get()
    }
}

impl Run {
    /// Runs a piece, once.
    async fn once(&self, index: usize, stop: &Stop) -> Option<Judged> {
        let unit = &self.units[index];
        let case = &self.cases[unit.case];
        let running = self.running.as_ref();
        let _under_way = running.map(|running| running.begin(index));
        match (&unit.planned, &unit.scenario, &self.scripts) {
            (Planned::Skip(skip), scenario, _) => {
                let skipped = self.judge.skipped(skip.clone(), scenario.as_deref());
                Some(Judged::unsent(Ok(skipped)))
            }
            (Planned::Send(step), ..) => tokio::select! {
                biased;
                () = stop.wait() => None,
                exchange = self.client.exchange(step) => {
                    Some(self.sent(case, exchange, None, Vec::new()))
                }
            },
            (Planned::Script, Some(scenario), Some(scripts)) => {
                self.script(scripts, case, scenario, stop).await
            }
            (Planned::Script, ..) => unreachable!("a script is planned from its scenario"),
        }
    }
}

/// How many exchanges in turn must find nobody before the target counts as one
/// that cannot be reached. That is one error of the run, not a failure of each
/// case; one refused connection among answers is that case's.
const REFUSALS: usize = 3;

/// A run under way.
struct Progress<'a, F> {
    run: &'a Run,
    done: F,
    counts: Counts,
    deviations: Vec<KnownDeviation>,
    error: Option<RunError>,
    /// Whether the target has answered.
    reached: bool,
    refused: usize,
    /// What came before it is known whether the target can be reached.
    held: Vec<(usize, Judged)>,
}

impl<F: FnMut(&Case, CaseResult) -> ControlFlow<()>> Progress<'_, F> {
    fn take(&mut self, index: usize, judged: Judged) -> ControlFlow<()> {
        if let Err(RunError::Token(_)) = judged.result {
            return self.hand_over(index, judged);
        }
        if self.reached {
            return self.hand_over(index, judged);
        }
        if let Some(refusal) = &judged.refusal {
            self.refused += 1;
            self.error = Some(RunError::Unreachable {
                base: self.run.base.clone(),
                message: refusal.message.clone(),
            });
            if self.refused == REFUSALS {
                return ControlFlow::Break(());
            }
        } else if judged.is_sent {
            self.reached = true;
            self.error = None;
        }
        self.held.push((index, judged));
        if self.reached {
            self.release()
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Hands over what was held back.
    fn release(&mut self) -> ControlFlow<()> {
        for (index, judged) in std::mem::take(&mut self.held) {
            self.hand_over(index, judged)?;
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> Result<(), RunError> {
        if self.error.is_none() {
            // All that was held back are skips. Whoever ends the run here ends
            // nothing any more.
            let _ = self.release();
        }
        self.error.take().map_or(Ok(()), Err)
    }

    fn hand_over(&mut self, index: usize, judged: Judged) -> ControlFlow<()> {
        match judged.result {
            Ok(result) => {
                let case = &self.run.cases[self.run.units[index].case];
                self.counts.add(&result);
                self.deviations
                    .extend(result.known_deviation(&result.id(case)));
                (self.done)(case, result)
            }
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}
