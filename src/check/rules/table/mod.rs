//! Tables: whether they are read as they are written, and whether those of a
//! resource's properties say what its JSON says.

mod malformed;
mod property;
mod titles;
mod type_text;

use super::{Parsed, Site};
use crate::text::finding::Diagnostic;
pub(crate) use titles::{TableKind, TableTitles};

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    malformed::check(parsed, found);
    property::check(site, parsed, found);
}
