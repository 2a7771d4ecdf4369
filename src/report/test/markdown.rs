//! Counts, what was proved, and a table of failures and flaky cases.

use crate::report::markdown::{self, Digest, escaped};
use crate::report::record::{CaseRecord, OutcomeName, RunRecord};

/// The longest text of a cell.
const CELL: usize = 300;

/// The run.
pub(super) fn report(run: &RunRecord) -> String {
    let summary = &run.summary;
    let mark = if summary.has_failed() { "❌" } else { "✅" };
    let mut paragraphs = vec![
        format!("{mark} **{}**", summary.counts()),
        escaped(&summary.sentence(), CELL),
    ];
    if !summary.skip_reasons.is_empty() {
        let reasons = summary.skip_reasons.iter();
        let reasons = reasons.map(|(reason, count)| format!("{count} {}", escaped(reason, CELL)));
        let reasons: Vec<String> = reasons.collect();
        paragraphs.push(format!("Skipped: {}", reasons.join(", ")));
    }
    if summary.pages_unread > 0 {
        paragraphs.push(format!(
            "Pages that could not be read: {}",
            summary.pages_unread
        ));
    }
    for partition in &summary.missing_partitions {
        let partition = escaped(&partition.to_string(), CELL);
        paragraphs.push(format!("Partition {partition} is missing."));
    }
    if summary.interrupted {
        paragraphs.push("The run was interrupted.".to_owned());
    }
    let failed = run.cases.iter();
    let failed = failed.filter(|case| case.outcome == OutcomeName::Fail);
    let flaky = run.cases.iter().filter(|case| case.flaky);
    markdown::document(&Digest {
        title: "docproof test".to_owned(),
        paragraphs,
        columns: &["Page", "Case", "What differs"],
        rows: failed.chain(flaky).map(row).collect(),
        noun: "case",
    })
}

fn row(case: &CaseRecord) -> Vec<String> {
    let before = || case.failed_before().map(|(_, found)| found).next();
    let first = case.differences.first().or_else(before);
    let line = first.map_or(case.line, |found| found.line);
    let message = first.map_or("", |found| &found.message);
    let more = match case.differences.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let flaky = case.tried().filter(|_| case.flaky);
    let flaky = flaky.map_or_else(String::new, |tried| format!("flaky, {tried}: "));
    let place = format!("{}:{line}", case.file());
    vec![
        escaped(&place, CELL),
        escaped(&case.id, CELL),
        format!("{flaky}{}{more}", escaped(message, CELL)),
    ]
}
