//! A run, whole: cases and a target in, typed results out. The command and the
//! `cargo test` harness both stand on it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use thiserror::Error;
use url::Url;

use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, compare, documented_status};
use crate::config::{Config, Service};
use crate::diagnostic::Diagnostic;
use crate::exchange::{self, Client, ClientError, Exchange, TransportError};
use crate::message::Response;
use crate::mock::RunningMock;
use crate::observation::observe;
use crate::plan::{LiveTarget, MISS_HEADER, Planned, Skip, Step, Target, main_host, plan};
use crate::policy::Policies;
use crate::snapshot::{self, Observed, SnapshotError, State, Update};

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
        Target::Live(Box::new(LiveTarget {
            base: self.base.clone(),
            service,
            main_host,
            hosts: self.hosts.clone(),
            vars: self.vars.clone(),
            var_default: self.var_default.clone(),
            allow_writes: self.allow_writes,
            headers: self.headers.clone(),
        }))
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

    /// Who answered.
    pub fn who(self) -> &'static str {
        match self {
            Self::Parsing => "the mock",
            Self::Conformance => "the service",
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

/// The values that the user's headers keep from view, by name.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}

impl Secrets {
    /// The credentials among a target's headers: the whole value, and what
    /// follows the name of a scheme (`Bearer …`).
    fn of(live: &Live) -> Self {
        const WORDS: [&str; 8] = [
            "authorization",
            "cookie",
            "key",
            "token",
            "secret",
            "password",
            "auth",
            "session",
        ];
        let mut secrets = Vec::new();
        for (name, value) in &live.headers {
            let name = name.as_str();
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if !WORDS.iter().any(|word| name.contains(word)) {
                continue;
            }
            if let Some((_, credentials)) = value.split_once(' ') {
                secrets.push((name.to_owned(), credentials.trim().to_owned()));
            }
            secrets.push((name.to_owned(), value));
        }
        secrets.retain(|(_, value)| !value.is_empty());
        secrets.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        Self(secrets)
    }

    /// Takes the secrets out of what came back: a service may echo them.
    fn mask(&self, answer: &mut Result<Response, TransportError>) {
        let mask = |text: &mut String| {
            for (name, secret) in &self.0 {
                if text.contains(secret) {
                    *text = text.replace(secret, &format!("[secret:{name}]"));
                }
            }
        };
        match answer {
            Ok(answer) => answer
                .headers
                .0
                .iter_mut()
                .for_each(|header| mask(&mut header.value)),
            Err(error) => mask(&mut error.message),
        }
    }
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The counts.
    pub counts: Counts,
    /// The base URL that was sent to, or `mock`.
    pub target: String,
    /// What a green run has shown.
    pub proof: Proof,
    /// How many cases were selected, whether or not they were come to.
    pub selected: usize,
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

/// A target that is ready, and a plan for it.
#[derive(Debug)]
pub struct Session {
    cases: Arc<[Case]>,
    planned: Arc<[Planned]>,
    client: Client,
    judge: Judge,
    base: String,
    proof: Proof,
    /// Keeps the mock's server running.
    _mock: Option<RunningMock>,
}

/// What a case's answer is held against.
#[derive(Debug)]
struct Judge {
    policies: Policies,
    snapshots: Option<Update>,
    folder: PathBuf,
    docs_name: String,
    is_mock: bool,
    secrets: Secrets,
}

impl Session {
    /// Makes the target ready and plans `cases` for it. `all_cases` are those
    /// of the whole docs, of which `cases` may be a part: the main host is
    /// taken from them. `docs_name` is how the project names the docs root, or
    /// empty where it stands outside.
    pub async fn start(
        cases: Arc<[Case]>,
        all_cases: &[Case],
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
        let planned: Arc<[Planned]> = plan(&cases, &target).into();
        Ok(Self {
            client: Client::new(&planned, options.timeout)?,
            cases,
            planned,
            judge: Judge {
                policies: config.policies.clone(),
                snapshots: options.snapshots,
                folder: config.snapshots.clone(),
                docs_name: docs_name.to_owned(),
                is_mock: proof == Proof::Parsing,
                secrets: options.live.as_ref().map(Secrets::of).unwrap_or_default(),
            },
            base,
            proof,
            _mock: mock,
        })
    }

    /// Runs one case.
    pub async fn run_one(&self, index: usize) -> Result<CaseResult, SnapshotError> {
        match &self.planned[index] {
            Planned::Skip(skip) => Ok(skipped(skip.clone())),
            Planned::Send(step) => {
                let exchange = self.client.exchange(step).await;
                self.judge.judge(&self.cases[index], exchange)
            }
        }
    }

    /// Runs all cases, at most `jobs` at a time. Each result goes to `done` in
    /// the order of the cases, as soon as it and all before it are known.
    pub async fn run(
        &self,
        jobs: NonZeroUsize,
        cancel: impl Future<Output = ()>,
        mut done: impl FnMut(&Case, CaseResult),
    ) -> Result<Finished, RunError> {
        let mut counts = Counts::default();
        let mut outcome: Result<(), RunError> = Ok(());
        let each = |index: usize, exchange: Option<Exchange>| {
            let judged = match (&self.planned[index], exchange) {
                (Planned::Skip(skip), _) => Ok(skipped(skip.clone())),
                (Planned::Send(step), Some(exchange)) => {
                    let nothing_yet = counts.pass + counts.fail == 0;
                    if let Some(error) = self.unreachable(step, &exchange)
                        && nothing_yet
                    {
                        outcome = Err(error);
                        return ControlFlow::Break(());
                    }
                    self.judge.judge(&self.cases[index], exchange)
                }
                (Planned::Send(_), None) => unreachable!("what is sent has an exchange"),
            };
            match judged {
                Ok(result) => {
                    counts.add(&result);
                    done(&self.cases[index], result);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    outcome = Err(error.into());
                    ControlFlow::Break(())
                }
            }
        };
        let complete = exchange::run(&self.planned, &self.client, jobs, cancel, each).await;
        outcome?;
        Ok(Finished {
            counts,
            target: self.base.clone(),
            proof: self.proof,
            selected: self.cases.len(),
            interrupted: !complete,
        })
    }

    /// A target that no connection can be made to is one error of the run, not
    /// a failure of each case.
    fn unreachable(&self, step: &Step, exchange: &Exchange) -> Option<RunError> {
        match &exchange.answer {
            Err(error) if error.is_connect && step.url.starts_with(&self.base) => {
                Some(RunError::Unreachable {
                    base: self.base.clone(),
                    message: error.message.clone(),
                })
            }
            _ => None,
        }
    }

    /// What a green run shows.
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// The base URL that is sent to, or `mock`.
    pub fn target(&self) -> &str {
        &self.base
    }
}

fn skipped(skip: Skip) -> CaseResult {
    CaseResult {
        outcome: Outcome::Skip(skip),
        snapshot: State::Off,
        observation: None,
        elapsed: Duration::ZERO,
        finding: None,
    }
}

impl Judge {
    /// Whether the mock itself answered that it has no such route.
    fn is_miss(&self, answer: &Response) -> bool {
        self.is_mock && answer.headers.get(MISS_HEADER).is_some()
    }

    /// The two questions: does it conform, and is it what was accepted last?
    fn judge(&self, case: &Case, exchange: Exchange) -> Result<CaseResult, SnapshotError> {
        let Exchange {
            mut answer,
            elapsed,
        } = exchange;
        self.secrets.mask(&mut answer);
        let documented = &case
            .response
            .as_ref()
            .expect("a case without a response is not sent")
            .message;
        let mut result = CaseResult {
            outcome: Outcome::Pass,
            snapshot: State::Off,
            observation: None,
            elapsed,
            finding: None,
        };
        let mut differences = match &answer {
            Ok(answer) if self.is_miss(answer) => vec![Difference {
                kind: DifferenceKind::NoRoute,
                header: None,
                documented: documented_status(documented),
                observed: None,
            }],
            Ok(answer) => compare(documented, answer, &self.policies),
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
            let observation = observe(documented, answer, &self.policies);
            if let Some(update) = self.snapshots {
                let source = match self.docs_name.as_str() {
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
                let (state, finding) = snapshot::check(&self.folder, &observed, update)?;
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
}
