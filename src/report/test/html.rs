//! The run as a page: each case a row, and a failure's row opens.

use crate::report::history::History;
use crate::report::html::{self, Detail, Row, Sheet, bar, block};
use crate::report::pretty::{plural, took};
use crate::report::printable;
use crate::report::record::{CaseRecord, OutcomeName, ResponseRecord, RunRecord, Summary, Tally};
use crate::run::outcome::Proof;

/// The page of a run, with what its cases did before where that is known.
pub(super) fn report(run: &RunRecord, history: Option<&History>) -> Result<String, askama::Error> {
    let summary = &run.summary;
    let rows: Vec<Row> = run.cases.iter().map(|case| row(case, history)).collect();
    let filters = html::filters(
        &rows,
        &[
            ("fail", "Failed"),
            ("anew", "Newly failing"),
            ("flaky", "Flaky"),
            ("warned", "Warned"),
            ("skip", "Skipped"),
            ("pass", "Passed"),
        ],
    );
    let is_good = !summary.has_failed() && !summary.interrupted;
    html::document(Sheet {
        title: "docproof test".to_owned(),
        headline: headline(summary),
        is_good,
        counts: summary.counts(),
        proves: (summary.pass > 0).then_some(match summary.proves {
            Proof::Parsing => "Parsing only.",
            Proof::Conformance if is_good => "Conformance.",
            Proof::Conformance => "No conformance.",
        }),
        sentence: printable(&summary.sentence()).into_owned(),
        warnings: warnings(summary),
        facts: facts(summary, history),
        bar: bar(&[
            ("fail", summary.fail),
            ("pass", summary.pass),
            ("skip", summary.skip),
        ]),
        tables: Vec::new(),
        noun: "case",
        filters,
        start: if summary.fail > 0 { "fail" } else { "all" },
        rows,
        footer: format!(
            "Written by docproof {}. Secrets are shown by their names.",
            printable(&summary.version)
        ),
    })
}

fn headline(summary: &Summary) -> String {
    match (summary.fail, summary.pass) {
        (0, 0) => format!("None of {} was sent", plural(summary.cases, "case")),
        (0, pass) if summary.skip == 0 && summary.not_run == 0 => {
            format!("All {} passed", plural(pass, "case"))
        }
        (0, pass) => format!("{} passed, none failed", plural(pass, "case")),
        (fail, _) => format!("{fail} of {} failed", plural(summary.cases, "case")),
    }
}

fn warnings(summary: &Summary) -> Vec<String> {
    let mut warnings = Vec::new();
    if summary.interrupted {
        warnings.push("The run was interrupted before its end.".to_owned());
    }
    if summary.pages_unread > 0 {
        let pages = plural(summary.pages_unread, "page");
        warnings.push(format!(
            "{pages} could not be read, so nothing of it was tested."
        ));
    }
    if summary.errors > 0 {
        let errors = plural(summary.errors, "error");
        warnings.push(format!(
            "{errors} in the pages: what is lost there was not tested."
        ));
    }
    for partition in &summary.missing_partitions {
        let partition = partition.to_string();
        warnings.push(format!("Partition {} is missing.", printable(&partition)));
    }
    for known in &summary.deviations {
        let until = known.until.as_ref();
        let until = until.map_or_else(String::new, |until| format!(" until {until}"));
        let id = known.id.as_deref().unwrap_or_default();
        let text = format!("Known deviation{until}: {id}: {}", known.reason);
        warnings.push(printable(&text).into_owned());
    }
    warnings
}

