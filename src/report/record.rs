//! A run as one owned record, from which every report is written, and which
//! is read back from its JSON to join the parts of a run.

mod lines;
mod made;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::basics::plural;
use crate::run::outcome::{Numbers, Proof, verdict};
use crate::run::select::Partition;
pub(crate) use lines::{RecordError, RunRecord, case_line, read, summary_line};
pub(crate) use made::{DocsSummary, case};

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OutcomeName {
    /// The answer keeps the page's word.
    Pass,
    /// It does not.
    Fail,
    /// Nothing was sent.
    Skip,
}

impl OutcomeName {
    /// The word that reports use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// A case, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CaseRecord {
    /// The id of the result.
    pub id: String,
    /// The name of the scenario by which it was run.
    pub scenario: Option<String>,
    /// The page, relative to the docs root.
    pub page: String,
    /// The line of the request's fence, from 1.
    pub line: usize,
    /// The documented method.
    pub method: String,
    /// The documented request target.
    pub target: String,
    /// What became of it.
    pub outcome: OutcomeName,
    /// How page, snapshot and answer stand to each other.
    pub verdict: Option<String>,
    /// Why it was left out.
    pub reason: Option<String>,
    /// What that is about.
    pub detail: Option<String>,
    /// The deviation that was accepted for it.
    pub deviation: Option<DeviationRecord>,
    /// Why it failed.
    pub differences: Vec<DifferenceRecord>,
    /// What is only worth a word.
    pub warnings: Vec<DifferenceRecord>,
    /// How its observation stands to the accepted one.
    pub snapshot: String,
    /// How long the exchange took, in milliseconds.
    pub ms: f64,
    /// Whether it passed, and failed before.
    #[serde(default)]
    pub flaky: bool,
    /// How it went before, where it was run more than once.
    #[serde(default)]
    pub earlier: Vec<Attempt>,
    /// The page as the user would open it, where it could be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The verdict of a failed case in words, and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The answer beside the documented and the accepted one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diffs: Vec<DiffRecord>,
    /// What was sent and what came back, where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<ExchangeRecord>,
    /// The request as a command of curl, for a POSIX shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

/// One of the times that a case was run before the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// What became of it then.
    pub outcome: OutcomeName,
    /// Why it failed.
    pub differences: Vec<DifferenceRecord>,
    /// How long the exchange took, in milliseconds.
    pub ms: f64,
}

/// A deviation that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeviationRecord {
    /// The id of its case, where it does not stand with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why it is put up with.
    pub reason: String,
    /// The last day on which it is.
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

/// One difference between what is documented and what came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DifferenceRecord {
    /// What differs.
    pub kind: String,
    /// The header that is meant.
    pub header: Option<String>,
    /// The member of the body that is meant.
    pub path: Option<String>,
    /// The line of the page that it is about, from 1.
    pub line: usize,
    /// What the page says.
    pub documented: String,
    /// What came back.
    pub observed: Option<String>,
    /// All of that in a sentence.
    #[serde(default)]
    pub message: String,
    /// The lines of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// Where a scenario asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<PlaceRecord>,
}

/// Whole lines of a page, and what of them is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Excerpt {
    /// The number of the first line, from 1.
    pub line: usize,
    /// What stands before.
    pub before: String,
    /// What is meant.
    pub marked: String,
    /// What stands after.
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

/// The answer beside something else, as a unified diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DiffRecord {
    /// What else: `documented` or `accepted`.
    pub against: String,
    /// The lines of the diff.
    pub text: String,
}

/// What was sent and what came back, secrets masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExchangeRecord {
    /// The request.
    pub request: RequestRecord,
    /// The answer; none where `error` says why.
    pub answer: Option<ResponseRecord>,
    /// Why there is no answer.
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
    /// The content, as far as it can be shown.
    pub body: Option<String>,
}

/// An answer that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResponseRecord {
    /// The status code and its reason phrase.
    pub status: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The content, as far as it can be shown.
    pub body: Option<String>,
}

