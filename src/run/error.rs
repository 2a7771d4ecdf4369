//! Why a run could not be done.

use thiserror::Error;

use crate::run::exchange::ClientError;
use crate::run::snapshot::SnapshotError;

/// Why a run could not be done.
#[derive(Debug, Error)]
pub enum RunError {
    /// The client cannot be made.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The target does not answer.
    #[error("failed to reach {base}: {message}")]
    Unreachable {
        /// The base URL.
        base: String,
        /// What happened.
        message: String,
    },
    /// No access token can be had.
    #[error("{0}")]
    Token(String),
    /// The snapshots cannot be read or written.
    #[error(transparent)]
    Snapshots(#[from] SnapshotError),
}
