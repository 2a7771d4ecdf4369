//! SARIF 2.1.0: a result a hole or false alarm, at its line of the page.

use std::collections::BTreeSet;

use serde_sarif::sarif::{
    Location, LogicalLocation, MultiformatMessageString, PhysicalLocation, Region,
    ReportingDescriptor, Result,
};

use super::record::{CaseRecord, Failure};
use super::{Run, SENTENCE};
use crate::report::sarif::{artifact, document, level, message, number};
use crate::text::severity::Severity;
use crate::tools::mutants::Kind;

/// The failures of a run.
pub(super) fn report(run: &Run<'_>) -> String {
    let kinds: BTreeSet<Kind> = run.failures().map(|(_, failure)| failure.kind).collect();
    let kinds: Vec<Kind> = kinds.into_iter().collect();
    let results = run
        .failures()
        .map(|(case, failure)| result(case, failure, &(run.file)(&case.page), &kinds));
    let results = results.collect();
    document(kinds.iter().copied().map(descriptor).collect(), results)
}

fn descriptor(kind: Kind) -> ReportingDescriptor {
    let text = |text: String| MultiformatMessageString::builder().text(text).build();
    let name = kind.name();
    let summary = if kind.is_control() {
        format!("A live run would notice what no page documents: {name}.")
    } else {
        format!("A live run would not notice an answer that is broken so: {name}.")
    };
    ReportingDescriptor::builder()
        .id(name)
        .short_description(text(summary))
        .help(text(SENTENCE.to_owned()))
        .build()
}

fn result(case: &CaseRecord, failure: &Failure, file: &str, kinds: &[Kind]) -> Result {
    let physical = PhysicalLocation::builder()
        .artifact_location(artifact(file))
        .region(Region::builder().start_line(number(failure.line)).build())
        .build();
    let mut location = Location::builder().physical_location(physical).build();
    let logical = LogicalLocation::builder().fully_qualified_name(&*case.id);
    location.logical_locations = Some(vec![logical.build()]);
    let mut result = Result::builder()
        .rule_id(failure.kind.name())
        .level(level(Severity::Error))
        .message(message(&failure.message()))
        .locations(vec![location])
        .build();
    let at = kinds.binary_search(&failure.kind);
    result.rule_index = at.ok().and_then(|at| i64::try_from(at).ok());
    result
}
