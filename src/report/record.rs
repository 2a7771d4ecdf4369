//! The record of a run: every report is built from it, and `docproof merge` reads
//! it back from JSON to join the parts of a run.

mod lines;
pub(crate) mod made;
mod selection;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::basics::plural;
use crate::run::outcome::{BodyCounts, Failure, Numbers, Proven, verdict};
use crate::run::select::Partition;
pub(crate) use lines::{RecordError, RunRecord, case_line, read, summary_line};
pub(crate) use selection::SelectionRecord;

/// The outcome of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutcomeName {
    /// The response matches its page and its snapshot.
    Pass,
    /// It does not match.
    Fail,
    /// No request was sent.
    Skip,
}

impl OutcomeName {
    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// The result of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CaseRecord {
    /// The id of the result.
    pub id: String,
    /// The name of its scenario.
    pub scenario: Option<String>,
    /// The page, relative to the docs root.
    pub page: String,
    /// The line of the request's fence, from 1.
    pub line: usize,
    /// The documented method.
    pub method: String,
    /// The documented request target.
    pub target: String,
    /// The outcome.
    pub outcome: OutcomeName,
    /// How page, snapshot and response relate.
    pub verdict: Option<String>,
    /// Why it was skipped.
    pub reason: Option<String>,
    /// What the reason refers to.
    pub detail: Option<String>,
    /// The deviation that was accepted for it.
    pub deviation: Option<DeviationRecord>,
    /// What replaced the documented response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<ReplacedRecord>,
    /// Why it failed.
    pub differences: Vec<DifferenceRecord>,
    /// Differences that are not failures.
    pub warnings: Vec<DifferenceRecord>,
    /// `compared`, or why the body of the response was not compared.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether its page documents no status.
    #[serde(
        default,
        rename = "status_not_documented",
        skip_serializing_if = "is_default"
    )]
    pub is_status_undocumented: bool,
    /// The state of its snapshot.
    pub snapshot: String,
    /// The duration of the exchange in milliseconds.
    pub ms: f64,
    /// Whether it passed after it had failed.
    #[serde(default)]
    pub flaky: bool,
    /// The earlier attempts.
    #[serde(default)]
    pub earlier: Vec<Attempt>,
    /// The page as the user would open it, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The verdict of a failed case as a sentence, and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// Diffs of the documented and the accepted response with the actual one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diffs: Vec<DiffRecord>,
    /// The request and the response, if they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
    /// The request as a curl command for a POSIX shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

/// An attempt before the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// The outcome.
    pub outcome: OutcomeName,
    /// Why it failed.
    pub differences: Vec<DifferenceRecord>,
    /// The duration of the exchange in milliseconds.
    pub ms: f64,
}

/// An accepted deviation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeviationRecord {
    /// The id of its case, unless it is part of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is accepted.
    pub until: Option<String>,
}

impl DeviationRecord {
    /// The deviation on one line.
    pub(crate) fn text(&self) -> String {
        let until = self.until.as_ref();
        let until = until.map_or_else(String::new, |until| format!(" until {until}"));
        let id = self.id.as_deref().unwrap_or_default();
        format!("known deviation{until}: {id}: {}", self.reason)
    }
}

/// An expectation of a scenario that replaces the documented response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReplacedRecord {
    /// The documented status.
    pub documented: String,
    /// The expectation.
    pub expected: String,
    /// The place of the expectation.
    pub scenario: PlaceRecord,
}

impl ReplacedRecord {
    /// The replacement as a sentence.
    pub(crate) fn text(&self) -> String {
        let PlaceRecord { file, line } = &self.scenario;
        format!(
            "specs/scenarios/{file}:{line} expects {} instead of the documented {}; nothing \
             else of the documented response was compared",
            self.expected, self.documented
        )
    }
}

