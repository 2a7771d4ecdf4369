//! The pages that a server serves: the initial load, and reading changed pages
//! again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::mem;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::types::Types;
use crate::page::case::Case;

use crate::page::extract::Extracted;
use crate::page::reader::{Extraction, Reader};
use crate::page::resource::Resource;
use crate::page::survey::{self, DocsError, PageFile};
use crate::run::mock::{Settings, Table};
use crate::text::finding::Diagnostic;
use crate::text::parallel;
use crate::text::rules::PAGE_UNREADABLE;
use crate::text::severity::Severity;

/// Decides which cases are served.
pub(crate) type Wanted = Box<dyn Fn(&Case) -> bool + Send + Sync>;

/// The pages of a docs root.
pub(crate) struct Pages {
    root: PathBuf,
    /// Decided by the pages of the initial load.
    reader: Reader,
    threads: NonZeroUsize,
    wanted: Wanted,
    loaded: BTreeMap<Arc<str>, LoadedPage>,
    /// By page and line.
    cases: Arc<[Case]>,
    /// By page and line, including pages without served cases: a case may refer
    /// to any type of the docs.
    resources: Vec<Resource>,
    types: Arc<Types>,
}

/// The contents of a page.
#[derive(Debug, Default)]
struct LoadedPage {
    cases: Range<usize>,
    resources: Range<usize>,
    /// The number of errors when this version was read; `None` if it was never
    /// read.
    errors: Option<usize>,
    /// Why the current version of the page is not served.
    stale: Vec<Diagnostic>,
}

/// The new version of a page.
struct NewVersion {
    cases: Vec<Case>,
    resources: Vec<Resource>,
}

/// The files that may have changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Files and folders.
    pub paths: HashSet<PathBuf>,
    /// Whether any file may have changed.
    pub everything: bool,
}

impl Changes {
    /// Whether a page may have changed: its file, or a folder above it.
    fn may_affect(&self, page: &PageFile) -> bool {
        self.everything || page.file.ancestors().any(|path| self.paths.contains(path))
    }
}

/// The result of reading changed pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reread {
    /// The number of pages that were read.
    pub pages: usize,
    /// The number of pages that were removed.
    pub gone: usize,
    /// Whether the table must be replaced.
    pub is_changed: bool,
}

impl Pages {
    /// Reads all pages under `root`, and returns their findings.
    pub(crate) fn load(
        root: &Path,
        extraction: &Extraction,
        threads: NonZeroUsize,
        wanted: Wanted,
    ) -> Result<(Self, Vec<Diagnostic>), DocsError> {
        // Events report canonical paths.
        let root = root.canonicalize().map_err(|source| DocsError::Root {
            root: root.to_owned(),
            source,
        })?;
        let survey = survey::survey(&root)?;
        let mut findings = survey.diagnostics;
        let mut pages = Self {
            root,
            reader: extraction.reader(&survey.pages, threads),
            threads,
            wanted,
            loaded: BTreeMap::new(),
            cases: Arc::default(),
            resources: Vec::new(),
            types: Arc::default(),
        };
        pages.read(&survey.pages, &mut |found| {
            findings.extend_from_slice(found);
        });
        Ok((pages, findings))
    }

    /// The docs root, without symbolic links.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The served cases, by page and line.
    pub(crate) fn cases(&self) -> &Arc<[Case]> {
        &self.cases
    }

    /// Creates the table of the served cases, with the documented types.
    pub(crate) fn table(&self, mut settings: Settings) -> Table {
        settings.types = Arc::clone(&self.types);
        Table::new(Arc::clone(&self.cases), settings)
    }

    /// Returns why the previous version of pages is served, by page.
    pub(crate) fn stale(&self) -> Vec<Diagnostic> {
        let loaded = self.loaded.values();
        loaded.flat_map(|page| page.stale.iter().cloned()).collect()
    }

