//! Markdown pages, the cases in them, and the case files written from them.

pub(crate) mod case;
pub(crate) mod resource;
pub(crate) mod globs;
pub(crate) mod markdown;
pub(crate) mod extract;
pub(crate) mod collect;
pub(crate) mod case_file;
