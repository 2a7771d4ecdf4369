//! The rules by their names.

use crate::diagnostic::{Family, RULES, Rule};

/// The rules that a check of pages knows.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES
        .iter()
        .copied()
        .filter(|rule| rule.family != Family::Project)
}
