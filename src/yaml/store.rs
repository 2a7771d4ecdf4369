//! The folder of case files: what is missing in it, stale, or left over, and
//! how to bring it in line with the pages.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use walkdir::WalkDir;

use super::{SCHEMA_FILE, file_of_page, is_generated, read, schema, write};
use crate::case::Case;
use crate::diagnostic::{CASE_FILE_STALE, CASE_FILE_SYNTAX, Diagnostic, FILE_START};
use crate::files;

/// A file of the folder that does not say what the pages say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path relative to the folder, with `/`.
    pub path: String,
    /// What is wrong with it.
    pub kind: ChangeKind,
    /// The text that belongs there; none where the file is left over.
    text: Option<String>,
    /// Why the file that is there cannot be read, if that is so.
    pub unreadable: Option<Box<Diagnostic>>,
}

/// What is wrong with a case file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is not there.
    Missing,
    /// It says something else than its page.
    Stale,
    /// Its page is gone, or has no case any more.
    LeftOver,
}

impl ChangeKind {
    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::LeftOver => "left over",
        }
    }
}

/// Why the folder cannot be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A file that cannot be read.
    #[error("failed to read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that cannot be written or removed.
    #[error("failed to write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Compares the folder with `pages`: each page that was read, with its cases.
/// `unread` names pages that could not be read; their files are left alone.
/// A file that is not generated is named and left alone too.
pub fn compare<'a>(
    root: &Path,
    pages: impl IntoIterator<Item = (&'a str, &'a [Case])>,
    unread: &[&str],
) -> Result<(Vec<Change>, Vec<Diagnostic>), StoreError> {
    let mut expected = BTreeSet::new();
    let mut changes = Vec::new();
    for (page, cases) in pages {
        if cases.is_empty() {
            continue;
        }
        let path = file_of_page(page);
        changes.extend(compare_file(root, path.clone(), write(page, cases))?);
        expected.insert(path);
    }
    if !expected.is_empty() {
        changes.extend(compare_file(root, SCHEMA_FILE.to_owned(), schema())?);
    }
    expected.extend(unread.iter().map(|page| file_of_page(page)));
    let mut diagnostics = Vec::new();
    for path in case_files(root) {
        if expected.contains(&path) {
            continue;
        }
        match read_file(root, &path)? {
            Some(text) if !is_generated(&text) => diagnostics.push(
                Diagnostic::in_file(
                    path,
                    &CASE_FILE_STALE,
                    FILE_START,
                    "this file is not generated from a page, so it is not run",
                )
                .help("keep hand-written files out of the folder of case files"),
            ),
            Some(_) => changes.push(Change {
                path,
                kind: ChangeKind::LeftOver,
                text: None,
                unreadable: None,
            }),
            None => {}
        }
    }
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    Ok((changes, diagnostics))
}

fn compare_file(root: &Path, path: String, text: String) -> Result<Option<Change>, StoreError> {
    let (kind, unreadable) = match read_file(root, &path)? {
        Some(found) if found == text => return Ok(None),
        Some(found) if path != SCHEMA_FILE => (ChangeKind::Stale, read(&path, &found).err()),
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

/// Carries the changes out.
pub fn apply(root: &Path, changes: &[Change]) -> Result<(), StoreError> {
    for change in changes {
        let path = root.join(&change.path);
        let result = match &change.text {
            Some(text) => files::write(&path, text),
            None => fs::remove_file(&path).inspect(|()| remove_empty_folders(root, &path)),
        };
        result.map_err(|source| StoreError::Write { path, source })?;
    }
    Ok(())
}

/// Reads all case files of a folder, in the order of their paths; a file that
/// cannot be read is a finding.
pub fn read_all(root: &Path) -> Result<(Vec<Case>, Vec<Diagnostic>), StoreError> {
    let mut cases = Vec::new();
    let mut diagnostics = Vec::new();
    for path in case_files(root) {
        match read_file(root, &path)? {
            Some(text) => match read(&path, &text) {
                Ok(read) => cases.extend(read),
                Err(finding) => diagnostics.push(*finding),
            },
            None => diagnostics.push(Diagnostic::in_file(
                path,
                &CASE_FILE_SYNTAX,
                FILE_START,
                "this file is gone since it was found",
            )),
        }
    }
    cases.sort_by(|a, b| (&a.page, a.line).cmp(&(&b.page, b.line)));
    Ok((cases, diagnostics))
}

/// The case files under `root`, sorted, relative to it, with `/`.
pub fn case_files(root: &Path) -> Vec<String> {
    let mut paths: Vec<String> = WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| {
            entry.file_type().is_file()
                && entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "yaml")
        })
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?;
            let parts = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            Some(parts.collect::<Vec<_>>().join("/"))
        })
        .collect();
    paths.sort();
    paths
}

fn read_file(root: &Path, path: &str) -> Result<Option<String>, StoreError> {
    let path = root.join(path);
    match files::read_if_there(&path) {
        // What is no text is no case file of ours either: it is written anew.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(String::new())),
        result => result.map_err(|source| StoreError::Read { path, source }),
    }
}

fn remove_empty_folders(root: &Path, file: &Path) {
    for folder in file
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != root)
    {
        // A folder that is not empty stays, and so do those above it.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}
