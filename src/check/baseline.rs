//! A baseline: a file with the current findings, so that only new findings fail
//! the check.
//!
//! A finding is identified by its page, its rule, its case or heading, and a
//! hash of its text: lines may move, and messages may change. The file has one
//! JSON entry per line, sorted, which merges well.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::page::markdown::{self, Document};
use crate::text::digest::sha256;
use crate::text::finding::Diagnostic;
use crate::text::parallel;
use crate::text::severity::Severity;
use crate::text::source::Page;

/// Identity of a finding across runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Key {
    /// The path of the page, relative to the docs root.
    pub page: String,
    /// The rule's name.
    pub rule: String,
    /// The id of the case, or the heading in Markdown; empty above the first
    /// heading.
    pub at: String,
    /// The first 16 hexadecimal digits of SHA-256 of the text.
    pub hash: String,
}

/// The entry of a key: number of findings, date, owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frozen {
    /// The number of findings.
    pub count: usize,
    /// The date of the entry, `YYYY-MM-DD`.
    pub since: String,
    /// The `author` of the page's front matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    frozen: Frozen,
}

/// The findings in a baseline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Baseline(BTreeMap<Key, Frozen>);

/// An invalid line of a baseline file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {message}")]
pub(crate) struct LineError {
    /// The line, from 1.
    pub line: usize,
    /// The error.
    pub message: String,
}

/// The identity of a finding and the owner of its page. Info findings have
/// none, because they do not fail the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its key.
    pub key: Key,
    /// The author of the page.
    pub owner: Option<String>,
}

/// The findings of a run compared with a baseline.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// The findings that are not in the baseline, including info findings.
    pub fresh: Vec<Diagnostic>,
    /// The number of findings in the baseline.
    pub frozen: usize,
    /// The entries that were not found any more, with their number.
    pub gone: Vec<(Key, usize)>,
}

impl Baseline {
    /// Parses a file. Duplicate entries, as after a merge, are combined: the
    /// older date and the larger number.
    pub(crate) fn parse(text: &str) -> Result<Self, LineError> {
        let mut entries: BTreeMap<Key, Frozen> = BTreeMap::new();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let Line { key, frozen } = serde_json::from_str(line).map_err(|error| LineError {
                line: at + 1,
                message: error.to_string(),
            })?;
            entries
                .entry(key)
                .and_modify(|known| {
                    known.count = known.count.max(frozen.count);
                    if frozen.since < known.since {
                        known.since.clone_from(&frozen.since);
                    }
                })
                .or_insert(frozen);
        }
        Ok(Self(entries))
    }

    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let line = |(key, frozen): (&Key, &Frozen)| {
            let (key, frozen) = (key.clone(), frozen.clone());
            let line = serde_json::to_string(&Line { key, frozen });
            line.expect("strings and numbers are JSON") + "\n"
        };
        self.0.iter().map(line).collect()
    }

    /// The number of findings in the baseline.
    pub(crate) fn count(&self) -> usize {
        self.0.values().map(|frozen| frozen.count).sum()
    }

    /// Removes the findings that are in the baseline. If there are more equal
    /// findings than in the baseline, the last ones are new. Entries of pages
    /// that were not checked are kept.
    pub(crate) fn compare(
        &self,
        findings: Vec<Diagnostic>,
        known: &[Option<Identity>],
        is_checked: impl Fn(&str) -> bool,
    ) -> Compared {
        let counts = self.0.iter().map(|(key, frozen)| (key, frozen.count));
        let mut left: BTreeMap<&Key, usize> = counts.collect();
        let mut compared = Compared::default();
        for (finding, known) in findings.into_iter().zip(known) {
            let count = known.as_ref().and_then(|known| left.get_mut(&known.key));
            match count.filter(|count| **count > 0) {
                Some(count) => {
                    *count -= 1;
                    compared.frozen += 1;
                }
                None => compared.fresh.push(finding),
            }
        }
        let gone = left.into_iter();
        compared.gone = gone
            .filter(|(key, count)| *count > 0 && is_checked(&key.page))
            .map(|(key, count)| (key.clone(), count))
            .collect();
        compared
    }

    /// Creates a baseline of the current findings. Existing entries keep their
    /// date, and entries of pages that were not checked are kept.
    #[must_use]
    pub(crate) fn refreeze(
        &self,
        known: &[Option<Identity>],
        today: &str,
        is_checked: impl Fn(&str) -> bool,
    ) -> Self {
        let mut entries: BTreeMap<Key, Frozen> = BTreeMap::new();
        for known in known.iter().flatten() {
            let before = self.0.get(&known.key);
            let frozen = entries.entry(known.key.clone()).or_insert_with(|| Frozen {
                count: 0,
                since: before.map_or_else(|| today.to_owned(), |before| before.since.clone()),
                owner: known.owner.clone(),
            });
            frozen.count += 1;
        }
        let kept = self.0.iter().filter(|(key, _)| !is_checked(&key.page));
        entries.extend(kept.map(|(key, frozen)| (key.clone(), frozen.clone())));
        Self(entries)
    }
}

