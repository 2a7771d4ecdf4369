//! An adapter per command: each builds the report model from typed results.

pub(crate) mod check;
pub(crate) mod mutants;
pub(crate) mod test;
