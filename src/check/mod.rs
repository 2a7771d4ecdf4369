//! Checks that need no service: the rules, the documented types, the baseline.

pub(crate) mod types;
pub(crate) mod levels;
pub(crate) mod rules;
pub(crate) mod baseline;