/// The identities of errors and warnings. The findings are grouped by page.
pub(crate) fn identities(
    pages: &[Page],
    findings: &[Diagnostic],
    threads: NonZeroUsize,
) -> Vec<Option<Identity>> {
    let of_pages: Vec<&[Diagnostic]> = findings.chunk_by(|a, b| a.file == b.file).collect();
    let results = parallel::map(&of_pages, threads, |findings| {
        let path = &findings[0].file;
        let page = pages.binary_search_by(|page| page.path.cmp(path));
        let page = page.ok().map(|at| &pages[at]);
        let document = page.map(|page| markdown::document(page).0);
        let about = page.zip(document.as_ref());
        let owner = about.and_then(|(page, document)| author(page, document));
        let known = |finding: &Diagnostic| {
            (finding.severity != Severity::Info).then(|| Identity {
                key: key(about, finding),
                owner: owner.clone(),
            })
        };
        findings.iter().map(known).collect::<Vec<_>>()
    });
    results.into_iter().flatten().collect()
}

fn key(about: Option<(&Page, &Document<'_>)>, finding: &Diagnostic) -> Key {
    let place = about.zip(finding.span);
    let heading = || {
        let ((_, document), span) = place?;
        let headings = &document.headings;
        let at = headings.partition_point(|heading| heading.span.start <= span.start);
        let heading = headings.get(at.checked_sub(1)?)?;
        Some(format!(
            "{} {}",
            "#".repeat(heading.level),
            heading.text.trim()
        ))
    };
    let at = finding.case.clone().or_else(heading).unwrap_or_default();
    let text = match place {
        None => "",
        // Empty span: use the whole line.
        Some(((page, _), span)) if span.start == span.end => {
            page.slice(page.line_span(page.line(span.start)))
        }
        Some(((page, _), span)) => page.slice(span),
    };
    let mut hashed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        hashed += word;
        hashed += " ";
    }
    // For a missing item the text is not unique, so the quoted names in the
    // message are added, except line numbers.
    let is_place = |quoted: &str| {
        quoted.rsplit(':').next().is_some_and(|last| {
            quoted.contains(':') && last.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let quoted = finding.message.split('`').skip(1).step_by(2);
    for quoted in quoted.filter(|quoted| !is_place(quoted)) {
        hashed += "`";
        hashed += quoted;
    }
    let digest = sha256(hashed.as_bytes());
    let hash = digest[..8].iter().map(|byte| format!("{byte:02x}"));
    Key {
        page: finding.file.to_string(),
        rule: finding.rule.name.to_owned(),
        at,
        hash: hash.collect(),
    }
}

/// The `author` of a page's front matter.
fn author(page: &Page, document: &Document<'_>) -> Option<String> {
    let mut lines = page.slice(document.front_matter?).lines();
    let author = lines.find_map(|line| line.strip_prefix("author:"))?;
    let author = author.trim().trim_matches(['"', '\'']).trim();
    (!author.is_empty()).then(|| author.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::rules::{BROKEN_LINK, NULL_VALUE, Rule};
    use crate::text::source::Span;

    /// A finding at each occurrence of a word.
    fn found(page: &Page, rule: &'static Rule, word: &str) -> Vec<Diagnostic> {
        let places = page.text.match_indices(word);
        let at = |(start, word): (usize, &str)| {
            let span = Span::new(start, start + word.len());
            Diagnostic::at(
                page,
                rule,
                span,
                format!("`{word}`, as on line `a.md:{start}`"),
            )
        };
        places.map(at).collect()
    }

    fn known_on(text: &str, word: &str) -> (Vec<Diagnostic>, Vec<Option<Identity>>) {
        let pages = [Page::new("a.md", text.to_owned())];
        let findings = found(&pages[0], &BROKEN_LINK, word);
        let known = identities(&pages, &findings, NonZeroUsize::MIN);
        (findings, known)
    }

    fn frozen(text: &str, word: &str) -> Baseline {
        Baseline::default().refreeze(&known_on(text, word).1, "2026-01-02", |_| true)
    }

    /// Checks the number of new, known and fixed findings after a change of a
    /// page.
    #[track_caller]
    fn check(before: &str, after: &str, word: &str, expected: [usize; 3]) {
        let (findings, known) = known_on(after, word);
        let compared = frozen(before, word).compare(findings, &known, |_| true);
        let gone = compared.gone.iter().map(|(_, count)| count).sum();
        assert_eq!([compared.fresh.len(), compared.frozen, gone], expected);
    }

    #[test]
    fn recognizes_findings_after_changes() {
        check("# A\n\nX\n", "# A\n\nX\n", "X", [0, 1, 0]);
        check(
            "# A\n\nX\n",
            "More.\n\n# A\n\nmore\n\n- X\n",
            "X",
            [0, 1, 0],
        );
        check("# A\n\nX y\n", "# A\n\nX\ny\n", "y", [0, 1, 0]);
        // Another heading, and another heading level.
        check("# A\n\nX\n", "# B\n\nX\n", "X", [1, 0, 1]);
        check("# A\n\nX\n", "## A\n\nX\n", "X", [1, 0, 1]);
        check("# A\n\nX X\n", "# A\n\nX X X\n", "X", [1, 2, 0]);
        check("# A\n\nX X\n", "# A\n\nX\n", "X", [0, 1, 1]);
        check("# A\n\nX\n", "# A\n", "X", [0, 0, 1]);
        check("", "X\n", "X", [1, 0, 0]);
    }

    #[test]
    fn distinguishes_findings_by_rule_case_and_text() {
        let page = Page::new("a.md", "X Y\n".to_owned());
        let one = &found(&page, &BROKEN_LINK, "X")[0];
        let key_of = |finding: &Diagnostic| {
            let document = markdown::document(&page).0;
            key(Some((&page, &document)), finding)
        };
        assert_eq!(key_of(one), key_of(&one.clone()));
        assert_ne!(key_of(one), key_of(&found(&page, &NULL_VALUE, "X")[0]));
        assert_ne!(key_of(one), key_of(&found(&page, &BROKEN_LINK, "Y")[0]));
        let mut of_case = one.clone();
        of_case.case = Some("a::b".to_owned());
        assert_eq!(key_of(&of_case).at, "a::b");
        let mut missing = one.clone();
        missing.message = "`Z` is missing".to_owned();
        assert_ne!(key_of(one).hash, key_of(&missing).hash);
    }

    #[test]
    fn file_keeps_dates_and_owners() {
        let text = "---\ntitle: a\nauthor: \"ann\"\n---\n# A\n\nX X Y\n";
        let before = frozen(text, "X");
        let line = before.text();
        let start = "{\"page\":\"a.md\",\"rule\":\"broken-link\",\"at\":\"# A\",\"hash\":\"";
        assert!(line.starts_with(start), "{line}");
        let end = "\",\"count\":2,\"since\":\"2026-01-02\",\"owner\":\"ann\"}\n";
        assert!(line.ends_with(end), "{line}");
        assert_eq!(Baseline::parse(&line), Ok(before.clone()));
        let both = known_on(text, "X")
            .1
            .into_iter()
            .chain(known_on(text, "Y").1);
        let both: Vec<_> = both.collect();
        let after = before.refreeze(&both, "2026-03-04", |_| true);
        let days: Vec<&str> = after.0.values().map(|frozen| &*frozen.since).collect();
        assert_eq!(after.count(), 3);
        assert!(days.contains(&"2026-01-02") && days.contains(&"2026-03-04"));
        // Entries of pages that are not checked are kept.
        assert_eq!(
            before.refreeze(&[], "2026-03-04", |page| page != "a.md"),
            before
        );
        assert_eq!(
            before.refreeze(&[], "2026-03-04", |_| true),
            Baseline::default()
        );
        assert!(before.compare(Vec::new(), &[], |_| false).gone.is_empty());
    }

    #[test]
    fn reads_merged_files_and_reports_conflicts() {
        let line = |count: usize, day: &str| {
            format!(
                "{{\"page\":\"a.md\",\"rule\":\"r\",\"at\":\"\",\"hash\":\"0\",\"count\":{count},\"since\":\"{day}\"}}\n"
            )
        };
        let merged = line(2, "2026-01-02") + "\n" + &line(1, "2026-01-01");
        let merged = Baseline::parse(&merged).expect("a baseline");
        assert_eq!(merged.text(), line(2, "2026-01-01"));
        let conflict = line(1, "2026-01-02") + "<<<<<<< ours\n";
        let error = Baseline::parse(&conflict).expect_err("no baseline");
        assert_eq!(error.line, 2);
    }

    #[test]
    fn info_findings_are_not_in_the_baseline() {
        let pages = [Page::new("a.md", "X\n".to_owned())];
        let findings = found(&pages[0], &BROKEN_LINK, "X");
        let info = findings[0].clone().severity(Severity::Info);
        assert_eq!(identities(&pages, &[info], NonZeroUsize::MIN), [None]);
    }
}
