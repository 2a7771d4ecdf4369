//! For each rule a page that explains it, with an example that breaks it and
//! one that does not.

use crate::diagnostic::{RULES, Rule};

/// A rule by its name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.name == name)
}
