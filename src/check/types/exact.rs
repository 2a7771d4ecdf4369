//! An answered body against the documented one, value by value.

use std::collections::BTreeMap;

use super::example::Kinds;
use super::finding::{At, Collector, Said, ShapeKind, count, quoted, shown};
use crate::json::tree::{Node, NodeValue};
use crate::json::value::Json;

/// Adds a finding for each value that is another one, unless its shape is
/// already known to be wrong.
pub(super) fn compare(
    documented: &Node<'_>,
    answered: &Json<'_>,
    at: &At<'_>,
    found: &mut Collector,
) {
    match (&documented.value, answered) {
        (NodeValue::Object(documented), Json::Object(answered)) => {
            // Of a repeated key the last holds, as JSON readers have it.
            let by_key: BTreeMap<&str, &Node<'_>> = documented
                .iter()
                .map(|member| (&*member.key, &member.value))
                .collect();
            let mut answers: BTreeMap<&str, &Json<'_>> = answered
                .iter()
                .map(|(key, value)| (&*key.0, value))
                .collect();
            for (key, node) in by_key {
                let at = at.key(key);
                match answers.remove(key) {
                    Some(value) => compare(node, value, &at, found),
                    None => differs(Some(node), None, &at, found),
                }
            }
            for (key, value) in answers {
                differs(None, Some(value), &at.key(key), found);
            }
        }
        (NodeValue::Array(documented_list), Json::Array(list)) => {
            for (index, (node, value)) in documented_list.iter().zip(list).enumerate() {
                compare(node, value, &at.index(index), found);
            }
            if documented_list.len() != list.len() {
                differs(Some(documented), Some(answered), at, found);
            }
        }
        _ if is_same(documented, answered) => {}
        _ => differs(Some(documented), Some(answered), at, found),
    }
}

fn is_same(documented: &Node<'_>, answered: &Json<'_>) -> bool {
    match (&documented.value, answered) {
        (NodeValue::Null, Json::Null) => true,
        (NodeValue::Boolean(one), Json::Boolean(other)) => one == other,
        (NodeValue::String(one), Json::String(other)) => one == other,
        (NodeValue::Number(Some(one)), Json::Number(other)) => {
            // Whole numbers exactly, others by value: `1.0` is `1`.
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        _ => false,
    }
}

fn differs(
    documented: Option<&Node<'_>>,
    answered: Option<&Json<'_>>,
    at: &At<'_>,
    found: &mut Collector,
) {
    if found.has_error(at) {
        return;
    }
    found.add(ShapeKind::Value, at, || Said {
        documented: documented.map_or_else(|| "nothing".to_owned(), |node| shown_node(node)),
        observed: answered.map(|value| match (documented, value) {
            (None, value) => Kinds::of(value).describe(),
            (_, value) => shown(value),
        }),
        place: documented.map(|node| node.range.clone()),
        ..Said::default()
    });
}

fn shown_node(node: &Node<'_>) -> String {
    match &node.value {
        NodeValue::Null => "null".to_owned(),
        NodeValue::Boolean(value) => value.to_string(),
        NodeValue::Number(Some(number)) => number.to_string(),
        NodeValue::Number(None) => "a number that JSON has not".to_owned(),
        NodeValue::String(text) => quoted(text),
        NodeValue::Array(elements) => count(elements.len(), "element"),
        NodeValue::Object(members) => count(members.len(), "member"),
    }
}