/// A difference between the documented and the actual response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DifferenceRecord {
    /// The kind of difference.
    pub kind: String,
    /// The header that differs.
    pub header: Option<String>,
    /// The path of the member that differs.
    pub path: Option<String>,
    /// The line of the page, from 1.
    pub line: usize,
    /// The documented value.
    pub documented: String,
    /// The actual value.
    pub observed: Option<String>,
    /// The difference as a sentence.
    #[serde(default)]
    pub message: String,
    /// The lines of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// The place in the scenario that expects it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<PlaceRecord>,
}

/// Whole lines of a page, with a marked part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Excerpt {
    /// The number of the first line, from 1.
    pub line: usize,
    /// The text before the marked part.
    pub before: String,
    /// The marked part.
    pub marked: String,
    /// The text after it.
    pub after: String,
}

impl Excerpt {
    /// The lines.
    pub(crate) fn text(&self) -> String {
        [&*self.before, &self.marked, &self.after].concat()
    }
}

/// A place in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlaceRecord {
    /// The file, relative to the folder of scenarios.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// A unified diff with the actual response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DiffRecord {
    /// What it is compared with: `documented` or `accepted`.
    pub against: String,
    /// The lines of the diff.
    pub text: String,
}

/// A request and its response, with secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExchangeRecord {
    /// The request.
    pub request: RequestRecord,
    /// The response, unless there was an error.
    pub answer: Option<ResponseRecord>,
    /// Why there is no response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequestRecord {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The body, shortened if it is long.
    pub body: Option<String>,
}

/// A response that was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResponseRecord {
    /// The status code and its reason phrase.
    pub status: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The body, shortened if it is long.
    pub body: Option<String>,
}

impl ExchangeRecord {
    /// The response as text, or why there is none.
    pub(crate) fn response_text(&self) -> String {
        match (&self.answer, &self.error) {
            (Some(response), _) => response.text(),
            (None, error) => error.clone().unwrap_or_default(),
        }
    }
}

impl RequestRecord {
    /// The request as text.
    pub(crate) fn text(&self) -> String {
        let first = format!("{} {}", self.method, self.url);
        message_text(first, &self.headers, self.body.as_deref())
    }
}

impl ResponseRecord {
    /// The response as text.
    pub(crate) fn text(&self) -> String {
        message_text(self.status.clone(), &self.headers, self.body.as_deref())
    }
}

fn message_text(mut text: String, headers: &[(String, String)], body: Option<&str>) -> String {
    for (name, value) in headers {
        text += &format!("\n{name}: {value}");
    }
    if let Some(body) = body {
        text += "\n\n";
        text += body;
    }
    text
}

/// Counts by name.
pub(crate) type Tally = BTreeMap<String, usize>;

/// `1 match, 2 new`.
pub(crate) fn counted(tally: &Tally) -> String {
    let counts: Vec<String> = tally
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    counts.join(", ")
}

/// The summary of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// The number of selected cases, whether or not they ran.
    pub cases: usize,
    /// The number of cases that passed.
    pub pass: usize,
    /// The number of those that had failed before.
    #[serde(default)]
    pub flaky: usize,
    /// The number of cases that failed.
    pub fail: usize,
    /// The number of skipped cases.
    pub skip: usize,
    /// The number of failed cases without a response.
    #[serde(default)]
    pub no_response: usize,
    /// The number of cases that failed only because their accepted snapshot is missing.
    #[serde(default)]
    pub no_snapshot: usize,
    /// The number of passed cases that were compared with their scenario instead of the page.
    #[serde(default)]
    pub replaced: usize,
    /// The number of cases that did not run.
    #[serde(default)]
    pub not_run: usize,
    /// The number of response bodies that were compared. Older records lack it.
    #[serde(default)]
    pub bodies_compared: Option<usize>,
    /// The number of response bodies that were not compared, per reason.
    #[serde(default)]
    pub bodies_not_compared: Tally,
    /// The number of cases whose page documents no status.
    #[serde(default, skip_serializing_if = "is_default")]
    pub statuses_not_documented: usize,
    /// The number of skipped cases per reason.
    pub skip_reasons: Tally,
    /// The number of warnings per kind.
    pub warnings: Tally,
    /// The number of snapshots per state.
    pub snapshots: Tally,
    /// The number of orphaned snapshots that fail the run.
    #[serde(default)]
    pub orphaned_snapshots: usize,
    /// The number of cases per verdict.
    pub verdicts: Tally,
    /// The known deviations.
    pub deviations: Vec<DeviationRecord>,
    /// The number of pages.
    pub pages: usize,
    /// The number of pages that could not be read.
    pub pages_unread: usize,
    /// The number of examples without annotations per rule that recognised them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recognised: Tally,
    /// The number of findings in the pages per rule.
    pub diagnostics: Tally,
    /// The number of findings that are errors.
    pub errors: usize,
    /// The base URL, or `mock`.
    pub target: String,
    /// What the run proves, if it passed.
    pub proves: Proven,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// The duration in milliseconds.
    pub ms: f64,
    /// The docs root, as the user names it.
    #[serde(default)]
    pub docs: String,
    /// What was tested instead of the pages, if there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// The version of docproof that did the run.
    #[serde(default)]
    pub version: String,
    /// Which partition of a run this is.
    #[serde(default)]
    pub partition: Option<Partition>,
    /// What was selected, before it was partitioned. Older records lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionRecord>,
    /// The partitions that were missing when the parts were merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_partitions: Vec<Partition>,
}

