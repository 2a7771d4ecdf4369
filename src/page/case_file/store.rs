//! The folder of case files: finds missing, stale and orphaned files, and updates
//! them from the pages.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use thiserror::Error;
use walkdir::WalkDir;

use super::{SCHEMA_FILE, file_of_page, is_generated, read, schema, write};
use crate::page::case::Case;
use crate::text::files;
use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::parallel;
use crate::text::rules::{CASE_FILE_FOREIGN, CASE_FILE_SYNTAX};

/// A file of the folder that differs from the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path relative to the folder, with `/`.
    pub path: String,
    /// How it differs.
    pub kind: ChangeKind,
    /// The text to write; none for an orphaned file.
    text: Option<String>,
    /// Why the existing file cannot be read, if so.
    pub unreadable: Option<Box<Diagnostic>>,
}

/// How a case file differs from its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// The file does not exist.
    Missing,
    /// The file differs from its page.
    Stale,
    /// The page no longer exists or has no cases.
    Orphaned,
}

impl ChangeKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Orphaned => "orphaned",
        }
    }
}

/// An error about the folder of case files.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file that cannot be read.
    #[error("failed to read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// A file that cannot be written or removed.
    #[error("failed to write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

/// Compares the case file of a page with its cases. A page without cases has no
/// file.
pub fn compare_page(root: &Path, page: &str, cases: &[Case]) -> Result<Option<Change>, StoreError> {
    if cases.is_empty() {
        return Ok(None);
    }
    compare_file(root, file_of_page(page), write(page, cases))
}

/// Compares the rest of the folder: the schema, and files of other pages than
/// those in `with_file`. A file that is not generated is reported and kept.
pub(crate) fn compare_rest<'a>(
    root: &Path,
    with_file: impl IntoIterator<Item = &'a str>,
) -> Result<(Vec<Change>, Vec<Diagnostic>), StoreError> {
    let expected: HashSet<String> = with_file.into_iter().map(file_of_page).collect();
    let mut changes = Vec::new();
    if !expected.is_empty() {
        changes.extend(compare_file(root, SCHEMA_FILE.to_owned(), schema())?);
    }
    let mut diagnostics = Vec::new();
    for path in case_files(root)? {
        if expected.contains(&path) {
            continue;
        }
        match read_file(root, &path)? {
            Some(bytes) if !is_generated(&bytes) => diagnostics.push(
                Diagnostic::in_file(
                    path,
                    &CASE_FILE_FOREIGN,
                    FILE_START,
                    "this file is not generated from a page; its cases are not run",
                )
                .help("keep hand-written files out of the folder of case files"),
            ),
            Some(_) => changes.push(Change {
                path,
                kind: ChangeKind::Orphaned,
                text: None,
                unreadable: None,
            }),
            None => {}
        }
    }
    Ok((changes, diagnostics))
}

fn compare_file(root: &Path, path: String, text: String) -> Result<Option<Change>, StoreError> {
    let (kind, unreadable) = match read_file(root, &path)? {
        Some(found) if is_same_text(&found, &text) => return Ok(None),
        Some(found) if path != SCHEMA_FILE => (ChangeKind::Stale, decode(&path, &found).err()),
        Some(_) => (ChangeKind::Stale, None),
        None => (ChangeKind::Missing, None),
    };
    Ok(Some(Change {
        path,
        kind,
        text: Some(text),
        unreadable,
    }))
}

/// Whether a file has this text, except for its line ends, which git may convert.
fn is_same_text(found: &[u8], text: &str) -> bool {
    found == text.as_bytes()
        || str::from_utf8(found).is_ok_and(|found| found.replace("\r\n", "\n") == text)
}

/// Applies the changes.
pub fn apply(root: &Path, changes: &[Change], threads: NonZeroUsize) -> Result<(), StoreError> {
    let results = parallel::map(changes, threads, |change| {
        let path = root.join(&change.path);
        let result = match &change.text {
            Some(text) => files::write(&path, text),
            None => fs::remove_file(&path).inspect(|()| remove_empty_folders(root, &path)),
        };
        result.map_err(|source| StoreError::Write { path, source })
    });
    results.into_iter().collect()
}

/// Reads all case files of a folder, or a single file. Cases are sorted by page and line. A file
/// that cannot be read is a finding.
pub fn read_all(
    root: &Path,
    threads: NonZeroUsize,
) -> Result<(Vec<Case>, Vec<Diagnostic>), StoreError> {
    // A single file is treated as a folder with one file.
    let (root, paths) = match (root.is_file(), root.parent(), root.file_name()) {
        (true, Some(folder), Some(name)) => (folder, vec![name.to_string_lossy().into_owned()]),
        _ => (root, case_files(root)?),
    };
    let mut cases = Vec::new();
    let mut diagnostics = Vec::new();
    let results = parallel::map(&paths, threads, |path| {
        let bytes = read_file(root, path)?;
        Ok(bytes.map(|bytes| decode(path, &bytes)))
    });
    for (path, result) in paths.into_iter().zip(results) {
        match result? {
            Some(Ok((read, findings))) => {
                cases.extend(read);
                diagnostics.extend(findings);
            }
            Some(Err(finding)) => diagnostics.push(*finding),
            None => diagnostics.push(Diagnostic::in_file(
                path,
                &CASE_FILE_SYNTAX,
                FILE_START,
                "this file was removed while the folder was read",
            )),
        }
    }
    cases.sort_by(|a, b| (&a.page, a.line).cmp(&(&b.page, b.line)));
    Ok((cases, diagnostics))
}

/// The case files under `root`, sorted, relative to it, with `/`.
pub(crate) fn case_files(root: &Path) -> Result<Vec<String>, StoreError> {
    let mut paths = Vec::new();
    if !root.exists() {
        return Ok(paths);
    }
    for entry in WalkDir::new(root) {
        let entry = entry.map_err(|error| StoreError::Read {
            path: error.path().unwrap_or(root).to_owned(),
            source: error.into(),
        })?;
        let is_yaml = entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "yaml");
        if entry.file_type().is_file() && is_yaml {
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let parts = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            paths.push(parts.collect::<Vec<_>>().join("/"));
        }
    }
    paths.sort();
    Ok(paths)
}

fn read_file(root: &Path, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let path = root.join(path);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::Read { path, source }),
    }
}

/// Decodes and reads a case file.
fn decode(path: &str, bytes: &[u8]) -> Result<(Vec<Case>, Vec<Diagnostic>), Box<Diagnostic>> {
    let text = str::from_utf8(bytes).map_err(|_| {
        let message = "this case file is not UTF-8";
        Box::new(Diagnostic::in_file(
            path,
            &CASE_FILE_SYNTAX,
            FILE_START,
            message,
        ))
    })?;
    read(path, text)
}

fn remove_empty_folders(root: &Path, file: &Path) {
    for folder in file
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root)
    {
        // A folder that is not empty is kept, with its parents.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}
