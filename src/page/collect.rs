//! The cases of a docs root, extracted on several threads, in the order of the
//! paths of their pages.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use crate::page::case::Case;
use crate::page::extract::Extracted;
use crate::page::included;
use crate::page::reader::{Extraction, Reader};
use crate::page::resource::Resource;
use crate::page::skipped::{self, Skipped};
use crate::page::survey::{DocsError, PageFile, Survey, read, read_others, survey};
use crate::text::finding::Diagnostic;
use crate::text::parallel;
use crate::text::rules::{CASE_FILE_SYNTAX, Family, PAGE_ENCODING, PAGE_UNREADABLE};

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
    /// How the pages were read.
    pub reader: Reader,
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
    extraction: &Extraction,
    threads: NonZeroUsize,
    wanted: impl Fn(&str) -> bool + Sync,
) -> Result<Collected, DocsError> {
    let survey = survey(root)?;
    let reader = extraction.reader(&survey.pages, threads);
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
        reader.extract_file(page).map(|extracted| {
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
    Ok(Collected {
        reader,
        ..collected
    })
}

/// Like [`collect`], with the resources of all pages, because the types of a case
/// can be on any page. Findings about other pages are dropped.
pub fn collect_with_resources(
    root: &Path,
    extraction: &Extraction,
    threads: NonZeroUsize,
    wanted: impl Fn(&str) -> bool + Sync,
) -> Result<Collected, DocsError> {
    let survey = survey(root)?;
    let reader = extraction.reader(&survey.pages, threads);
    let scope = Scope::of(root, &survey, threads, wanted);
    let (pages, diagnostics) = (survey.pages, survey.diagnostics);
    let mut collected = Collected {
        diagnostics,
        ..Collected::default()
    };
    let extracted = parallel::map(&pages, threads, |page| {
        reader.extract_file(page).map(|extracted| {
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
    Ok(Collected {
        reader,
        ..collected
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn collects_no_cases_of_pages_that_the_configuration_skips() {
        let folder = tempfile::tempdir().expect("a folder");
        let extraction = Extraction::default();
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
        let plain = || collect(folder.path(), &extraction, NonZeroUsize::MIN, all).expect("pages");
        assert_eq!(pages(plain()), ["a.md", "parts/b.md"]);
        let config = "{\"schemaConfig\": {\"foldersToSkip\": [\"parts\"]}}";
        fs::write(folder.path().join("config.json"), config).expect("a file");
        assert_eq!(pages(plain()), ["a.md"]);
        let whole = collect_with_resources(folder.path(), &extraction, NonZeroUsize::MIN, all)
            .expect("pages");
        assert_eq!((whole.pages, whole.resources.len()), (1, 2));
        assert_eq!(pages(whole), ["a.md"]);
        // An included page is a part of the page that includes it.
        let text = format!("{page}\n[!INCLUDE [b](parts/b.md)]\n");
        fs::write(folder.path().join("a.md"), text).expect("a page");
        assert_eq!(pages(plain()), ["a.md", "parts/b.md"]);
        let rules = plain().diagnostics.into_iter();
        let rules = rules.filter(|finding| &*finding.file == "parts/b.md");
        assert_eq!(rules.count(), 0, "its response may be on the other page");
        let whole = collect_with_resources(folder.path(), &extraction, NonZeroUsize::MIN, all)
            .expect("pages");
        assert_eq!(pages(whole), ["a.md", "parts/b.md"]);
    }

    #[test]
    fn reads_resources_of_all_pages_and_cases_of_wanted_pages() {
        let folder = tempfile::tempdir().expect("a folder");
        let extraction = Extraction::default();
        let page = "<!-- {\"blockType\": \"resource\", \"@odata.type\": \"example.a\"} -->\n\
                    ```json\n{}\n```\n\
                    <!-- {\"blockType\": \"request\"} -->\n```http\nGET /\n```\n";
        for name in ["a.md", "b.md"] {
            fs::write(folder.path().join(name), page).expect("a page");
        }
        let wanted = |path: &str| path == "b.md";
        let plain = collect(folder.path(), &extraction, NonZeroUsize::MIN, wanted).expect("pages");
        let whole = collect_with_resources(folder.path(), &extraction, NonZeroUsize::MIN, wanted)
            .expect("pages");
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
