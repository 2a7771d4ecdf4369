//! Source text and findings: pages, spans, the table of rules, files, secrets.

pub(crate) mod parallel;
pub(crate) mod files;
pub(crate) mod source;
pub(crate) mod token;
pub(crate) mod finding;
pub(crate) mod secret;
