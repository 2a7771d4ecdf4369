//! Helpers for the unit tests of rules.

use std::num::NonZeroUsize;

use super::docs_files::Files;
use super::settings::Settings;
use super::site::{Parsed, Site};
use crate::text::finding::Diagnostic;
use crate::text::rules::Family;
use crate::text::source::Page;

/// The findings of one check on a single page.
pub(super) fn found(
    check: fn(&Site<'_>, &Parsed<'_>, &mut Vec<Diagnostic>),
    page: &Page,
) -> Vec<Diagnostic> {
    let (files, settings) = (Files::default(), Settings::default());
    let pages = [Parsed::of(page)];
    let site = Site::new(&pages, &files, &settings);
    let mut found = Vec::new();
    check(&site, &site.pages[0], &mut found);
    found
}

/// Checks the HTTP and structure findings of a page: rules and texts.
#[track_caller]
pub(super) fn check(text: &str, expected: &[(&str, &str)]) {
    check_with(&Settings::default(), text, expected);
}

/// Like `check`, with other settings.
#[track_caller]
pub(super) fn check_with(settings: &Settings, text: &str, expected: &[(&str, &str)]) {
    let pages = [Page::new("a.md", text.to_owned())];
    let files = Files::new(["a.md".to_owned()]);
    let checked = super::check(&pages, &files, settings, |_| true, NonZeroUsize::MIN);
    let found: Vec<_> = checked
        .findings
        .iter()
        .filter(|finding| [Family::Http, Family::Structure].contains(&finding.rule.family))
        .map(|finding| {
            let span = finding.span.expect("a span");
            (finding.rule.name, pages[0].slice(span))
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}