impl Summary {
    /// Whether the run failed. Pages that could not be read, examples that are lost
    /// by an error in their page, and missing partitions were not tested, so they
    /// are failures too.
    pub(crate) fn has_failed(&self) -> bool {
        self.fail > 0
            || self.pages_unread > 0
            || self.errors > 0
            || self.orphaned_snapshots > 0
            || !self.missing_partitions.is_empty()
    }

    /// The number of cases for which a request was sent.
    pub(crate) fn sent(&self) -> usize {
        self.pass + self.fail
    }

    /// Whether cases were selected and none was sent. A partition may have no case that
    /// can be sent if others have one.
    pub(crate) fn tested_nothing(&self) -> bool {
        let others = self.selection.as_ref().filter(|_| self.partition.is_some());
        self.cases > 0 && self.sent() == 0 && !others.is_some_and(|whole| whole.can_send)
    }

    /// Whether all pages were read and all selected cases were run or skipped.
    pub(crate) fn is_complete(&self) -> bool {
        !self.interrupted
            && self.missing_partitions.is_empty()
            && self.pages_unread == 0
            && self.errors == 0
    }

    /// The verdict in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let numbers = Numbers {
            passed: self.pass,
            failed: self.fail,
            no_response: self.no_response,
            no_snapshot: self.no_snapshot,
            unsent: self.skip + self.not_run,
            deviations: self.deviations.len(),
            replaced: self.replaced,
            bodies: self.bodies_compared.map(|compared| BodyCounts {
                compared,
                not: &self.bodies_not_compared,
            }),
            undocumented_statuses: self.statuses_not_documented,
            is_complete: self.is_complete(),
        };
        verdict(self.proves, numbers, &self.target)
    }

    /// `16 passed, 1 failed, 0 skipped`.
    pub(crate) fn outcomes(&self) -> String {
        let flaky = match self.flaky {
            0 => String::new(),
            flaky => format!(" ({flaky} flaky)"),
        };
        format!(
            "{} passed{flaky}, {} failed, {} skipped",
            self.pass, self.fail, self.skip
        )
    }

    /// What follows the outcomes: `, 7 not run of 17 cases`.
    pub(crate) fn of_cases(&self) -> String {
        let not_run = match self.not_run {
            0 => String::new(),
            not_run => format!(", {not_run} not run"),
        };
        format!("{not_run} of {}", plural(self.cases, "case"))
    }

    /// Updates the counts of cases.
    pub(crate) fn count(&mut self, cases: &[CaseRecord]) {
        let of = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
        self.pass = of(OutcomeName::Pass);
        self.fail = of(OutcomeName::Fail);
        self.skip = of(OutcomeName::Skip);
        let failing = |failure| {
            let failed = cases
                .iter()
                .filter(|case| case.outcome == OutcomeName::Fail);
            let kinds = |case: &CaseRecord| Failure::of(case.differences.iter().map(|d| &*d.kind));
            failed.filter(|case| kinds(case) == failure).count()
        };
        self.no_response = failing(Failure::NoResponse);
        self.no_snapshot = failing(Failure::NoSnapshot);
        let passed = cases
            .iter()
            .filter(|case| case.outcome == OutcomeName::Pass);
        self.replaced = passed.filter(|case| case.replaced.is_some()).count();
        self.flaky = cases.iter().filter(|case| case.flaky).count();
        self.not_run = self.cases.saturating_sub(cases.len());
        let undocumented = cases.iter().filter(|case| case.is_status_undocumented);
        self.statuses_not_documented = undocumented.count();
        let reasons = cases.iter().filter_map(|case| case.reason.as_ref());
        self.skip_reasons = tally(reasons);
        let warnings = cases.iter().flat_map(|case| &case.warnings);
        self.warnings = tally(warnings.map(|warning| &warning.kind));
        self.snapshots = tally(cases.iter().map(|case| &case.snapshot));
        self.verdicts = tally(cases.iter().filter_map(|case| case.verdict.as_ref()));
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn tally<'a>(names: impl Iterator<Item = &'a String>) -> Tally {
    let mut tally = Tally::new();
    for name in names {
        match tally.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                tally.insert(name.clone(), 1);
            }
        }
    }
    tally
}

