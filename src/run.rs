//! A run, whole: cases and a target in, typed results out. The command and the
//! `cargo test` harness both stand on it.

use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use thiserror::Error;
use url::Url;

use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, compare, documented_status};
use crate::config::{Config, Service};
use crate::diagnostic::Diagnostic;
use crate::exchange::{self, Client, ClientError, Exchange};
use crate::mock::RunningMock;
use crate::observation::observe;
use crate::plan::{LiveTarget, Planned, Skip, Target, main_host, plan};
use crate::snapshot::{self, Observed, SnapshotError, State, Update};

/// What a run is asked to do with its cases.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to send; the mock where there is none.
    pub live: Option<Live>,
    /// How many requests are under way at once.
    pub jobs: NonZeroUsize,
    /// How long one exchange may take in all.
    pub timeout: Duration,
    /// What happens to snapshots; none where they are not asked for.
    pub snapshots: Option<Update>,
}

/// A live service, as the user names it.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its base URL.
    pub base: Url,
    /// Base URLs of other documented hosts.
    pub hosts: BTreeMap<String, Url>,
    /// Values of placeholders.
    pub vars: BTreeMap<String, String>,
    /// The value of all other placeholders.
    pub var_default: Option<String>,
    /// Whether requests that change something are sent.
    pub allow_writes: bool,
    /// Headers that each request gets.
    pub headers: HeaderMap,
}

impl Live {
    /// A service at this base URL, with nothing else said.
    pub fn new(base: Url) -> Self {
        Self {
            base,
            hosts: BTreeMap::new(),
            vars: BTreeMap::new(),
            var_default: None,
            allow_writes: false,
            headers: HeaderMap::new(),
        }
    }

    /// The target that it is for these docs.
    pub fn target(&self, service: Option<Service>, all_cases: &[Case]) -> Target {
        let main_host = match service {
            Some(_) => None,
            None => main_host(all_cases),
        };
        Target::Live(LiveTarget {
            base: self.base.clone(),
            service,
            main_host,
            hosts: self.hosts.clone(),
            vars: self.vars.clone(),
            var_default: self.var_default.clone(),
            allow_writes: self.allow_writes,
            headers: self.headers.clone(),
        })
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The answer keeps the page's word, and is the accepted one.
    Pass,
    /// It does not.
    Fail(Vec<Difference>),
    /// Nothing was sent.
    Skip(Skip),
}

impl Outcome {
    /// The word that reports use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Skip(_) => "skip",
        }
    }
}

/// A case's result.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The index of the case.
    pub case: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// How its observation stands to the accepted one.
    pub snapshot: State,
    /// What came back, as a snapshot keeps it.
    pub observation: Option<String>,
    /// How long the exchange took.
    pub elapsed: Duration,
    /// What there is to say about its snapshot file.
    pub finding: Option<Diagnostic>,
}

/// What a green run has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The mock is made from the same pages: that they can be read and
    /// replayed.
    Parsing,
    /// That the service keeps the word of its docs.
    Conformance,
}

impl Proof {
    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parsing => "parsing",
            Self::Conformance => "conformance",
        }
    }
}

/// The counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases that passed.
    pub pass: usize,
    /// Cases that failed.
    pub fail: usize,
    /// Cases that were left out, by reason.
    pub skip: BTreeMap<&'static str, usize>,
    /// Snapshots by state.
    pub snapshots: BTreeMap<&'static str, usize>,
}

impl Counts {
    /// Counts one more result.
    pub fn add(&mut self, result: &CaseResult) {
        match &result.outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail(_) => self.fail += 1,
            Outcome::Skip(skip) => *self.skip.entry(skip.reason.name()).or_default() += 1,
        }
        *self.snapshots.entry(result.snapshot.name()).or_default() += 1;
    }

    /// All cases that were left out.
    pub fn skipped(&self) -> usize {
        self.skip.values().sum()
    }

    /// All cases that were counted.
    pub fn total(&self) -> usize {
        self.pass + self.fail + self.skipped()
    }
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The counts.
    pub counts: Counts,
    /// The base URL that was sent to.
    pub target: String,
    /// What a green run has shown.
    pub proof: Proof,
    /// Whether it was ended before its end.
    pub interrupted: bool,
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
    /// The snapshots cannot be read or written.
    #[error(transparent)]
    Snapshots(#[from] SnapshotError),
}

/// Where snapshots stand, and how the project names a page.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The project.
    pub config: &'a Config,
    /// The docs root as the project names it; empty where it stands outside.
    pub docs_name: &'a str,
}

