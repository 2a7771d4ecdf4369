//! What came back, written into its page: which bytes of the page have to say
//! something else. Only what is documented is written, where it stands; every
//! other byte stays.

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
