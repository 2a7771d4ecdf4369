//! Checks that need no service: the rules, the documented types, the baseline.

pub(crate) mod types;
pub(crate) mod levels;
#[cfg(feature = "cli")]
pub(crate) mod rules;
#[cfg(feature = "cli")]
pub(crate) mod baseline;
