//! Which docs are meant, and which of their cases.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::args::Selection;
use super::{Exit, Failure};
use crate::case::{Case, page_stem};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::docs::{self, Collected, DocsError};
use crate::parallel::cores;
use crate::yaml::store;

/// The docs of a command: the project's, or those that an argument names.
#[derive(Debug)]
pub struct Docs {
    /// The docs root.
    pub root: PathBuf,
    /// How findings name it.
    pub shown: String,
    /// How the project names it in files that are committed, if it stands in
    /// the project.
    pub name: Option<String>,
    /// The one page that is meant, if it is only one.
    only: Option<String>,
}

impl Docs {
    /// Finds the docs that the argument names, or the project's.
    pub fn find(argument: Option<&Path>, config: &Config) -> Self {
        let Some(path) = argument else {
            return Self {
                root: config.docs.clone(),
                shown: shown(&config.docs),
                name: Some(config.docs_name.clone()),
                only: None,
            };
        };
        // One page of the project's keeps its id, whatever names it.
        if path.is_file()
            && let (Ok(file), Ok(root)) = (path.canonicalize(), config.docs.canonicalize())
            && let Ok(page) = file.strip_prefix(&root)
        {
            let parts = page
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            return Self {
                only: Some(parts.collect::<Vec<_>>().join("/")),
                ..Self::find(None, config)
            };
        }
        let folder = if path.is_file() {
            path.parent()
                .filter(|parent| !parent.as_os_str().is_empty())
                .unwrap_or(Path::new("."))
        } else {
            path
        };
        Self {
            root: path.to_owned(),
            shown: shown(folder),
            name: name_in_project(folder, config),
            only: None,
        }
    }

    /// Reads the cases of the pages that are `wanted`. A folder without a page
    /// may be one of case files.
    pub fn collect(
        &self,
        threads: NonZeroUsize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Collected, Failure> {
        let wanted =
            |page: &str| self.only.as_deref().is_none_or(|only| only == page) && wanted(page);
        let mut collected = match docs::collect(&self.root, threads, wanted) {
            Err(DocsError::NoPages { .. }) if !store::case_files(&self.root).is_empty() => {
                return case_files(&self.root, wanted);
            }
            result => result?,
        };
        self.name_findings(&mut collected.diagnostics);
        Ok(collected)
    }

    /// Names the pages of findings as the user would open them.
    pub fn name_findings(&self, findings: &mut [Diagnostic]) {
        for finding in findings {
            finding.file = self.file(&finding.file).into();
        }
    }

    /// A page as the user would open it.
    pub fn file(&self, page: &str) -> String {
        match self.shown.as_str() {
            "" => page.to_owned(),
            folder => format!("{folder}/{page}"),
        }
    }

    /// The file of a page.
    pub fn path(&self, page: &str) -> PathBuf {
        if self.root.is_file() {
            return self.root.clone();
        }
        self.root.join(page)
    }
}

/// Reads the cases of a folder of case files, or of one.
pub fn case_files(root: &Path, wanted: impl Fn(&str) -> bool) -> Result<Collected, Failure> {
    let (mut cases, mut diagnostics) = store::read_all(root, cores())?;
    cases.retain(|case| wanted(&case.page));
    for finding in &mut diagnostics {
        finding.file = format!("{}/{}", shown(root), finding.file).into();
    }
    let mut pages: Vec<&str> = cases.iter().map(|case| &*case.page).collect();
    pages.dedup();
    Ok(Collected {
        pages: pages.len() + diagnostics.len(),
        cases,
        diagnostics,
    })
}

/// A folder as a person in the working folder would write it.
pub fn shown(folder: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let folder = folder.strip_prefix(&here).unwrap_or(folder);
    let text = folder.to_string_lossy().replace('\\', "/");
    let text = text.trim_start_matches("./").trim_end_matches('/');
    if text == "." {
        String::new()
    } else {
        text.to_owned()
    }
}

fn name_in_project(folder: &Path, config: &Config) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let project = config.project.canonicalize().ok()?;
    let below = folder.strip_prefix(&project).ok()?;
    Some(below.to_string_lossy().replace('\\', "/"))
}

/// A selection that is ready to be asked.
#[derive(Debug)]
pub struct Selector<'a> {
    selection: &'a Selection,
    pages: Option<GlobSet>,
}

impl<'a> Selector<'a> {
    pub fn new(selection: &'a Selection) -> Result<Self, Failure> {
        let mut builder = GlobSetBuilder::new();
        for pattern in &selection.page {
            let glob = GlobBuilder::new(pattern)
                .literal_separator(true)
                .build()
                .map_err(|error| Failure::new(Exit::Usage, format!("--page: {error}")))?;
            builder.add(glob);
        }
        let pages = builder
            .build()
            .map_err(|error| Failure::new(Exit::Usage, format!("--page: {error}")))?;
        Ok(Self {
            selection,
            pages: (!selection.page.is_empty()).then_some(pages),
        })
    }

    /// Whether cases of a page may be meant. A glob may leave `.md` out.
    pub fn takes_page(&self, page: &str) -> bool {
        self.pages
            .as_ref()
            .is_none_or(|pages| pages.is_match(page) || pages.is_match(page_stem(page)))
    }

    /// Whether a case is meant.
    pub fn takes(&self, case: &Case) -> bool {
        let Selection { filter, method, .. } = self.selection;
        self.takes_page(&case.page)
            && (filter.is_empty() || filter.iter().any(|part| case.id.contains(part.as_str())))
            && (method.is_empty()
                || method
                    .iter()
                    .any(|name| name.trim().eq_ignore_ascii_case(&case.request.method)))
    }

    /// Whether everything is meant.
    pub fn takes_all(&self) -> bool {
        let Selection {
            filter,
            method,
            page,
        } = self.selection;
        filter.is_empty() && method.is_empty() && page.is_empty()
    }

    /// The cases that are meant; an error where there is none.
    pub fn select(&self, cases: &Arc<[Case]>) -> Result<Arc<[Case]>, Failure> {
        let selected: Arc<[Case]> = if self.takes_all() {
            Arc::clone(cases)
        } else {
            let taken = cases.iter().filter(|case| self.takes(case));
            taken.cloned().collect()
        };
        if !selected.is_empty() {
            return Ok(selected);
        }
        Err(if cases.is_empty() {
            Failure::new(Exit::NoCase, "the docs hold no annotated request").help(
                "put <!-- { \"blockType\": \"request\", \"name\": \"…\" } --> above an HTTP example",
            )
        } else {
            Failure::new(Exit::NoCase, "no case is selected").help("`docproof list` shows them all")
        })
    }
}

/// The number of threads that read pages.
pub fn threads(jobs: Option<NonZeroUsize>) -> NonZeroUsize {
    jobs.unwrap_or_else(cores)
}
