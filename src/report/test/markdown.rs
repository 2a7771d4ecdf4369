//! Counts, what was proved, and a table of failures.

use crate::report::markdown::{self, Digest, escaped};
use crate::report::record::{CaseRecord, OutcomeName, RunRecord};

/// The longest text of a cell.
const CELL: usize = 300;

/// The run.
pub fn report(run: &RunRecord) -> String {
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
    markdown::document(&Digest {
        title: "docproof test".to_owned(),
        paragraphs,
        columns: &["Page", "Case", "What differs"],
        rows: failed.map(row).collect(),
        noun: "failure",
    })
}

fn row(case: &CaseRecord) -> Vec<String> {
    let first = case.differences.first();
    let line = first.map_or(case.line, |found| found.line);
    let message = first.map_or("", |found| &found.message);
    let more = match case.differences.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let place = format!("{}:{line}", case.file());
    vec![
        escaped(&place, CELL),
        escaped(&case.id, CELL),
        escaped(message, CELL) + &more,
    ]
}
