//! What SARIF 2.1.0 documents are made of.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactLocation, Message, Region, ReportingDescriptor, Result, ResultLevel, Run, Sarif, Tool,
    ToolComponent,
};

use crate::text::severity::Severity;
use crate::text::source::Position;

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

/// The results of one run, by these rules.
pub(crate) fn document(rules: Vec<ReportingDescriptor>, results: Vec<Result>) -> String {
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

/// How bad a result is.
pub(crate) fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Error => ResultLevel::Error,
        Severity::Warning => ResultLevel::Warning,
        Severity::Info => ResultLevel::Note,
    }
}

/// A text for people.
pub(crate) fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

/// The file of a result.
pub(crate) fn artifact(file: &str) -> ArtifactLocation {
    let uri = utf8_percent_encode(file, NOT_IN_PATH).to_string();
    let uri = match uri.strip_prefix('/') {
        Some(rest) => format!("file:///{rest}"),
        None => uri,
    };
    ArtifactLocation::builder().uri(uri).build()
}

/// A number of a line or a column.
pub(crate) fn number(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A part of a file.
pub(crate) fn region(start: Position, end: Position) -> Region {
    Region::builder()
        .start_line(number(start.line))
        .start_column(number(start.column))
        .end_line(number(end.line))
        .end_column(number(end.column))
        .build()
}
