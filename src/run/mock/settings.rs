//! How a mock responds: what it matches, and how strictly.

use std::sync::Arc;

use crate::check::types::Types;

/// How strictly requests are held against the documented ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validate {
    /// Method, path, host and query choose the case; nothing else is looked at.
    Off,
    /// What is not as documented is answered, with a warning.
    Warn,
    /// What is not as documented is refused, with the reason.
    #[default]
    Strict,
}

/// How a table answers.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether the host of a request is not looked at.
    pub any_host: bool,
    /// The authorities of the mock itself, in lower case: a request to one of
    /// them is for the docs' main host.
    pub own_hosts: Vec<String>,
    /// Whether requests are replays of the cases, each of which names its own
    /// in a header: that tells equal cases apart then, and chooses none.
    pub replays: bool,
    /// How strictly requests are held against the documented ones.
    pub validate: Validate,
    /// The status that is answered where the operation documents it.
    pub status: Option<u16>,
    /// The documented types, for the bodies of requests.
    pub types: Arc<Types>,
}
