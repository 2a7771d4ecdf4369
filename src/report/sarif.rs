//! SARIF 2.1.0, which code hosts show beside the lines of a pull request: a
//! result per item.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

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
    let rules = report.rules.iter().enumerate();
    let indices: HashMap<&str, usize> = rules.map(|(at, rule)| (&*rule.id, at)).collect();
    let results = report.items().map(|(entry, item)| {
        let mut result = result(entry, item);
        if let Some(index) = indices.get(&*item.rule) {
            result["ruleIndex"] = json!(index);
        }
        result
    });
    let results: Vec<Value> = results.collect();
    let rules: Vec<Value> = report.rules.iter().map(descriptor).collect();
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "columnKind": "unicodeCodePoints",
            "results": results,
            "tool": {
                "driver": {
                    "name": "docproof",
                    "rules": rules,
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                },
            },
        }],
        "version": "2.1.0",
    });
    format!("{sarif:#}\n")
}

/// A `reportingDescriptor` (SARIF 2.1.0, 3.49).
fn descriptor(rule: &RuleInfo<'_>) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": message(&rule.summary),
    });
    if let Some(markdown) = rule.help {
        descriptor["help"] = json!({ "markdown": markdown, "text": markdown });
    }
    if let Some(level) = rule.level {
        let level = match level {
            Level::Report(severity) => result_level(severity),
            Level::Off => "none",
        };
        descriptor["defaultConfiguration"] = json!({ "level": level });
    }
    descriptor
}

/// A `result` (SARIF 2.1.0, 3.27).
fn result(entry: &Entry<'_>, item: &Item) -> Value {
    let text = match entry.help_for(item) {
        Some(help) => format!("{}\n{help}", item.message),
        None => item.message.clone(),
    };
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact(&item.place.file),
            "region": region(&item.place),
        },
    });
    let case = match entry.kind {
        EntryKind::Finding => item.case.as_deref(),
        _ => Some(&*entry.id),
    };
    if let Some(case) = case {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": case }]);
    }
    let mut result = json!({
        "level": result_level(item.severity),
        "locations": [location],
        "message": message(&text),
        "ruleId": item.rule,
    });
    if let ItemDetail::Fix(edits) = &item.detail
        && !edits.is_empty()
    {
        result["fixes"] = json!([fix(item, edits)]);
    }
    result
}

/// A `fix` (SARIF 2.1.0, 3.55).
fn fix(item: &Item, edits: &[Replacement]) -> Value {
    let replacements = edits.iter().map(|edit| {
        json!({
            "deletedRegion": range(edit.start, edit.end),
            "insertedContent": { "text": edit.text },
        })
    });
    let replacements: Vec<Value> = replacements.collect();
    let mut fix = json!({
        "artifactChanges": [{
            "artifactLocation": artifact(&item.place.file),
            "replacements": replacements,
        }],
    });
    if let Some(help) = &item.help {
        fix["description"] = message(help);
    }
    fix
}

fn result_level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn message(text: &str) -> Value {
    json!({ "text": text })
}

/// The location of a file, as a URI.
fn artifact(file: &str) -> Value {
    let uri = utf8_percent_encode(file, NOT_IN_PATH).to_string();
    let uri = match uri.strip_prefix('/') {
        Some(rest) => format!("file:///{rest}"),
        None => uri,
    };
    json!({ "uri": uri })
}

fn region(place: &Place) -> Value {
    match place.range {
        Some((start, end)) => range(start, end),
        None => json!({ "startLine": place.line }),
    }
}

fn range(start: Position, end: Position) -> Value {
    json!({
        "endColumn": end.column,
        "endLine": end.line,
        "startColumn": start.column,
        "startLine": start.line,
    })
}
