//! `JSONPath` queries (RFC 9535), and setting members of a body with them.

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath};
use thiserror::Error;

/// Maximum length of a query in bytes. The parser is recursive.
const LENGTH_LIMIT: usize = 1000;
/// Maximum nesting of brackets and parentheses.
const NESTING_LIMIT: usize = 8;
/// Maximum number of `..` in a query. Each one multiplies the number of visited nodes.
const DESCENDANT_LIMIT: usize = 2;

/// A query.
#[derive(Debug, Clone)]
pub struct Path {
    /// The query as written.
    pub text: String,
    query: JsonPath,
    singular: Option<Vec<Name>>,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A segment of a singular query (RFC 9535, 2.3.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Member(String),
    Index(i64),
}

/// An invalid query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid JSONPath `{path}` (RFC 9535): {message}")]
pub struct PathError {
    path: String,
    message: String,
}

/// Why a member cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SetError {
    /// The path finds nothing, and its parent is not an object.
    #[error("`{0}` is not in the body, and its parent is not an object")]
    NoParent(String),
    /// The query is not singular and finds nothing.
    #[error("`{0}` matches nothing in the body")]
    NoNode(String),
}

impl Path {
    /// Parses a query.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let fail = |message: String| PathError {
            path: text.chars().take(80).collect(),
            message,
        };
        if text.len() > LENGTH_LIMIT {
            return Err(fail(format!("it is longer than {LENGTH_LIMIT} bytes")));
        }
        let (nesting, descendants) = shape(text);
        if nesting > NESTING_LIMIT {
            return Err(fail(format!(
                "it is nested more than {NESTING_LIMIT} levels deep"
            )));
        }
        if descendants > DESCENDANT_LIMIT {
            return Err(fail(format!("it has more than {DESCENDANT_LIMIT} `..`")));
        }
        let query = JsonPath::parse(text).map_err(|error| fail(error.message().to_owned()))?;
        Ok(Self {
            text: text.to_owned(),
            query,
            singular: singular(text),
        })
    }

    /// Whether it finds at most one node in any document.
    pub fn is_singular(&self) -> bool {
        self.singular.is_some()
    }

    /// Returns the nodes that it finds.
    pub fn query<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.query.query(value).all()
    }
}

/// Returns the nesting depth and the number of `..`, ignoring strings.
fn shape(text: &str) -> (usize, usize) {
    let (mut depth, mut deepest, mut descendants) = (0_usize, 0, 0);
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => {
                chars.next();
            }
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(' | '!') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, '.') if chars.peek() == Some(&'.') => descendants += 1,
            _ => {}
        }
    }
    (deepest, descendants)
}

/// Returns the segments of a singular query. The text is a valid query.
fn singular(text: &str) -> Option<Vec<Name>> {
    let mut rest = text.strip_prefix('$')?;
    let mut names = Vec::new();
    while !rest.is_empty() {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('.') {
            let end = after
                .find(|c: char| matches!(c, '.' | '[') || c.is_whitespace())
                .unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || name == "*" {
                return None;
            }
            names.push(Name::Member(name.to_owned()));
            rest = &after[end..];
            continue;
        }
        let inner = rest.strip_prefix('[')?.trim_start();
        let first = inner.chars().next()?;
        let (name, after) = if matches!(first, '\'' | '"') {
            quoted(&inner[1..], first)?
        } else {
            let end = inner.find(']')?;
            let index = inner[..end].trim().parse().ok()?;
            (Name::Index(index), &inner[end..])
        };
        rest = after.trim_start().strip_prefix(']')?;
        names.push(name);
    }
    Some(names)
}

/// Parses a quoted name (RFC 9535, 2.3.1.1) and returns it with the rest of the
/// text. Apart from the quotes, it is a JSON string.
fn quoted(text: &str, quote: char) -> Option<(Name, &str)> {
    let mut json = String::from("\"");
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => {
                json.push('"');
                let name = serde_json::from_str(&json).ok()?;
                return Some((Name::Member(name), &text[at + 1..]));
            }
            '"' => json += "\\\"",
            '\\' => match chars.next()?.1 {
                '\'' => json.push('\''),
                escaped => json.extend(['\\', escaped]),
            },
            c => json.push(c),
        }
    }
    None
}

