//! JSON with spans: strict and lenient reading, and edits in place.

pub(crate) mod edit;
pub(crate) mod lenient;
pub(crate) mod strict;
pub(crate) mod tree;
pub(crate) mod value;
