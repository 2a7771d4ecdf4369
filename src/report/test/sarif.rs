//! SARIF 2.1.0: a result a difference, at its line of the page.

use std::collections::BTreeSet;

use serde_sarif::sarif::{
    Location, LogicalLocation, MultiformatMessageString, PhysicalLocation, Region,
    ReportingDescriptor, Result,
};

use crate::report::record::{CaseRecord, DifferenceRecord, OutcomeName, RunRecord};
use crate::report::sarif::{artifact, document, level, message, number};
use crate::text::severity::Severity;

/// The failures of a run, and what is worth a word.
pub(super) fn report(run: &RunRecord) -> String {
    let mut found: Vec<(&CaseRecord, &DifferenceRecord, Severity)> = Vec::new();
    for case in &run.cases {
        if case.outcome == OutcomeName::Fail {
            let errors = case.differences.iter();
            found.extend(errors.map(|difference| (case, difference, Severity::Error)));
        }
        let warnings = case.warnings.iter();
        found.extend(warnings.map(|difference| (case, difference, Severity::Warning)));
    }
    let kinds: BTreeSet<&str> = found.iter().map(|(_, found, _)| &*found.kind).collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    let results = found
        .into_iter()
        .map(|(case, difference, severity)| result(case, difference, severity, &kinds));
    let results = results.collect();
    document(kinds.iter().map(|kind| descriptor(kind)).collect(), results)
}

fn descriptor(kind: &str) -> ReportingDescriptor {
    let text = format!("The answer differs from its page: {kind}.");
    ReportingDescriptor::builder()
        .id(kind)
        .short_description(MultiformatMessageString::builder().text(text).build())
        .build()
}

fn result(
    case: &CaseRecord,
    difference: &DifferenceRecord,
    severity: Severity,
    kinds: &[&str],
) -> Result {
    let (file, line) = match &difference.scenario {
        Some(place) => (format!("specs/scenarios/{}", place.file), place.line),
        None => (case.file().to_owned(), difference.line),
    };
    let physical = PhysicalLocation::builder()
        .artifact_location(artifact(&file))
        .region(Region::builder().start_line(number(line)).build())
        .build();
    let mut location = Location::builder().physical_location(physical).build();
    let logical = LogicalLocation::builder().fully_qualified_name(&*case.id);
    location.logical_locations = Some(vec![logical.build()]);
    let text = match &case.advice {
        Some(advice) if severity == Severity::Error => {
            format!("{}\n{advice}", difference.message)
        }
        _ => difference.message.clone(),
    };
    let mut result = Result::builder()
        .rule_id(&*difference.kind)
        .level(level(severity))
        .message(message(&text))
        .locations(vec![location])
        .build();
    let at = kinds.binary_search(&&*difference.kind);
    result.rule_index = at.ok().and_then(|at| i64::try_from(at).ok());
    result
}
