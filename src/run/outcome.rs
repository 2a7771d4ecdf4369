//! What came of a run, as reports take it: typed results, and what a green run
//! has shown.

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

/// How the documented response, the accepted snapshot and the answer stand to
/// each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All three are the same; or the first and the last, where nothing was
    /// accepted.
    Conforms,
    /// The answer left the page, which says what was accepted.
    ServiceDrifted,
    /// The page and the answer agree on something else than was accepted.
    DocsAndServiceMoved,
    /// The answer is the accepted one, and the page says something else.
    DocsChanged,
    /// The same, and it was accepted as a deviation from the page.
    KnownDeviation,
    /// A deviation was accepted, and the service keeps the page's word again.
    StaleDeviation,
    /// No two are the same.
    AllDiffer,
    /// The answer is not what the page says, and nothing was accepted.
    ServiceDiffers,
}

/// What the accepted snapshot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// There is none.
    Nothing,
    /// What the answer is.
    Response,
    /// What the page says, and the answer is not.
    Promise,
    /// Something else.
    Other,
}

impl Verdict {
    /// The verdict where no deviation was accepted. What is the same as a third
    /// is the same as each other, so whether page and snapshot are the same need
    /// only be asked where the answer is neither.
    pub fn of(conforms: bool, accepted: Accepted) -> Self {
        match (conforms, accepted) {
            (true, Accepted::Nothing | Accepted::Response) => Self::Conforms,
            (true, Accepted::Promise | Accepted::Other) => Self::DocsAndServiceMoved,
            (false, Accepted::Nothing) => Self::ServiceDiffers,
            (false, Accepted::Response) => Self::DocsChanged,
            (false, Accepted::Promise) => Self::ServiceDrifted,
            (false, Accepted::Other) => Self::AllDiffer,
        }
    }

    /// The verdict where a deviation was accepted, which has ended or not. A
    /// mock says what the page says, so nothing it answers ends a deviation.
    #[must_use]
    pub fn deviating(self, conforms: bool, has_ended: bool, proof: Proof) -> Self {
        match (proof, self) {
            (Proof::Conformance, _) if conforms => Self::StaleDeviation,
            (Proof::Conformance, Self::DocsChanged)
            | (Proof::Parsing, Self::DocsAndServiceMoved)
                if has_ended =>
            {
                Self::DocsChanged
            }
            (Proof::Conformance, Self::DocsChanged)
            | (Proof::Parsing, Self::DocsAndServiceMoved) => Self::KnownDeviation,
            _ => self,
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conforms => "conforms",
            Self::ServiceDrifted => "service-drifted",
            Self::DocsAndServiceMoved => "docs-and-service-moved",
            Self::DocsChanged => "docs-changed",
            Self::KnownDeviation => "known-deviation",
            Self::StaleDeviation => "stale-deviation",
            Self::AllDiffer => "all-differ",
            Self::ServiceDiffers => "service-differs",
        }
    }
}

/// A case's result.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// The name of the scenario by which it was run.
    pub scenario: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// How page, snapshot and answer stand to each other; none where there was
    /// no answer, or where the snapshot cannot be read.
    pub verdict: Option<Verdict>,
    /// The deviation that was accepted for it.
    pub deviation: Option<Deviation>,
    /// What of its answer is worth a word, and no failure.
    pub warnings: Vec<Difference>,
    /// How its observation stands to the accepted one.
    pub snapshot: State,
    /// What came back, secrets masked, where it was to be kept and is held
    /// against the page.
    pub response: Option<ActualResponse>,
    /// What was sent and what came back, secrets masked, where it was to be
    /// kept.
    pub exchange: Option<Box<Exchanged>>,
    /// What came back, as a snapshot keeps it.
    pub observation: Option<String>,
    /// How long the exchange took.
    pub elapsed: Duration,
    /// What there is to say about its snapshot file.
    pub finding: Option<Diagnostic>,
    /// How it went before, where it was run more than once; the last time is
    /// that of the result.
    pub earlier: Vec<Attempt>,
}

/// One of several times that a case was run.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What became of it then.
    pub outcome: Outcome,
    /// How long the exchange took.
    pub elapsed: Duration,
}

impl CaseResult {
    /// The id of the result: a case with named scenarios has several.
    pub fn id<'c>(&self, case: &'c Case) -> Cow<'c, str> {
        result_id(case, self.scenario.as_deref())
    }

    /// Whether it passed, and failed before.
    pub fn is_flaky(&self) -> bool {
        self.outcome == Outcome::Pass && self.failures() > 0
    }

    /// How often it failed.
    pub fn failures(&self) -> usize {
        let earlier = self.earlier.iter().map(|attempt| &attempt.outcome);
        let all = earlier.chain([&self.outcome]);
        all.filter(|outcome| matches!(outcome, Outcome::Fail(_)))
            .count()
    }

    /// The deviation that let the case pass, if one did.
    pub fn known_deviation(&self, id: &str) -> Option<KnownDeviation> {
        let deviation = self.deviation.as_ref()?;
        (self.verdict == Some(Verdict::KnownDeviation)).then(|| KnownDeviation {
            id: id.to_owned(),
            deviation: deviation.clone(),
        })
    }
}

/// What was sent and what came back, secrets masked.
#[derive(Debug, Clone)]
pub struct Exchanged {
    /// The request, with what the target added.
    pub request: PreviewRequest,
    /// The answer, or why there is none.
    pub response: Result<ActualResponse, String>,
}

/// Whose exchanges results keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exchanges {
    /// Nobody's.
    #[default]
    None,
    /// Those of cases that failed.
    Failed,
    /// All.
    All,
}

/// What a green run has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// Those among them that failed before.
    pub flaky: usize,
    /// Cases that failed.
    pub fail: usize,
    /// Cases that were left out, by reason.
    pub skip: BTreeMap<&'static str, usize>,
    /// What was only worth a word, by kind.
    pub warnings: BTreeMap<&'static str, usize>,
    /// Snapshots by state.
    pub snapshots: BTreeMap<&'static str, usize>,
    /// Verdicts by name.
    pub verdicts: BTreeMap<&'static str, usize>,
}

impl Counts {
    /// Counts one more result.
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

    /// All cases that were left out.
    pub fn skipped(&self) -> usize {
        self.skip.values().sum()
    }

    /// All cases that were counted.
    pub fn total(&self) -> usize {
        self.pass + self.fail + self.skipped()
    }
}

/// A deviation that let a case pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDeviation {
    /// The case's id.
    pub id: String,
    /// What was accepted.
    pub deviation: Deviation,
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The counts.
    pub counts: Counts,
    /// The known deviations, in the order of the cases.
    pub deviations: Vec<KnownDeviation>,
    /// The base URL that was sent to, or `mock`.
    pub target: String,
    /// What a green run has shown.
    pub proof: Proof,
    /// How many cases were selected, whether or not they were come to.
    pub selected: usize,
    /// Whether it was ended before its end.
    pub interrupted: bool,
}

impl Finished {
    /// How many cases were not come to.
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
