//! Rules about tables: whether they parse as written, and whether tables of
//! properties match the JSON of their resource.

mod malformed;
mod property;
pub(super) mod titles;
mod type_text;

use super::site::{Parsed, Site};
use crate::text::finding::Diagnostic;

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    malformed::check(parsed, found);
    property::check(site, parsed, found);
}
