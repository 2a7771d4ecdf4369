//! Markdown pages, their cases and resources, and case files.

pub(crate) mod case;
pub(crate) mod recognise;
pub(crate) mod resource;
pub(crate) mod globs;
pub(crate) mod skipped;
pub(crate) mod included;
pub(crate) mod markdown;
pub(crate) mod curl;
pub(crate) mod extract;
pub(crate) mod alternatives;
pub(crate) mod survey;
pub(crate) mod reader;
pub(crate) mod totals;
pub(crate) mod collect;
#[cfg(feature = "cli")]
pub(crate) mod seen;
pub(crate) mod yaml;
pub(crate) mod case_file;
