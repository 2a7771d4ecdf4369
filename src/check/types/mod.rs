//! Documented types, and whether a body has the documented shape.
//!
//! Resource blocks are the types ([`Types`]). What a response's annotation and
//! its documented body promise is read once ([`Expectation`]), and each answer
//! is held against it ([`check`]). Most documented bodies are cut short, so a
//! body is not compared by its values unless that is asked for: what counts
//! are the members that the page shows, and the type of each value.
//!
//! The rules follow what pages mean: the resource says what a member is, the
//! example says what else there is, and where the two contradict each other an
//! answer may be like either.

mod declared;
mod exact;
mod example;
mod expectation;
mod finding;
mod format;
mod lenience;
mod skeleton;
mod place;
mod stream;
mod registry;
mod walk;

pub(crate) use declared::{
    Shape, TAG, declared, is_annotation, is_ellipsis, is_ellipsis_node, named,
};
pub use expectation::{Against, Expectation};
pub use finding::ShapeKind;
pub(crate) use finding::{At, Findings, MOST, PathStep, ShapeFinding};
pub(crate) use format::{Format, lacks_offset};
pub(crate) use lenience::{Altered, Lenience, lenience};
pub use registry::Types;
pub(crate) use registry::{TypeId, normal, type_name};
pub(crate) use skeleton::Outline;

use finding::{Collector, Said};
use walk::Walk;

use crate::json::{tree, value};

/// How a body is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// By its shape.
    #[default]
    Shape,
    /// By its shape and its values.
    Exact,
}

/// Checks a body that says that it is JSON.
pub fn check(body: &[u8], expectation: &Expectation<'_>, types: &Types, mode: Mode) -> Findings {
    if mode == Mode::Shape && stream::is_right(body, expectation, types) {
        return Findings::default();
    }
    check_whole(body, expectation, types, mode)
}

/// Checks a body that is read as a whole before.
fn check_whole(body: &[u8], expectation: &Expectation<'_>, types: &Types, mode: Mode) -> Findings {
    let json = match value::read(body) {
        Ok(json) => json,
        Err(error) => {
            let mut found = Collector::default();
            found.add(ShapeKind::JsonSyntax, &At::ROOT, || Said {
                documented: "JSON".to_owned(),
                observed: Some(error.message),
                ..Said::default()
            });
            let mut found = found.finish();
            for finding in &mut found.list {
                finding.offset = Some(error.at);
            }
            return found;
        }
    };
    let mut walk = Walk::new(types, expectation);
    walk.body(&json);
    let mut found = walk.found;
    if mode == Mode::Exact
        && let Some(documented) = expectation.documented
    {
        match tree::read(documented) {
            Ok(node) => exact::compare(&node, &json, &At::ROOT, &mut found),
            // What is no JSON has not the value of any.
            Err(unreadable) => found.add(ShapeKind::Value, &At::ROOT, || Said {
                documented: format!("no JSON: {}", unreadable.message),
                observed: Some(finding::shown(&json)),
                ..Said::default()
            }),
        }
    }
    found.finish()
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
