//! The types that tables name (`[user](user.md) collection`, `Edm.Int32`), and
//! whether such a one and the one that the resource's JSON declares can both be
//! true. What is not understood agrees with anything.

use std::borrow::Cow;

use crate::extract::tree::{Node, NodeValue};
use crate::schema::{Format, Shape, Types, declared, named};

/// Whether the text of a table's cell and a value in a resource's JSON say
/// different types.
pub fn disagree(text: &str, value: &Node<'_>, types: &Types) -> bool {
    let resolve = |name: &str| types.find(name);
    let text = plain(text);
    let in_table = named(&text, &resolve).shape;
    let in_json = declared(value, &resolve).shape;
    !agree(&in_table, &in_json, types)
        || matches!(&value.value, NodeValue::String(declared) if widths_differ(&text, declared))
}

/// What is longer names no type.
const LIMIT: usize = 200;

/// A type as a resource's JSON would write it.
fn plain(text: &str) -> Cow<'_, str> {
    if text.len() > LIMIT {
        return Cow::Borrowed("");
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || "`*_.".contains(c));
    // A reference without a definition stands as it is written.
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

/// Whether one value can be of both types.
fn agree(one: &Shape, other: &Shape, types: &Types) -> bool {
    use Shape::{Any, Array, Boolean, Enum, Integer, Named, Number, Object, String, Struct};
    match (one, other) {
        (Any, _) | (_, Any) | (Boolean, Boolean) => true,
        (Array(one), Array(other)) => agree(one, other, types),
        (Named(one), Named(other)) => types.are_kin(*one, *other),
        (Object | Struct(_) | Named(_), Object | Struct(_) | Named(_))
        | (Integer | Number, Integer | Number) => true,
        (String(Some(one)), String(Some(other))) => one == other || are_times(*one, *other),
        (String(_) | Enum(_), String(_) | Enum(_)) => true,
        _ => false,
    }
}

fn are_times(one: Format, other: Format) -> bool {
    let is_time = |format| matches!(format, Format::DateTime | Format::LocalDateTime);
    is_time(one) && is_time(other)
}

/// Whether two texts name numbers of different sizes.
fn widths_differ(one: &str, other: &str) -> bool {
    match (width(one), width(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// `OData`'s name of a type of numbers, where a text says no more than that.
fn width(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let name = lower.strip_prefix("edm.").unwrap_or(&lower);
    ["int16", "int32", "int64", "double", "single", "decimal"]
        .contains(&name)
        .then(|| name.to_owned())
}
