//! Records of typed results.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use similar::TextDiff;

use super::{
    Attempt, CaseRecord, DeviationRecord, DiffRecord, DifferenceRecord, Excerpt, ExchangeRecord,
    OutcomeName, PlaceRecord, ReplacedRecord, RequestRecord, ResponseRecord, Summary, Tally,
};
use crate::check::types::ShapeKind;
use crate::http::message::{ActualResponse, Content};
use crate::http::policy::Policies;
use crate::page::case::Case;
use crate::project::plan::PreviewBody;
use crate::report::basics::milliseconds;
use crate::report::curl;
use crate::report::message::{advice, message};
use crate::report::place::{Located, line as line_of, place};
use crate::run::compare::{Difference, DifferenceKind};
use crate::run::observation::{promised, status_line};
use crate::run::outcome::{CaseResult, Exchanged, Finished, Outcome, Proof, Proven, Replaced};
use crate::run::snapshot::Deviation;
use crate::text::finding::Snippet;

/// The longest body that a record keeps, in bytes.
const BODY_LIMIT: usize = 16 << 10;

/// What a report states about the docs.
#[derive(Debug, Clone, Default)]
pub(crate) struct DocsSummary {
    /// The docs root, as the user names it.
    pub docs: String,
    /// What is tested instead of the pages, if there are none.
    pub fallback: Option<String>,
    /// The number of pages.
    pub pages: usize,
    /// The number of pages that could not be read.
    pub unread: usize,
    /// The number of recognised examples per rule.
    pub recognised: BTreeMap<&'static str, usize>,
    /// The number of findings per rule.
    pub findings: BTreeMap<&'static str, usize>,
    /// The number of findings that are errors.
    pub errors: usize,
}

/// The record of a case's result.
pub(crate) fn case(
    case: &Case,
    result: &CaseResult,
    located: Option<Located<'_>>,
    policies: &Policies,
    proof: Proof,
) -> CaseRecord {
    let skip = match &result.outcome {
        Outcome::Skip(skip) => Some(skip),
        Outcome::Pass | Outcome::Fail(_) => None,
    };
    let (outcome, differences) = parts(&result.outcome);
    let of = |found| difference(case, found, located, proof);
    let earlier = result.earlier.iter().map(|attempt| {
        let (outcome, differences) = parts(&attempt.outcome);
        Attempt {
            outcome,
            differences: differences.iter().map(of).collect(),
            ms: milliseconds(attempt.elapsed),
        }
    });
    let id = result.id(case);
    let exchange = result.exchange.as_deref();
    // After the run the embedded mock has no address.
    let curl = exchange.filter(|_| proof == Proof::Conformance);
    CaseRecord {
        scenario: result.scenario.clone(),
        page: case.page.to_string(),
        line: case.line,
        method: case.request.method.clone(),
        target: case.request.target.clone(),
        outcome,
        verdict: result.verdict.map(|verdict| verdict.name().to_owned()),
        reason: skip.map(|skip| skip.reason.name().to_owned()),
        detail: skip.map(|skip| skip.detail.clone()),
        deviation: result
            .deviation
            .as_ref()
            .map(|known| DeviationRecord::of(None, known)),
        replaced: result.replaced.as_ref().map(ReplacedRecord::of),
        differences: differences.iter().map(of).collect(),
        warnings: result.warnings.iter().map(of).collect(),
        body: result.body.map(|body| match body {
            Ok(()) => "compared".to_owned(),
            Err(reason) => reason.name().to_owned(),
        }),
        is_status_undocumented: result.is_status_undocumented,
        snapshot: result.snapshot.name().to_owned(),
        ms: milliseconds(result.elapsed),
        flaky: result.is_flaky(),
        earlier: earlier.collect(),
        file: located.map(|located| located.file.to_owned()),
        advice: advice(&id, result, proof),
        diffs: diffs(case, result, differences, policies),
        curl: curl.map(|exchanged| curl::one(&exchanged.request)),
        exchange: exchange.map(exchange_record),
        id: id.into_owned(),
    }
}

/// The name of an outcome, and the differences of a failure.
fn parts(outcome: &Outcome) -> (OutcomeName, &[Difference]) {
    match outcome {
        Outcome::Pass => (OutcomeName::Pass, &[]),
        Outcome::Fail(differences) => (OutcomeName::Fail, differences),
        Outcome::Skip(_) => (OutcomeName::Skip, &[]),
    }
}

