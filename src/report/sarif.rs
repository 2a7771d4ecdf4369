//! SARIF 2.1.0, which code hosts show beside the lines of a pull request: a
//! result per item.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Location, LogicalLocation, Message,
    MultiformatMessageString, PhysicalLocation, Region, Replacement as SarifReplacement,
    ReportingConfiguration, ReportingDescriptor, Result, ResultLevel, Run, Sarif, Tool,
    ToolComponent,
};

use super::model::{Entry, EntryKind, Item, ItemDetail, Place, Replacement, Report, RuleInfo};
use crate::text::severity::{Level, Severity};
use crate::text::source::Position;

/// The characters of a path that a URI must encode (RFC 3986, section 3.3),
/// except the slash.
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

/// The report.
pub(crate) fn report(report: &Report<'_>) -> String {
    let indices = report.rules.iter().zip(0_i64..);
    let indices: HashMap<&str, i64> = indices.map(|(rule, at)| (&*rule.id, at)).collect();
    let results = report.items().map(|(entry, item)| {
        let mut result = result(entry, item);
        result.rule_index = indices.get(&*item.rule).copied();
        result
    });
    let results: Vec<Result> = results.collect();
    let rules: Vec<ReportingDescriptor> = report.rules.iter().map(descriptor).collect();
    let driver = ToolComponent::builder()
        .name("docproof")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules)
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
    serde_json::to_string_pretty(&sarif).expect("a report is JSON") + "\n"
}

fn descriptor(rule: &RuleInfo<'_>) -> ReportingDescriptor {
    let text = |text: &str| MultiformatMessageString::builder().text(text).build();
    let mut descriptor = ReportingDescriptor::builder()
        .id(&*rule.id)
        .short_description(text(&rule.summary))
        .build();
    descriptor.help = rule.help.map(|markdown| {
        let mut help = text(markdown);
        help.markdown = Some(markdown.to_owned());
        help
    });
    descriptor.default_configuration = rule.level.map(|level| {
        let level = match level {
            Level::Report(severity) => json!(result_level(severity)),
            Level::Off => json!("none"),
        };
        ReportingConfiguration::builder().level(level).build()
    });
    descriptor
}

fn result(entry: &Entry<'_>, item: &Item) -> Result {
    let text = match entry.help_for(item) {
        Some(help) => format!("{}\n{help}", item.message),
        None => item.message.clone(),
    };
    let physical = PhysicalLocation::builder()
        .artifact_location(artifact(&item.place.file))
        .region(region(&item.place))
        .build();
    let mut location = Location::builder().physical_location(physical).build();
    let case = match entry.kind {
        EntryKind::Finding => item.case.as_deref(),
        _ => Some(&*entry.id),
    };
    location.logical_locations = case.map(|case| {
        let logical = LogicalLocation::builder().fully_qualified_name(case);
        vec![logical.build()]
    });
    let mut result = Result::builder()
        .rule_id(&*item.rule)
        .level(result_level(item.severity))
        .message(message(&text))
        .locations(vec![location])
        .build();
    if let ItemDetail::Fix(edits) = &item.detail
        && !edits.is_empty()
    {
        result.fixes = Some(vec![fix(item, edits)]);
    }
    result
}

fn fix(item: &Item, edits: &[Replacement]) -> Fix {
    let replacements = edits.iter().map(|edit| {
        let content = ArtifactContent::builder().text(edit.text.as_str()).build();
        SarifReplacement::builder()
            .deleted_region(range(edit.start, edit.end))
            .inserted_content(content)
            .build()
    });
    let change = ArtifactChange::builder()
        .artifact_location(artifact(&item.place.file))
        .replacements(replacements.collect::<Vec<_>>())
        .build();
    let mut fix = Fix::builder().artifact_changes(vec![change]).build();
    fix.description = item.help.as_deref().map(message);
    fix
}

fn result_level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Error => ResultLevel::Error,
        Severity::Warning => ResultLevel::Warning,
        Severity::Info => ResultLevel::Note,
    }
}

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

/// The URI of a file.
fn artifact(file: &str) -> ArtifactLocation {
    let uri = utf8_percent_encode(file, NOT_IN_PATH).to_string();
    let uri = match uri.strip_prefix('/') {
        Some(rest) => format!("file:///{rest}"),
        None => uri,
    };
    ArtifactLocation::builder().uri(uri).build()
}

fn region(place: &Place) -> Region {
    match place.range {
        Some((start, end)) => range(start, end),
        None => Region::builder().start_line(number(place.line)).build(),
    }
}

fn range(start: Position, end: Position) -> Region {
    Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.column))
        .end_line(number(end.line))
        .end_column(number(end.column))
        .build()
}

fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
