//! Annotations of GitHub Actions on the lines of the pages: the failures, and
//! in the log what the run came to.

use super::Run;
use crate::report::github::{self, Annotation};
use crate::text::severity::Severity;

/// The run.
pub(super) fn report(run: &Run<'_>) -> String {
    let annotations: Vec<Annotation> = run
        .failures()
        .map(|(case, failure)| Annotation {
            severity: Severity::Error,
            file: (run.file)(&case.page),
            lines: (failure.line, failure.line),
            columns: None,
            title: format!("{} ({})", case.id, failure.kind.name()),
            message: failure.message(),
        })
        .collect();
    let mut text = github::report(&annotations);
    for remark in run.remarks() {
        text += &github::line(&remark);
    }
    text
}
