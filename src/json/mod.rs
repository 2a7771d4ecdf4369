//! JSON with spans: one tree, a strict and a lenient reader, edits in place.

pub(crate) mod edit;
pub(crate) mod faults;
pub(crate) mod kinds;
pub(crate) mod leniency;
pub(crate) mod read;
pub(crate) mod tree;
mod unreadable;

pub(crate) use kinds::Kinds;
pub(crate) use read::{
    Layout, Sketch, read, read_documented, read_sent, read_sketch, read_strict,
    read_with_leniencies,
};
pub(crate) use tree::{Member, Node, NodeValue, Number};
pub(crate) use unreadable::{TOO_DEEP, Unreadable};
