//! The run itself: makes the target ready, plans the cases and runs them.

mod attempts;
mod cookies;
mod progress;
mod run;
mod running;
mod schedule;
mod script;
mod work;

use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use tokio::sync::Mutex;
use url::Url;

use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan::{Target, Unit, plan};
use crate::run::error::RunError;
use crate::run::exchange::Client;
use crate::run::judge::Judge;
use crate::run::mock::RunningMock;
use crate::run::options::Options;
use crate::run::outcome::{CaseResult, Counts, Finished, Proof};
use progress::Progress;
use run::{Run, Scripts};
pub(crate) use running::Running;
use schedule::{End, Stop, Work};

/// The mock's name as a target; its address changes with each run.
const MOCK: &str = "mock";

/// A target that is ready, and the plan for it.
#[derive(Debug)]
pub struct Replay {
    run: Arc<Run>,
    proof: Proof,
    /// Keeps the mock's server running.
    _mock: Option<RunningMock>,
}

impl Replay {
    /// Makes the target ready and plans `cases` for it. `all_cases` are those
    /// of the whole docs, and determine the main host. `docs_name` is the docs
    /// root relative to the project, or empty if it is outside.
    pub async fn start(
        cases: Arc<[Case]>,
        all_cases: &Arc<[Case]>,
        config: &Config,
        docs_name: &str,
        options: &Options,
    ) -> Result<Self, RunError> {
        let (target, base, proof, mock) = if let Some(live) = &options.live {
            (
                live.target(config.services.clone(), all_cases),
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
                judge: Judge::new(config, docs_name, all_cases, options),
                base,
                repetition: options.repetition,
                failures: AtomicUsize::new(0),
                running: None,
            }),
            proof,
            _mock: mock,
        })
    }

    /// The units of the run, in order.
    pub fn units(&self) -> &[Unit] {
        &self.run.units
    }

    /// Returns a view of the units that are running. Call it before the run.
    pub fn watch(&mut self) -> Option<Arc<Running>> {
        let run = Arc::get_mut(&mut self.run)?;
        let ids = run.units.iter();
        let ids = ids.map(|unit| unit.id(&run.cases[unit.case]).into_owned());
        let running = Arc::new(Running::new(ids.collect()));
        run.running = Some(Arc::clone(&running));
        Some(running)
    }

    /// Runs one unit.
    pub async fn run_one(&self, index: usize) -> Result<CaseResult, RunError> {
        let judged = self.run.piece(index, &Stop::never()).await;
        judged.expect("it is never stopped").result
    }

    /// Runs all units, at most `jobs` at a time. Calls `done` with each result
    /// in the order of the cases, as soon as it and all earlier ones are known;
    /// `done` may stop the run. `cancel` is a signal, which may occur again.
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
        let each = |index, judged| progress.add(index, judged);
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

    /// What a passing run proves.
    pub fn proof(&self) -> Proof {
        self.proof
    }
}
