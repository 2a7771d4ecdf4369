//! Finds and reads the docs of a command.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::output::Output;
use crate::page::case::Case;
use crate::page::case_file::store;
use crate::page::collect::{self, Collected};
use crate::page::globs::PageGlobs;
use crate::page::reader::Extraction;
use crate::page::survey::{DocsError, is_page};
use crate::project::config::{Config, FILE};
use crate::report::recognition;
use crate::text::finding::Diagnostic;
use crate::text::parallel::cores;

/// The docs of a command: those of the project, or those that an argument names.
#[derive(Debug, Clone)]
pub(super) struct Docs {
    /// The docs root, or the page, case file or folder of case files that the
    /// argument names.
    pub root: PathBuf,
    /// The docs root in findings.
    pub shown: String,
    /// The docs root in committed files, if it is inside the project.
    pub name: Option<String>,
    /// Whether the cases come from case files only.
    pub are_case_files: bool,
    /// Which examples are read from the pages.
    pub extraction: Extraction,
    /// The missing folder of pages, if case files are used in its place.
    missing: Option<String>,
    /// The selected page or folder, if it is only a part of the docs.
    part: Option<String>,
}

impl Docs {
    /// Finds the docs that the argument names. Without an argument, uses the pages
    /// of the project, or its case files if it has no pages and no folder for them is
    /// configured.
    pub(super) fn find(argument: Option<&Path>, config: &Config) -> Result<Self, Failure> {
        let Some(path) = argument else {
            let is_missing = !config.docs.exists();
            if let Some(line) = config.root_line().filter(|_| is_missing) {
                let folder = shown(&config.docs);
                let message = format!("{FILE}:{line}: the docs root `{folder}` does not exist");
                return Err(Failure::new(Exit::NotDone, message)
                    .help("correct `root` in `[docs]`, or create the folder"));
            }
            let are_case_files = is_missing && has_case_files(&config.cases);
            let root = if are_case_files {
                &config.cases
            } else {
                &config.docs
            };
            return Ok(Self {
                root: root.clone(),
                shown: shown(root),
                name: Some(config.docs_name.clone()),
                are_case_files,
                missing: are_case_files.then(|| shown(&config.docs)),
                part: None,
                extraction: config.extract.clone(),
            });
        };
        // Cases of the project's docs keep their ids, whatever path names them.
        if let (Ok(named), Ok(root)) = (path.canonicalize(), config.docs.canonicalize())
            && let Ok(part) = named.strip_prefix(&root)
        {
            let parts = part
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            let part = parts.collect::<Vec<_>>().join("/");
            return Ok(Self {
                part: Some(part).filter(|part| !part.is_empty()),
                ..Self::find(None, config)?
            });
        }
        let ends_with = |ending: &str| {
            path.extension()
                .is_some_and(|found| found.eq_ignore_ascii_case(ending))
        };
        let is_case_file = path.is_file() && ends_with("yaml");
        if path.is_file() && !is_case_file && !is_page(&path.to_string_lossy()) {
            let message = format!(
                "`{}` is neither a page (*.md, *.mdx) nor a case file (*.yaml)",
                path.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let folder = if path.is_file() {
            parent.unwrap_or(Path::new("."))
        } else {
            path
        };
        Ok(Self {
            root: path.to_owned(),
            shown: shown(folder),
            name: name_in_project(folder, config),
            are_case_files: is_case_file,
            missing: None,
            part: None,
            extraction: config.extract.clone(),
        })
    }

    /// What the case files are used for, if the project has no pages.
    pub(super) fn fallback(&self) -> Option<String> {
        let missing = self.missing.as_ref()?;
        let cases = &self.shown;
        Some(format!(
            "no pages in `{missing}`: using the case files in `{cases}`"
        ))
    }

    /// Prints the fallback, if there is one.
    pub(super) fn note_fallback(&self, output: &mut Output) {
        if let Some(fallback) = self.fallback() {
            output.note(&fallback);
        }
    }

    /// Prints how many examples were recognised, if any.
    pub(super) fn note_recognised(&self, cases: &[Case], output: &mut Output) {
        if let Some(recognised) = recognition::of_run(cases)
            && !self.are_case_files
        {
            output.note(&recognised);
        }
    }

    /// Whether these are all of the project's docs.
    pub(super) fn is_whole(&self, config: &Config) -> bool {
        self.part.is_none() && self.name.as_ref() == Some(&config.docs_name)
    }

    /// Whether these are the project's docs, all or some of them.
    pub(super) fn is_own(&self, config: &Config) -> bool {
        self.is_part() || self.is_whole(config)
    }

    /// Whether these are some of the project's docs.
    pub(super) fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// Whether a page is selected.
    pub(super) fn takes(&self, page: &str) -> bool {
        self.part.as_deref().is_none_or(|part| {
            page.strip_prefix(part)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Reads the cases of the `wanted` pages. A folder without pages may contain case
    /// files.
    pub(super) fn collect(
        &self,
        threads: NonZeroUsize,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<Collected, Failure> {
        self.read(threads, &wanted, |wanted| {
            collect::collect(&self.root, &self.extraction, threads, wanted)
        })
    }

    /// Like [`collect`](Self::collect), with the resources of all pages.
    pub(super) fn collect_with_resources(
        &self,
        threads: NonZeroUsize,
        wanted: impl Fn(&str) -> bool + Sync,
    ) -> Result<Collected, Failure> {
        self.read(threads, &wanted, |wanted| {
            collect::collect_with_resources(&self.root, &self.extraction, threads, wanted)
        })
    }

    fn read<W: Fn(&str) -> bool + Sync>(
        &self,
        threads: NonZeroUsize,
        wanted: &W,
        pages: impl FnOnce(&W) -> Result<Collected, DocsError>,
    ) -> Result<Collected, Failure> {
        if self.are_case_files {
            return self.case_files(threads, wanted);
        }
        let mut collected = match pages(wanted) {
            Err(DocsError::NoPages { .. }) if has_case_files(&self.root) => {
                return self.case_files(threads, wanted);
            }
            result => result?,
        };
        self.name_findings(&mut collected.diagnostics);
        Ok(collected)
    }

    fn case_files(
        &self,
        threads: NonZeroUsize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Collected, Failure> {
        let (mut cases, mut diagnostics) = store::read_all(&self.root, threads)?;
        cases.retain(|case| wanted(&case.page));
        self.name_findings(&mut diagnostics);
        let mut pages: Vec<&str> = cases.iter().map(|case| &*case.page).collect();
        pages.dedup();
        let mut collected = Collected {
            pages: pages.len(),
            cases,
            diagnostics,
            ..Collected::default()
        };
        collected.pages += collected.unread().count();
        Ok(collected)
    }

    /// Changes the files of findings to paths that the user can open.
    pub(super) fn name_findings(&self, findings: &mut [Diagnostic]) {
        for finding in findings {
            finding.file = self.file(&finding.file).into();
        }
    }

    /// The path of a page that the user can open.
    pub(super) fn file(&self, page: &str) -> String {
        match self.shown.as_str() {
            "" => page.to_owned(),
            folder => format!("{folder}/{page}"),
        }
    }

    /// The file of a page.
    pub(super) fn path(&self, page: &str) -> PathBuf {
        if self.root.is_file() {
            return self.root.clone();
        }
        self.root.join(page)
    }
}

fn has_case_files(folder: &Path) -> bool {
    // An unreadable folder is reported when its cases are read.
    store::case_files(folder).is_ok_and(|files| !files.is_empty())
}

/// A path relative to the working folder, with `/`.
pub(super) fn shown(folder: &Path) -> String {
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

/// Parses the globs of `--page`, if there are any.
pub(super) fn page_globs(patterns: &[String]) -> Result<Option<PageGlobs>, Failure> {
    if patterns.is_empty() {
        return Ok(None);
    }
    PageGlobs::new(patterns.iter().map(String::as_str))
        .map(Some)
        .map_err(|(_, error)| Failure::new(Exit::Usage, format!("--page: {error}")))
}

/// The number of threads: that of `--jobs`, or the number of cores.
pub(super) fn threads(jobs: Option<NonZeroUsize>) -> NonZeroUsize {
    jobs.unwrap_or_else(cores)
}
