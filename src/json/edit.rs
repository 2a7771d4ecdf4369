//! Edits of a JSON text that leave the rest of it as written.

use std::ops::Range;

use serde_json::Value;

/// A change of one value or member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    /// The bytes to change: of a value that is replaced, or of a whole member,
    /// key and value, that is removed.
    pub range: Range<usize>,
    /// What replaces them.
    pub to: To,
}

/// What replaces a value or member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum To {
    /// Another value.
    Value(Value),
    /// Nothing; the comma goes too.
    Nothing,
}

/// The edits that make the changes, as byte ranges of `body` and their new
/// text, sorted and without overlap. An error says why there are none.
pub(crate) fn edits(body: &str, changes: &[Change]) -> Result<Vec<(Range<usize>, String)>, String> {
    let is_stale = |change: &Change| {
        body.get(change.range.clone())
            .is_none_or(|text| text.is_empty() || text.trim().len() != text.len())
    };
    if changes.iter().any(is_stale) {
        return Err("the body changed since it was compared".to_owned());
    }
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| (change.range.start, std::cmp::Reverse(change.range.end)));
    // A change replaces those inside it.
    let mut outer: Vec<&Change> = Vec::with_capacity(changes.len());
    for change in changes {
        match outer.last() {
            Some(last) if last.range == change.range && last.to != change.to => {
                return Err("two different values for one place of the body".to_owned());
            }
            Some(last) if change.range.end <= last.range.end => {}
            Some(last) if change.range.start < last.range.end => {
                return Err("two changes of the body overlap".to_owned());
            }
            _ => outer.push(change),
        }
    }
    let mut edits = Vec::new();
    let mut removed: Option<Range<usize>> = None;
    for change in outer {
        match &change.to {
            To::Value(value) => {
                let text = render(body, change.range.start, value);
                if body[change.range.clone()] != text {
                    edits.push((change.range.clone(), text));
                }
            }
            // Neighbors are removed together, with the comma between them.
            To::Nothing => match &mut removed {
                Some(run) if is_comma(&body[run.end..change.range.start]) => {
                    run.end = change.range.end;
                }
                run => {
                    let before = run.replace(change.range.clone());
                    edits.extend(before.map(|run| (removal(body, run), String::new())));
                }
            },
        }
    }
    edits.extend(removed.map(|run| (removal(body, run), String::new())));
    edits.sort_by_key(|(range, _)| range.start);
    Ok(edits)
}

/// Applies edits, which are sorted and do not overlap.
pub(crate) fn apply(body: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut written = body.to_owned();
    for (range, text) in edits.iter().rev() {
        written.replace_range(range.clone(), text);
    }
    written
}

fn is_comma(between: &str) -> bool {
    between.trim() == ","
}

/// The bytes to remove for a run of members: whole lines if nothing else is on
/// them, and one comma.
fn removal(body: &str, run: Range<usize>) -> Range<usize> {
    let before = body[..run.start].trim_end();
    let rest = &body[run.end..];
    let after = rest.trim_start();
    if let Some(after) = after.strip_prefix(',') {
        let end = body.len() - after.len();
        let line = body[..run.start].rfind('\n').map_or(0, |at| at + 1);
        let begins_line = body[line..run.start].trim().is_empty();
        let to_end = after.len() - after.trim_start_matches([' ', '\t']).len();
        let ends_line = after[to_end..].starts_with('\n');
        return match (begins_line, ends_line) {
            (true, true) => line..end + to_end + 1,
            _ => run.start..end + to_end,
        };
    }
    if before.ends_with(',') {
        return before.len() - 1..run.end;
    }
    if before.ends_with('{') && after.starts_with('}') {
        return before.len()..body.len() - after.len();
    }
    run
}

/// Formats a value for a place: on one line if the body is on one line, else
/// indented like the body.
fn render(body: &str, at: usize, value: &Value) -> String {
    if !(value.is_object() || value.is_array()) || !body.trim().contains('\n') {
        return value.to_string();
    }
    let line = &body[body[..at].rfind('\n').map_or(0, |end| end + 1)..at];
    let indent = indentation(line);
    let unit = unit(body);
    let pretty = serde_json::to_string_pretty(value).expect("a value is JSON");
    let mut lines = pretty.lines();
    let mut text = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        // serde_json indents by two spaces.
        let depth = indentation(line).len() / 2;
        text += &format!("\n{indent}{}{}", unit.repeat(depth), line.trim_start());
    }
    text
}

