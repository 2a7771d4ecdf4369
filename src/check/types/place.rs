//! Where a documented body shows what an answer has otherwise. That is looked
//! for once something is wrong.

use std::cell::OnceCell;
use std::ops::Range;

use super::declared::is_ellipsis_node;
use super::expectation::Expectation;
use super::finding::{At, Step};
use crate::json::tree::{self, Node, NodeValue};

/// The bytes of the documented body that show what stands at a place; of a
/// member with a single value, its key too.
pub(super) fn place<'w>(
    shown: &OnceCell<Option<Node<'w>>>,
    expectation: &Expectation<'w>,
    at: &At<'_>,
) -> Option<Range<usize>> {
    let root = shown.get_or_init(|| {
        let documented = expectation.documented.filter(|_| expectation.is_shown)?;
        tree::read(documented).ok()
    });
    shown_at(root.as_ref()?, at)
        .first()
        .map(|(place, _)| place.clone())
}

/// The places of the values that a documented body shows at a place, whichever
/// elements of arrays they stand in, and the values.
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
