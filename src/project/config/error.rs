//! Errors of loading a configuration.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::service::ServiceError;
use crate::http::policy::PolicyError;

/// Errors of loading a configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file is not a valid configuration.
    #[error("failed to read `{}:{line}:{column}`: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
        /// What is wrong, and what to write instead.
        message: String,
    },
    /// `[docs] service` is not a URL.
    #[error("failed to read `[docs] service` in `{}`: {source}", path.display())]
    Service {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ServiceError,
    },
    /// `[docs] root` or another folder is outside of the project.
    #[error("`{folder}` in `{}` is not a folder of the project", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: String,
    },
    /// A header policy is invalid.
    #[error("failed to read `[headers]` in `{}`: {source}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PolicyError,
    },
    /// The target does not exist.
    #[error("`{}` has no `[target.{name}]`; {help}", path.display())]
    NoTarget {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The nearest name, and all names.
        help: String,
    },
}