impl DeviationRecord {
    /// The record of a deviation, with the id of its case unless it is part of it.
    pub(crate) fn of(id: Option<&str>, deviation: &Deviation) -> Self {
        Self {
            id: id.map(str::to_owned),
            reason: deviation.reason.clone(),
            until: deviation.until.map(|until| until.to_string()),
        }
    }
}

impl ReplacedRecord {
    fn of(replaced: &Replaced) -> Self {
        Self {
            documented: replaced.documented.clone(),
            expected: replaced.expected.clone(),
            scenario: PlaceRecord {
                file: replaced.file.to_string(),
                line: replaced.line,
            },
        }
    }
}

fn difference(
    case: &Case,
    difference: &Difference,
    located: Option<Located<'_>>,
    proof: Proof,
) -> DifferenceRecord {
    let line = line_of(case, difference, located);
    let place_of_step = difference.scenario.as_ref();
    let snippet = located
        .filter(|_| place_of_step.is_none())
        .and_then(|located| Snippet::of(located.page, place(case, difference, located)));
    DifferenceRecord {
        kind: difference.kind.name().to_owned(),
        header: difference.header.clone(),
        path: difference.member.as_ref().map(|member| member.path.clone()),
        line,
        documented: difference.documented.clone(),
        observed: difference.observed.clone(),
        message: message(case, difference, line, proof.who()),
        excerpt: snippet.as_ref().map(Excerpt::of),
        scenario: place_of_step.map(|place| PlaceRecord {
            file: place.file.to_string(),
            line: place.line,
        }),
    }
}

impl Excerpt {
    /// The lines of a snippet.
    pub(crate) fn of(snippet: &Snippet) -> Self {
        let range = snippet.span.range();
        let of = |part: Option<&str>| part.unwrap_or_default().to_owned();
        Self {
            line: snippet.first_line,
            before: of(snippet.text.get(..range.start)),
            marked: of(snippet.text.get(range.clone())),
            after: of(snippet.text.get(range.end..)),
        }
    }
}

/// The diffs of the documented and the accepted response with the actual one.
fn diffs(
    case: &Case,
    result: &CaseResult,
    differences: &[Difference],
    policies: &Policies,
) -> Vec<DiffRecord> {
    let mut diffs = Vec::new();
    if differences.is_empty() {
        return diffs;
    }
    let (Some(observation), Some(response)) = (&result.observation, &case.response) else {
        return diffs;
    };
    let is_of_page = |found: &Difference| {
        let kinds = [
            DifferenceKind::Snapshot,
            DifferenceKind::MissingSnapshot,
            DifferenceKind::StaleDeviation,
        ];
        !kinds.contains(&found.kind) && found.scenario.is_none()
    };
    if differences.iter().any(is_of_page) {
        let documented = promised(&response.message, policies, observation);
        // A line about the body states a difference, such as a missing property:
        // as an added line it would claim the opposite.
        let messages = observation
            .lines()
            .filter(|line| !line.starts_with("body $"));
        let response = messages.collect::<Vec<_>>().join("\n");
        diffs.extend(diff("documented", &documented, &response));
    }
    for difference in differences {
        if difference.kind == DifferenceKind::Snapshot {
            let accepted = in_words(&difference.documented);
            diffs.extend(diff("accepted", &accepted, &in_words(observation)));
        }
    }
    diffs
}

