//! Tables of parameters, headers, properties and permissions.

use super::{Parsed, Site};
use crate::diagnostic::Diagnostic;

/// Checks a page.
pub fn check(_: &Site<'_>, _: &Parsed<'_>, _: &mut Vec<Diagnostic>) {}