/// Sets the nodes that the path finds. If a singular path finds nothing, adds
/// the missing member.
pub(crate) fn apply_set(body: &mut Value, path: &Path, value: Value) -> Result<(), SetError> {
    let pointers: Vec<String> = path
        .query
        .query_located(body)
        .locations()
        .map(NormalizedPath::to_json_pointer)
        .collect();
    if let Some((last, others)) = pointers.split_last() {
        for pointer in others {
            // The node may be below one that was just replaced.
            if let Some(node) = body.pointer_mut(pointer) {
                *node = value.clone();
            }
        }
        if let Some(node) = body.pointer_mut(last) {
            *node = value;
        }
        return Ok(());
    }
    let Some(names) = &path.singular else {
        return Err(SetError::NoNode(path.text.clone()));
    };
    let no_parent = || SetError::NoParent(path.text.clone());
    let Some((Name::Member(name), parents)) = names.split_last() else {
        return Err(no_parent());
    };
    let mut node = body;
    for parent in parents {
        let next = match (parent, node) {
            (Name::Member(name), Value::Object(members)) => members.get_mut(name),
            (Name::Index(index), Value::Array(items)) => {
                let at = match usize::try_from(*index) {
                    Ok(at) => Some(at),
                    Err(_) => usize::try_from(index.unsigned_abs())
                        .ok()
                        .and_then(|back| items.len().checked_sub(back)),
                };
                at.and_then(|at| items.get_mut(at))
            }
            _ => None,
        };
        node = next.ok_or_else(no_parent)?;
    }
    match node {
        Value::Object(members) => {
            members.insert(name.clone(), value);
            Ok(())
        }
        _ => Err(no_parent()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_set(body: &Value, path: &str, expected: Result<Value, &str>) {
        let mut set = body.clone();
        let path = Path::parse(path).expect("a query");
        let result = apply_set(&mut set, &path, json!(9)).map(|()| set);
        let result = result.map_err(|error| error.to_string());
        match (&result, expected) {
            (Ok(set), Ok(expected)) => assert_eq!(set, &expected, "{}", path.text),
            (Err(message), Err(expected)) => assert!(message.contains(expected), "{message}"),
            _ => panic!("{}: {result:?}", path.text),
        }
    }

    #[test]
    fn sets_members() {
        let body = json!({"a": {"b": 1}, "c": [1, {"d": 2}], "e.f": 3});
        let set = |pointer: &str| {
            let mut set = body.clone();
            *set.pointer_mut(pointer).expect("a node") = json!(9);
            Ok(set)
        };
        check_set(&body, "$.a.b", set("/a/b"));
        check_set(&body, "$['a'][\"b\"]", set("/a/b"));
        check_set(&body, "$['e.f']", set("/e.f"));
        check_set(&body, "$.c[0]", set("/c/0"));
        check_set(&body, "$.c[-1].d", set("/c/1/d"));
        check_set(&body, "$", Ok(json!(9)));
        check_set(&json!([1, 2]), "$[*]", Ok(json!([9, 9])));
        check_set(&json!({"a": {"a": 1}}), "$..a", Ok(json!({"a": 9})));
    }

    #[test]
    fn adds_missing_members() {
        let body = json!({"a": {}, "c": [{}]});
        check_set(&body, "$.b", Ok(json!({"a": {}, "c": [{}], "b": 9})));
        check_set(
            &body,
            "$.a['x\\'\\u00e9']",
            Ok(json!({"a": {"x'é": 9}, "c": [{}]})),
        );
        check_set(
            &body,
            "$.a[\"x\\\"\"]",
            Ok(json!({"a": {"x\"": 9}, "c": [{}]})),
        );
        check_set(&body, "$.c[-1].d", Ok(json!({"a": {}, "c": [{"d": 9}]})));
        check_set(&body, "$ .a ['d']", Ok(json!({"a": {"d": 9}, "c": [{}]})));
        check_set(&body, "$.x.y", Err("its parent is not an object"));
        check_set(&body, "$.c.y", Err("its parent is not an object"));
        check_set(&body, "$.c[1]", Err("its parent is not an object"));
        check_set(&body, "$.c[-2].d", Err("its parent is not an object"));
        check_set(&body, "$..y", Err("matches nothing"));
    }

    #[track_caller]
    fn check_refused(path: &str, message: &str) {
        let error = Path::parse(path).expect_err("no query").to_string();
        assert!(error.contains(message), "{path}: {error}");
    }

    #[test]
    fn limits_the_size_of_queries() {
        Path::parse("$..a..b").expect("two `..`");
        Path::parse("$['..']['..']['..']").expect("dots in names");
        Path::parse("$[?((@.a == '((((((((((') && !(@.b))]").expect("brackets in a text");
        check_refused("$..a..b..c", "more than 2 `..`");
        check_refused(
            &format!("$[?{}@.a{}]", "(".repeat(9), ")".repeat(9)),
            "nested",
        );
        check_refused(&format!("$[?{}@.a]", "!".repeat(400)), "nested");
        check_refused(&format!("${}", ".a".repeat(501)), "longer");
        check_refused("$.", "RFC 9535");
        check_refused("a", "RFC 9535");
    }

    #[test]
    fn detects_singular_queries() {
        for (path, expected) in [
            ("$", true),
            ("$.a['b'][0]", true),
            ("$.a[*]", false),
            ("$.*", false),
            ("$..a", false),
            ("$['a','b']", false),
            ("$[0:1]", false),
            ("$[?@.a]", false),
        ] {
            let path = Path::parse(path).expect("a query");
            assert_eq!(path.is_singular(), expected, "{}", path.text);
        }
    }
}
