//! The findings of `docproof check`, in the formats of other tools.

pub mod github;
pub mod json;
pub mod junit;
pub mod sarif;
