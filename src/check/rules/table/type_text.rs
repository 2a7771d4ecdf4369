//! Types as tables name them (`[user](user.md) collection`, `Edm.Int32`), and
//! whether they contradict the declaration in the resource's JSON. Unknown
//! types never contradict.

use std::borrow::Cow;

use crate::check::types::{Format, Shape, TypeId, Types, declared, last_word, named};
use crate::json::{Node, NodeValue};

/// Whether the text of a cell contradicts a value in the JSON of a resource.
pub(super) fn disagree(text: &str, value: &Node<'_>, types: &Types) -> bool {
    let resolve = |name: &str| types.find(name);
    let text = plain(text);
    let in_table = named(&text, &resolve).shape;
    let in_json = shown(value, &resolve);
    !agree(&in_table, &in_json, types)
        || matches!(&value.value, NodeValue::String(declared) if widths_differ(&text, declared))
}

/// What a value in a resource's JSON certainly declares. An example value is
/// ambiguous: an object may have a derived type, and any string may be a plain
/// string.
fn shown(value: &Node<'_>, resolve: &dyn Fn(&str) -> Option<TypeId>) -> Shape {
    match &value.value {
        NodeValue::String(text) if !text.contains('.') => named(text, &|_| None).shape,
        NodeValue::Object(members) if members.len() > 1 => Shape::Object,
        NodeValue::Array(elements) => match elements.as_slice() {
            [element] => Shape::Array(Box::new(shown(element, resolve))),
            _ => Shape::Array(Box::new(Shape::Any)),
        },
        _ => declared(value, resolve).shape,
    }
}

/// Maximum length of a type name.
const LIMIT: usize = 200;

/// Converts a type to the form in a resource's JSON.
fn plain(text: &str) -> Cow<'_, str> {
    if text.len() > LIMIT {
        return Cow::Borrowed("");
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || "`*_.".contains(c));
    // An undefined link reference is plain text.
    if let Some(inner) = text.strip_prefix('[')
        && let Some((label, rest)) = inner.split_once(']')
        && let Some((_, rest)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
    {
        return Cow::Owned(plain(&format!("{label}{rest}")).into_owned());
    }
    let lower = text.to_ascii_lowercase();
    let element = text.strip_suffix("[]").or_else(|| {
        let endings = [" collection", " (collection)", " array", " list"];
        let ending = endings.iter().find(|ending| lower.ends_with(*ending));
        let beginnings = [
            "collection of ",
            "array of ",
            "list of ",
            "collection<",
            "array<",
        ];
        let beginning = beginnings.iter().find(|start| lower.starts_with(*start));
        match (ending, beginning) {
            (Some(ending), _) => Some(&text[..text.len() - ending.len()]),
            (None, Some(start)) => Some(text[start.len()..].trim_end_matches('>')),
            (None, None) => None,
        }
    });
    if let Some(element) = element {
        return Cow::Owned(format!("Collection({})", plain(element)));
    }
    for ending in [
        " resource",
        " object",
        " type",
        " resource type",
        " complex type",
    ] {
        if let Some(rest) = lower.strip_suffix(ending) {
            return Cow::Borrowed(&text[..rest.len()]);
        }
    }
    Cow::Borrowed(text)
}

/// Whether a value can have both types.
fn agree(one: &Shape, other: &Shape, types: &Types) -> bool {
    use Shape::{
        Any, Array, Boolean, Decimal, Enum, Int64, Integer, Named, Number, Object, String, Struct,
    };
    match (one, other) {
        (Named(one), Named(other)) => are_related(types, *one, *other),
        (Any, _)
        | (_, Any)
        | (Boolean, Boolean)
        | (Object | Struct(_) | Named(_), Object | Struct(_) | Named(_))
        | (Integer | Int64 | Number | Decimal, Integer | Int64 | Number | Decimal)
        | (Enum(_), String(_) | Enum(_))
        | (String(_), Enum(_)) => true,
        (Array(one), Array(other)) => agree(one, other, types),
        (String(one), String(other)) => match (one, other) {
            (Some(one), Some(other)) => one == other || are_times(*one, *other),
            _ => true,
        },
        _ => false,
    }
}

/// Whether one type may derive from the other, or both from a third. Few pages
/// declare base types, but names hint at them: `groupTarget` and `deviceTarget`
/// share the last word. A name that is the end of the other is rather a mistake
/// for it, as `user` for `guestUser`.
fn are_related(types: &Types, one: TypeId, other: TypeId) -> bool {
    let last_segment = |id| {
        let name = types.name(id);
        name.rsplit('.').next().unwrap_or(name).to_lowercase()
    };
    let is_end = |short: &str, long: &str| long.ends_with(short);
    let (long, short) = (last_segment(one), last_segment(other));
    types.are_kin(one, other)
        || (last_word(types.name(one)) == last_word(types.name(other))
            && (long == short || !(is_end(&short, &long) || is_end(&long, &short))))
}

