//! How a mock responds: what it matches, and how strictly.

use std::sync::Arc;

use crate::check::types::Types;

/// How strictly requests are validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validate {
    /// Match method, path, host and query only.
    Off,
    /// Respond to a request that violates the documentation, with a warning.
    Warn,
    /// Refuse a request that violates the documentation, and explain why.
    #[default]
    Strict,
}

/// How a table responds.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether to ignore the host of a request.
    pub any_host: bool,
    /// The authorities of the mock itself, in lower case. A request to one of
    /// them is for the main host of the docs.
    pub own_hosts: Vec<String>,
    /// Whether requests are replays of the cases. Each names its case in a
    /// header field, which then only distinguishes equal cases.
    pub replays: bool,
    /// How strictly requests are validated.
    pub validate: Validate,
    /// The default status, used where the operation documents it.
    pub status: Option<u16>,
    /// The documented types, for request bodies.
    pub types: Arc<Types>,
}
