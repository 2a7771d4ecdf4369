//! Findings that the page itself silences.

use super::Parsed;
use crate::diagnostic::Diagnostic;

/// Takes out the findings that the page suppresses. Also returns what there is
/// to say of the suppressions themselves.
pub fn apply(_: &Parsed<'_>, findings: Vec<Diagnostic>) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    (findings, Vec::new())
}
