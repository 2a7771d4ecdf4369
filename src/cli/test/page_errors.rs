//! The errors in pages that fail a run: what they lose is not tested.

use std::collections::HashSet;
use std::sync::Arc;

use crate::check::rules::{self, is_error};
use crate::cli::docs::Docs;
use crate::cli::select::Selector;
use crate::page::case::Case;
use crate::page::collect::Collected;
use crate::page::survey::{self, PageFile};
use crate::project::config::Config;
use crate::text::finding::Diagnostic;

/// Applies the levels and suppressions of the project to findings about pages, so
/// that a run fails only for errors that `docproof check` reports.
pub(super) fn apply_settings(collected: &mut Collected, docs: &Docs, config: &Config) {
    let read = |file: &str| {
        let path: Arc<str> = page_of(docs, file).filter(|_| !docs.are_case_files)?.into();
        let file = docs.path(&path);
        survey::read(&PageFile { path, file }).ok()
    };
    let levels = &config.check.levels;
    collected.diagnostics = rules::reported(&collected.diagnostics, levels, read);
}

/// The number of errors in the selected pages. If cases are selected by more than
/// their page, these are the pages of the selected cases.
pub(super) fn count(
    findings: &[Diagnostic],
    docs: &Docs,
    selector: &Selector,
    cases: &[Case],
) -> usize {
    let pages: Option<HashSet<&str>> = selector
        .asks_for_cases()
        .then(|| cases.iter().map(|case| &*case.page).collect());
    let is_selected = |page: &str| {
        let is_known = |pages: &HashSet<&str>| pages.contains(page);
        docs.takes(page) && selector.takes_page(page) && pages.as_ref().is_none_or(is_known)
    };
    let errors = findings.iter().filter(|finding| is_error(finding));
    errors
        .filter(|finding| page_of(docs, &finding.file).is_none_or(is_selected))
        .count()
}

/// The page that a finding is about, relative to the docs root.
fn page_of<'f>(docs: &Docs, file: &'f str) -> Option<&'f str> {
    match docs.shown.as_str() {
        "" => Some(file),
        folder => file.strip_prefix(folder)?.strip_prefix('/'),
    }
}
