//! Pages, and what is found on them of HTTP and of their structure.

use std::num::NonZeroUsize;

use super::{Files, Settings};
use crate::diagnostic::Family;
use crate::source::Page;

/// Checks that a page has findings of these rules at these texts, and no other
/// of their families.
#[track_caller]
pub fn check(text: &str, expected: &[(&str, &str)]) {
    check_with(&Settings::default(), text, expected);
}

/// The same, by other settings.
#[track_caller]
pub fn check_with(settings: &Settings, text: &str, expected: &[(&str, &str)]) {
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
