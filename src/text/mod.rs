//! Source text: pages and spans, findings and the table of rules, files,
//! threads, secrets and issued credentials, well-known forms of values, and texts
//! with parts left out.

pub(crate) mod digest;
pub(crate) mod elision;
pub(crate) mod files;
pub(crate) mod finding;
pub(crate) mod issued;
pub(crate) mod parallel;
pub(crate) mod rules;
pub(crate) mod secret;
pub(crate) mod severity;
pub(crate) mod source;
pub(crate) mod value_form;
