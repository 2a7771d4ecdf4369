//! Why an exchange had no response, or no client could be made.

use std::error::Error as _;

use thiserror::Error;

use super::address::Refused;

/// Why an exchange had no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TransportError {
    /// What happened, without the URL.
    pub message: String,
    /// What that means for the run.
    pub kind: TransportKind,
}

/// What it means that an exchange had no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportKind {
    /// No connection could be made.
    Connect,
    /// Nothing was sent: it may not be sent, or not to there.
    NotSent,
    /// Nothing was sent: as many requests were sent as are allowed.
    Limit,
    /// Nothing was sent: no access token can be had, so the run cannot go on.
    Token,
    /// The answer failed on its way.
    Other,
}

impl TransportError {
    /// Whether no connection could be made.
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

/// Why no client can be made.
#[derive(Debug, Error)]
pub enum ClientError {
    /// What the HTTP client said.
    #[error("failed to set up the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    /// A file that should hold certificates.
    #[error("failed to set up the HTTP client: the target's `ca` holds no certificate (PEM)")]
    NoCertificate,
}

pub(super) fn not_sent(error: impl std::error::Error) -> TransportError {
    TransportError::new(TransportKind::NotSent, error.to_string())
}

/// The whole chain of causes in one line, without the URL, which may hold a
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
