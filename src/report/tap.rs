//! TAP, version 14 (<https://testanything.org/tap-version-14-specification.html>):
//! a test point per entry, with diagnostics in YAML.

use std::fmt::Write;

use serde_json::{Value, json};

use super::basics::printable;
use super::model::{Entry, EntryKind, Item, ItemDetail, Report, Status};

/// The report.
pub(crate) fn report(report: &Report<'_>) -> String {
    let points: Vec<Point> = report.entries().map(point).collect();
    document(&points, &report.summary.log())
}

fn point(entry: &Entry<'_>) -> Point {
    Point {
        ok: entry.status != Status::Fail,
        description: match entry.kind {
            EntryKind::Finding => format!("{} {}", entry.place, entry.id),
            _ => entry.id.to_string(),
        },
        skip: entry.skip.as_ref().map(ToString::to_string),
        diagnostics: match entry.kind {
            EntryKind::Case => of_case(entry),
            EntryKind::MutatedCase => of_mutated_case(entry),
            EntryKind::Finding => entry.items.iter().flat_map(of_finding).collect(),
            EntryKind::CleanPage => Vec::new(),
        },
    }
}

fn of_case(entry: &Entry<'_>) -> Vec<(&'static str, Value)> {
    let mut diagnostics = Vec::new();
    if let Some(tally) = entry.attempts.tally.as_deref()
        && entry.attempts.is_flaky
    {
        diagnostics.push(("flaky", Value::from(tally)));
    }
    if entry.status != Status::Fail {
        return diagnostics;
    }
    diagnostics.push(("at", entry.place.to_string().into()));
    if let Some((method, target)) = &entry.request {
        diagnostics.push(("request", format!("{method} {target}").into()));
    }
    diagnostics.push(("duration_ms", entry.ms.into()));
    let of_each = |value: fn(&Item) -> Value| entry.errors().map(value).collect::<Value>();
    diagnostics.extend([
        ("messages", of_each(|item| item.message.as_str().into())),
        ("kinds", of_each(|item| item.rule.as_ref().into())),
        ("documented", of_each(|item| values(item).0)),
        ("observed", of_each(|item| values(item).1)),
    ]);
    if let Some(help) = entry.help.as_deref() {
        diagnostics.push(("advice", help.into()));
    }
    diagnostics
}

/// The documented and the actual value of a difference.
fn values(item: &Item) -> (Value, Value) {
    match &item.detail {
        ItemDetail::Difference {
            documented,
            observed,
        } => (documented.as_str().into(), observed.as_deref().into()),
        _ => (Value::Null, Value::Null),
    }
}

fn of_mutated_case(entry: &Entry<'_>) -> Vec<(&'static str, Value)> {
    if entry.status != Status::Fail {
        return Vec::new();
    }
    let failures = entry.items.iter().map(|item| {
        let fact = match &item.detail {
            ItemDetail::Mutant { fact } => fact.as_str(),
            _ => "",
        };
        json!({
            "at": item.place.to_string(),
            "mutant": item.rule,
            "fact": fact,
            "message": item.message,
        })
    });
    vec![
        ("at", entry.place.to_string().into()),
        ("failures", failures.collect()),
    ]
}

fn of_finding(item: &Item) -> [(&'static str, Value); 3] {
    [
        ("severity", item.severity.name().into()),
        ("message", item.message.as_str().into()),
        ("help", item.help.as_deref().into()),
    ]
}

/// A test point.
#[derive(Debug, Clone)]
struct Point {
    /// Whether it passed or was skipped.
    ok: bool,
    /// What was tested.
    description: String,
    /// Why it was skipped.
    skip: Option<String>,
    /// Names and values.
    diagnostics: Vec<(&'static str, Value)>,
}

/// The points as a document that ends with `comments`.
fn document(points: &[Point], comments: &[String]) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", points.len());
    // Writing to a string does not fail.
    for (at, point) in points.iter().enumerate() {
        let not = if point.ok { "" } else { "not " };
        let _ = write!(text, "{not}ok {} - {}", at + 1, escaped(&point.description));
        if let Some(why) = &point.skip {
            let _ = write!(text, " # SKIP {}", escaped(why));
        }
        text.push('\n');
        if !point.diagnostics.is_empty() {
            text += "  ---\n";
            for (name, value) in &point.diagnostics {
                // JSON is YAML, and one line of JSON cannot end the block.
                let _ = writeln!(text, "  {name}: {value}");
            }
            text += "  ...\n";
        }
    }
    for comment in comments {
        let _ = writeln!(text, "# {}", printable(comment));
    }
    text
}

/// Escapes a text for the line of a point, where `#` would start a directive.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_text_that_could_end_a_point_or_start_a_directive() {
        let point = |ok, skip: Option<&str>| Point {
            ok,
            description: "a # SKIP b\nnot ok 9".to_owned(),
            skip: skip.map(str::to_owned),
            diagnostics: if ok {
                Vec::new()
            } else {
                vec![("message", Value::from("x\n  ...\nok 3 \u{1b}"))]
            },
        };
        let text = document(
            &[point(true, Some("why\n#")), point(false, None)],
            &["end\nok".to_owned(), "bye".to_owned()],
        );
        assert_eq!(
            text,
            "TAP version 14\n1..2\n\
             ok 1 - a \\# SKIP b\\\\nnot ok 9 # SKIP why\\\\n\\#\n\
             not ok 2 - a \\# SKIP b\\\\nnot ok 9\n  ---\n  message: \"x\\n  ...\\nok 3 \\u001b\"\n  ...\n\
             # end\\nok\n# bye\n"
        );
    }
}
