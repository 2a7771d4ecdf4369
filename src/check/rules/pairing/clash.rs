//! Where two JSON bodies cannot both describe one response.

use std::collections::HashMap;

use crate::check::types::{At, is_ellipsis, is_ellipsis_node};
use crate::json::{Member, Node, NodeValue};

/// A place where two bodies have values of different JSON types, or objects
/// without a common member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clash {
    /// The place, as `JSONPath` (RFC 9535).
    pub path: String,
    /// What the first body has there.
    pub before: String,
    /// What the second body has there.
    pub after: String,
}

/// The first clash of two bodies. Bodies may be shortened, and may show other
/// values; arrays may have other elements.
pub(super) fn of(before: &Node<'_>, after: &Node<'_>) -> Option<Clash> {
    find(before, after, &At::ROOT)
}

fn find(before: &Node<'_>, after: &Node<'_>, at: &At<'_>) -> Option<Clash> {
    let (Some(before_kind), Some(after_kind)) = (kind(before), kind(after)) else {
        return None;
    };
    let clash = |before: String, after: String| Clash {
        path: at.path(false),
        before,
        after,
    };
    if before_kind != after_kind {
        return Some(clash(before_kind.to_owned(), after_kind.to_owned()));
    }
    let (NodeValue::Object(before), NodeValue::Object(after)) = (&before.value, &after.value)
    else {
        return None;
    };
    let known: HashMap<&str, &Member<'_>> =
        after.iter().map(|member| (&*member.key, member)).collect();
    let own = |members: &[Member<'_>]| -> Vec<String> {
        let own = members.iter().filter(|member| !member.key.contains('@'));
        own.map(|member| format!("`{}`", member.key)).collect()
    };
    let is_cut = |members: &[Member<'_>]| members.iter().any(|member| is_ellipsis(&member.key));
    if is_cut(before) || is_cut(after) {
        return None;
    }
    let (keys, others) = (own(before), own(after));
    let is_apart = !before.iter().any(|member| known.contains_key(&*member.key));
    if is_apart && !keys.is_empty() && !others.is_empty() {
        let named = |keys: &[String]| match keys {
            [key] => format!("only {key}"),
            [key, ..] => format!("{key} and other members"),
            [] => String::new(),
        };
        return Some(clash(named(&keys), named(&others)));
    }
    before.iter().find_map(|member| {
        let other = known.get(&*member.key)?;
        find(&member.value, &other.value, &at.key(&member.key))
    })
}

/// The JSON type of a value; none if it may stand for any value.
fn kind(node: &Node<'_>) -> Option<&'static str> {
    match node.value {
        _ if is_ellipsis_node(node) => None,
        NodeValue::Null | NodeValue::Placeholder => None,
        NodeValue::Boolean(_) => Some("a boolean"),
        NodeValue::Number(_) => Some("a number"),
        NodeValue::String(_) => Some("a string"),
        NodeValue::Array(_) => Some("an array"),
        NodeValue::Object(_) => Some("an object"),
    }
}
