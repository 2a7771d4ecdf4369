//! The settings of a check: levels of rules, and conventions of the docs.

use super::heading_outline::Outline;
use super::table::titles::TableTitles;
use crate::check::levels::Levels;
use crate::page::reader::Reader;
use crate::page::skipped::Skipped;

/// The settings of a check.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The levels of the rules.
    pub levels: Levels,
    /// The required keys of front matter.
    pub required_keys: Vec<String>,
    /// Site-absolute links with one of these prefixes are not checked.
    pub ignored_links: Vec<String>,
    /// The content of tables by the headings above them.
    pub tables: TableTitles,
    /// The required headings by page type.
    pub outline: Outline,
    /// The pages that are parsed but not checked.
    pub skipped: Skipped,
    /// How the pages are read.
    pub reader: Reader,
}
