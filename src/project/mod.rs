//! What a run is asked to do: `docproof.toml`, scenarios, and the plan of a run.

pub(crate) mod config;
pub(crate) mod scenario;
pub(crate) mod plan;
