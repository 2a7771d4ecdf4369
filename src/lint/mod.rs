//! What a page says, proved without a service: one function a rule or a few
//! that belong together, one file a family.
//!
//! All pages are read first, as links, resources and includes lead from page
//! to page ([`Site`]). Then each page that is wanted is checked by itself
//! ([`PAGE_CHECKS`]), and what only all of them show together once
//! ([`SITE_CHECKS`]). Levels and suppressions come last, so that a rule need not
//! know of them.

mod annotation;
mod rules;
mod http;
mod json;
mod link;
mod mend;
mod media;
pub mod outline;
mod pairing;
mod schema;
mod secret;
pub mod settings;
mod site;
mod structure;
mod suppression;
mod table;

use std::num::NonZeroUsize;

use crate::diagnostic::Diagnostic;
use crate::parallel;
use crate::source::Page;
pub use mend::mend;
pub use rules::rules;
pub use settings::Settings;
pub use site::{Files, Parsed, Site};
pub use table::{TableKind, TableTitles};

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
    let parsed = parallel::map(pages, threads, Parsed::of);
    let site = Site::new(parsed, files, settings);
    let mut together: Vec<Diagnostic> = SITE_CHECKS
        .iter()
        .flat_map(|check| check(&site))
        .filter(|finding| wanted(&finding.file))
        .collect();
    // So that each page finds its own at once.
    together.sort_by(|a, b| a.file.cmp(&b.file));
    let results = parallel::map(&site.pages, threads, |parsed| {
        if !wanted(&parsed.page.path) {
            return (Vec::new(), 0);
        }
        let mut findings = parsed.diagnostics.clone();
        for check in PAGE_CHECKS {
            check(&site, parsed, &mut findings);
        }
        let from = together.partition_point(|finding| finding.file < parsed.page.path);
        let of_page = together[from..]
            .iter()
            .take_while(|finding| finding.file == parsed.page.path);
        findings.extend(of_page.cloned());
        finish(&site, parsed, findings)
    });
    let mut checked = Checked::default();
    for (findings, suppressed) in results {
        checked.findings.extend(findings);
        checked.suppressed += suppressed;
    }
    checked
}

/// Names the cases of a page's findings, applies its suppressions and the
/// levels, and sorts what is left. Also returns how many were suppressed.
fn finish(
    site: &Site<'_>,
    parsed: &Parsed<'_>,
    mut findings: Vec<Diagnostic>,
) -> (Vec<Diagnostic>, usize) {
    for finding in &mut findings {
        if finding.case.is_none() {
            finding.case = finding.span.and_then(|span| parsed.case_at(span));
        }
    }
    findings.sort_by(|a, b| {
        (a.start, a.end, a.rule.name, &a.message).cmp(&(b.start, b.end, b.rule.name, &b.message))
    });
    findings.dedup();
    secret::mask(parsed.page, &mut findings);
    let before = findings.len();
    let (mut findings, of_suppressions) = suppression::apply(parsed, findings);
    let suppressed = before - findings.len();
    findings.extend(of_suppressions);
    findings.retain_mut(|finding| site.settings.levels.apply(finding));
    findings.sort_by_key(|finding| (finding.start, finding.end));
    (findings, suppressed)
}

#[cfg(test)]
mod tests;
