//! The docs root: finds pages, reads them, and extracts their cases on several
//! threads, in the order of their paths.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use walkdir::WalkDir;

use crate::page::case::Case;
use crate::page::extract::{self, CasePlaces, Extracted};
use crate::page::included;
use crate::page::resource::Resource;
use crate::page::skipped::{self, Skipped};
use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::parallel;
use crate::text::rules::{
    CASE_FILE_SYNTAX, Family, PAGE_CASE, PAGE_ENCODING, PAGE_UNREADABLE, SYMLINK_SKIPPED,
};
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
    #[error("found no page (*.md) in `{}`", root.display())]
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

/// Finds the pages (`*.md`) under `root`, sorted by path.
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

fn is_page(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
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

/// Extracts the cases of a page. A page that cannot have cases is not parsed.
pub fn extract(page: &PageFile) -> Result<Extracted, Box<Diagnostic>> {
    let page = read(page)?;
    if !extract::may_hold_cases(page.text.as_bytes()) {
        return Ok(Extracted::default());
    }
    Ok(extract::extract(&page, None))
}

/// A page that is read again to locate its cases.
#[derive(Debug)]
pub(crate) struct Reread {
    /// The page.
    pub page: Page,
    extracted: Extracted,
}

impl Reread {
    /// Reads the page again, if that is still possible.
    pub(crate) fn read(page: &PageFile) -> Option<Self> {
        let page = read(page).ok()?;
        let extracted = extract::extract(&page, None);
        Some(Self { page, extracted })
    }

    /// The places of a case, if the page still has the same case.
    pub(crate) fn places(&self, case: &Case) -> Option<&CasePlaces> {
        let at = self
            .extracted
            .cases
            .iter()
            .position(|found| found == case)?;
        self.extracted.places.get(at)
    }
}

/// The cases of a docs root.
#[derive(Debug, Default)]
pub struct Collected {
    /// The cases, by page and line.
    pub cases: Vec<Case>,
    /// The findings, by page and line.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of pages.
    pub pages: usize,
    /// The resources, by page and line, if they were requested.
    pub resources: Vec<Resource>,
}

impl Collected {
    /// The findings about pages and folders that were not read.
    pub fn unread(&self) -> impl Iterator<Item = &Diagnostic> {
        let rules = [&PAGE_ENCODING, &PAGE_UNREADABLE, &CASE_FILE_SYNTAX];
        self.diagnostics
            .iter()
            .filter(move |finding| rules.contains(&finding.rule))
    }
}

/// The pages whose cases are collected.
struct Scope<W> {
    wanted: W,
    /// What the configuration of API Doctor skips.
    skipped: Skipped,
    /// The skipped pages that wanted ones include, directly or not. They are
    /// tested as parts of these.
    included: HashSet<Arc<str>>,
}

impl<W: Fn(&str) -> bool> Scope<W> {
    fn of(root: &Path, survey: &Survey, threads: NonZeroUsize, wanted: W) -> Self {
        let paths = skipped::json_files(&survey.others);
        let mut scope = Self {
            wanted,
            skipped: Skipped::read(&read_others(root, paths, skipped::MOST_BYTES)),
            included: HashSet::new(),
        };
        scope.included = scope.find_included(&survey.pages, threads);
        scope
    }

    fn find_included(&self, pages: &[PageFile], threads: NonZeroUsize) -> HashSet<Arc<str>> {
        let mut found = HashSet::new();
        // Without a skipped page, no page has to be read for its includes.
        if !pages.iter().any(|page| self.skipped.has(&page.path)) {
            return found;
        }
        let by_path: HashMap<&str, &PageFile> =
            pages.iter().map(|page| (&*page.path, page)).collect();
        let mut open: Vec<&PageFile> = pages.iter().filter(|it| self.owns(&it.path)).collect();
        let mut seen: HashSet<&str> = open.iter().map(|page| &*page.path).collect();
        while !open.is_empty() {
            let parts = parallel::map(&open, threads, |page| {
                read(page).map_or_else(
                    |_| Vec::new(),
                    |page| included::included(&page.path, &page.text),
                )
            });
            let parts = parts
                .iter()
                .flatten()
                .filter_map(|path| by_path.get(&**path));
            open = parts
                .copied()
                .filter(|part| seen.insert(&part.path))
                .collect();
            let skipped = open.iter().filter(|part| self.skipped.has(&part.path));
            found.extend(skipped.map(|part| Arc::clone(&part.path)));
        }
        found
    }

    /// Whether a page is wanted and not skipped.
    fn owns(&self, page: &str) -> bool {
        (self.wanted)(page) && !self.skipped.has(page)
    }

    fn has(&self, page: &str) -> bool {
        self.owns(page) || self.included.contains(page)
    }

    /// The findings of a page that are reported.
    fn reported(&self, page: &str, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        if !self.owns(page) {
            findings.retain(is_of_content);
        }
        findings
    }
}

/// Whether a finding of an included page is about its content. What is missing
/// there may be on the page that includes it.
fn is_of_content(finding: &Diagnostic) -> bool {
    finding.rule.family != Family::Pairing
}

/// Reads the cases of the wanted pages under `root`, without those that the
/// configuration of API Doctor skips.
pub fn collect(
    root: &Path,
    threads: NonZeroUsize,
    wanted: impl Fn(&str) -> bool + Sync,
) -> Result<Collected, DocsError> {
    let survey = survey(root)?;
    let scope = Scope::of(root, &survey, threads, wanted);
    let (mut pages, diagnostics) = (survey.pages, survey.diagnostics);
    pages.retain(|page| scope.has(&page.path));
    let mut collected = Collected {
        pages: pages.len(),
        diagnostics,
        ..Collected::default()
    };
    for result in parallel::map(&pages, threads, |page| {
        // Places and resources are dropped, so that memory does not grow with
        // them.
        extract(page).map(|extracted| {
            let diagnostics = scope.reported(&page.path, extracted.diagnostics);
            (extracted.cases, diagnostics)
        })
    }) {
        match result {
            Ok((cases, diagnostics)) => {
                collected.cases.extend(cases);
                collected.diagnostics.extend(diagnostics);
            }
            Err(diagnostic) => collected.diagnostics.push(*diagnostic),
        }
    }
    Ok(collected)
}

/// Like [`collect`], with the resources of all pages, because the types of a case
/// can be on any page. Findings about other pages are dropped.
pub fn collect_with_resources(
    root: &Path,
    threads: NonZeroUsize,
    wanted: impl Fn(&str) -> bool + Sync,
) -> Result<Collected, DocsError> {
    let survey = survey(root)?;
    let scope = Scope::of(root, &survey, threads, wanted);
    let (pages, diagnostics) = (survey.pages, survey.diagnostics);
    let mut collected = Collected {
        diagnostics,
        ..Collected::default()
    };
    let extracted = parallel::map(&pages, threads, |page| {
        extract(page).map(|extracted| {
            let Extracted {
                cases,
                diagnostics,
                resources,
                ..
            } = extracted;
            if scope.has(&page.path) {
                (cases, scope.reported(&page.path, diagnostics), resources)
            } else {
                (Vec::new(), Vec::new(), resources)
            }
        })
    });
    for (page, result) in pages.iter().zip(extracted) {
        collected.pages += usize::from(scope.has(&page.path));
        match result {
            Ok((cases, diagnostics, resources)) => {
                collected.cases.extend(cases);
                collected.diagnostics.extend(diagnostics);
                collected.resources.extend(resources);
            }
            // Its resources may be missing for wanted pages, so it is reported.
            Err(diagnostic) => collected.diagnostics.push(*diagnostic),
        }
    }
    Ok(collected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collects_no_cases_of_pages_that_the_configuration_skips() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = "<!-- {\"blockType\": \"resource\", \"@odata.type\": \"example.a\"} -->\n\
                    ```json\n{}\n```\n\
                    <!-- {\"blockType\": \"request\"} -->\n```http\nGET /\n```\n";
        fs::create_dir(folder.path().join("parts")).expect("a folder");
        for name in ["a.md", "parts/b.md"] {
            fs::write(folder.path().join(name), page).expect("a page");
        }
        let all = |_: &str| true;
        let pages = |collected: Collected| {
            let pages = collected.cases.iter().map(|case| case.page.to_string());
            pages.collect::<Vec<_>>()
        };
        let plain = || collect(folder.path(), NonZeroUsize::MIN, all).expect("pages");
        assert_eq!(pages(plain()), ["a.md", "parts/b.md"]);
        let config = "{\"schemaConfig\": {\"foldersToSkip\": [\"parts\"]}}";
        fs::write(folder.path().join("config.json"), config).expect("a file");
        assert_eq!(pages(plain()), ["a.md"]);
        let whole = collect_with_resources(folder.path(), NonZeroUsize::MIN, all).expect("pages");
        assert_eq!((whole.pages, whole.resources.len()), (1, 2));
        assert_eq!(pages(whole), ["a.md"]);
        // An included page is a part of the page that includes it.
        let text = format!("{page}\n[!INCLUDE [b](parts/b.md)]\n");
        fs::write(folder.path().join("a.md"), text).expect("a page");
        assert_eq!(pages(plain()), ["a.md", "parts/b.md"]);
        let rules = plain().diagnostics.into_iter();
        let rules = rules.filter(|finding| &*finding.file == "parts/b.md");
        assert_eq!(rules.count(), 0, "its response may be on the other page");
        let whole = collect_with_resources(folder.path(), NonZeroUsize::MIN, all).expect("pages");
        assert_eq!(pages(whole), ["a.md", "parts/b.md"]);
    }

    #[test]
    fn reads_resources_of_all_pages_and_cases_of_wanted_pages() {
        let folder = tempfile::tempdir().expect("a folder");
        let page = "<!-- {\"blockType\": \"resource\", \"@odata.type\": \"example.a\"} -->\n\
                    ```json\n{}\n```\n\
                    <!-- {\"blockType\": \"request\"} -->\n```http\nGET /\n```\n";
        for name in ["a.md", "b.md"] {
            fs::write(folder.path().join(name), page).expect("a page");
        }
        let wanted = |path: &str| path == "b.md";
        let plain = collect(folder.path(), NonZeroUsize::MIN, wanted).expect("pages");
        let whole =
            collect_with_resources(folder.path(), NonZeroUsize::MIN, wanted).expect("pages");
        assert!(plain.resources.is_empty());
        assert_eq!((whole.pages, &whole.cases), (1, &plain.cases));
        assert_eq!(whole.diagnostics, plain.diagnostics);
        assert_eq!(whole.cases.len(), 1);
        let pages: Vec<_> = whole
            .resources
            .iter()
            .map(|resource| &*resource.page)
            .collect();
        assert_eq!(pages, ["a.md", "b.md"]);
    }
}
