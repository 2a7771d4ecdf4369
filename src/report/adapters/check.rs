//! The report of `docproof check`.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::totals::Totals;
use crate::report::basics::plural;
use crate::report::model::{
    Column, Data, Entry, EntryKind, FindingCounts, Item, ItemDetail, List, PageEntries, Place,
    Replacement, Report, RuleInfo, Status, Summary,
};
use crate::text::finding::{Diagnostic, counts};
use crate::text::rules::page_rules;
use crate::text::severity::Severity;
use crate::text::source::Page;

/// The result of a check.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    /// The findings, sorted by page.
    pub findings: &'a [Diagnostic],
    /// The names of the pages that were checked.
    pub pages: &'a [String],
    /// The counts.
    pub counts: &'a FindingCounts,
    /// What follows the counts, such as `, 2 not checked`.
    pub rest: &'a str,
}

/// The report of a check. `page` returns the page of a finding that has a fix.
pub(crate) fn report<'a, 'p>(
    check: &Check<'a>,
    page: impl Fn(&Diagnostic) -> Option<&'p Page>,
) -> Report<'a> {
    let rules = page_rules().map(|rule| RuleInfo {
        id: rule.name.into(),
        summary: rule.summary.to_owned(),
        help: Some(rule.explanation),
        level: Some(rule.level),
    });
    let errors = severity_count(check.counts, Severity::Error);
    Report {
        title: "docproof check",
        summary: summary(check),
        pages: pages(check, page),
        rules: rules.collect(),
        list: List {
            noun: "finding",
            filters: &[
                ("error", "Errors"),
                ("warning", "Warnings"),
                ("info", "Info"),
            ],
            start: if errors > 0 { "error" } else { "all" },
            columns: &[Column::Page, Column::Rule, Column::Message("Finding")],
        },
        data: Data::Items(check.counts),
    }
}

fn summary(check: &Check<'_>) -> Summary {
    let counts = check.counts;
    let count = |severity| severity_count(counts, severity);
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let pages = plural(counts.pages, "page");
    Summary {
        is_good: errors == 0,
        headline: match (errors, warnings) {
            (0, 0) if counts.pages == 0 => "No page was checked".to_owned(),
            (0, 0) => format!("No errors or warnings on {pages}"),
            (0, warnings) => format!("{} on {pages}", plural(warnings, "warning")),
            (errors, _) => format!("{} on {pages}", plural(errors, "error")),
        },
        outcome: outcome(counts),
        scope: format!("{}{}", scope(counts), check.rest),
        sentence: "Only the pages were checked; no requests were sent.".to_owned(),
        bar: vec![(Status::Fail, errors), (Status::Skip, warnings)],
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Summary::default()
    }
}

/// The pages with findings, and those without.
fn pages<'a, 'p>(
    check: &Check<'a>,
    page: impl Fn(&Diagnostic) -> Option<&'p Page>,
) -> Vec<PageEntries<'a>> {
    let groups = check.findings.chunk_by(|a, b| a.file == b.file);
    let mut pages: Vec<PageEntries<'a>> = groups
        .map(|findings| PageEntries {
            page: findings[0].file.to_string().into(),
            properties: Vec::new(),
            entries: findings
                .iter()
                .map(|finding| Entry::of_finding(item(finding, page(finding))))
                .collect(),
        })
        .collect();
    let found: BTreeSet<&str> = check.findings.iter().map(|found| &*found.file).collect();
    let clean = check.pages.iter().map(String::as_str);
    pages.extend(clean.filter(|page| !found.contains(page)).map(|page| {
        PageEntries {
            page: page.into(),
            properties: Vec::new(),
            entries: vec![Entry::new(
                EntryKind::CleanPage,
                Status::Pass,
                page,
                page,
                Place::line(page, 1),
            )]
            .into(),
        }
    }));
    pages.sort_by(|a, b| a.page.cmp(&b.page));
    pages
}

/// The item of a finding, with its fix if there is one.
fn item(finding: &Diagnostic, page: Option<&Page>) -> Item {
    let mut item = Item::from(finding);
    if let Some(page) = page {
        let edits = finding.fix.iter().map(|edit| Replacement {
            start: page.position(edit.span.start),
            end: page.position(edit.span.end),
            text: edit.text.clone(),
        });
        item.detail = ItemDetail::Fix(edits.collect());
    }
    item
}

impl FindingCounts {
    /// Counts findings on a number of pages.
    pub(crate) fn of(
        findings: &[Diagnostic],
        pages: usize,
        suppressed: usize,
        not_checked: BTreeMap<&'static str, usize>,
    ) -> Self {
        let severities = [Severity::Error, Severity::Warning, Severity::Info];
        let of = |severity| {
            let findings = findings.iter();
            findings
                .filter(|finding| finding.severity == severity)
                .count()
        };
        Self {
            pages,
            findings: findings.len(),
            severities: severities
                .into_iter()
                .map(|severity| (severity.name(), of(severity)))
                .collect(),
            rules: counts(findings),
            suppressed,
            not_checked,
            recognised: None,
            pages_without_examples: None,
        }
    }

    /// Adds what was recognised.
    pub(crate) fn with_recognised(self, totals: Option<&Totals>) -> Self {
        let pairs = |totals: &Totals| {
            let pairs = totals.pairs.iter();
            pairs.map(|(rule, count)| (rule.name(), *count)).collect()
        };
        Self {
            recognised: totals.map(pairs),
            pages_without_examples: totals.map(|totals| totals.without_examples),
            ..self
        }
    }

    /// `2 errors, 1 warning, 0 info findings on 3 pages, 1 suppressed`.
    pub(crate) fn line(&self) -> String {
        format!("{}{}", outcome(self), scope(self))
    }
}

fn severity_count(counts: &FindingCounts, severity: Severity) -> usize {
    let count = counts.severities.get(severity.name());
    count.copied().unwrap_or_default()
}

fn outcome(counts: &FindingCounts) -> String {
    let count = |severity, noun| plural(severity_count(counts, severity), noun);
    format!(
        "{}, {}, {}",
        count(Severity::Error, "error"),
        count(Severity::Warning, "warning"),
        count(Severity::Info, "info finding"),
    )
}

fn scope(counts: &FindingCounts) -> String {
    let suppressed = match counts.suppressed {
        0 => String::new(),
        count => format!(", {count} suppressed"),
    };
    let number: usize = counts.not_checked.values().sum();
    let not_checked = match number {
        0 => String::new(),
        number => {
            let reasons = counts.not_checked.iter();
            let reasons = reasons.map(|(reason, count)| format!("{count} {reason}"));
            let reasons: Vec<String> = reasons.collect();
            format!(", {number} not checked ({})", reasons.join(", "))
        }
    };
    format!(
        " on {}{suppressed}{not_checked}",
        plural(counts.pages, "page")
    )
}