impl CaseRecord {
    /// The page as the user would open it.
    pub(crate) fn file(&self) -> &str {
        self.file.as_deref().unwrap_or(&self.page)
    }

    /// `failed 2 of 3 times`, if there was more than one attempt.
    pub(crate) fn tally(&self) -> Option<String> {
        if self.earlier.is_empty() {
            return None;
        }
        let earlier = self.earlier.iter().map(|attempt| attempt.outcome);
        let outcomes = earlier.chain([self.outcome]);
        let failures = outcomes.filter(|outcome| *outcome == OutcomeName::Fail);
        let times = plural(self.earlier.len() + 1, "time");
        Some(format!("failed {} of {times}", failures.count()))
    }

    /// Passes each text from pages, scenarios and servers to `each`, which may mask
    /// secrets in it.
    pub(crate) fn each_text(&mut self, each: &mut dyn FnMut(&mut String)) {
        let Self {
            id,
            scenario,
            page,
            method,
            target,
            reason: _,
            detail,
            deviation,
            differences,
            warnings,
            file,
            advice,
            diffs,
            exchange,
            curl,
            earlier,
            ..
        } = self;
        for text in [id, page, method, target] {
            each(text);
        }
        for text in [scenario, detail, file, advice, curl].into_iter().flatten() {
            each(text);
        }
        if let Some(deviation) = deviation {
            each(&mut deviation.reason);
        }
        let earlier = earlier.iter_mut();
        let earlier = earlier.flat_map(|attempt| &mut attempt.differences);
        for difference in differences.iter_mut().chain(warnings).chain(earlier) {
            each(&mut difference.documented);
            each(&mut difference.message);
            let parts = [
                &mut difference.header,
                &mut difference.path,
                &mut difference.observed,
            ];
            parts.into_iter().flatten().for_each(&mut *each);
            if let Some(excerpt) = &mut difference.excerpt {
                let Excerpt {
                    before,
                    marked,
                    after,
                    ..
                } = excerpt;
                [before, marked, after].into_iter().for_each(&mut *each);
            }
        }
        for diff in diffs {
            each(&mut diff.text);
        }
        let Some(ExchangeRecord {
            request,
            answer,
            error,
        }) = exchange
        else {
            return;
        };
        each(&mut request.url);
        error.iter_mut().for_each(&mut *each);
        request.body.iter_mut().for_each(&mut *each);
        for (name, value) in &mut request.headers {
            each(name);
            each(value);
        }
        if let Some(answer) = answer {
            answer.body.iter_mut().for_each(&mut *each);
            for (name, value) in &mut answer.headers {
                each(name);
                each(value);
            }
        }
    }
}
