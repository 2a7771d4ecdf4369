//! Documented bodies and resources as JSON.

use super::{Parsed, Site};
use crate::diagnostic::Diagnostic;

/// Checks a page.
pub fn check(_: &Site<'_>, _: &Parsed<'_>, _: &mut Vec<Diagnostic>) {}
