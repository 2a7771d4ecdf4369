//! One JSON object a line.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::place::{Located, line as line_of};
use crate::case::Case;
use crate::compare::Difference;
use crate::message::Headers;
use crate::outcome::{CaseResult, Finished, Outcome, Verdict};
use crate::snapshot::Deviation;

#[derive(Serialize)]
struct ListedCase<'a> {
    id: &'a str,
    page: &'a str,
    line: usize,
    name: Option<&'a str>,
    method: &'a str,
    url: &'a str,
    request_headers: Vec<(&'a str, &'a str)>,
    request_body: Option<&'a str>,
    status: Option<u16>,
    reason: Option<&'a str>,
    response_headers: Option<Vec<(&'a str, &'a str)>>,
    response_body: Option<&'a str>,
}

fn pairs(headers: &Headers) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.as_str()))
        .collect()
}

pub(super) fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a report is JSON")
}

/// A case as it is documented.
pub fn case(case: &Case) -> String {
    let response = case.response.as_ref().map(|response| &response.message);
    line(&ListedCase {
        id: &case.id,
        page: &case.page,
        line: case.line,
        name: case.name.as_deref(),
        method: &case.request.method,
        url: &case.request.target,
        request_headers: pairs(&case.request.headers),
        request_body: case.request.body.as_deref(),
        status: response.map(|response| response.status),
        reason: response.and_then(|response| response.reason.as_deref()),
        response_headers: response.map(|response| pairs(&response.headers)),
        response_body: response.and_then(|response| response.body.as_deref()),
    })
}

#[derive(Serialize)]
struct ResultLine<'a> {
    id: &'a str,
    scenario: Option<&'a str>,
    page: &'a str,
    line: usize,
    outcome: &'static str,
    verdict: Option<&'static str>,
    reason: Option<&'static str>,
    detail: Option<&'a str>,
    deviation: Option<DeviationData<'a>>,
    differences: Vec<DifferenceData<'a>>,
    warnings: Vec<DifferenceData<'a>>,
    snapshot: &'static str,
    ms: f64,
    flaky: bool,
    earlier: Vec<AttemptData<'a>>,
}

/// One of the times that a case was run before the last.
#[derive(Serialize)]
struct AttemptData<'a> {
    outcome: &'static str,
    differences: Vec<DifferenceData<'a>>,
    ms: f64,
}

#[derive(Serialize)]
struct DifferenceData<'a> {
    kind: &'static str,
    header: Option<&'a str>,
    path: Option<&'a str>,
    line: usize,
    documented: &'a str,
    observed: Option<&'a str>,
}

#[derive(Serialize)]
struct DeviationData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    reason: &'a str,
    until: Option<String>,
}

impl<'a> DeviationData<'a> {
    fn new(id: Option<&'a str>, deviation: &'a Deviation) -> Self {
        Self {
            id,
            reason: &deviation.reason,
            until: deviation.until.map(|until| until.to_string()),
        }
    }
}

impl<'a> DifferenceData<'a> {
    fn new(case: &Case, difference: &'a Difference, located: Option<Located<'_>>) -> Self {
        Self {
            kind: difference.kind.name(),
            header: difference.header.as_deref(),
            path: difference.member.as_ref().map(|member| &*member.path),
            line: line_of(case, difference, located),
            documented: &difference.documented,
            observed: difference.observed.as_deref(),
        }
    }
}

/// A case's result.
pub fn result<'r>(case: &Case, result: &'r CaseResult, located: Option<Located<'_>>) -> String {
    let skip = match &result.outcome {
        Outcome::Skip(skip) => Some(skip),
        Outcome::Pass | Outcome::Fail(_) => None,
    };
    let data = |difference| DifferenceData::new(case, difference, located);
    let differences = |outcome: &'r Outcome| match outcome {
        Outcome::Fail(differences) => differences.iter().map(data).collect(),
        Outcome::Pass | Outcome::Skip(_) => Vec::new(),
    };
    let earlier = result.earlier.iter().map(|attempt| AttemptData {
        outcome: attempt.outcome.name(),
        differences: differences(&attempt.outcome),
        ms: milliseconds(attempt.elapsed),
    });
    line(&ResultLine {
        id: &result.id(case),
        scenario: result.scenario.as_deref(),
        page: &case.page,
        line: case.line,
        outcome: result.outcome.name(),
        verdict: result.verdict.map(Verdict::name),
        reason: skip.map(|skip| skip.reason.name()),
        detail: skip.map(|skip| skip.detail.as_str()),
        deviation: result
            .deviation
            .as_ref()
            .map(|deviation| DeviationData::new(None, deviation)),
        differences: differences(&result.outcome),
        warnings: result.warnings.iter().map(data).collect(),
        snapshot: result.snapshot.name(),
        ms: milliseconds(result.elapsed),
        flaky: result.is_flaky(),
        earlier: earlier.collect(),
    })
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    cases: usize,
    pass: usize,
    flaky: usize,
    fail: usize,
    skip: usize,
    not_run: usize,
    skip_reasons: &'a BTreeMap<&'static str, usize>,
    warnings: &'a BTreeMap<&'static str, usize>,
    snapshots: &'a BTreeMap<&'static str, usize>,
    verdicts: &'a BTreeMap<&'static str, usize>,
    deviations: Vec<DeviationData<'a>>,
    pages: usize,
    pages_unread: usize,
    diagnostics: &'a BTreeMap<&'static str, usize>,
    errors: usize,
    target: &'a str,
    proves: &'static str,
    interrupted: bool,
    ms: f64,
}

/// What a report says of the docs beside the results.
#[derive(Debug, Clone, Default)]
pub struct DocsSummary {
    /// How many pages there are.
    pub pages: usize,
    /// How many of them could not be read.
    pub unread: usize,
    /// How many findings each rule has.
    pub findings: BTreeMap<&'static str, usize>,
    /// How many of the findings are errors.
    pub errors: usize,
}

/// The last line of a run.
pub fn summary(finished: &Finished, docs: &DocsSummary, elapsed: Duration) -> String {
    line(&SummaryLine {
        summary: Summary {
            cases: finished.selected,
            pass: finished.counts.pass,
            flaky: finished.counts.flaky,
            fail: finished.counts.fail,
            skip: finished.counts.skipped(),
            not_run: finished.not_run(),
            skip_reasons: &finished.counts.skip,
            warnings: &finished.counts.warnings,
            snapshots: &finished.counts.snapshots,
            verdicts: &finished.counts.verdicts,
            deviations: finished
                .deviations
                .iter()
                .map(|known| DeviationData::new(Some(&known.id), &known.deviation))
                .collect(),
            pages: docs.pages,
            pages_unread: docs.unread,
            diagnostics: &docs.findings,
            errors: docs.errors,
            target: &finished.target,
            proves: finished.proof.name(),
            interrupted: finished.interrupted,
            ms: milliseconds(elapsed),
        },
    })
}
