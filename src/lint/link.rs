//! Links, anchors, images and includes.

use super::{Parsed, Site};
use crate::diagnostic::Diagnostic;

/// Checks a page.
pub fn check(_: &Site<'_>, _: &Parsed<'_>, _: &mut Vec<Diagnostic>) {}

/// Checks what only all pages show together.
pub fn check_site(_: &Site<'_>) -> Vec<Diagnostic> {
    Vec::new()
}
