//! API Doctor's placeholder grammar: the keys of `request-parameters`,
//! `capture` and `expectations`, and their values.
//!
//! Based on the source code of API Doctor
//! (`BasicRequestDefinition.LocationForKey`, `ConvertToPlaceholderValue`,
//! `JsonPath.DecomposePath`), since its documentation is incomplete.

use std::collections::HashMap;

use serde_json::Value;

/// What a key refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Location<'k> {
    /// `{name}`: a placeholder of the URL.
    Placeholder(&'k str),
    /// `[name]`: a stored value.
    Stored(&'k str),
    /// `!url`: the whole URL.
    Url,
    /// `!body`: the whole body.
    Body,
    /// `!body.base64`: the whole body, in base64.
    BodyBase64,
    /// `Name:`: a header field.
    Header(&'k str),
    /// `$.name`: a member of the JSON body.
    Json,
    /// `#code`: a C# expression.
    Code(&'k str),
    /// None of the above.
    Invalid,
}

/// Parses a key. Values have the same grammar.
pub(super) fn location(key: &str) -> Location<'_> {
    let within = |open, close| {
        key.strip_prefix(open)
            .and_then(|rest: &str| rest.strip_suffix(close))
            .filter(|name: &&str| !name.is_empty())
    };
    if let Some(name) = within('{', '}') {
        return Location::Placeholder(name);
    }
    if let Some(name) = within('[', ']') {
        return Location::Stored(name);
    }
    match key {
        "!body" => return Location::Body,
        "!body.base64" => return Location::BodyBase64,
        "!url" => return Location::Url,
        _ => {}
    }
    if let Some(name) = key.strip_suffix(':').filter(|name| !name.is_empty()) {
        return Location::Header(name);
    }
    if key.starts_with('$') {
        return Location::Json;
    }
    key.strip_prefix('#')
        .map_or(Location::Invalid, Location::Code)
}

/// Variables of stored values that need another name in a scenario.
pub(super) type Renamed = HashMap<String, String>;

/// The functions of our templates. No variable can have their names.
const FUNCTIONS: [&str; 6] = ["env", "uuid", "now", "random-filename", "base64", "file"];

/// Returns the variable for a stored value.
pub(super) fn variable(stored: &str, renamed: &Renamed) -> String {
    if let Some(name) = renamed.get(stored) {
        return name.clone();
    }
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name = stored.trim().replace(|c| !is_name(c), "-");
    let begins = name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    // `${now-3d}` is a time.
    if !begins || name.starts_with("now") || FUNCTIONS.contains(&name.as_str()) {
        return format!("captured-{}", name.trim_start_matches(['-', '.']));
    }
    name
}

/// A template, and its text if it contains no variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// The template, as written in our files.
    pub text: String,
    /// Its text, if it is known now.
    pub literal: Option<String>,
}

impl Template {
    /// A literal text.
    pub(super) fn literal(text: &str) -> Self {
        Self {
            text: escape(text),
            literal: Some(text.to_owned()),
        }
    }

    fn rendered(text: String) -> Self {
        Self {
            text,
            literal: None,
        }
    }
}

/// Escapes `${` in a text.
pub(super) fn escape(text: &str) -> String {
    text.replace("${", "$${")
}

/// Escapes `${` in all strings of a JSON value.
pub(super) fn escape_json(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(escape(&text)),
        Value::Array(items) => items.into_iter().map(escape_json).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(key, value)| (key, escape_json(value)))
                    .collect(),
            )
        }
        value => value,
    }
}

const RANDOM_FILENAME: &str = "!random-filename";

/// Converts a value of `request-parameters` to a template. The error says why
/// it cannot be converted.
pub(super) fn template(value: &str, renamed: &Renamed) -> Result<Template, String> {
    match location(value) {
        Location::Stored(name) => {
            let name = variable(name, renamed);
            return Ok(Template::rendered(format!("${{{name}}}")));
        }
        Location::Code(_) => {
            let why = "C# expressions are not converted; write a template such as `${now + 3d}`, \
                       or capture a part of a value with `matches`";
            return Err(why.to_owned());
        }
        _ => {}
    }
    let Some(start) = value.find(RANDOM_FILENAME) else {
        return Ok(Template::literal(value));
    };
    let after = &value[start + RANDOM_FILENAME.len()..];
    let (name, rest, leading) = match after.split_once('!') {
        Some((name, rest)) => (name, rest, ""),
        // The older form ends the value. With an extension, it starts a path.
        None => (after, "", if after.is_empty() { "" } else { "/" }),
    };
    let name = match name.strip_prefix('-') {
        None if name.is_empty() => "docproof-${uuid}".to_owned(),
        Some(extension) if is_extension(extension) => format!("${{random-filename:{extension}}}"),
        Some(extension) => format!("docproof-${{uuid}}.{}", escape(extension)),
        None => return Ok(Template::literal(value)),
    };
    let before = escape(&value[..start]);
    Ok(Template::rendered(format!(
        "{leading}{before}{name}{}",
        escape(rest)
    )))
}

