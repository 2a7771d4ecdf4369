//! How pages are checked: the level of each rule, and what the docs' own
//! conventions are.

use super::TableTitles;
use super::outline::Outline;
use crate::diagnostic::{Diagnostic, Level};

/// How pages are checked.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The levels of the rules.
    pub levels: Levels,
    /// The keys that front matter has to have.
    pub required_keys: Vec<String>,
    /// Site-absolute links that begin with one of these are not looked at.
    pub ignored_links: Vec<String>,
    /// What tables list, by the headings above them.
    pub tables: TableTitles,
    /// The headings that pages have to have.
    pub outline: Outline,
}

/// The levels of the rules, where they are not the rules' own.
#[derive(Debug, Clone, Default)]
pub struct Levels {}

impl Levels {
    /// Gives a finding the severity of its level. Whether it is reported.
    pub fn apply(&self, finding: &mut Diagnostic) -> bool {
        finding.rule.level != Level::Off
    }
}
