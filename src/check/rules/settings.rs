//! The settings of a check: levels of rules, and conventions of the docs.

use super::heading_outline::Outline;
use super::table::titles::TableTitles;
use crate::check::levels::Levels;

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
}

/// Pages that are not checked, such as include files and templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Substrings of the folder's path.
    pub folders: Vec<String>,
    /// File names, in any folder.
    pub files: Vec<String>,
}

impl Skipped {
    /// Whether a page is skipped. As in API Doctor, folders match by substring
    /// and files by the whole name, with case.
    pub fn has(&self, page: &str) -> bool {
        let (folder, name) = page.rsplit_once('/').unwrap_or(("", page));
        self.folders.iter().any(|part| folder.contains(&**part))
            || self.files.iter().any(|file| file == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_pages_by_folder_or_name() {
        let skipped = Skipped {
            folders: vec!["includes".to_owned()],
            files: vec!["readme.md".to_owned()],
        };
        for (page, expected) in [
            ("includes/a.md", true),
            ("api/includes/sdk/a.md", true),
            ("api/readme.md", true),
            ("readme.md", true),
            ("api/includes.md", false),
            ("api/a-readme.md", false),
            ("readme.md/a.md", false),
        ] {
            assert_eq!(skipped.has(page), expected, "{page}");
        }
    }
}
