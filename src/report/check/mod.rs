//! The findings of `docproof check`, in the formats of other tools.

mod html;
pub(crate) mod json;
mod junit;
mod markdown;
mod sarif;
mod tap;

use super::github::{self, Annotation};
use super::{Format, ReportError};
use crate::text::finding::Diagnostic;
use crate::text::source::Page;
use json::Summary;

/// What a check came to.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    /// The findings, sorted by page.
    pub findings: &'a [Diagnostic],
    /// The names of the pages that were checked.
    pub pages: &'a [String],
    /// The counts.
    pub summary: &'a Summary<'a>,
    /// The counts in words.
    pub counts: &'a str,
}

impl Check<'_> {
    /// Whether nothing is wrong.
    fn is_good(&self) -> bool {
        let errors = self.summary.severities.get("error");
        errors.copied().unwrap_or_default() == 0
    }
}

/// A check in a format. `page` gives the text of the file of a finding that has
/// a fix.
pub(crate) fn report<'p>(
    format: Format,
    check: &Check<'_>,
    page: impl Fn(&Diagnostic) -> Option<&'p Page>,
) -> Result<String, ReportError> {
    Ok(match format {
        Format::Json => json::lines(check.findings, check.summary),
        Format::Junit => junit::report(check.pages.iter().map(String::as_str), check.findings)?,
        Format::Sarif => sarif::report(check.findings, page),
        Format::Github => {
            let annotations: Vec<Annotation> = check.findings.iter().map(Annotation::of).collect();
            github::report(&annotations)
        }
        Format::Tap => tap::report(check),
        Format::Markdown => markdown::report(check),
        Format::Html => html::report(check)?,
    })
}