/// An observation whose lines about the body are statements: as an added line,
/// `$.a: missing-property` would read as an added property.
fn in_words(observation: &str) -> String {
    let lines = observation.lines().map(|line| {
        let body = line
            .strip_prefix("body ")
            .filter(|body| body.starts_with('$'));
        let Some((path, what)) = body.and_then(|body| body.rsplit_once(": ")) else {
            return Cow::from(line);
        };
        let (kind, observed) = what.split_once(' ').unwrap_or((what, ""));
        match ShapeKind::of_name(kind) {
            Some(ShapeKind::MissingProperty) => format!("body lacks {path}").into(),
            Some(ShapeKind::NullValue) => format!("body has null at {path}").into(),
            Some(ShapeKind::TypeMismatch) => format!("body has {observed} at {path}").into(),
            _ => line.into(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The unified diff of two texts, unless they are equal.
fn diff(name: &str, before: &str, after: &str) -> Option<DiffRecord> {
    let (before, after) = (format!("{before}\n"), format!("{after}\n"));
    let diff = TextDiff::from_lines(&before, &after);
    let text = diff.unified_diff().header(name, "actual").to_string();
    (before != after).then(|| DiffRecord {
        against: name.to_owned(),
        text,
    })
}

fn exchange_record(exchanged: &Exchanged) -> ExchangeRecord {
    let Exchanged {
        request,
        response: actual,
    } = exchanged;
    let headers = request.headers.iter();
    let (actual, error) = match actual {
        Ok(actual) => (Some(response_record(actual)), None),
        Err(error) => (None, Some(error.clone())),
    };
    ExchangeRecord {
        request: RequestRecord {
            method: request.method.clone(),
            url: request.url.to_string(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.to_string()))
                .collect(),
            body: request.body.as_ref().map(|body| match body {
                PreviewBody::Text(words) => cut(words.to_string()),
                PreviewBody::Bytes(bytes) => match str::from_utf8(bytes) {
                    // The lines of multipart bodies end with CRLF.
                    Ok(text) if !text.replace("\r\n", "").contains(char::is_control) => {
                        cut(text.replace("\r\n", "\n"))
                    }
                    _ => no_text(bytes.len()),
                },
                PreviewBody::Withheld(length) => no_text(*length),
            }),
        },
        answer: actual,
        error,
    }
}

fn response_record(actual: &ActualResponse) -> ResponseRecord {
    let headers = actual.headers.iter();
    let pair = |header: &crate::http::message::Header| (header.name.clone(), header.value.clone());
    ResponseRecord {
        status: status_line(actual.status),
        headers: headers.map(pair).collect(),
        body: match &actual.body {
            Content::Unread => None,
            Content::Whole(bytes) if bytes.is_empty() => None,
            Content::Whole(bytes) | Content::Endless(bytes) => Some(match str::from_utf8(bytes) {
                Ok(text) => cut(text.to_owned()),
                Err(_) => no_text(bytes.len()),
            }),
            Content::Lost(why) => Some(format!("[the content could not be read: {why}]")),
        },
    }
}

fn no_text(length: usize) -> String {
    format!("[{length} bytes of binary data]")
}

/// Cuts a long body. Masking recognizes the `…` at the cut.
fn cut(mut text: String) -> String {
    if text.len() > BODY_LIMIT {
        let is_end = |end: &usize| text.is_char_boundary(*end);
        let end = (0..=BODY_LIMIT).rev().find(is_end).unwrap_or_default();
        let left = text.len() - end;
        text.truncate(end);
        text += &format!("…\n[{left} more bytes]");
    }
    text
}

impl Summary {
    /// The summary of a finished run.
    pub(crate) fn of(finished: &Finished, docs: &DocsSummary, elapsed: Duration) -> Self {
        let counts = &finished.counts;
        let deviations = finished.deviations.iter();
        Self {
            cases: finished.selected,
            pass: counts.pass,
            flaky: counts.flaky,
            fail: counts.fail,
            skip: counts.skipped(),
            no_response: counts.no_response,
            no_snapshot: counts.no_snapshot,
            replaced: counts.replaced,
            not_run: finished.not_run(),
            bodies_compared: Some(counts.bodies),
            bodies_not_compared: owned(&counts.bodies_not_compared),
            statuses_not_documented: counts.undocumented_statuses,
            skip_reasons: owned(&counts.skip),
            warnings: owned(&counts.warnings),
            snapshots: owned(&counts.snapshots),
            orphaned_snapshots: 0,
            verdicts: owned(&counts.verdicts),
            deviations: deviations
                .map(|known| DeviationRecord::of(Some(&known.id), &known.deviation))
                .collect(),
            pages: docs.pages,
            pages_unread: docs.unread,
            recognised: owned(&docs.recognised),
            diagnostics: owned(&docs.findings),
            errors: docs.errors,
            target: finished.target.clone(),
            proves: Proven::of(finished.proof, counts.sent()),
            interrupted: finished.interrupted,
            ms: milliseconds(elapsed),
            docs: docs.docs.clone(),
            fallback: docs.fallback.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            partition: None,
            selection: None,
            missing_partitions: Vec::new(),
        }
    }
}

fn owned(counts: &BTreeMap<&'static str, usize>) -> Tally {
    counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}
