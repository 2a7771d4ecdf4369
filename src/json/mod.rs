//! JSON with spans: strict and lenient reading, and edits in place.

pub mod edit;
pub mod lenient;
pub mod strict;
pub mod tree;
pub mod value;
