//! Results of a run, as reports use them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::http::message::ActualResponse;
use crate::page::case::Case;
use crate::project::plan::{PreviewRequest, Skip, result_id};
use crate::run::compare::Difference;
use crate::run::snapshot::{Deviation, State};
use crate::text::finding::Diagnostic;

/// The outcome of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The response matches the page and the accepted snapshot.
    Pass,
    /// It does not.
    Fail(Vec<Difference>),
    /// Nothing was sent.
    Skip(Skip),
}

impl Outcome {
    /// The name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Skip(_) => "skip",
        }
    }
}

/// How page, accepted snapshot and response compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All are equal; or page and response are, and no snapshot was accepted.
    Conforms,
    /// The response differs from page and snapshot, which are equal.
    ServiceDrifted,
    /// Page and response are equal and differ from the snapshot.
    SnapshotOutdated,
    /// The response equals the snapshot and differs from the page.
    DocsChanged,
    /// Like `DocsChanged`, and accepted as a deviation from the page.
    KnownDeviation,
    /// A deviation is accepted, but the response matches the page again.
    StaleDeviation,
    /// All three differ.
    AllDiffer,
    /// The response differs from the page, and no snapshot was accepted.
    ServiceDiffers,
}

/// What the accepted snapshot equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// There is no snapshot.
    Nothing,
    /// It equals the response.
    Response,
    /// It equals the page, and the response does not.
    Promise,
    /// It equals neither.
    Other,
}

impl Verdict {
    /// The verdict without a deviation. Equality is transitive, so page and
    /// snapshot need comparing only if the response equals neither.
    pub fn of(conforms: bool, accepted: Accepted) -> Self {
        match (conforms, accepted) {
            (true, Accepted::Nothing | Accepted::Response) => Self::Conforms,
            (true, Accepted::Promise | Accepted::Other) => Self::SnapshotOutdated,
            (false, Accepted::Nothing) => Self::ServiceDiffers,
            (false, Accepted::Response) => Self::DocsChanged,
            (false, Accepted::Promise) => Self::ServiceDrifted,
            (false, Accepted::Other) => Self::AllDiffer,
        }
    }

    /// The verdict with an accepted deviation. The mock always matches the
    /// page, so its responses never end a deviation.
    #[must_use]
    pub fn deviating(self, conforms: bool, has_ended: bool, proof: Proof) -> Self {
        match (proof, self) {
            (Proof::Conformance, _) if conforms => Self::StaleDeviation,
            (Proof::Conformance, Self::DocsChanged) | (Proof::Parsing, Self::SnapshotOutdated)
                if has_ended =>
            {
                Self::DocsChanged
            }
            (Proof::Conformance, Self::DocsChanged) | (Proof::Parsing, Self::SnapshotOutdated) => {
                Self::KnownDeviation
            }
            _ => self,
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::ServiceDrifted => "service-drifted",
            Self::SnapshotOutdated => "snapshot-outdated",
            Self::DocsChanged => "docs-changed",
            Self::KnownDeviation => "known-deviation",
            Self::StaleDeviation => "stale-deviation",
            Self::AllDiffer => "all-differ",
            Self::ServiceDiffers => "service-differs",
        }
    }
}

/// The result of a case.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The name of its scenario.
    pub scenario: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// How page, snapshot and response compare; `None` without a response, or
    /// if the snapshot cannot be read.
    pub verdict: Option<Verdict>,
    /// The accepted deviation.
    pub deviation: Option<Deviation>,
    /// Differences that are not failures.
    pub warnings: Vec<Difference>,
    /// How the observation compares with the accepted one.
    pub snapshot: State,
    /// The response, secrets masked, if it was to be kept and was compared with
    /// the page.
    pub response: Option<ActualResponse>,
    /// Request and response, secrets masked, if they were to be kept.
    pub exchange: Option<Box<Exchanged>>,
    /// The observation, as a snapshot records it.
    pub observation: Option<String>,
    /// The duration of the exchange.
    pub elapsed: Duration,
    /// A finding about the snapshot file.
    pub finding: Option<Diagnostic>,
    /// Earlier attempts, if the case ran more than once; the last one is this
    /// result.
    pub earlier: Vec<Attempt>,
}

/// One attempt of a case that ran more than once.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The outcome of the attempt.
    pub outcome: Outcome,
    /// The duration of the exchange.
    pub elapsed: Duration,
}

