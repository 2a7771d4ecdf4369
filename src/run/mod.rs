//! Runs cases against a target: cases in, typed results out. Used by the command
//! and by the `cargo test` harness.
//!
//! - `replay`: the run itself, with retries, order and scenarios
//! - `mock`: the documented service as a server
//! - `exchange`: sends requests with credentials, limits and certificates
//! - `compare`, `observation`: compares a response with its page, and formats what
//!   a snapshot records of it
//! - `snapshot`: accepted and pending snapshots, known deviations
//! - `judge`: the verdict on page, snapshot and response
//! - `outcome`: the results, as reports use them
//! - `select`: filter expressions, partitions and shuffling
//! - `options`, `environment`, `error`: what a run needs, and why it fails

pub(crate) mod compare;
pub(crate) mod environment;
mod error;
pub(crate) mod exchange;
mod judge;
pub(crate) mod mock;
pub(crate) mod observation;
mod options;
pub(crate) mod outcome;
mod replay;
pub(crate) mod select;
pub(crate) mod snapshot;

pub(crate) use error::RunError;
pub use options::{Bodies, Options, Repetition};
pub use replay::Replay;
pub(crate) use replay::Running;
