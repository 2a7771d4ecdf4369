//! Results of a run, as reports use them.

mod sentence;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::http::message::ActualResponse;
use crate::page::case::Case;
use crate::project::plan::{PreviewRequest, Skip, result_id};
use crate::run::compare::{Difference, DifferenceKind, NotCompared};
use crate::run::snapshot::{Deviation, State};
use crate::text::finding::Diagnostic;
pub(crate) use sentence::{BodyCounts, Numbers, verdict};

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
    /// How page, snapshot and response compare; `None` without a response, if
    /// the snapshot cannot be read, or if the documented response was replaced.
    pub verdict: Option<Verdict>,
    /// What replaced the documented response.
    pub replaced: Option<Replaced>,
    /// The accepted deviation.
    pub deviation: Option<Deviation>,
    /// Differences that are not failures.
    pub warnings: Vec<Difference>,
    /// Whether the body of the response was compared, or why not; `None` without
    /// a response.
    pub body: Option<Result<(), NotCompared>>,
    /// Whether a response was compared with a status that the page does not
    /// document.
    pub is_status_undocumented: bool,
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

    /// The deviation that let the case pass.
    pub fn known_deviation(&self, id: &str) -> Option<KnownDeviation> {
        let deviation = self.deviation.as_ref()?;
        (self.verdict == Some(Verdict::KnownDeviation)).then(|| KnownDeviation {
            id: id.to_owned(),
            deviation: deviation.clone(),
        })
    }
}

/// An expectation of a scenario that excludes the documented status. The response
/// is compared with the scenario instead of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The documented status.
    pub documented: String,
    /// The expectation.
    pub expected: String,
    /// The scenario file, relative to the folder of scenarios.
    pub file: Arc<str>,
    /// The line of the expectation, from 1.
    pub line: usize,
}

/// How a failed case counts in the verdict of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The documented request got no response, or was not sent.
    NoResponse,
    /// Only its accepted snapshot is missing.
    NoSnapshot,
    /// The response differs.
    Differs,
}

impl Failure {
    /// How a case with differences of these kinds counts.
    pub(crate) fn of<'k>(kinds: impl IntoIterator<Item = &'k str>) -> Self {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let unanswered = [DifferenceKind::Transport, DifferenceKind::Setup];
        if unanswered.iter().any(|kind| kinds.contains(&kind.name())) {
            return Self::NoResponse;
        }
        let missing = DifferenceKind::MissingSnapshot.name();
        match kinds.as_slice() {
            [_, ..] if kinds.iter().all(|kind| *kind == missing) => Self::NoSnapshot,
            _ => Self::Differs,
        }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The pages parse and route. The mock is built from them, so it proves no
    /// more.
    Parsing,
    /// The service matches its docs.
    Conformance,
}

impl Proof {
    /// The sender of the responses.
    pub fn who(self) -> &'static str {
        match self {
            Self::Parsing => "the mock",
            Self::Conformance => "the service",
        }
    }
}

/// What a run has proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Proven {
    /// Nothing: no request was sent.
    Nothing,
    /// What [`Proof::Parsing`] says.
    Parsing,
    /// What [`Proof::Conformance`] says.
    Conformance,
}

impl Proven {
    /// What a run has proved that sent this number of requests.
    pub(crate) fn of(proof: Proof, sent: usize) -> Self {
        match proof {
            _ if sent == 0 => Self::Nothing,
            Proof::Parsing => Self::Parsing,
            Proof::Conformance => Self::Conformance,
        }
    }

    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Parsing => "parsing",
            Self::Conformance => "conformance",
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
    /// Failed cases without a response.
    pub no_response: usize,
    /// Cases that failed only because their accepted snapshot is missing.
    pub no_snapshot: usize,
    /// Passed cases that were compared with their scenario instead of the page.
    pub replaced: usize,
    /// Cases whose response body was compared.
    pub bodies: usize,
    /// Cases whose response body was not compared, by reason.
    pub bodies_not_compared: BTreeMap<&'static str, usize>,
    /// Cases whose page documents no status.
    pub undocumented_statuses: usize,
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
            Outcome::Pass => {
                self.pass += 1;
                self.replaced += usize::from(result.replaced.is_some());
            }
            Outcome::Fail(found) => {
                self.fail += 1;
                match Failure::of(found.iter().map(|found| found.kind.name())) {
                    Failure::NoResponse => self.no_response += 1,
                    Failure::NoSnapshot => self.no_snapshot += 1,
                    Failure::Differs => {}
                }
            }
            Outcome::Skip(skip) => *self.skip.entry(skip.reason.name()).or_default() += 1,
        }
        self.flaky += usize::from(result.is_flaky());
        match result.body {
            Some(Ok(())) => self.bodies += 1,
            Some(Err(reason)) => *self.bodies_not_compared.entry(reason.name()).or_default() += 1,
            None => {}
        }
        self.undocumented_statuses += usize::from(result.is_status_undocumented);
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

    /// The number of cases for which a request was sent.
    pub fn sent(&self) -> usize {
        self.pass + self.fail
    }

    /// The number of counted cases.
    pub fn total(&self) -> usize {
        self.sent() + self.skipped()
    }
}

/// A deviation that let a case pass.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classifies_failures() {
        for (kinds, expected) in [
            (&["transport"][..], Failure::NoResponse),
            (&["setup", "teardown"], Failure::NoResponse),
            (&["missing-snapshot"], Failure::NoSnapshot),
            (&["missing-snapshot", "status"], Failure::Differs),
            (&["expectation"], Failure::Differs),
            (&[], Failure::Differs),
        ] {
            assert_eq!(Failure::of(kinds.iter().copied()), expected, "{kinds:?}");
        }
    }
}
