//! The score, tables of the counts, and a table of holes and false alarms.

use super::record::{CaseRecord, Failure};
use super::{Run, SENTENCE, title};
use crate::report::markdown::{Digest, document, escaped, table};

/// The longest text of a cell.
const CELL: usize = 300;

/// The run.
pub(super) fn report(run: &Run<'_>) -> String {
    let mark = if run.is_good() { "✅" } else { "❌" };
    let mut paragraphs = vec![format!("{mark} **{}**", run.score()), SENTENCE.to_owned()];
    paragraphs.extend(run.notes().iter().map(|note| escaped(note, CELL)));
    paragraphs.push(kinds(run));
    let groups = run.groups().map(|(kind, reason, count, example)| {
        vec![
            count.to_string(),
            kind.name().to_owned(),
            escaped(reason.describe(), CELL),
            escaped(&example, CELL),
        ]
    });
    let groups: Vec<_> = groups.collect();
    if !groups.is_empty() {
        let columns = ["By policy", "Mutant", "Rule", "Such as"];
        paragraphs.push(table(&columns, groups.into_iter()));
    }
    document(&Digest {
        title: "docproof mutants".to_owned(),
        paragraphs,
        columns: &["Page", "Case", "Mutant", "What is wrong"],
        rows: run
            .failures()
            .map(|(case, found)| row(case, found, run))
            .collect(),
        noun: "failure",
    })
}

fn kinds(run: &Run<'_>) -> String {
    let columns = ["Mutant", "Made", "Killed", "By policy", "Holes"];
    let rows = run.kinds().map(|(kind, counts)| {
        let counts = [counts.made(), counts.killed, counts.by_policy, counts.holes];
        let counts = counts.map(|count| count.to_string());
        [title(kind)].into_iter().chain(counts).collect()
    });
    table(&columns, rows)
}

fn row(case: &CaseRecord, failure: &Failure, run: &Run<'_>) -> Vec<String> {
    let place = format!("{}:{}", (run.file)(&case.page), failure.line);
    vec![
        escaped(&place, CELL),
        escaped(&case.id, CELL),
        failure.kind.name().to_owned(),
        escaped(&failure.message(), CELL),
    ]
}