/// The indentation of a body's first level.
fn unit(body: &str) -> &str {
    let lines = body.lines().map(indentation);
    lines
        .filter(|indent| !indent.is_empty())
        .min_by_key(|indent| indent.len())
        .unwrap_or("  ")
}

fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn range(body: &str, part: &str) -> Range<usize> {
        let start = body.find(part).expect("the part");
        start..start + part.len()
    }

    #[track_caller]
    fn check(body: &str, changes: &[(&str, To)], expected: &str) {
        let changes: Vec<Change> = changes
            .iter()
            .map(|(part, to)| Change {
                range: range(body, part),
                to: to.clone(),
            })
            .collect();
        let edits = edits(body, &changes).expect("edits");
        assert_eq!(apply(body, &edits), expected);
    }

    const BODY: &str = "{\n    \"a\": 1,\n    \"b\": {\"c\": [2]},\n    \"d\": \"x\"\n}\n";

    #[test]
    fn replaces_only_the_value() {
        let to = |value| To::Value(value);
        check(
            BODY,
            &[("1", to(json!("é\"")))],
            &BODY.replace('1', "\"é\\\"\""),
        );
        check(
            BODY,
            &[("\"x\"", to(json!(null))), ("2", to(json!(3.5)))],
            &BODY.replace("\"x\"", "null").replace('2', "3.5"),
        );
        check(BODY, &[("1", to(json!(1)))], BODY);
        check(
            "{\"a\":1}",
            &[("1", to(json!({"b": [1, 2]})))],
            "{\"a\":{\"b\":[1,2]}}",
        );
    }

    #[test]
    fn indents_objects_like_the_body() {
        check(
            BODY,
            &[("\"x\"", To::Value(json!({"e": [1], "f": {}})))],
            "{\n    \"a\": 1,\n    \"b\": {\"c\": [2]},\n    \"d\": {\n        \"e\": [\n            1\n        ],\n        \"f\": {}\n    }\n}\n",
        );
        check(
            "{\n\t\"a\": 1\n}",
            &[("1", To::Value(json!(["x\n  y"])))],
            "{\n\t\"a\": [\n\t\t\"x\\n  y\"\n\t]\n}",
        );
    }

    #[test]
    fn removes_members_with_their_comma() {
        let gone = To::Nothing;
        let (a, b, d) = ("\"a\": 1", "\"b\": {\"c\": [2]}", "\"d\": \"x\"");
        let remove = |parts: &[&'static str], expected: &str| {
            let parts: Vec<_> = parts.iter().map(|part| (*part, gone.clone())).collect();
            check(BODY, &parts, expected);
        };
        remove(&[a], "{\n    \"b\": {\"c\": [2]},\n    \"d\": \"x\"\n}\n");
        remove(&[b], "{\n    \"a\": 1,\n    \"d\": \"x\"\n}\n");
        remove(&[d], "{\n    \"a\": 1,\n    \"b\": {\"c\": [2]}\n}\n");
        remove(&[b, d], "{\n    \"a\": 1\n}\n");
        remove(&[a, d], "{\n    \"b\": {\"c\": [2]}\n}\n");
        remove(&[a, b, d], "{}\n");
        remove(
            &["\"c\": [2]"],
            "{\n    \"a\": 1,\n    \"b\": {},\n    \"d\": \"x\"\n}\n",
        );
        check(
            "{\"a\": 1, \"b\": 2}",
            &[("\"a\": 1", gone.clone())],
            "{\"b\": 2}",
        );
        check(
            "{\"a\": 1, \"b\": 2}",
            &[("\"b\": 2", gone.clone())],
            "{\"a\": 1}",
        );
    }

    #[test]
    fn outer_changes_replace_inner_ones() {
        let inner = ("2", To::Value(json!(9)));
        let outer = ("{\"c\": [2]}", To::Value(json!(true)));
        check(BODY, &[inner, outer], &BODY.replace("{\"c\": [2]}", "true"));
    }

    #[test]
    fn refuses_contradictory_changes() {
        let change = |range, value| Change {
            range,
            to: To::Value(value),
        };
        assert!(edits("[1, 2]", &[change(1..2, json!(3)), change(1..2, json!(4))]).is_err());
        assert!(edits("[1, 2]", &[change(1..2, json!(3)), change(1..2, json!(3))]).is_ok());
        assert!(edits("[1, 2]", &[change(0..3, json!(3)), change(1..6, json!(4))]).is_err());
        assert!(edits("[1, 2]", &[change(1..20, json!(3))]).is_err());
    }
}
