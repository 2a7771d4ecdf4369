//! Documented types, and the check of a body against the documented shape.
//!
//! Resource blocks define the types ([`Types`]). An [`Expectation`] combines
//! the annotation of a response, its documented body and its type; it is built
//! once per case, and [`check`] compares bodies with it. Documented bodies are
//! often shortened, so by default only the shape counts: the members that the
//! page shows, and the type of each value.
//!
//! The resource declares members, the example shows others. Where the two
//! contradict each other, a body may match either.

mod declared;
mod exact;
mod example;
mod expectation;
mod finding;
mod format;
mod allowance;
mod place;
mod registry;
mod rule;
mod skeleton;
mod walk;

pub(crate) use allowance::{Altered, allowance};
pub(crate) use declared::{
    LargeNumbers, Shape, TAG, TypeId, declared, is_annotation, is_ellipsis, is_ellipsis_node, named,
};
pub use expectation::{Against, Expectation};
pub(crate) use expectation::{Facts, Undeclared};
pub use finding::ShapeFinding;
pub use finding::ShapeKind;
pub(crate) use finding::{At, Findings, MOST, PathStep};
pub(crate) use format::{Format, is_duration, lacks_offset};
pub use registry::Types;
pub(crate) use registry::{is_true, last_word, normal, type_name};
pub(crate) use rule::Allowance;
pub(crate) use skeleton::Skeleton;

use finding::{Collector, Detail};
use walk::Walk;

use crate::json::{self, Node};

/// How bodies are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// By shape.
    #[default]
    Shape,
    /// By shape and values.
    Exact,
}

/// Checks a JSON body.
pub fn check(body: &[u8], expectation: &Expectation<'_>, types: &Types, mode: Mode) -> Findings {
    let body = match json::read_sent(body, expectation.layout) {
        Ok(body) => body,
        Err(error) if error.is_too_deep() => {
            return Findings {
                is_too_deep: true,
                ..Findings::default()
            };
        }
        Err(error) => {
            let mut found = Collector::default();
            found.add(ShapeKind::JsonSyntax, &At::ROOT, || Detail {
                documented: "JSON".to_owned(),
                observed: Some(error.describe_sent()),
                ..Detail::default()
            });
            return found.finish();
        }
    };
    let mut found = check_shape(&body, expectation, types);
    if mode == Mode::Exact
        && let Some(documented) = expectation.shown()
    {
        exact::compare(&documented, &body, &At::ROOT, &mut found);
    }
    found.finish()
}

/// Checks the shape of a body that was read before.
pub(crate) fn check_node(
    body: &Node<'_>,
    expectation: &Expectation<'_>,
    types: &Types,
) -> Findings {
    check_shape(body, expectation, types).finish()
}

fn check_shape(body: &Node<'_>, expectation: &Expectation<'_>, types: &Types) -> Collector {
    let mut walk = Walk::new(types, expectation);
    walk.body(body);
    walk.found
}

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod mode_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod registry_tests;
