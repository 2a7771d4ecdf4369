//! The snapshot folder: its file names, and errors of reading and writing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnapshotFile {
    /// The id of its case.
    pub id: String,
    /// The file.
    pub path: PathBuf,
}

/// The snapshot folder cannot be read or written.
#[derive(Debug, Error)]
#[error("failed to {action} `{}`: {source}", path.display())]
pub struct SnapshotError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl SnapshotError {
    pub(super) fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Returns the sorted names of the files that end with `suffix`.
pub(super) fn names(folder: &Path, suffix: &str) -> Result<Vec<String>, SnapshotError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(SnapshotError::new("read", folder, error)),
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(suffix))
        .collect();
    names.sort();
    Ok(names)
}

/// Removes a pending or accepted snapshot, or a deviation.
pub(crate) fn remove(path: &Path) -> Result<(), SnapshotError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SnapshotError::new("remove", path, error))
        }
        _ => Ok(()),
    }
}
