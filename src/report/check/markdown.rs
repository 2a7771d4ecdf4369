//! Counts and a table of findings, errors first.

use super::Check;
use crate::report::markdown::{Digest, document, escaped};
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

/// The longest text of a cell.
const CELL: usize = 300;

/// The check.
pub(super) fn report(check: &Check<'_>) -> String {
    let mark = if check.is_good() { "✅" } else { "❌" };
    let mut rows = Vec::with_capacity(check.findings.len());
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let findings = check.findings.iter();
        rows.extend(findings.filter(|found| found.severity == severity).map(row));
    }
    document(&Digest {
        title: "docproof check".to_owned(),
        paragraphs: vec![format!("{mark} **{}**", escaped(check.counts, CELL))],
        columns: &["Page", "Rule", "Finding"],
        rows,
        noun: "finding",
    })
}

fn row(finding: &Diagnostic) -> Vec<String> {
    let place = format!("{}:{}", finding.file, finding.start.line);
    let rule = format!("{} {}", finding.severity.name(), finding.rule.name);
    let text = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    vec![
        escaped(&place, CELL),
        escaped(&rule, CELL),
        escaped(&text, CELL),
    ]
}
