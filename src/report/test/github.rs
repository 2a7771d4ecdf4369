//! Annotations of GitHub Actions on the lines of the pages.

use crate::report::github::{self, Annotation};
use crate::report::record::{CaseRecord, DifferenceRecord, OutcomeName, RunRecord};
use crate::text::severity::Severity;

/// The failures of a run as errors, what is worth a word as warnings, and what
/// the run has shown.
pub(super) fn report(run: &RunRecord) -> String {
    let mut annotations = Vec::new();
    for case in &run.cases {
        if case.outcome == OutcomeName::Fail {
            let errors = case.differences.iter();
            annotations.extend(errors.map(|found| annotation(case, found, Severity::Error)));
        }
        let warnings = case.warnings.iter();
        annotations.extend(warnings.map(|found| annotation(case, found, Severity::Warning)));
    }
    let mut text = github::report(&annotations);
    let (counts, sentence) = (run.summary.counts(), run.summary.sentence());
    text += &github::line(&format!("{counts}. {sentence}"));
    text
}

fn annotation(case: &CaseRecord, found: &DifferenceRecord, severity: Severity) -> Annotation {
    let (file, line) = match &found.scenario {
        Some(place) => (format!("specs/scenarios/{}", place.file), place.line),
        None => (case.file().to_owned(), found.line),
    };
    let advice = case.advice.as_ref();
    let advice = advice.filter(|_| severity == Severity::Error);
    Annotation {
        severity,
        file,
        lines: (line, line),
        columns: None,
        title: format!("{} ({})", case.id, found.kind),
        message: match advice {
            Some(advice) => format!("{}\n{advice}", found.message),
            None => found.message.clone(),
        },
    }
}
