//! What docproof does beside a run: fix pages, suggest scenarios, test the
//! comparison with mutants, serve the mock, import from API Doctor.

pub(crate) mod fix;
pub(crate) mod import;
pub(crate) mod suggest;
pub(crate) mod serve;
pub(crate) mod mutants;
