//! Checks that need no service: the rules, the documented types, the baseline.

pub mod types;
pub mod rules;
pub mod baseline;
