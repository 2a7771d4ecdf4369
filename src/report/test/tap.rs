//! A test point a case.

use serde_json::Value;

use crate::report::record::{CaseRecord, OutcomeName, RunRecord};
use crate::report::tap::{self, Point};

/// The run.
pub(super) fn report(run: &RunRecord) -> String {
    let points: Vec<Point> = run.cases.iter().map(point).collect();
    let (counts, sentence) = (run.summary.counts(), run.summary.sentence());
    tap::document(&points, &[format!("{counts}. {sentence}")])
}

fn point(case: &CaseRecord) -> Point {
    let mut diagnostics = Vec::new();
    if let Some(tried) = case.tried().filter(|_| case.flaky) {
        diagnostics.push(("flaky", Value::from(tried)));
    }
    if case.outcome == OutcomeName::Fail {
        let at = format!("{}:{}", case.file(), case.line);
        let request = format!("{} {}", case.method, case.target);
        diagnostics.push(("at", Value::from(at)));
        diagnostics.push(("request", request.into()));
        diagnostics.push(("duration_ms", case.ms.into()));
        let messages = case.differences.iter().map(|found| found.message.as_str());
        diagnostics.push(("messages", messages.collect()));
        let texts = |of: fn(&crate::report::record::DifferenceRecord) -> Value| {
            case.differences.iter().map(of).collect::<Value>()
        };
        diagnostics.push(("kinds", texts(|found| found.kind.as_str().into())));
        diagnostics.push((
            "documented",
            texts(|found| found.documented.as_str().into()),
        ));
        diagnostics.push(("observed", texts(|found| found.observed.as_deref().into())));
        if let Some(advice) = &case.advice {
            diagnostics.push(("advice", advice.as_str().into()));
        }
    }
    Point {
        ok: case.outcome != OutcomeName::Fail,
        description: case.id.clone(),
        skip: (case.outcome == OutcomeName::Skip).then(|| case.skipped_for()),
        diagnostics,
    }
}
