//! A test point a case, and what the run came to as remarks.

use serde_json::{Value, json};

use super::Run;
use super::record::CaseRecord;
use crate::report::tap::{self, Point};

/// The run.
pub(super) fn report(run: &Run<'_>) -> String {
    let points: Vec<Point> = run.cases.iter().map(|case| point(case, run)).collect();
    tap::document(&points, &run.remarks())
}

fn point(case: &CaseRecord, run: &Run<'_>) -> Point {
    let place = |line: usize| format!("{}:{line}", (run.file)(&case.page));
    let failures = case.failures();
    let mut diagnostics = Vec::new();
    if !failures.is_empty() {
        diagnostics.push(("at", Value::from(place(case.line))));
        let failures = failures.iter().map(|failure| {
            json!({
                "at": place(failure.line),
                "mutant": failure.kind.name(),
                "fact": failure.fact,
                "message": failure.message(),
            })
        });
        diagnostics.push(("failures", failures.collect()));
    }
    Point {
        ok: failures.is_empty(),
        description: case.id.clone(),
        skip: case.unjudged(),
        diagnostics,
    }
}
