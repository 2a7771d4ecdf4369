//! Accepted observations, in insta's file format, so that `cargo insta review`
//! can settle them.
//!
//! A snapshot is `snapshots/<id as a file name>.snap`. A pending one is beside
//! it as `.snap.new`, a known deviation as `.deviation.yaml`.

mod deviation;
mod file;
mod folder;
mod name;
mod store;

pub(crate) use deviation::{
    Day, Deviation, day, day_of, deviate, deviation, deviation_path, deviations,
};
pub(crate) use file::{Kept, Observed, Stored};
pub(crate) use folder::{SnapshotError, remove};
pub(crate) use name::FileNames;
pub use store::accepted;
pub(crate) use store::{Broken, Handling, State, Update, accept, check, orphans, pending};
