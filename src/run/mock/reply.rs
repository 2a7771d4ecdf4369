//! What a request gets, and why.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// What a request gets.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: StatusCode,
    /// The header fields, without those that frame the message.
    pub headers: HeaderMap,
    /// The content.
    pub body: Bytes,
    /// How it came to be.
    pub verdict: Verdict,
}

/// How a reply came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A case's documented answer.
    Matched {
        /// The index of the case.
        case: usize,
        /// What of the request is not as documented.
        warnings: Vec<String>,
    },
    /// No case fits.
    Missed {
        /// The closest cases, by index, and what differs.
        closest: Vec<(usize, String)>,
    },
}
