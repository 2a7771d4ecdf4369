//! The rules: checks of pages that need no service. Each file has one rule or a
//! few related ones.
//!
//! All pages are parsed first, because links, resources and includes refer to
//! other pages ([`Site`]). Then each selected page is checked by itself
//! (`PAGE_CHECKS`), and all pages together (`SITE_CHECKS`). Levels and
//! suppressions are applied last; rules do not know about them.

mod annotation;
pub(crate) mod api_doctor;
mod apply_fixes;
mod body_format;
mod credential;
mod dependants;
mod docs_files;
pub(crate) mod heading_outline;
mod http_messages;
mod json_bodies;
mod json_text;
mod link;
mod multipart;
mod pairing;
mod recognised;
mod reported;
mod schema;
pub(crate) mod settings;
mod site;
mod structure;
mod suppression;
mod table;
mod tabs;

use std::num::NonZeroUsize;

use crate::text::finding::Diagnostic;
use crate::text::parallel;
use crate::text::rules::Family;
use crate::text::source::Page;
pub(crate) use apply_fixes::apply_fixes;
pub(crate) use dependants::dependants;
pub use docs_files::Files;
use reported::finish;
pub(crate) use reported::{is_error, reported};
pub use settings::Settings;
pub(crate) use site::{Parsed, Site};
use suppression::Messages;

/// The checks of a single page. Each adds findings in any order.
const PAGE_CHECKS: [fn(&Site<'_>, &Parsed<'_>, &mut Vec<Diagnostic>); 11] = [
    annotation::check,
    http_messages::check,
    pairing::check,
    recognised::check,
    json_bodies::check,
    multipart::check,
    schema::check,
    table::check,
    structure::check,
    tabs::check,
    link::check,
];

/// The checks of all pages together.
const SITE_CHECKS: [fn(&Site<'_>) -> Vec<Diagnostic>; 3] =
    [pairing::check_site, schema::check_site, link::check_site];

/// The result of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings without duplicates, sorted by page, line and column.
    pub findings: Vec<Diagnostic>,
    /// The number of suppressed findings.
    pub suppressed: usize,
}

/// Checks the pages for which `wanted` is true. The other pages are only
/// parsed, because these may refer to them.
pub fn check(
    pages: &[Page],
    files: &Files,
    settings: &Settings,
    wanted: impl Fn(&str) -> bool + Sync,
    threads: NonZeroUsize,
) -> Checked {
    let parsed = parse(pages, settings, threads);
    check_site(&Site::new(&parsed, files, settings), wanted, threads)
}

/// Parses the pages.
pub(crate) fn parse<'p>(
    pages: &'p [Page],
    settings: &Settings,
    threads: NonZeroUsize,
) -> Vec<Parsed<'p>> {
    parallel::map(pages, threads, |page| Parsed::read(page, &settings.reader))
}

/// The families of the rules for a skipped page that another page includes. The
/// others concern whole pages.
const OF_CONTENT: [Family; 4] = [
    Family::Annotation,
    Family::Http,
    Family::Json,
    Family::Schema,
];

/// Checks the parsed pages for which `wanted` is true. A skipped page is checked
/// only as a part of those that include it.
pub(crate) fn check_site(
    site: &Site<'_>,
    wanted: impl Fn(&str) -> bool + Sync,
    threads: NonZeroUsize,
) -> Checked {
    let skipped = &site.settings.skipped;
    let is_own = |page: &str| wanted(page) && !skipped.has(page);
    let included = link::included(site, is_own);
    let is_part = |page: &str| skipped.has(page) && site.place(page).is_some_and(|at| included[at]);
    let wanted = |page: &str| is_own(page) || is_part(page);
    let mut together: Vec<Diagnostic> = SITE_CHECKS
        .iter()
        .flat_map(|check| check(site))
        .filter(|finding| wanted(&finding.file))
        .collect();
    // Sorted, to find the findings of each page by binary search.
    together.sort_by(|a, b| a.file.cmp(&b.file));
    let messages = Messages::new(site);
    let places: Vec<usize> = (0..site.pages.len()).collect();
    let results = parallel::map(&places, threads, |at| {
        let parsed = &site.pages[*at];
        if !wanted(&parsed.page.path) {
            return (Vec::new(), 0);
        }
        let mut findings = parsed.diagnostics.clone();
        for check in PAGE_CHECKS {
            check(site, parsed, &mut findings);
        }
        let from = together.partition_point(|finding| finding.file < parsed.page.path);
        let of_page = together[from..]
            .iter()
            .take_while(|finding| finding.file == parsed.page.path);
        findings.extend(of_page.cloned());
        if !is_own(&parsed.page.path) {
            findings.retain(|finding| OF_CONTENT.contains(&finding.rule.family));
        }
        finish(site, &messages, *at, findings)
    });
    let mut checked = Checked::default();
    for (findings, suppressed) in results {
        checked.findings.extend(findings);
        checked.suppressed += suppressed;
    }
    let unused = messages.unused(site, wanted);
    if !unused.is_empty() {
        checked.findings.extend(unused);
        let findings = &mut checked.findings;
        findings.sort_by(|a, b| a.place().cmp(&b.place()));
    }
    checked
}

#[cfg(test)]
mod test_support;
