//! Compares a body with the documented one, value by value.

use std::collections::BTreeMap;

use super::declared::{is_any_key, is_ellipsis_node};
use super::finding::{At, Collector, Detail, ShapeKind, shown};
use crate::json::{Kinds, Node, NodeValue};
use crate::text::elision;

/// Adds a finding for each value that differs, unless its shape is already
/// known to be wrong. Placeholders and ellipses of the page match any value.
pub(super) fn compare(
    documented: &Node<'_>,
    actual: &Node<'_>,
    at: &At<'_>,
    found: &mut Collector,
) {
    match (&documented.value, &actual.value) {
        (NodeValue::Object(documented), NodeValue::Object(actual)) => {
            // The last of duplicate keys counts, as in JSON readers.
            let by_key: BTreeMap<&str, &Node<'_>> = documented
                .iter()
                .map(|member| (&*member.key, &member.value))
                .collect();
            let mut others: BTreeMap<&str, &Node<'_>> = actual
                .iter()
                .map(|member| (&*member.key, &member.value))
                .collect();
            let mut has_any_key = false;
            for (key, node) in by_key {
                if is_any_key(key) && !others.contains_key(key) {
                    has_any_key = true;
                    continue;
                }
                let at = at.key(key);
                match others.remove(key) {
                    Some(value) => compare(node, value, &at, found),
                    None => differs(Some(node), None, &at, found),
                }
            }
            for (key, value) in others.into_iter().filter(|_| !has_any_key) {
                differs(None, Some(value), &at.key(key), found);
            }
        }
        (NodeValue::Array(shown), NodeValue::Array(list)) => {
            elements(shown, list, at, found);
            let count = shown.iter().filter(|node| !is_ellipsis_node(node)).count();
            let fits = if count < shown.len() {
                count <= list.len()
            } else {
                count == list.len()
            };
            if !fits {
                differs(Some(documented), Some(actual), at, found);
            }
        }
        _ if is_same(documented, actual) => {}
        _ => differs(Some(documented), Some(actual), at, found),
    }
}

/// Compares the elements before the first ellipsis from the start, and those
/// after the last one from the end.
fn elements(shown: &[Node<'_>], list: &[Node<'_>], at: &At<'_>, found: &mut Collector) {
    let first = shown.iter().position(is_ellipsis_node);
    let last = shown.iter().rposition(is_ellipsis_node);
    let head = first.unwrap_or(shown.len());
    for (index, (node, value)) in shown[..head].iter().zip(list).enumerate() {
        compare(node, value, &at.index(index), found);
    }
    let tail = last.map_or(&[][..], |last| &shown[last + 1..]);
    let before = list.len().saturating_sub(tail.len()).max(head);
    for (index, value) in list.iter().enumerate().skip(before) {
        if let Some(node) = tail.get(index - before) {
            compare(node, value, &at.index(index), found);
        }
    }
}

fn is_same(documented: &Node<'_>, actual: &Node<'_>) -> bool {
    match (&documented.value, &actual.value) {
        (NodeValue::Placeholder, _) | (NodeValue::Null, NodeValue::Null) => true,
        (NodeValue::Boolean(one), NodeValue::Boolean(other)) => one == other,
        (NodeValue::String(text), _) if elision::is_any(text) => true,
        (NodeValue::String(text), NodeValue::String(other)) => elision::fits(text, other),
        (NodeValue::Number(one), NodeValue::Number(other)) => one.is_same(*other),
        _ => false,
    }
}

fn differs(
    documented: Option<&Node<'_>>,
    actual: Option<&Node<'_>>,
    at: &At<'_>,
    found: &mut Collector,
) {
    if found.has_error(at) {
        return;
    }
    found.add(ShapeKind::Value, at, || Detail {
        documented: documented.map_or_else(|| "nothing".to_owned(), shown),
        observed: actual.map(|value| match (documented, value) {
            (None, value) => Kinds::of(value).describe(),
            (_, value) => shown(value),
        }),
        place: documented.map(|node| node.range.clone()),
        ..Detail::default()
    });
}