fn are_times(one: Format, other: Format) -> bool {
    let is_time = |format| {
        matches!(
            format,
            Format::DateTime | Format::LocalDateTime | Format::Timestamp
        )
    };
    // A timestamp may be only a date.
    let are_dates = matches!(
        (one, other),
        (Format::Date, Format::Timestamp) | (Format::Timestamp, Format::Date)
    );
    are_dates || (is_time(one) && is_time(other))
}

/// Whether two texts name different number types.
fn widths_differ(one: &str, other: &str) -> bool {
    match (width(one), width(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// The `OData` number type that a text names, if it names nothing else.
fn width(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let name = lower.strip_prefix("edm.").unwrap_or(&lower);
    ["int16", "int32", "int64", "double", "single", "decimal"]
        .contains(&name)
        .then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::page::extract::extract;
    use crate::text::source::Page;

    fn types() -> Types {
        let resource = |keys: &str| {
            format!(
                "<!-- {{ \"blockType\": \"resource\", {keys} }} -->\n```json\n{{ \"id\": \"String\" }}\n```\n\n"
            )
        };
        let text = [
            r#""@odata.type": "example.user""#,
            r#""@odata.type": "example.worker", "baseType": "example.user""#,
            r#""@odata.type": "example.group""#,
            r#""@odata.type": "example.oldGroup""#,
            r#""@odata.type": "example.newGroup""#,
            r#""@odata.type": "example.note""#,
        ]
        .map(resource)
        .concat();
        let page = Page::new("types.md", text);
        Types::new(&extract(&page, None).resources).0
    }

    #[track_caller]
    fn check(pairs: &[(&str, &str)], expected: bool) {
        let types = types();
        for (text, json) in pairs {
            let node = json::read(json).expect("readable");
            assert_eq!(disagree(text, &node, &types), expected, "{text} {json}");
        }
    }

    #[test]
    fn detects_contradictions() {
        check(
            &[
                ("String", "\"Int32\""),
                ("String", "1024"),
                ("Int64", "\"Int32\""),
                ("Edm.Single", "\"Double\""),
                ("Boolean", "\"String\""),
                ("String", "[\"String\"]"),
                ("String collection", "\"String\""),
                ("user[]", "{\"@odata.type\": \"example.user\"}"),
                ("user collection", "[{\"@odata.type\": \"example.group\"}]"),
                ("user", "{\"@odata.type\": \"example.group\"}"),
                ("user", "false"),
                ("user", "\"String\""),
                ("Date", "\"DateTimeOffset\""),
                ("Integer", "\"String (timestamp)\""),
                ("[user][] collection", "\"example.user\""),
                ("group", "{\"@odata.type\": \"example.oldGroup\"}"),
                ("Duration", "\"String (timestamp)\""),
                ("Duration", "\"Int32\""),
            ],
            true,
        );
    }

    #[test]
    fn accepts_compatible_types() {
        check(
            &[
                ("String", "\"string (identifier)\""),
                ("Edm.String", "\"a | b\""),
                ("Guid", "\"String\""),
                ("DateTimeOffset", "\"String (timestamp)\""),
                ("DateTimeOffset", "\"datetime\""),
                ("Date", "\"String (timestamp)\""),
                ("Bool", "true"),
                ("Int32", "1024"),
                ("Integer", "\"Int64\""),
                ("String", "\"note\""),
                ("status", "\"String\""),
                ("status", "{\"@odata.type\": \"example.other\"}"),
                ("user", "{\"@odata.type\": \"example.worker\"}"),
                ("worker", "{\"@odata.type\": \"#example.user\"}"),
                ("newGroup", "{\"@odata.type\": \"example.oldGroup\"}"),
                ("Duration", "\"String\""),
                ("Duration", "\"PT30M\""),
                (
                    "user",
                    "{\"@odata.type\": \"example.group\", \"id\": \"1\"}",
                ),
                ("[user][] collection", "\"Collection(example.user)\""),
                (
                    "Collection(example.user)",
                    "[{\"@odata.type\": \"example.user\"}]",
                ),
                (
                    "collection of user",
                    "[{\"@odata.type\": \"example.user\"}]",
                ),
                ("user resource", "{\"@odata.type\": \"example.user\"}"),
                ("", "\"String\""),
                ("Json", "{}"),
            ],
            false,
        );
    }

    #[test]
    fn ignores_hostile_texts() {
        let types = types();
        let node = json::read("\"String\"").expect("readable");
        for unit in ["[", "[a][]", "[]", "a collection ", "collection of "] {
            assert!(!disagree(&unit.repeat(100_000), &node, &types), "{unit}");
        }
    }
}
