//! Fixes pages: edits documented responses so that they match the actual ones.
//! Only documented parts are edited, in place; every other byte is unchanged.

mod block;
mod change;
mod field;
mod page;
mod read_response;
mod read_snapshot;

pub(crate) use change::Observed;
pub(crate) use page::{ObservedCase, fix_page};
pub(crate) use read_response::read_response;
pub(crate) use read_snapshot::read_snapshot;
