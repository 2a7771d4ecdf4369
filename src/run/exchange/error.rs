//! Why an exchange had no response, or no client could be created.

use std::error::Error as _;

use thiserror::Error;

use super::address::Refused;

/// Why an exchange had no response.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TransportError {
    /// The error message, without the URL.
    pub message: String,
    /// What the error means for the run.
    pub kind: TransportKind,
}

/// What the error means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind {
    /// The connection failed.
    Connect,
    /// Nothing was sent: the request or its destination is not permitted.
    NotSent,
    /// Nothing was sent: the request limit was reached.
    Limit,
    /// Nothing was sent: no access token is available, so the run cannot
    /// continue.
    Token,
    /// The response failed during transfer.
    Other,
}

impl TransportError {
    /// Whether the connection failed.
    pub fn is_connect(&self) -> bool {
        self.kind == TransportKind::Connect
    }

    pub(super) fn new(kind: TransportKind, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind,
        }
    }
}

/// Why no client can be created.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The HTTP client cannot be built.
    #[error("failed to set up the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    /// The target's `ca` contains no certificate.
    #[error("failed to set up the HTTP client: the target's `ca` contains no certificate (PEM)")]
    NoCertificate,
}

pub(super) fn not_sent(error: impl std::error::Error) -> TransportError {
    TransportError::new(TransportKind::NotSent, error.to_string())
}

/// Joins the chain of causes in one line, without the URL, which may contain a
/// secret.
pub(super) fn transport(error: reqwest::Error) -> TransportError {
    let kind = if error.is_connect() {
        TransportKind::Connect
    } else {
        TransportKind::Other
    };
    let is_timeout = error.is_timeout();
    let error = error.without_url();
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<Refused>() {
            return not_sent(refused);
        }
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    if is_timeout && !message.contains("timed out") {
        message = format!("{message}: timed out");
    }
    TransportError { message, kind }
}