impl CaseResult {
    /// The id of the result; a case with named scenarios has several.
    pub fn id<'c>(&self, case: &'c Case) -> Cow<'c, str> {
        result_id(case, self.scenario.as_deref())
    }

    /// Whether it passed after a failure.
    pub fn is_flaky(&self) -> bool {
        self.outcome == Outcome::Pass && self.failures() > 0
    }

    /// The number of failed attempts.
    pub fn failures(&self) -> usize {
        let earlier = self.earlier.iter().map(|attempt| &attempt.outcome);
        let all = earlier.chain([&self.outcome]);
        all.filter(|outcome| matches!(outcome, Outcome::Fail(_)))
            .count()
    }

    /// The deviation because of which the case passed.
    pub fn known_deviation(&self, id: &str) -> Option<KnownDeviation> {
        let deviation = self.deviation.as_ref()?;
        (self.verdict == Some(Verdict::KnownDeviation)).then(|| KnownDeviation {
            id: id.to_owned(),
            deviation: deviation.clone(),
        })
    }
}

/// Request and response, secrets masked.
#[derive(Debug, Clone)]
pub struct Exchanged {
    /// The request, with what the target added.
    pub request: PreviewRequest,
    /// The response, or why there is none.
    pub response: Result<ActualResponse, String>,
}

/// Which exchanges results keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exchanges {
    /// No exchanges.
    #[default]
    None,
    /// Those of failed cases.
    Failed,
    /// All exchanges.
    All,
}

/// What a passing run proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// The pages parse and route. The mock is built from them, so it proves no
    /// more.
    Parsing,
    /// The service matches its docs.
    Conformance,
}

impl Proof {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parsing => "parsing",
            Self::Conformance => "conformance",
        }
    }

    /// The sender of the responses.
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
    /// Passed cases.
    pub pass: usize,
    /// Passed cases that failed before.
    pub flaky: usize,
    /// Failed cases.
    pub fail: usize,
    /// Skipped cases, by reason.
    pub skip: BTreeMap<&'static str, usize>,
    /// Warnings, by kind.
    pub warnings: BTreeMap<&'static str, usize>,
    /// Snapshots, by state.
    pub snapshots: BTreeMap<&'static str, usize>,
    /// Verdicts, by name.
    pub verdicts: BTreeMap<&'static str, usize>,
}

impl Counts {
    /// Counts a result.
    pub fn add(&mut self, result: &CaseResult) {
        match &result.outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail(_) => self.fail += 1,
            Outcome::Skip(skip) => *self.skip.entry(skip.reason.name()).or_default() += 1,
        }
        self.flaky += usize::from(result.is_flaky());
        for warning in &result.warnings {
            *self.warnings.entry(warning.kind.name()).or_default() += 1;
        }
        *self.snapshots.entry(result.snapshot.name()).or_default() += 1;
        if let Some(verdict) = result.verdict {
            *self.verdicts.entry(verdict.name()).or_default() += 1;
        }
    }

    /// The number of skipped cases.
    pub fn skipped(&self) -> usize {
        self.skip.values().sum()
    }

    /// The number of counted cases.
    pub fn total(&self) -> usize {
        self.pass + self.fail + self.skipped()
    }
}

/// A deviation because of which a case passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDeviation {
    /// The id of the result.
    pub id: String,
    /// The accepted deviation.
    pub deviation: Deviation,
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The counts.
    pub counts: Counts,
    /// The known deviations, in the order of the cases.
    pub deviations: Vec<KnownDeviation>,
    /// The base URL of the target, or `mock`.
    pub target: String,
    /// What a passing run proves.
    pub proof: Proof,
    /// The number of selected cases, whether or not they ran.
    pub selected: usize,
    /// Whether the run was interrupted.
    pub interrupted: bool,
}

impl Finished {
    /// The number of selected cases that did not run.
    pub fn not_run(&self) -> usize {
        self.selected - self.counts.total()
    }
}

/// What a run has shown, in one sentence. Failures, an interruption and a run
/// that sent nothing prove nothing of the whole.
pub(crate) fn verdict(proof: Proof, passed: usize, all_passed: bool, target: &str) -> String {
    match proof {
        _ if passed == 0 && all_passed => {
            "Nothing was sent, so this run proves nothing.".to_owned()
        }
        Proof::Parsing => "This run proves parsing: the mock was made from the same pages. \
                           Send them to the service with a base URL to prove conformance."
            .to_owned(),
        Proof::Conformance if all_passed => {
            format!("This run proves conformance: {target} answers as its pages say.")
        }
        Proof::Conformance => {
            format!(
                "This run is about conformance, but does not prove it: not all that {target} was asked for came as documented."
            )
        }
    }
}
