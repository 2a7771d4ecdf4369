//! Findings of reading pages, as a check reports them: with the levels of the
//! project and the suppressions of the page.

use super::credential;
use super::docs_files::Files;
use super::settings::Settings;
use super::site::{Parsed, Site};
use super::suppression::{self, Messages};
use crate::check::levels::Levels;
use crate::text::finding::Diagnostic;
use crate::text::rules::UNUSED_SUPPRESSION;
use crate::text::severity::Severity;
use crate::text::source::Page;

/// Applies levels and suppressions to findings about pages, sorted by file. Only
/// pages with errors are read again: other findings do not fail a run.
pub(crate) fn reported(
    findings: &[Diagnostic],
    levels: &Levels,
    read: impl Fn(&str) -> Option<Page>,
) -> Vec<Diagnostic> {
    let settings = Settings {
        levels: levels.clone(),
        ..Settings::default()
    };
    let mut reported = Vec::with_capacity(findings.len());
    for findings in findings.chunk_by(|a, b| a.file == b.file) {
        let has_error = findings.iter().any(is_error);
        match has_error.then(|| read(&findings[0].file)).flatten() {
            Some(page) => reported.extend(of_page(&page, findings.to_vec(), &settings)),
            None => reported.extend_from_slice(findings),
        }
    }
    reported
}

/// Whether a finding fails a run.
pub(crate) fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}

fn of_page(page: &Page, findings: Vec<Diagnostic>, settings: &Settings) -> Vec<Diagnostic> {
    let files = Files::default();
    let parsed = [Parsed::of(page)];
    let site = Site::new(&parsed, &files, settings);
    let (mut findings, _) = finish(&site, &Messages::new(&site), 0, findings);
    // Other suppressions are for findings of the check.
    findings.retain(|finding| finding.rule != &UNUSED_SUPPRESSION);
    findings
}

/// Adds the cases to the findings of a page, applies suppressions and levels,
/// and sorts the rest. Also returns the number of suppressed findings.
pub(super) fn finish(
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
    // Findings of disabled rules do not use up suppressions.
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
