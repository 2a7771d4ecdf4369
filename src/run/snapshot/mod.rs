//! Accepted observations, in insta's file format, so that `cargo insta review`
//! can settle them.
//!
//! A snapshot is `snapshots/<id as a file name>.snap`. A pending one is beside
//! it as `.snap.new`, a known deviation as `.deviation.yaml`.

mod deviation;
mod file;
mod folder;
mod store;

pub(crate) use deviation::{Day, Deviation, day, day_of, deviate, deviation, deviations};
pub(crate) use file::{Kept, Observed, Stored, file_name};
pub(crate) use folder::{SnapshotError, remove};
pub use store::accepted;
pub(crate) use store::{Broken, State, Update, accept, check, end_deviation, orphans, pending};
