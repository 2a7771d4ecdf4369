//! A test point a page without a finding, and one a finding; only errors are
//! failures.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Check;
use crate::report::tap::{Point, document};
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

/// The check.
pub(super) fn report(check: &Check<'_>) -> String {
    let found: BTreeSet<&str> = check.findings.iter().map(|found| &*found.file).collect();
    let clean = check.pages.iter().map(String::as_str);
    let clean = clean.filter(|page| !found.contains(page));
    let clean = clean.map(|page| Point {
        ok: true,
        description: page.to_owned(),
        skip: None,
        diagnostics: Vec::new(),
    });
    let points: Vec<Point> = clean.chain(check.findings.iter().map(point)).collect();
    document(&points, &[check.counts.to_owned()])
}

fn point(finding: &Diagnostic) -> Point {
    let (line, column) = (finding.start.line, finding.start.column);
    Point {
        ok: finding.severity != Severity::Error,
        description: format!("{}:{line}:{column} {}", finding.file, finding.rule.name),
        skip: None,
        diagnostics: vec![
            ("severity", Value::from(finding.severity.name())),
            ("message", finding.message.as_str().into()),
            ("help", finding.help.as_deref().into()),
        ],
    }
}
