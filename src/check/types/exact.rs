//! Compares a body with the documented one, value by value.

use std::collections::BTreeMap;

use super::finding::{At, Collector, Detail, ShapeKind, shown};
use crate::json::{Kinds, Node, NodeValue};

/// Adds a finding for each value that differs, unless its shape is already
/// known to be wrong.
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
            for (key, node) in by_key {
                let at = at.key(key);
                match others.remove(key) {
                    Some(value) => compare(node, value, &at, found),
                    None => differs(Some(node), None, &at, found),
                }
            }
            for (key, value) in others {
                differs(None, Some(value), &at.key(key), found);
            }
        }
        (NodeValue::Array(documented_list), NodeValue::Array(list)) => {
            for (index, (node, value)) in documented_list.iter().zip(list).enumerate() {
                compare(node, value, &at.index(index), found);
            }
            if documented_list.len() != list.len() {
                differs(Some(documented), Some(actual), at, found);
            }
        }
        _ if is_same(documented, actual) => {}
        _ => differs(Some(documented), Some(actual), at, found),
    }
}

fn is_same(documented: &Node<'_>, actual: &Node<'_>) -> bool {
    match (&documented.value, &actual.value) {
        (NodeValue::Null, NodeValue::Null) => true,
        (NodeValue::Boolean(one), NodeValue::Boolean(other)) => one == other,
        (NodeValue::String(one), NodeValue::String(other)) => one == other,
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
