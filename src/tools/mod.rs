//! What docproof does beside a run: annotate and fix pages, suggest scenarios, test the
//! comparison with mutants, serve the mock, import from API Doctor.

pub(crate) mod annotate;
pub(crate) mod fix;
pub(crate) mod import;
pub(crate) mod suggest;
pub(crate) mod serve;
pub(crate) mod mutants;
