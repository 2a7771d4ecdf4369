//! What a check says about the examples of the pages: how many were recognised, or
//! would be.

use std::num::NonZeroUsize;

use crate::check::rules::Parsed;
use crate::page::reader::{Extraction, Reader, Unannotated};
use crate::page::totals::Totals;
use crate::report::recognition;
use crate::text::parallel;

/// The examples of the checked pages.
pub(super) struct Examples {
    /// What was recognised, if examples without annotations are.
    pub totals: Option<Totals>,
    /// The number of cases.
    pub cases: usize,
    /// What is said first.
    pub line: Option<String>,
}

/// Counts the examples of pages.
pub(super) fn count(
    pages: &[&Parsed<'_>],
    reader: &Reader,
    extraction: &Extraction,
    threads: NonZeroUsize,
) -> Examples {
    let cases = pages.iter().map(|page| page.extracted.cases.len()).sum();
    if reader.recognition().is_none() {
        let line = not_read(pages, extraction, threads);
        return Examples {
            totals: None,
            cases,
            line,
        };
    }
    let totals: Totals = pages.iter().map(|it| Totals::of(&it.extracted)).collect();
    Examples {
        cases,
        line: Some(recognition::pages(&totals)),
        totals: Some(totals),
    }
}

/// The recognisable examples of pages without annotations. They are only counted if
/// fewer than half of the pages have annotations: counting reads the others again.
fn not_read(
    pages: &[&Parsed<'_>],
    extraction: &Extraction,
    threads: NonZeroUsize,
) -> Option<String> {
    let is_annotated = |page: &&&Parsed<'_>| page.is_annotated();
    let annotated = pages.iter().filter(is_annotated).count();
    let is_counted = extraction.unannotated == Unannotated::Auto && annotated * 2 < pages.len();
    if !is_counted {
        return None;
    }
    let others = pages.iter().filter(|page| !page.is_annotated());
    let others: Vec<&Parsed<'_>> = others.copied().collect();
    let reader = extraction.reader_if(|| true);
    let found = parallel::map(&others, threads, |page| {
        Totals::of(&reader.extract(page.page))
    });
    let totals: Totals = found.into_iter().collect();
    let has_some = totals.examples() > 0;
    has_some.then(|| recognition::not_read(annotated, pages.len(), &totals))
}
