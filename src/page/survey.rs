//! The files of a docs root: finds the pages, and reads them.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use walkdir::WalkDir;

use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::parallel;
use crate::text::rules::{PAGE_CASE, PAGE_ENCODING, PAGE_UNREADABLE, SYMLINK_SKIPPED};
use crate::text::source::Page;

/// A page file that is not read yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    /// The path relative to the docs root, with `/`.
    pub path: Arc<str>,
    /// The file.
    pub file: PathBuf,
}

/// An error about the docs root.
#[derive(Debug, Error)]
pub enum DocsError {
    /// The folder cannot be read.
    #[error("failed to read the docs in `{}`: {source}", root.display())]
    Root {
        /// The folder.
        root: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The folder has no pages.
    #[error("found no page (*.md, *.mdx) in `{}`", root.display())]
    NoPages {
        /// The folder.
        root: PathBuf,
        /// The findings about its files.
        findings: Vec<Diagnostic>,
    },
}

/// The files of a docs root.
#[derive(Debug, Default)]
pub struct Survey {
    /// The pages, sorted by path.
    pub pages: Vec<PageFile>,
    /// The paths of all other files, relative to the docs root, with `/`.
    pub others: Vec<String>,
    /// The findings about files and folders, by path.
    pub diagnostics: Vec<Diagnostic>,
}

/// Finds the pages (`*.md` and `*.mdx`) under `root`, sorted by path.
pub fn find(root: &Path) -> Result<(Vec<PageFile>, Vec<Diagnostic>), DocsError> {
    let survey = survey(root)?;
    Ok((survey.pages, survey.diagnostics))
}

/// Finds the files under `root`. Hidden files and folders are skipped. Symbolic
/// links are reported and not followed, because they can leave the root or form
/// cycles.
pub fn survey(root: &Path) -> Result<Survey, DocsError> {
    let read_error = |source| DocsError::Root {
        root: root.to_owned(),
        source,
    };
    if fs::metadata(root).map_err(read_error)?.is_file() {
        let name = root.file_name().unwrap_or(root.as_os_str());
        let page = PageFile {
            path: name.to_string_lossy().into(),
            file: root.to_owned(),
        };
        return Ok(Survey {
            pages: vec![page],
            ..Survey::default()
        });
    }
    let mut pages = Vec::new();
    let mut others = Vec::new();
    let mut diagnostics = Vec::new();
    let walk = WalkDir::new(root)
        .follow_root_links(true)
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        });
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error
                    .path()
                    .map_or_else(String::new, |path| relative(root, path));
                diagnostics.push(unreadable(&path, &error.to_string()));
                continue;
            }
        };
        if entry.depth() == 0 {
            continue;
        }
        let path = relative(root, entry.path());
        let is_odd = entry.path().to_str().is_none() || path.contains(char::is_control);
        if is_odd && is_page(&path) {
            // Ids, case files and reports cannot contain such a name.
            diagnostics.push(unreadable(
                &path,
                "its name is not UTF-8, or contains a control character",
            ));
        } else if entry.file_type().is_symlink() {
            // Links to it are valid.
            others.push(path.clone());
            diagnostics.push(
                Diagnostic::in_file(
                    path,
                    &SYMLINK_SKIPPED,
                    FILE_START,
                    "symbolic links are not followed",
                )
                .help("replace the link with the page"),
            );
        } else if entry.file_type().is_file() && is_page(&path) {
            pages.push(PageFile {
                path: path.into(),
                file: entry.into_path(),
            });
        } else if !entry.file_type().is_dir() && is_page(&path) {
            diagnostics.push(unreadable(&path, "it is not a file"));
        } else if entry.file_type().is_file() && !is_odd {
            others.push(path);
        }
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    diagnostics.extend(case_collisions(&pages));
    diagnostics.sort_by(|a, b| a.file.cmp(&b.file));
    if pages.is_empty() {
        return Err(DocsError::NoPages {
            root: root.to_owned(),
            findings: diagnostics,
        });
    }
    Ok(Survey {
        pages,
        others,
        diagnostics,
    })
}

/// Whether a file is a page, by its name.
pub(crate) fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| {
        let is = |other: &str| extension.eq_ignore_ascii_case(other);
        is("md") || is("mdx")
    })
}

/// `path` below `root`, with `/`.
fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .components()
        .map(|component| component.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

fn case_collisions(pages: &[PageFile]) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, &PageFile> = HashMap::new();
    let mut diagnostics = Vec::new();
    for page in pages {
        if let Some(other) = seen.insert(page.path.to_lowercase(), page) {
            diagnostics.push(
                Diagnostic::in_file(
                    Arc::clone(&page.path),
                    &PAGE_CASE,
                    FILE_START,
                    format!(
                        "this page's path differs from `{}` only in case",
                        other.path
                    ),
                )
                .help("rename one of them: case-insensitive file systems cannot have both"),
            );
        }
    }
    diagnostics
}

fn unreadable(path: &str, why: &str) -> Diagnostic {
    Diagnostic::in_file(
        path,
        &PAGE_UNREADABLE,
        FILE_START,
        format!("failed to read this page: {why}"),
    )
    .help("make it readable, or remove it from the docs")
}

/// Decodes the bytes of a page.
pub(crate) fn decode(path: &Arc<str>, bytes: Vec<u8>) -> Result<Page, Box<Diagnostic>> {
    let fail = |position, message: String| {
        let finding = Diagnostic::in_file(Arc::clone(path), &PAGE_ENCODING, position, message);
        Box::new(finding.help("save the page as UTF-8"))
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(fail(
            FILE_START,
            "this page is UTF-16, not UTF-8".to_owned(),
        ));
    }
    String::from_utf8(bytes)
        .map(|text| Page::new(Arc::clone(path), text))
        .map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[valid];
            let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
            let position = Page::new(Arc::clone(path), before).position(valid);
            fail(
                position,
                format!("this page is not UTF-8: byte 0x{byte:02X} at offset {valid}"),
            )
        })
}

/// Reads a page from its file.
pub(crate) fn read(page: &PageFile) -> Result<Page, Box<Diagnostic>> {
    let bytes = fs::read(&page.file)
        .map_err(|error| Box::new(unreadable(&page.path, &error.to_string())))?;
    decode(&page.path, bytes)
}

/// Reads pages. A page that cannot be read is a finding.
pub fn read_all(pages: &[PageFile], threads: NonZeroUsize) -> (Vec<Page>, Vec<Diagnostic>) {
    let mut read_pages = Vec::with_capacity(pages.len());
    let mut diagnostics = Vec::new();
    for result in parallel::map(pages, threads, read) {
        match result {
            Ok(page) => read_pages.push(page),
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    (read_pages, diagnostics)
}

/// Reads other text files of the docs. Files that are not UTF-8, cannot be read,
/// or have more than `most` bytes are skipped.
pub(crate) fn read_others<'p>(
    root: &Path,
    paths: impl IntoIterator<Item = &'p str>,
    most: u64,
) -> Vec<Page> {
    let read = |path: &str| {
        let file = root.join(path);
        if fs::metadata(&file).ok()?.len() > most {
            return None;
        }
        let text = String::from_utf8(fs::read(&file).ok()?).ok()?;
        Some(Page::new(path, text))
    };
    paths.into_iter().filter_map(read).collect()
}
