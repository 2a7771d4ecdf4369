//! What a run is asked to do: `docproof.toml`, scenarios, and the plan of a run.

pub mod config;
pub mod scenario;
pub mod plan;