fn is_extension(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// A segment of a path to a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// A member of an object.
    Member(String),
    /// An item of an array.
    Index(usize),
}

/// Parses API Doctor's own dialect of `JSONPath`: `$.a.b[0]`, `$.['a.b']`.
pub(super) fn segments(path: &str) -> Result<Vec<Segment>, String> {
    let malformed = || {
        format!(
            "`{path}` is not a path in API Doctor's syntax; expected \
             `$.name[0]`"
        )
    };
    if path == "$" {
        return Ok(Vec::new());
    }
    let mut rest = path.strip_prefix("$.").ok_or_else(malformed)?;
    let mut segments = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = after.split_once("']").ok_or_else(malformed)?;
            segments.push(Segment::Member(name.to_owned()));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']').ok_or_else(malformed)?;
            segments.push(Segment::Index(index.parse().map_err(|_| malformed())?));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            segments.push(Segment::Member(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
    if segments.is_empty() {
        return Err(malformed());
    }
    Ok(segments)
}

/// Writes a path according to RFC 9535.
pub(super) fn rfc9535(segments: &[Segment]) -> String {
    let mut path = "$".to_owned();
    for segment in segments {
        match segment {
            Segment::Index(index) => path += &format!("[{index}]"),
            // A shorthand starts with a letter, `_` or a non-ASCII character
            // (RFC 9535, 2.5.1.1).
            Segment::Member(name)
                if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') =>
            {
                path += &format!(".{name}");
            }
            Segment::Member(name) => {
                let name = name.replace('\\', "\\\\").replace('\'', "\\'");
                path += &format!("['{name}']");
            }
        }
    }
    path
}

/// Sets the value at `path`, or removes it (`None`). `create` adds missing
/// parents. Returns whether this was possible.
pub(super) fn assign(
    body: &mut Value,
    path: &[Segment],
    value: Option<Value>,
    create: bool,
) -> bool {
    let Some((last, parents)) = path.split_last() else {
        return false;
    };
    let mut at = body;
    for (index, segment) in parents.iter().enumerate() {
        let empty = match path[index + 1] {
            Segment::Member(_) => Value::Object(serde_json::Map::new()),
            Segment::Index(_) => Value::Array(Vec::new()),
        };
        at = match (segment, at) {
            (Segment::Member(name), Value::Object(members)) => {
                let is_there = members.get(name).is_some_and(|value| !value.is_null());
                if !is_there && value.is_none() {
                    return true;
                }
                if !is_there && !create {
                    return false;
                }
                if !is_there {
                    members.insert(name.clone(), empty);
                }
                &mut members[name.as_str()]
            }
            (Segment::Index(index), Value::Array(items)) if *index <= items.len() => {
                if *index == items.len() {
                    if !create {
                        return false;
                    }
                    items.push(empty);
                }
                &mut items[*index]
            }
            _ => return false,
        };
    }
    match (last, at, value) {
        (Segment::Member(name), Value::Object(members), Some(value)) => {
            members.insert(name.clone(), value);
        }
        (Segment::Member(name), Value::Object(members), None) => {
            members.shift_remove(name);
        }
        (Segment::Index(index), Value::Array(items), Some(value)) if *index < items.len() => {
            items[*index] = value;
        }
        (Segment::Index(index), Value::Array(items), Some(value))
            if create && *index == items.len() =>
        {
            items.push(value);
        }
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(value: &str, expected: Result<&str, &str>) {
        let found = template(value, &Renamed::new());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found.text, expected, "{value}"),
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{value}: {found}"),
            (found, _) => panic!("{value}: {found:?}"),
        }
    }

    #[test]
    fn parses_keys() {
        assert_eq!(location("{item-id}"), Location::Placeholder("item-id"));
        assert_eq!(location("[item-id]"), Location::Stored("item-id"));
        assert_eq!(location("!url"), Location::Url);
        assert_eq!(location("!body"), Location::Body);
        assert_eq!(location("!body.base64"), Location::BodyBase64);
        assert_eq!(location("If-Match:"), Location::Header("If-Match"));
        assert_eq!(location("$.name"), Location::Json);
        assert_eq!(location("#code"), Location::Code("code"));
        for invalid in ["Content-Type", "{}", "[]", ":", "!bod", ""] {
            assert_eq!(location(invalid), Location::Invalid, "{invalid}");
        }
    }

    #[test]
    fn converts_values_to_templates() {
        check("a/b ${c}", Ok("a/b $${c}"));
        check("[item-id]", Ok("${item-id}"));
        check("[my id]", Ok("${my-id}"));
        check("[uuid]", Ok("${captured-uuid}"));
        check("[now-3d]", Ok("${captured-now-3d}"));
        check("x[item-id]", Ok("x[item-id]"));
        check(
            "#DateTimeOffset.UtcNow.AddDays(3)",
            Err("C# expressions are not converted"),
        );
    }

    #[test]
    fn converts_random_filenames() {
        check("!random-filename", Ok("docproof-${uuid}"));
        check("!random-filename!", Ok("docproof-${uuid}"));
        check("!random-filename-png!", Ok("${random-filename:png}"));
        check("!random-filename-png", Ok("/${random-filename:png}"));
        check(
            "a/!random-filename-png!.b",
            Ok("a/${random-filename:png}.b"),
        );
        check("!random-filename-tar.gz!", Ok("docproof-${uuid}.tar.gz"));
        check("!random-filenames!", Ok("!random-filenames!"));
    }

    #[track_caller]
    fn check_path(path: &str, expected: Option<&str>) {
        let found = segments(path).ok().map(|segments| rfc9535(&segments));
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn writes_paths_according_to_rfc_9535() {
        check_path("$", Some("$"));
        check_path("$.value[0].id", Some("$.value[0].id"));
        check_path("$.['@odata.id']", Some("$['@odata.id']"));
        check_path("$.a.['b.c'].d", Some("$.a['b.c'].d"));
        check_path("$.@x-y", Some("$['@x-y']"));
        check_path("$.2", Some("$['2']"));
        check_path("$value", None);
        check_path("$.a[*]", None);
        check_path("$.['a", None);
        check_path("$.", None);
    }

    #[track_caller]
    fn check_assign(path: &str, value: Option<Value>, create: bool, expected: Option<&Value>) {
        let mut body = json!({ "a": { "b": 1 }, "c": [{ "d": 1 }], "n": null });
        let path = segments(path).expect("a path");
        let done = assign(&mut body, &path, value, create);
        assert_eq!(done.then_some(&body), expected, "{path:?}");
    }

    #[test]
    fn sets_and_removes_members() {
        let rest = json!({ "b": 1 });
        let list = json!([{ "d": 1 }]);
        check_assign(
            "$.a.x",
            Some(json!(2)),
            false,
            Some(&json!({ "a": { "b": 1, "x": 2 }, "c": list, "n": null })),
        );
        check_assign(
            "$.a.b",
            None,
            false,
            Some(&json!({ "a": {}, "c": list, "n": null })),
        );
        check_assign(
            "$.c[0].d",
            Some(json!(2)),
            false,
            Some(&json!({ "a": rest, "c": [{ "d": 2 }], "n": null })),
        );
        check_assign("$.c[1].d", Some(json!(2)), false, None);
        check_assign(
            "$.c[1].d",
            Some(json!(2)),
            true,
            Some(&json!({ "a": rest, "c": [{ "d": 1 }, { "d": 2 }], "n": null })),
        );
        check_assign("$.c[3].d", Some(json!(2)), true, None);
        check_assign("$.n.x", Some(json!(2)), false, None);
        check_assign(
            "$.n.x",
            Some(json!(2)),
            true,
            Some(&json!({ "a": rest, "c": list, "n": { "x": 2 } })),
        );
        check_assign("$.a.b.x", Some(json!(2)), true, None);
        check_assign("$", Some(json!(2)), true, None);
    }
}
