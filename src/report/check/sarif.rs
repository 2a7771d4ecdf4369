//! SARIF 2.1.0, which code hosts show beside the lines of a pull request.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Location, LogicalLocation, Message,
    MultiformatMessageString, PhysicalLocation, Region, Replacement, ReportingConfiguration,
    ReportingDescriptor, Result, ResultLevel, Run, Sarif, Tool, ToolComponent,
};

use crate::diagnostic::{Diagnostic, Level, Rule, Severity, page_rules};
use crate::source::{Page, Position, Span};

/// What a path has and a URI has not (RFC 3986, 3.3), the slash aside.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The findings as one run. `page` gives the text of the file of a finding that
/// has a fix.
pub fn report<'p>(
    findings: &[Diagnostic],
    page: impl Fn(&Diagnostic) -> Option<&'p Page>,
) -> String {
    let rules: Vec<&Rule> = page_rules().collect();
    let results: Vec<Result> = findings
        .iter()
        .map(|finding| result(finding, &rules, page(finding)))
        .collect();
    let driver = ToolComponent::builder()
        .name("docproof")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules.into_iter().map(descriptor).collect::<Vec<_>>())
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind(json!("unicodeCodePoints"))
        .results(results)
        .build();
    let sarif = Sarif::builder()
        .version(json!("2.1.0"))
        .schema("https://json.schemastore.org/sarif-2.1.0.json")
        .runs(vec![run])
        .build();
    serde_json::to_string_pretty(&sarif).expect("a report is JSON")
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Error => ResultLevel::Error,
        Severity::Warning => ResultLevel::Warning,
        Severity::Info => ResultLevel::Note,
    }
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

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn artifact(file: &str) -> ArtifactLocation {
    let uri = utf8_percent_encode(file, NOT_IN_PATH).to_string();
    let uri = match uri.strip_prefix('/') {
        Some(rest) => format!("file:///{rest}"),
        None => uri,
    };
    ArtifactLocation::builder().uri(uri).build()
}

fn region(start: Position, end: Position) -> Region {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.column))
        .end_line(number(end.line))
        .end_column(number(end.column))
        .build()
}
