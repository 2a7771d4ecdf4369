//! The part of a documented body that a finding is about. It is looked up only
//! if there is a finding.

use std::cell::OnceCell;
use std::ops::Range;

use super::declared::is_ellipsis_node;
use super::expectation::Expectation;
use super::finding::{At, Step};
use crate::json::{Node, NodeValue};

/// The bytes of the documented body at a path, with the key if the value is a
/// scalar.
pub(super) fn place<'w>(
    shown: &OnceCell<Option<Node<'w>>>,
    expectation: &Expectation<'w>,
    at: &At<'_>,
) -> Option<Range<usize>> {
    let root = shown.get_or_init(|| expectation.shown());
    shown_at(root.as_ref()?, at)
        .first()
        .map(|(place, _)| place.clone())
}

/// The ranges and values that a documented body has at a path. All elements of
/// an array count as the same step.
fn shown_at<'n, 'w>(root: &'n Node<'w>, at: &At<'_>) -> Vec<(Range<usize>, &'n Node<'w>)> {
    let Some((parent, step)) = at.last_step() else {
        return vec![(root.range.clone(), root)];
    };
    let mut found = Vec::new();
    for (_, node) in shown_at(root, parent) {
        match (&node.value, step) {
            (NodeValue::Array(elements), Step::Index(_)) => found.extend(
                elements
                    .iter()
                    .filter(|element| !is_ellipsis_node(element))
                    .map(|element| (element.range.clone(), element)),
            ),
            (NodeValue::Object(members), Step::Key(key)) => found.extend(
                members
                    .iter()
                    .filter(|member| member.key == key)
                    .map(|member| (member.key_range.clone(), &member.value)),
            ),
            _ => {}
        }
    }
    let is_scalar =
        |node: &Node<'_>| !matches!(node.value, NodeValue::Array(_) | NodeValue::Object(_));
    if matches!(step, Step::Key(_)) && found.iter().all(|(_, node)| is_scalar(node)) {
        for (place, node) in &mut found {
            place.end = node.range.end;
        }
    }
    found
}
