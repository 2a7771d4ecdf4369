//! Why an exchange had no response, or no client could be created.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::CertificateError;
use thiserror::Error;

use super::address::Refused;
use super::certificate::Untrusted;

/// Maximum number of header fields of a response.
pub(super) const MOST_HEADERS: usize = 1000;

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
    /// No response came, or none that is HTTP.
    NoResponse,
    /// The head of a response came, but not its whole body.
    Body,
}

impl TransportError {
    /// Whether the connection failed.
    pub fn is_connect(&self) -> bool {
        self.kind == TransportKind::Connect
    }

    /// What came of the response: nothing, or a part of it.
    pub fn response(&self) -> String {
        match self.kind {
            TransportKind::Body => self.message.clone(),
            _ => format!("no response: {}", self.message),
        }
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
    /// TLS cannot be set up.
    #[error("failed to set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The target's `ca` contains no certificate.
    #[error("failed to set up the HTTP client: the target's `ca` contains no certificate (PEM)")]
    NoCertificate,
    /// The target's `ca` is not valid.
    #[error("failed to set up the HTTP client: the target's `ca` is not valid: {0}")]
    Certificate(String),
}

pub(super) fn not_sent(error: impl std::error::Error) -> TransportError {
    TransportError::new(TransportKind::NotSent, error.to_string())
}

/// Why a request got no response within the time limit, without its URL, which
/// may contain a secret.
pub(super) fn no_response(error: &reqwest::Error, limit: Duration) -> TransportError {
    let kind = if error.is_connect() {
        TransportKind::Connect
    } else {
        TransportKind::NoResponse
    };
    let causes = causes(error);
    if let Some(refused) = find::<Refused>(&causes) {
        return not_sent(refused);
    }
    let message = match (error.is_timeout(), kind) {
        (true, TransportKind::Connect) => "timed out: no connection was made".to_owned(),
        (true, _) => format!(
            "timed out: the head of a response did not come within {}",
            seconds(limit)
        ),
        (false, _) => match find::<rustls::Error>(&causes) {
            Some(error) => tls_message(error),
            None if is_closed(error) => {
                let is_plain = error.url().is_some_and(|url| url.scheme() == "http");
                let hint = if is_plain { HTTPS } else { "" };
                format!(
                    "the connection was closed before the head of a response was complete{hint}"
                )
            }
            None => sentence(&causes),
        },
    };
    TransportError::new(kind, message)
}

/// The cause of a body that broke off.
pub(super) fn cause(error: &reqwest::Error) -> String {
    sentence(&causes(error))
}

/// Whether the peer closed the connection before it sent a response.
pub(super) fn is_closed(error: &reqwest::Error) -> bool {
    let causes = causes(error);
    let is_closed = |cause: &Cause<'_>| match cause.downcast_ref::<io::Error>() {
        Some(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
                | io::ErrorKind::UnexpectedEof
        ),
        None => cause.to_string() == CLOSED,
    };
    !error.is_connect() && !error.is_timeout() && causes.iter().any(is_closed)
}

/// A duration in seconds.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// A hint for an `http` URL.
const HTTPS: &str = "; if the port speaks TLS, write https://";

/// How `hyper` names a connection that closed too early.
const CLOSED: &str = "connection closed before message completed";

/// The innermost cause as a sentence. Those of `hyper` have no public types.
fn sentence(causes: &[Cause<'_>]) -> String {
    let Some(cause) = causes.last() else {
        return "the connection failed".to_owned();
    };
    let text = cause.to_string();
    let sentence = match text.as_str() {
        CLOSED => "the connection was closed",
        "invalid HTTP version parsed" => return format!("what came is not HTTP/1{HTTPS}"),
        "invalid HTTP status-code parsed" => {
            "the status line that came has no valid status code (RFC 9112, 4)"
        }
        "invalid HTTP header parsed" => {
            "a line of the head that came is not a header field (RFC 9112, 5)"
        }
        "invalid content-length parsed" => {
            "the `Content-Length` that came is not a number, or came twice with different values \
             (RFC 9112, 6.3)"
        }
        "unexpected transfer-encoding parsed" => {
            "the `Transfer-Encoding` that came is not valid (RFC 9112, 6.3)"
        }
        "message head is too large" => {
            return format!(
                "the head that came is too large, or has more than {MOST_HEADERS} header fields"
            );
        }
        _ => return text,
    };
    sentence.to_owned()
}

fn tls_message(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
            match other.0.downcast_ref::<Untrusted>() {
                Some(untrusted) => untrusted.to_string(),
                None => error.to_string(),
            }
        }
        rustls::Error::InvalidMessage(_) => {
            "the port does not speak TLS; if it speaks HTTP, write http://".to_owned()
        }
        error => error.to_string(),
    }
}

fn find<'e, T: StdError + 'static>(causes: &[Cause<'e>]) -> Option<&'e T> {
    causes.iter().find_map(|cause| cause.downcast_ref())
}

/// A cause of an error.
pub(super) type Cause<'e> = &'e (dyn StdError + 'static);

/// The causes of an error, the outermost first. An I/O error hides its own
/// error from `source`.
pub(super) fn causes(error: &reqwest::Error) -> Vec<Cause<'_>> {
    let mut causes: Vec<Cause<'_>> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause);
        let inner = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    causes
}
