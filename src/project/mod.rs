//! The input of a run: `docproof.toml`, scenarios, and the plan.

pub(crate) mod config;
pub(crate) mod scenario;
pub(crate) mod plan;
