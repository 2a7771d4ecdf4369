//! What a page says, proved without a service: one function a rule or a few
//! that belong together, one file a family.
//!
//! All pages are read first, as links, resources and includes lead from page
//! to page ([`Site`]). Then each page that is wanted is checked by itself
//! (`PAGE_CHECKS`), and what only all of them show together once
//! (`SITE_CHECKS`). Levels and suppressions come last, so that a rule need not
//! know of them.

mod annotation;
mod dependants;
pub(crate) mod doctor;
mod http;
mod json;
mod link;
mod media;
mod repair;
pub(crate) mod outline;
mod pairing;
mod schema;
mod credential;
pub(crate) mod settings;
mod site;
mod structure;
mod suppression;
mod table;

use std::num::NonZeroUsize;

use crate::text::finding::Diagnostic;
use crate::text::parallel;
use crate::text::source::Page;
pub(crate) use dependants::dependants;
pub(crate) use repair::mend;
pub use settings::Settings;
pub use site::Files;
pub(crate) use site::{Parsed, Site};
use suppression::Messages;
pub(crate) use table::TableTitles;

/// The checks of one page. Each adds findings in any order.
const PAGE_CHECKS: [fn(&Site<'_>, &Parsed<'_>, &mut Vec<Diagnostic>); 8] = [
    annotation::check,
    http::check,
    pairing::check,
    json::check,
    schema::check,
    table::check,
    structure::check,
    link::check,
];

/// The checks of all pages together.
const SITE_CHECKS: [fn(&Site<'_>) -> Vec<Diagnostic>; 3] =
    [pairing::check_site, schema::check_site, link::check_site];

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The findings, by page, line and column, none twice.
    pub findings: Vec<Diagnostic>,
    /// How many findings were suppressed.
    pub suppressed: usize,
}

/// Checks the pages that are `wanted`; the others are only read, for what they
/// say of these.
pub fn check(
    pages: &[Page],
    files: &Files,
    settings: &Settings,
    wanted: impl Fn(&str) -> bool + Sync,
    threads: NonZeroUsize,
) -> Checked {
    check_site(&read(pages, files, settings, threads), wanted, threads)
}

/// Reads the pages.
pub(crate) fn read<'a>(
    pages: &'a [Page],
    files: &'a Files,
    settings: &'a Settings,
    threads: NonZeroUsize,
) -> Site<'a> {
    let parsed = parallel::map(pages, threads, Parsed::of);
    Site::new(parsed, files, settings)
}

/// Checks the pages that are `wanted` of those that were read, less those that
/// are skipped.
pub(crate) fn check_site(
    site: &Site<'_>,
    wanted: impl Fn(&str) -> bool + Sync,
    threads: NonZeroUsize,
) -> Checked {
    let wanted = |page: &str| wanted(page) && !site.settings.skipped.has(page);
    let mut together: Vec<Diagnostic> = SITE_CHECKS
        .iter()
        .flat_map(|check| check(site))
        .filter(|finding| wanted(&finding.file))
        .collect();
    // So that each page finds its own at once.
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

/// Names the cases of a page's findings, applies its suppressions and the
/// levels, and sorts what is left. Also returns how many were suppressed.
fn finish(
    site: &Site<'_>,
    messages: &Messages<'_>,
    at: usize,
    mut findings: Vec<Diagnostic>,
) -> (Vec<Diagnostic>, usize) {
    let parsed = &site.pages[at];
    let levels = site.settings.levels.of(&parsed.page.path);
    for finding in &mut findings {
        if finding.case.is_none() {
            finding.case = finding.span.and_then(|span| parsed.case_at(span));
        }
    }
    findings.sort_by(|a, b| {
        (a.start, a.end, a.rule.name, &a.message).cmp(&(b.start, b.end, b.rule.name, &b.message))
    });
    findings.dedup();
    credential::mask(parsed.page, &mut findings);
    // What is off need not be silenced.
    findings.retain_mut(|finding| levels.apply(finding));
    let before = findings.len();
    let (mut findings, mut of_suppressions) =
        suppression::apply(messages, at, parsed, findings, &levels);
    let suppressed = before - findings.len();
    of_suppressions.retain_mut(|finding| levels.apply(finding));
    findings.append(&mut of_suppressions);
    findings.sort_by_key(|finding| (finding.start, finding.end));
    (findings, suppressed)
}

#[cfg(test)]
mod tests;
