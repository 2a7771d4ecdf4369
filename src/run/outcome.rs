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

/// The numbers that the verdict of a run states.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    /// The number of cases that passed.
    pub passed: usize,
    /// The number of cases that failed.
    pub failed: usize,
    /// The number of selected cases that were not sent.
    pub unsent: usize,
    /// The number of passed cases with a known deviation.
    pub deviations: usize,
    /// The number of response bodies that were compared, if they were counted.
    pub bodies: Option<usize>,
    /// Whether all pages were read, and all selected cases were run or skipped.
    pub is_complete: bool,
}

/// The verdict of a run in one sentence.
pub(crate) fn verdict(proven: Proven, numbers: Numbers, target: &str) -> String {
    let Numbers {
        passed,
        failed,
        unsent,
        deviations,
        bodies,
        is_complete,
    } = numbers;
    let sent = passed + failed;
    if sent == 0 {
        let why = match (unsent, is_complete) {
            (0, _) => "no case was selected",
            (_, true) => "every case was skipped",
            (_, false) => "the run is incomplete",
        };
        return format!("No requests sent: {why}.");
    }
    if proven != Proven::Conformance {
        let run = if is_complete {
            "Mock run"
        } else {
            "Incomplete mock run"
        };
        return format!(
            "{run}: checks only that the examples parse and route. \
             Use `--base-url URL` to test the service."
        );
    }
    let responses = match sent {
        1 => "1 response".to_owned(),
        sent => format!("{sent} responses"),
    };
    let not_sent = match unsent {
        0 => String::new(),
        1 => "; 1 case was not sent".to_owned(),
        unsent => format!("; {unsent} cases were not sent"),
    };
    if failed > 0 {
        let differ = if failed == 1 { "differs" } else { "differ" };
        return format!(
            "Not conformant: {failed} of {responses} from {target} {differ} from the docs{not_sent}."
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
    format!(
        "{verdict}: {matching} of {responses} from {target} match the docs{compared}{not_sent}."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Numbers = Numbers {
        passed: 17,
        failed: 0,
        unsent: 0,
        deviations: 0,
        bodies: Some(12),
        is_complete: true,
    };

    #[track_caller]
    fn check(numbers: Numbers, expected: &str) {
        assert_eq!(verdict(Proven::Conformance, numbers, "URL"), expected);
    }

    #[test]
    fn states_the_numbers_of_a_live_run() {
        check(
            WHOLE,
            "Conformant: 17 of 17 responses from URL match the docs (12 bodies compared, 5 not).",
        );
        check(
            Numbers {
                passed: 14,
                failed: 3,
                ..WHOLE
            },
            "Not conformant: 3 of 17 responses from URL differ from the docs.",
        );
        check(
            Numbers {
                deviations: 1,
                ..WHOLE
            },
            "Conformant except for 1 known deviation: 16 of 17 responses from URL match the docs \
             (12 bodies compared, 5 not).",
        );
        check(
            Numbers {
                passed: 13,
                is_complete: false,
                ..WHOLE
            },
            "Incomplete run: 13 of 13 responses from URL match the docs (12 bodies compared, \
             1 not).",
        );
    }

    #[test]
    fn counts_the_cases_that_were_not_sent() {
        check(
            Numbers {
                passed: 13,
                unsent: 4,
                ..WHOLE
            },
            "Conformant: 13 of 13 responses from URL match the docs (12 bodies compared, 1 not); \
             4 cases were not sent.",
        );
        check(
            Numbers {
                passed: 0,
                failed: 1,
                unsent: 1,
                ..WHOLE
            },
            "Not conformant: 1 of 1 response from URL differs from the docs; 1 case was not sent.",
        );
    }

    #[test]
    fn claims_nothing_if_nothing_was_sent() {
        let none = Numbers {
            passed: 0,
            unsent: 4,
            ..WHOLE
        };
        let checks = [
            (none, "No requests sent: every case was skipped."),
            (
                Numbers { unsent: 0, ..none },
                "No requests sent: no case was selected.",
            ),
            (
                Numbers {
                    is_complete: false,
                    ..none
                },
                "No requests sent: the run is incomplete.",
            ),
        ];
        for (numbers, expected) in checks {
            for proven in [Proven::Nothing, Proven::Parsing, Proven::Conformance] {
                assert_eq!(verdict(proven, numbers, "URL"), expected);
            }
        }
    }

    #[test]
    fn says_that_a_mock_run_is_incomplete() {
        let cut = Numbers {
            is_complete: false,
            ..WHOLE
        };
        let said = |numbers| verdict(Proven::Parsing, numbers, "mock");
        assert!(said(WHOLE).starts_with("Mock run: "));
        assert!(said(cut).starts_with("Incomplete mock run: "));
    }
}
