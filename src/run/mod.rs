//! A run, whole: cases and a target in, typed results out. The command and the
//! `cargo test` harness both stand on it.

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
