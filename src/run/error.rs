//! Errors of a run.

use thiserror::Error;

use crate::run::exchange::ClientError;
use crate::run::snapshot::SnapshotError;

/// Why a run could not be done.
#[derive(Debug, Error)]
pub enum RunError {
    /// The client cannot be created.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The target does not respond.
    #[error("failed to reach {base}: {message}")]
    Unreachable {
        /// The base URL.
        base: String,
        /// The error message.
        message: String,
    },
    /// No access token is available.
    #[error("{0}")]
    Token(String),
    /// The snapshots cannot be read or written.
    #[error(transparent)]
    Snapshots(#[from] SnapshotError),
}