    /// Reads the pages that may have changed. A page that cannot be read or has
    /// more errors than before keeps its previous version; a removed page is
    /// dropped. Fails without changes if the docs root cannot be read.
    pub(crate) fn reread(&mut self, changes: &Changes) -> Result<Reread, DocsError> {
        let (files, unreadable) = match survey::survey(&self.root) {
            Ok(survey) => (survey.pages, survey.diagnostics),
            Err(DocsError::NoPages { findings, .. }) => (Vec::new(), findings),
            Err(error) => return Err(error),
        };
        let mut reread = Reread::default();
        let existing: HashSet<&str> = files.iter().map(|file| &*file.path).collect();
        self.loaded.retain(|path, page| {
            if existing.contains(&**path) {
                return true;
            }
            let reason = unreadable
                .iter()
                .find(|finding| finding.rule == &PAGE_UNREADABLE && is_at(path, &finding.file));
            if let Some(reason) = reason {
                page.stale = vec![reason.clone()];
                return true;
            }
            reread.gone += 1;
            false
        });
        let changed: Vec<PageFile> = files
            .into_iter()
            .filter(|file| changes.may_affect(file) || !self.loaded.contains_key(&file.path))
            .collect();
        reread.pages = changed.len();
        reread.is_changed = self.read(&changed, &mut |_| {}) || reread.gone > 0;
        Ok(reread)
    }

    /// Reads pages, and returns whether anything changed.
    fn read(&mut self, files: &[PageFile], report: &mut dyn FnMut(&[Diagnostic])) -> bool {
        let (reader, wanted) = (&self.reader, &self.wanted);
        let read = parallel::map(files, self.threads, |file| {
            let mut extracted = reader.extract_file(file)?;
            extracted.cases.retain(wanted);
            Ok::<_, Box<Diagnostic>>(extracted)
        });
        let mut new_versions = HashMap::new();
        for (file, result) in files.iter().zip(read) {
            let page = self.loaded.entry(Arc::clone(&file.path)).or_default();
            match result {
                Ok(extracted) => {
                    report(&extracted.diagnostics);
                    let Extracted {
                        cases,
                        resources,
                        mut diagnostics,
                        ..
                    } = extracted;
                    diagnostics.retain(|finding| finding.severity == Severity::Error);
                    // A page may have had errors before the change.
                    let errors = diagnostics.len();
                    if page.errors.is_some_and(|before| errors > before) {
                        page.stale = diagnostics;
                        continue;
                    }
                    page.errors = Some(errors);
                    page.stale.clear();
                    if self.cases[page.cases.clone()] != cases
                        || self.resources[page.resources.clone()] != resources
                    {
                        new_versions
                            .insert(Arc::clone(&file.path), NewVersion { cases, resources });
                    }
                }
                Err(finding) => {
                    report(std::slice::from_ref(&finding));
                    page.stale = vec![*finding];
                }
            }
        }
        self.replace(new_versions)
    }

    /// Replaces pages by their new versions, and drops removed ones.
    fn replace(&mut self, mut new_versions: HashMap<Arc<str>, NewVersion>) -> bool {
        let total = |size: fn(&LoadedPage) -> usize| self.loaded.values().map(size).sum::<usize>();
        let is_gone = total(|page| page.cases.len()) < self.cases.len()
            || total(|page| page.resources.len()) < self.resources.len();
        if new_versions.is_empty() && !is_gone {
            return false;
        }
        let old = mem::take(&mut self.resources);
        let mut cases = Vec::with_capacity(self.cases.len());
        for (path, page) in &mut self.loaded {
            let (from, first) = (cases.len(), self.resources.len());
            if let Some(read) = new_versions.remove(path) {
                cases.extend(read.cases);
                self.resources.extend(read.resources);
            } else {
                cases.extend_from_slice(&self.cases[page.cases.clone()]);
                let kept = &old[page.resources.clone()];
                self.resources.extend_from_slice(kept);
            }
            page.cases = from..cases.len();
            page.resources = first..self.resources.len();
        }
        self.cases = cases.into();
        if old != self.resources {
            self.types = Arc::new(Types::new(&self.resources).0);
        }
        true
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pages")
            .field("root", &self.root)
            .field("loaded", &self.loaded)
            .finish_non_exhaustive()
    }
}

/// Whether a page is at or below the place of a finding.
fn is_at(page: &str, place: &str) -> bool {
    page.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
