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
    /// Whether the body of the response was compared.
    pub has_compared_body: bool,
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
    /// Cases whose response body was compared.
    pub bodies: usize,
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
        self.bodies += usize::from(result.has_compared_body);
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

/// The numbers that the verdict of a run states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    /// The number of cases that passed.
    pub passed: usize,
    /// The number of cases that failed.
    pub failed: usize,
    /// The number of passed cases with a known deviation.
    pub deviations: usize,
    /// The number of response bodies that were compared, if they were counted.
    pub bodies: Option<usize>,
    /// Whether all selected cases were run or skipped.
    pub is_complete: bool,
}

/// The verdict of a run in one sentence.
pub(crate) fn verdict(proof: Proof, numbers: Numbers, target: &str) -> String {
    let Numbers {
        passed,
        failed,
        deviations,
        bodies,
        is_complete,
    } = numbers;
    let sent = passed + failed;
    if sent == 0 && is_complete {
        return "No requests sent: every case was skipped.".to_owned();
    }
    if proof == Proof::Parsing {
        return "Mock run: checks only that the examples parse and route. \
                Use `--base-url URL` to test the service."
            .to_owned();
    }
    let responses = match sent {
        1 => "1 response".to_owned(),
        sent => format!("{sent} responses"),
    };
    if failed > 0 {
        let differ = if failed == 1 { "differs" } else { "differ" };
        return format!(
            "Not conformant: {failed} of {responses} from {target} {differ} from the docs."
        );
    }
    let matching = passed.saturating_sub(deviations);
    let verdict = match (is_complete, deviations) {
        (false, _) => "Incomplete run".to_owned(),
        (true, 0) => "Conformant".to_owned(),
        (true, 1) => "Conformant except for 1 known deviation".to_owned(),
        (true, count) => format!("Conformant except for {count} known deviations"),
    };
    let compared = match bodies {
        None => String::new(),
        Some(1) => format!(" (1 body compared, {} not)", sent - 1),
        Some(bodies) => format!(
            " ({bodies} bodies compared, {} not)",
            sent.saturating_sub(bodies)
        ),
    };
    format!("{verdict}: {matching} of {responses} from {target} match the docs{compared}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check((passed, failed, deviations): (usize, usize, usize), complete: bool, expected: &str) {
        let numbers = Numbers {
            passed,
            failed,
            deviations,
            bodies: Some(12),
            is_complete: complete,
        };
        assert_eq!(verdict(Proof::Conformance, numbers, "URL"), expected);
    }

    #[test]
    fn states_the_numbers_of_a_live_run() {
        check(
            (17, 0, 0),
            true,
            "Conformant: 17 of 17 responses from URL match the docs (12 bodies compared, 5 not).",
        );
        check(
            (14, 3, 0),
            true,
            "Not conformant: 3 of 17 responses from URL differ from the docs.",
        );
        check(
            (17, 0, 1),
            true,
            "Conformant except for 1 known deviation: 16 of 17 responses from URL match the docs \
             (12 bodies compared, 5 not).",
        );
        check(
            (13, 0, 0),
            false,
            "Incomplete run: 13 of 13 responses from URL match the docs (12 bodies compared, \
             1 not).",
        );
        check((0, 0, 0), true, "No requests sent: every case was skipped.");
    }
}
