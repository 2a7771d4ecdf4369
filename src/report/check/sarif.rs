//! SARIF 2.1.0, which code hosts show beside the lines of a pull request.

use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, Fix, Location, LogicalLocation, MultiformatMessageString,
    PhysicalLocation, Replacement, ReportingConfiguration, ReportingDescriptor, Result,
};

use crate::report::sarif::{self, artifact, level, message, region};
use crate::text::finding::Diagnostic;
use crate::text::rules::{Rule, page_rules};
use crate::text::severity::Level;
use crate::text::source::{Page, Span};

/// The findings as one run. `page` gives the text of the file of a finding that
/// has a fix.
pub(super) fn report<'p>(
    findings: &[Diagnostic],
    page: impl Fn(&Diagnostic) -> Option<&'p Page>,
) -> String {
    let rules: Vec<&Rule> = page_rules().collect();
    let results = findings
        .iter()
        .map(|finding| result(finding, &rules, page(finding)))
        .collect();
    sarif::document(rules.into_iter().map(descriptor).collect(), results)
}

fn descriptor(rule: &Rule) -> ReportingDescriptor {
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    let level = match rule.level {
        Level::Report(severity) => json!(level(severity)),
        Level::Off => json!("none"),
    };
    let mut help = text(rule.explanation);
    help.markdown = Some(rule.explanation.to_owned());
    ReportingDescriptor::builder()
        .id(rule.name)
        .short_description(text(rule.summary))
        .help(help)
        .default_configuration(ReportingConfiguration::builder().level(level).build())
        .build()
}

fn result(finding: &Diagnostic, rules: &[&Rule], page: Option<&Page>) -> Result {
    let text = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let physical = PhysicalLocation::builder()
        .artifact_location(artifact(&finding.file))
        .region(region(finding.start, finding.end))
        .build();
    let mut location = Location::builder().physical_location(physical).build();
    location.logical_locations = finding.case.as_ref().map(|case| {
        vec![
            LogicalLocation::builder()
                .fully_qualified_name(case.as_str())
                .build(),
        ]
    });
    let mut result = Result::builder()
        .rule_id(finding.rule.name)
        .level(level(finding.severity))
        .message(message(&text))
        .locations(vec![location])
        .build();
    result.rule_index = rules
        .iter()
        .position(|rule| rule.name == finding.rule.name)
        .and_then(|at| i64::try_from(at).ok());
    if let (Some(page), false) = (page, finding.fix.is_empty()) {
        result.fixes = Some(vec![fix(finding, page)]);
    }
    result
}

fn fix(finding: &Diagnostic, page: &Page) -> Fix {
    let at = |span: Span| region(page.position(span.start), page.position(span.end));
    let replacements = finding.fix.iter().map(|edit| {
        let content = ArtifactContent::builder().text(edit.text.as_str()).build();
        Replacement::builder()
            .deleted_region(at(edit.span))
            .inserted_content(content)
            .build()
    });
    let change = ArtifactChange::builder()
        .artifact_location(artifact(&finding.file))
        .replacements(replacements.collect::<Vec<_>>())
        .build();
    let mut fix = Fix::builder().artifact_changes(vec![change]).build();
    fix.description = finding.help.as_deref().map(message);
    fix
}