/// Runs `cases`. `all_cases` are those of the whole docs, of which `cases` may
/// be a part: the main host is taken from them. Each result goes to `done` in
/// the order of the cases, as soon as it and all before it are known.
pub async fn run(
    cases: &Arc<[Case]>,
    all_cases: &[Case],
    place: &Place<'_>,
    options: &Options,
    cancel: impl Future<Output = ()>,
    mut done: impl FnMut(&Case, CaseResult),
) -> Result<Finished, RunError> {
    let mock = match options.live {
        Some(_) => None,
        None => Some(RunningMock::start(Arc::clone(cases)).await),
    };
    let (target, base, proof) = match (&options.live, &mock) {
        (Some(live), _) => (
            live.target(place.config.service.clone(), all_cases),
            live.base.to_string(),
            Proof::Conformance,
        ),
        (None, Some(mock)) => {
            let base = Url::parse(&mock.base()).expect("a server's own address is a URL");
            (Target::Mock { base }, mock.base(), Proof::Parsing)
        }
        (None, None) => unreachable!("without a live service there is a mock"),
    };
    let planned: Arc<[Planned]> = plan(cases, &target).into();
    let client = Client::new(&planned, options.timeout)?;
    let mut counts = Counts::default();
    let mut outcome: Result<(), RunError> = Ok(());
    let complete = exchange::run(
        &planned,
        &client,
        options.jobs,
        cancel,
        |index, exchange| {
            let judged = match (&planned[index], exchange) {
                (Planned::Send(step), Some(exchange)) => {
                    // A target that no connection can be made to is one error of
                    // the run, not a failure of each case.
                    if let Err(error) = &exchange.answer
                        && error.is_connect
                        && counts.pass + counts.fail == 0
                        && step.url.starts_with(base.trim_end_matches('/'))
                    {
                        outcome = Err(RunError::Unreachable {
                            base: base.clone(),
                            message: error.message.clone(),
                        });
                        return ControlFlow::Break(());
                    }
                    judge(&cases[index], exchange, place, options.snapshots)
                }
                (Planned::Skip(skip), _) => Ok(skipped(skip.clone())),
                (Planned::Send(_), None) => unreachable!("what is sent has an exchange"),
            };
            match judged {
                Ok(mut result) => {
                    result.case = index;
                    counts.add(&result);
                    done(&cases[index], result);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    outcome = Err(error.into());
                    ControlFlow::Break(())
                }
            }
        },
    )
    .await;
    outcome?;
    Ok(Finished {
        counts,
        target: base,
        proof,
        interrupted: !complete,
    })
}

fn skipped(skip: Skip) -> CaseResult {
    CaseResult {
        case: 0,
        outcome: Outcome::Skip(skip),
        snapshot: State::Off,
        observation: None,
        elapsed: Duration::ZERO,
        finding: None,
    }
}

/// The two questions: does it conform, and is it what was accepted last?
fn judge(
    case: &Case,
    exchange: Exchange,
    place: &Place<'_>,
    snapshots: Option<Update>,
) -> Result<CaseResult, SnapshotError> {
    let Exchange { answer, elapsed } = exchange;
    let documented = &case
        .response
        .as_ref()
        .expect("a case without a response is not sent")
        .message;
    let mut result = CaseResult {
        case: 0,
        outcome: Outcome::Pass,
        snapshot: State::Off,
        observation: None,
        elapsed,
        finding: None,
    };
    let mut differences = match &answer {
        Ok(answer) => compare(documented, answer, &place.config.policies),
        Err(error) => vec![Difference {
            kind: DifferenceKind::Transport,
            header: None,
            documented: documented_status(documented),
            observed: Some(error.message.clone()),
        }],
    };
    let observable = differences
        .iter()
        .all(|difference| difference.kind != DifferenceKind::NoRoute);
    if let (Ok(answer), true) = (&answer, observable) {
        let observation = observe(documented, answer, &place.config.policies);
        if let Some(update) = snapshots {
            let source = match place.docs_name {
                "" => case.page.to_string(),
                docs => format!("{docs}/{}", case.page),
            };
            let observed = Observed {
                id: &case.id,
                source: &source,
                line: case.line,
                expression: &format!("{} {}", case.request.method, case.request.target),
                contents: &observation,
            };
            let (state, finding) = snapshot::check(&place.config.snapshots, &observed, update)?;
            if let State::Mismatch { accepted } = &state {
                differences.push(Difference {
                    kind: DifferenceKind::Snapshot,
                    header: None,
                    documented: accepted.clone(),
                    observed: Some(observation.clone()),
                });
            }
            result.snapshot = state;
            result.finding = finding;
        }
        result.observation = Some(observation);
    }
    if !differences.is_empty() {
        result.outcome = Outcome::Fail(differences);
    }
    Ok(result)
}