impl ExchangeRecord {
    /// The response as text, or why there is none.
    pub(crate) fn response_text(&self) -> String {
        match (&self.answer, &self.error) {
            (Some(response), _) => response.text(),
            (None, error) => format!("no response: {}", error.as_deref().unwrap_or_default()),
        }
    }
}

impl RequestRecord {
    /// The request as a text.
    pub(crate) fn text(&self) -> String {
        let first = format!("{} {}", self.method, self.url);
        message_text(first, &self.headers, self.body.as_deref())
    }
}

impl ResponseRecord {
    /// The answer as a text.
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

/// How often something was counted, by its name.
pub(crate) type Tally = BTreeMap<String, usize>;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// How many cases were selected, whether or not they ran.
    pub cases: usize,
    /// Cases that passed.
    pub pass: usize,
    /// Those among them that failed before.
    #[serde(default)]
    pub flaky: usize,
    /// Cases that failed.
    pub fail: usize,
    /// Cases that were left out.
    pub skip: usize,
    /// Cases that were not come to.
    #[serde(default)]
    pub not_run: usize,
    /// The number of response bodies that were compared. Older records lack it.
    #[serde(default)]
    pub bodies_compared: Option<usize>,
    /// Those by reason.
    pub skip_reasons: Tally,
    /// What was only worth a word, by kind.
    pub warnings: Tally,
    /// Snapshots by state.
    pub snapshots: Tally,
    /// Verdicts by name.
    pub verdicts: Tally,
    /// The known deviations.
    pub deviations: Vec<DeviationRecord>,
    /// How many pages there are.
    pub pages: usize,
    /// How many of them could not be read.
    pub pages_unread: usize,
    /// How many findings each rule has in the pages.
    pub diagnostics: Tally,
    /// How many of the findings are errors.
    pub errors: usize,
    /// The base URL that was sent to, or `mock`.
    pub target: String,
    /// What a green run has shown.
    pub proves: Proof,
    /// Whether it was ended before its end.
    pub interrupted: bool,
    /// How long it took, in milliseconds.
    pub ms: f64,
    /// The docs root, as the user names it.
    #[serde(default)]
    pub docs: String,
    /// The version of docproof that made the run.
    #[serde(default)]
    pub version: String,
    /// Which part of a run this is.
    #[serde(default)]
    pub partition: Option<Partition>,
    /// The parts that were not there when they were joined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_partitions: Vec<Partition>,
}

impl Summary {
    /// Whether the run is no green one: a page that could not be read, or a
    /// part that is not there, was not tested.
    pub(crate) fn has_failed(&self) -> bool {
        self.fail > 0 || self.pages_unread > 0 || !self.missing_partitions.is_empty()
    }

    /// What the run has shown, in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let is_whole = !self.interrupted && self.missing_partitions.is_empty();
        let numbers = Numbers {
            passed: self.pass,
            failed: self.fail,
            deviations: self.deviations.len(),
            bodies: self.bodies_compared,
            is_complete: is_whole,
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

    /// Counts the cases anew.
    pub(crate) fn count(&mut self, cases: &[CaseRecord]) {
        let of = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
        self.pass = of(OutcomeName::Pass);
        self.fail = of(OutcomeName::Fail);
        self.skip = of(OutcomeName::Skip);
        self.flaky = cases.iter().filter(|case| case.flaky).count();
        self.not_run = self.cases.saturating_sub(cases.len());
        let reasons = cases.iter().filter_map(|case| case.reason.as_ref());
        self.skip_reasons = tally(reasons);
        let warnings = cases.iter().flat_map(|case| &case.warnings);
        self.warnings = tally(warnings.map(|warning| &warning.kind));
        self.snapshots = tally(cases.iter().map(|case| &case.snapshot));
        self.verdicts = tally(cases.iter().filter_map(|case| case.verdict.as_ref()));
    }
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

    /// Gives each text that came from pages, scenarios or servers to `each`,
    /// which may mask what stands in it.
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
