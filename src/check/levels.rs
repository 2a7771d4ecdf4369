//! The configured levels of rules.

use std::collections::HashMap;

use crate::page::globs::PageGlobs;
use crate::text::finding::Diagnostic;
use crate::text::rules::Rule;
use crate::text::severity::{Level, Severity};

/// The configured levels of rules.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// Levels for some or all pages; later entries win.
    sets: Vec<(Option<PageGlobs>, RuleLevels)>,
    /// Errors are downgraded to warnings on pages whose path contains one of
    /// these, ignoring case.
    pub lenient: Vec<String>,
    /// Whether warnings are errors.
    pub deny_warnings: bool,
}

/// Levels by rule name.
type RuleLevels = HashMap<&'static str, Level>;

impl Levels {
    /// Adds levels for the pages that match the globs, or for all pages. They
    /// override levels added before.
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
            deny_warnings: self.deny_warnings,
        }
    }
}

/// The levels of the rules on one page.
#[derive(Debug)]
pub struct PageLevels<'l> {
    /// The first set that contains a rule wins.
    sets: Vec<&'l RuleLevels>,
    is_lenient: bool,
    deny_warnings: bool,
}

impl PageLevels<'_> {
    fn configured(&self, rule: &Rule) -> Option<Level> {
        self.sets.iter().find_map(|set| set.get(rule.name).copied())
    }

    /// Whether a rule is off.
    pub fn is_off(&self, rule: &Rule) -> bool {
        self.configured(rule).unwrap_or(rule.level) == Level::Off
    }

    /// Sets the severity of a finding to the configured level, if any. Returns
    /// whether the finding is reported.
    pub fn apply(&self, finding: &mut Diagnostic) -> bool {
        match self.configured(finding.rule) {
            Some(Level::Off) => return false,
            Some(Level::Report(severity)) => finding.severity = severity,
            None if finding.rule.level == Level::Off => return false,
            None if self.is_lenient && finding.severity == Severity::Error => {
                finding.severity = Severity::Warning;
            }
            None => {}
        }
        if self.deny_warnings && finding.severity == Severity::Warning {
            finding.severity = Severity::Error;
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
    fn last_matching_level_wins() {
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
    fn downgrades_errors_of_lenient_pages_without_configured_level() {
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
    fn denied_warnings_are_errors() {
        let mut levels = Levels {
            lenient: vec!["intune".to_owned()],
            deny_warnings: true,
            ..Levels::default()
        };
        levels.add(None, [(&LINK_CASE, Level::Report(Severity::Info))]);
        levels.add(None, [(&ORPHAN_PAGE, Level::Report(Severity::Warning))]);
        check(&levels, "a.md", &ORPHAN_PAGE, Some(Severity::Error));
        check(&levels, "a.md", &LINK_CASE, Some(Severity::Info));
        check(&levels, "a.md", &BROKEN_LINK, Some(Severity::Info));
        let mut finding = Diagnostic::in_file("intune.md", &BROKEN_LINK, FILE_START, "");
        levels.of("intune.md").apply(&mut finding);
        assert_eq!(finding.severity, Severity::Error);
    }
}