fn facts(summary: &Summary, history: Option<&History>) -> Vec<(&'static str, String)> {
    let counted = |tally: &Tally| {
        let counts = tally.iter().filter(|(name, _)| *name != "off");
        let counts: Vec<String> = counts
            .map(|(name, count)| printable(&format!("{count} {name}")).into_owned())
            .collect();
        counts.join(", ")
    };
    let partition = summary.partition.as_ref();
    let partition = partition.map_or_else(String::new, |partition| {
        printable(&partition.to_string()).into_owned()
    });
    let runs = history.map_or(0, |history| history.runs);
    let number = |count: usize| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    let facts = [
        ("Target", printable(&summary.target).into_owned()),
        ("Docs", printable(&summary.docs).into_owned()),
        ("Pages", summary.pages.to_string()),
        ("Took", format!("{:.2} s", summary.ms / 1e3)),
        ("Skipped", counted(&summary.skip_reasons)),
        ("Not run", number(summary.not_run)),
        ("Verdicts", counted(&summary.verdicts)),
        ("Snapshots", counted(&summary.snapshots)),
        ("Warnings", counted(&summary.warnings)),
        ("Partition", partition),
        ("Runs before", number(runs)),
    ];
    let facts = facts.into_iter();
    facts.filter(|(_, value)| !value.is_empty()).collect()
}

fn row(case: &CaseRecord, history: Option<&History>) -> Row {
    let mut classes = case.outcome.name().to_owned();
    let mut badges = Vec::new();
    let mut mark = |class: &str, badge: &'static str| {
        classes.push(' ');
        classes += class;
        badges.push(badge);
    };
    if history.is_some_and(|history| history.fails_anew(case)) {
        mark("anew", "newly failing");
    }
    if case.flaky || history.is_some_and(|history| history.is_flaky(case)) {
        mark("flaky", "flaky");
    }
    if !case.warnings.is_empty() {
        mark("warned", "warned");
    }
    if case.verdict.as_deref() == Some("known-deviation") {
        badges.push("known deviation");
    }
    let first = case.differences.first();
    let line = first.map_or(case.line, |found| found.line);
    Row {
        word: match case.outcome {
            OutcomeName::Pass => "Pass",
            OutcomeName::Fail => "Fail",
            OutcomeName::Skip => "Skip",
        },
        code: printable(&case.method).into_owned(),
        name: printable(html::name(&case.id, &case.page, &case.target)).into_owned(),
        place: printable(&format!("{}:{line}", case.file())).into_owned(),
        took: match case.outcome {
            OutcomeName::Skip => String::new(),
            _ => took(case),
        },
        said: match case.outcome {
            OutcomeName::Pass => case.tried().filter(|_| case.flaky).unwrap_or_default(),
            OutcomeName::Skip => printable(&case.skipped_for()).into_owned(),
            OutcomeName::Fail => {
                let message = first.map_or("", |found| &found.message);
                printable(message).into_owned()
            }
        },
        past: history.map_or_else(Vec::new, |history| history.outcomes(case).to_vec()),
        details: details(case),
        classes,
        badges,
    }
}

/// What is shown where a case is opened: of a failure, all; of others, what is
/// worth a word.
fn details(case: &CaseRecord) -> Vec<Detail> {
    let mut details = Vec::new();
    let said = |label: &str, text: &str| Detail::Said {
        label: printable(label).into_owned(),
        text: printable(text).into_owned(),
    };
    if case.outcome == OutcomeName::Fail {
        details.push(said("case", &case.id));
        details.push(said("request", &format!("{} {}", case.method, case.target)));
    }
    if let (Some(advice), verdict) = (&case.advice, case.verdict.as_deref()) {
        details.push(said(verdict.unwrap_or("verdict"), advice));
    }
    for found in &case.differences {
        details.push(said(&found.kind, &found.message));
        if let Some(excerpt) = &found.excerpt {
            details.push(Detail::excerpt(case.file(), excerpt));
        }
    }
    for (number, found) in case.failed_before() {
        details.push(said(&format!("time {number}"), &found.message));
    }
    for warning in &case.warnings {
        details.push(said(&warning.kind, &warning.message));
    }
    for diff in &case.diffs {
        let title = format!("What was {}, and what was answered", diff.against);
        details.push(Detail::diff(printable(&title).into_owned(), &diff.text));
    }
    if let Some(exchange) = &case.exchange {
        let error = exchange.error.as_deref().unwrap_or_default();
        let answer = exchange.answer.as_ref();
        let answer = answer.map_or_else(|| format!("No answer: {error}"), ResponseRecord::text);
        details.push(Detail::Exchange {
            request: block(&exchange.request.text()),
            answer: block(&answer),
        });
    }
    if let Some(curl) = &case.curl {
        details.push(Detail::Command { text: block(curl) });
    }
    details
}
