//! The response to a request, and how it was chosen.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// The response to a request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: StatusCode,
    /// The header fields, without those that frame the message.
    pub headers: HeaderMap,
    /// The content.
    pub body: Bytes,
    /// How the response was chosen.
    pub verdict: Verdict,
}

/// A case that is close to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// The index of the case.
    pub case: usize,
    /// How the request differs.
    pub differs: String,
}

/// How a response was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The documented response of a case.
    Matched {
        /// The index of the case.
        case: usize,
        /// How the request violates the documentation.
        warnings: Vec<String>,
    },
    /// No case matches.
    Missed {
        /// The closest cases.
        closest: Vec<Close>,
    },
}
