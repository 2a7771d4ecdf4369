//! An adapter per command: each builds the report model from typed results.

#[cfg(feature = "cli")]
pub(crate) mod check;
#[cfg(feature = "cli")]
pub(crate) mod mutants;
pub(crate) mod test;
