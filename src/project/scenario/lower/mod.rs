//! Lowering: turns a step of a scenario file into a step that can run. Parses each template, name
//! and path; errors become findings.

mod body;
mod context;
mod operators;
mod repeat;
mod step;

pub(crate) use context::{Declared, Lowered, Lowering, Reference};
pub(crate) use operators::captures;
pub(crate) use step::Fields;
