//! Accepted observations, in insta's file format, so that `cargo insta review`
//! shows and settles them.
//!
//! A snapshot is `snapshots/<id as a file name>.snap`; one that waits to be
//! accepted stands beside it as `.snap.new`, and where it is a known deviation
//! from its page, that is said in `.deviation.yaml`.

mod deviation;
mod file;
mod folder;
mod store;

pub(crate) use deviation::{Day, Deviation, day, day_of, deviate, deviation, deviations};
pub(crate) use file::{Kept, Observed, Stored};
pub(crate) use folder::{SnapshotError, remove};
pub use store::accepted;
pub(crate) use store::{Broken, State, Update, accept, check, end_deviation, orphans, pending};
