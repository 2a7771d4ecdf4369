//! Markdown pages, the cases in them, and the case files written from them.

pub mod case;
pub mod resource;
pub mod globs;
pub mod markdown;
pub mod extract;
pub mod collect;
pub mod case_file;
