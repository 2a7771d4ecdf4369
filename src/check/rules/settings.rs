//! How pages are checked: the level of each rule, and what the docs' own
//! conventions are.

use std::collections::HashMap;

use super::TableTitles;
use super::outline::Outline;
use crate::page::globs::PageGlobs;
use crate::text::finding::Diagnostic;
use crate::text::rules::Rule;
use crate::text::severity::{Level, Severity};

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
    /// The pages that are read, but not checked.
    pub skipped: Skipped,
}

/// Pages that are no pages of their own: parts of others, templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Texts that the path of a page's folder holds.
    pub folders: Vec<String>,
    /// The names of pages, in whatever folder.
    pub files: Vec<String>,
}

impl Skipped {
    /// Whether a page is left out. API Doctor compares folders by a part of
    /// their path, and files by the whole name, both with case.
    pub fn has(&self, page: &str) -> bool {
        let (folder, name) = page.rsplit_once('/').unwrap_or(("", page));
        self.folders.iter().any(|part| folder.contains(&**part))
            || self.files.iter().any(|file| file == name)
    }
}

/// The levels of the rules, where they are not the rules' own.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// Those of some pages or of all; later ones win.
    sets: Vec<(Option<PageGlobs>, RuleLevels)>,
    /// Errors on pages whose path holds one of these, in whatever case, are
    /// warnings.
    pub lenient: Vec<String>,
}

/// Levels by the names of the rules.
type RuleLevels = HashMap<&'static str, Level>;

impl Levels {
    /// Adds levels for the pages that the globs name, or for all pages. They
    /// win over those that were added before.
    pub fn add(
        &mut self,
        pages: Option<PageGlobs>,
        rules: impl IntoIterator<Item = (&'static Rule, Level)>,
    ) {
        let rules = rules.into_iter().map(|(rule, level)| (rule.name, level));
        self.sets.push((pages, rules.collect()));
    }

    /// The levels on a page.
    pub fn of(&self, page: &str) -> PageLevels<'_> {
        let sets = self.sets.iter().rev().filter(|(pages, _)| {
            let pages = pages.as_ref();
            pages.is_none_or(|pages| pages.takes(page))
        });
        let is_lenient = !self.lenient.is_empty() && {
            let page = page.to_lowercase();
            let mut parts = self.lenient.iter();
            parts.any(|part| page.contains(&part.to_lowercase()))
        };
        PageLevels {
            sets: sets.map(|(_, rules)| rules).collect(),
            is_lenient,
        }
    }
}

/// The levels of the rules on one page.
#[derive(Debug)]
pub struct PageLevels<'l> {
    /// The first one that has a rule holds.
    sets: Vec<&'l RuleLevels>,
    is_lenient: bool,
}

impl PageLevels<'_> {
    fn configured(&self, rule: &Rule) -> Option<Level> {
        self.sets.iter().find_map(|set| set.get(rule.name).copied())
    }

    /// Whether a rule's findings are not looked for.
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.configured(rule).unwrap_or(rule.level) == Level::Off
    }

    /// Gives a finding the severity of its level: the configured one, or else
    /// its own. Whether it is reported.
    pub fn apply(&self, finding: &mut Diagnostic) -> bool {
        match self.configured(finding.rule) {
            Some(Level::Off) => return false,
            Some(Level::Report(severity)) => {
                finding.severity = severity;
                return true;
            }
            None if finding.rule.level == Level::Off => return false,
            None => {}
        }
        if self.is_lenient && finding.severity == Severity::Error {
            finding.severity = Severity::Warning;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::finding::FILE_START;
    use crate::text::rules::{BROKEN_LINK, LINK_CASE, ORPHAN_PAGE};

    fn globs(pattern: &str) -> PageGlobs {
        PageGlobs::new([pattern]).expect("a glob")
    }

    #[track_caller]
    fn check(levels: &Levels, page: &str, rule: &'static Rule, expected: Option<Severity>) {
        let own = Severity::Info;
        let mut finding = Diagnostic::in_file(page, rule, FILE_START, "").severity(own);
        let is_reported = levels.of(page).apply(&mut finding);
        assert_eq!(is_reported.then_some(finding.severity), expected);
    }

    #[test]
    fn the_last_level_that_names_a_page_holds() {
        let mut levels = Levels::default();
        check(&levels, "a.md", &BROKEN_LINK, Some(Severity::Info));
        check(&levels, "a.md", &ORPHAN_PAGE, None);
        levels.add(None, [(&BROKEN_LINK, Level::Report(Severity::Warning))]);
        levels.add(
            Some(globs("beta/*")),
            [
                (&BROKEN_LINK, Level::Off),
                (&ORPHAN_PAGE, Level::Report(Severity::Error)),
            ],
        );
        levels.add(
            Some(globs("beta/a")),
            [(&BROKEN_LINK, Level::Report(Severity::Error))],
        );
        check(&levels, "a.md", &BROKEN_LINK, Some(Severity::Warning));
        check(&levels, "beta/b.md", &BROKEN_LINK, None);
        check(
            &levels,
            "beta/c/b.md",
            &BROKEN_LINK,
            Some(Severity::Warning),
        );
        check(&levels, "beta/a.md", &BROKEN_LINK, Some(Severity::Error));
        check(&levels, "beta/a.md", &ORPHAN_PAGE, Some(Severity::Error));
        check(&levels, "beta/a.md", &LINK_CASE, Some(Severity::Info));
    }

    #[test]
    fn errors_of_lenient_pages_are_warnings_where_no_level_is_configured() {
        let mut levels = Levels {
            lenient: vec!["intune".to_owned()],
            ..Levels::default()
        };
        levels.add(None, [(&LINK_CASE, Level::Report(Severity::Error))]);
        let severity = |page: &str, rule: &'static Rule| {
            let mut finding = Diagnostic::in_file(page, rule, FILE_START, "");
            levels.of(page).apply(&mut finding);
            finding.severity
        };
        assert_eq!(severity("api/Intune-a.md", &BROKEN_LINK), Severity::Warning);
        assert_eq!(severity("api/Intune-a.md", &LINK_CASE), Severity::Error);
        assert_eq!(severity("api/a.md", &BROKEN_LINK), Severity::Error);
    }

    #[test]
    fn a_skipped_page_is_known_by_its_folder_or_its_name() {
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
