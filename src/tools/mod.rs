//! What docproof does beside a run: fix pages, suggest scenarios, test the
//! comparison with mutants, serve the mock, import from API Doctor.

pub mod fix;
pub mod import;
pub mod suggest;
pub mod serve;
pub mod mutants;
