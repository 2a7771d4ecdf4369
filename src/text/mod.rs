//! Source text and findings: pages, spans, the table of rules, files, secrets.

pub mod parallel;
pub mod files;
pub mod source;
pub mod token;
pub mod finding;
pub mod secret;
