//! The report of a command: the adapters build it, the writers only read it.
//!
//! A [`Report`] has a [`Summary`] and, page by page, its entries. An [`Entry`]
//! is a case or a finding; an [`Item`] is one thing that is wrong with it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display};

use serde::Serialize;

use super::record::{DiffRecord, Excerpt, ExchangeRecord, OutcomeName, RunRecord};
use crate::text::finding::Diagnostic;
use crate::text::severity::{Level, Severity};
use crate::text::source::Position;

/// The report of one run of a command.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The command, such as `docproof test`.
    pub title: &'static str,
    /// Counts, notes and verdict of the whole run.
    pub summary: Summary,
    /// The entries, grouped by page.
    pub pages: Vec<PageEntries<'a>>,
    /// The rules that items refer to.
    pub rules: Vec<RuleInfo<'a>>,
    /// How the list of entries is presented.
    pub list: List,
    /// What the JSON report is written from.
    pub data: Data<'a>,
}

impl<'a> Report<'a> {
    /// The entries of all pages.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.pages.iter().flat_map(|page| page.entries.iter())
    }

    /// The items of all entries, each with its entry.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&Entry<'a>, &Item)> {
        let entries = self.entries();
        entries.flat_map(|entry| entry.items.iter().map(move |item| (entry, item)))
    }
}

/// The result of the whole run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Whether the command succeeded and nothing is missing.
    pub is_good: bool,
    /// The outcome as a heading.
    pub headline: String,
    /// The outcome in numbers, such as `16 passed, 1 failed, 0 skipped`.
    pub outcome: String,
    /// What follows the outcome, such as ` of 17 cases on 2 pages in 0.31 s`.
    pub scope: String,
    /// What the run proves, in one or two words.
    pub label: Option<&'static str>,
    /// What the run proves, as a sentence.
    pub sentence: String,
    /// Remarks on the run, without a final stop.
    pub notes: Vec<Note>,
    /// Names and values.
    pub facts: Vec<(&'static str, String)>,
    /// The proportions of a bar: a status and its count.
    pub bar: Vec<(Status, usize)>,
    /// Tables of counts.
    pub tables: Vec<Table>,
    /// Lists for the terminal, which has no room for the entries.
    pub sections: Vec<Section>,
    /// The duration in milliseconds.
    pub ms: Option<f64>,
    /// The test of the run as a whole.
    pub total: Option<Total>,
    /// The version of docproof that did the run.
    pub version: String,
}

impl Summary {
    /// The outcome with its scope, on one line.
    pub(crate) fn counts(&self) -> String {
        format!("{}{}", self.outcome, self.scope)
    }

    /// The summary as plain lines, for logs.
    pub(crate) fn log(&self) -> Vec<String> {
        let mut lines = vec![self.counts()];
        lines.extend(self.notes.iter().map(|note| note.text.clone()));
        if !self.sentence.is_empty() {
            lines.push(self.sentence.clone());
        }
        lines
    }
}

/// A note on the run.
#[derive(Debug)]
pub(crate) struct Note {
    /// Who needs to see it.
    pub weight: Weight,
    /// The note, without a final stop.
    pub text: String,
}

/// Who needs to see a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Only readers of a log: other formats show it in their own way.
    Log,
    /// Readers of a full summary.
    Info,
    /// Everybody who judges the result.
    Warning,
    /// Everybody: a part of the docs was not tested.
    Failure,
}

/// A table of counts.
#[derive(Debug)]
pub(crate) struct Table {
    /// The caption.
    pub title: &'static str,
    /// The headings of the columns.
    pub columns: &'static [&'static str],
    /// The rows, one cell per column.
    pub rows: Vec<Vec<Cell>>,
    /// Whether its texts are too long for a terminal.
    pub is_wide: bool,
}

impl Table {
    /// Whether a column has numbers.
    pub(crate) fn is_number(&self, column: usize) -> bool {
        let first = self.rows.first().and_then(|row| row.get(column));
        matches!(first, Some(Cell::Number(_)))
    }
}

/// A cell of a table.
#[derive(Debug)]
pub(crate) enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(usize),
}

/// A list under a heading.
#[derive(Debug)]
pub(crate) struct Section {
    /// The heading.
    pub title: String,
    /// What follows the heading on its line.
    pub text: String,
    /// Whether the list is of failures.
    pub is_bad: bool,
    /// The entries of the list.
    pub lines: Vec<String>,
}

/// The test of the run as a whole, beside those of the cases.
#[derive(Debug)]
pub(crate) struct Total {
    /// What is tested.
    pub name: &'static str,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Names and values.
    pub properties: Vec<(&'static str, String)>,
}

/// The entries of a page.
#[derive(Debug)]
pub(crate) struct PageEntries<'a> {
    /// The page.
    pub page: Cow<'a, str>,
    /// Names and values.
    pub properties: Vec<(&'static str, String)>,
    /// The entries, by line.
    pub entries: Cow<'a, [Entry<'a>]>,
}

/// The result of a case, or a finding.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// What the entry stands for.
    pub kind: EntryKind,
    /// The result.
    pub status: Status,
    /// The id of the case, or the rule of the finding.
    pub id: Cow<'a, str>,
    /// The page.
    pub page: Cow<'a, str>,
    /// Where the case or the finding starts.
    pub place: Place,
    /// The documented method and target of a case.
    pub request: Option<(Cow<'a, str>, Cow<'a, str>)>,
    /// Why the case was skipped.
    pub skip: Option<Skip>,
    /// The duration in milliseconds.
    pub ms: Option<f64>,
    /// What is wrong.
    pub items: Vec<Item>,
    /// What to do about the errors.
    pub help: Option<Cow<'a, str>>,
    /// Labelled notes.
    pub notes: Vec<(Cow<'a, str>, String)>,
    /// Names and values for tools.
    pub properties: Vec<(&'static str, String)>,
    /// Classes by which the list is filtered, with the badge that shows them.
    pub tags: Vec<Tag>,
    /// The results of earlier runs, the oldest first.
    pub past: Vec<OutcomeName>,
    /// The earlier attempts of this run.
    pub attempts: Attempts,
    /// The actual response compared with the documented and the accepted one.
    pub diffs: &'a [DiffRecord],
    /// The request that was sent and its response.
    pub exchange: Option<&'a ExchangeRecord>,
    /// A command that repeats the request.
    pub curl: Option<&'a str>,
}

impl<'a> Entry<'a> {
    /// An entry with only these facts.
    pub(crate) fn new(
        kind: EntryKind,
        status: Status,
        id: impl Into<Cow<'a, str>>,
        page: impl Into<Cow<'a, str>>,
        place: Place,
    ) -> Self {
        Self {
            kind,
            status,
            id: id.into(),
            page: page.into(),
            place,
            request: None,
            skip: None,
            ms: None,
            items: Vec::new(),
            help: None,
            notes: Vec::new(),
            properties: Vec::new(),
            tags: Vec::new(),
            past: Vec::new(),
            attempts: Attempts::default(),
            diffs: &[],
            exchange: None,
            curl: None,
        }
    }

    /// The entry of a finding.
    pub(crate) fn of_finding(item: Item) -> Self {
        let status = match item.severity {
            Severity::Error => Status::Fail,
            Severity::Warning | Severity::Info => Status::Pass,
        };
        let (id, page) = (item.rule.clone(), item.place.file.clone());
        let mut entry = Self::new(EntryKind::Finding, status, id, page, item.place.clone());
        entry.items.push(item);
        entry
    }

    /// The items that made the entry fail.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Item> {
        let items = self.items.iter();
        items.filter(|item| item.severity == Severity::Error)
    }

    /// Where to look first: at the first error, else at the entry itself.
    pub(crate) fn first_place(&self) -> &Place {
        let first = self.errors().next();
        let first = first.or_else(|| self.attempts.failures().map(|(_, item)| item).next());
        first.map_or(&self.place, |item| &item.place)
    }

    /// What to do about an item of the entry.
    pub(crate) fn help_for<'i>(&'i self, item: &'i Item) -> Option<&'i str> {
        let of_entry = || {
            let help = self.help.as_deref();
            help.filter(|_| item.severity == Severity::Error)
        };
        item.help.as_deref().or_else(of_entry)
    }
}

/// What an entry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A case that was tested.
    Case,
    /// A case whose response was mutated.
    MutatedCase,
    /// A finding.
    Finding,
    /// A page without findings.
    CleanPage,
}

/// The result of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing is wrong.
    Pass,
    /// Something is wrong.
    Fail,
    /// Not judged.
    Skip,
}

impl Status {
    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

impl From<OutcomeName> for Status {
    fn from(outcome: OutcomeName) -> Self {
        match outcome {
            OutcomeName::Pass => Self::Pass,
            OutcomeName::Fail => Self::Fail,
            OutcomeName::Skip => Self::Skip,
        }
    }
}

/// Why an entry was skipped.
#[derive(Debug, Clone)]
pub(crate) struct Skip {
    /// The reason in kebab case.
    pub reason: String,
    /// What it refers to; may be empty.
    pub detail: String,
}

impl Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

/// A class of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The class, if the list can be filtered by it.
    pub class: Option<&'static str>,
    /// What is shown beside the name.
    pub badge: Option<&'static str>,
}

/// The attempts before the last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts {
    /// Whether the case passed after it had failed.
    pub is_flaky: bool,
    /// `failed 2 of 3 times`, if there was more than one attempt.
    pub tally: Option<String>,
    /// The attempts.
    pub list: Vec<Attempt>,
}

impl Attempts {
    /// The number of each failed attempt, from 1, with what was wrong.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (usize, &Item)> {
        let numbered = (1..).zip(&self.list);
        numbered.flat_map(|(number, attempt)| attempt.items.iter().map(move |item| (number, item)))
    }
}

/// An attempt before the last.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// The result.
    pub status: Status,
    /// The duration in milliseconds.
    pub ms: f64,
    /// What was wrong.
    pub items: Vec<Item>,
}

/// One thing that is wrong: a finding, a difference, a missed mutant or a false
/// alarm.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// The rule of a finding, the kind of a difference or mutant.
    pub rule: Cow<'static, str>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The lines of the page.
    pub excerpt: Option<Excerpt>,
    /// What is written at the marked part of the lines.
    pub mark: Option<String>,
    /// The id of the case.
    pub case: Option<String>,
    /// What only items of its kind have.
    pub detail: ItemDetail,
}

/// What only some items have.
#[derive(Debug, Clone)]
pub(crate) enum ItemDetail {
    /// Of a finding: the edits that fix it.
    Fix(Vec<Replacement>),
    /// Of a difference.
    Difference {
        /// The documented value.
        documented: String,
        /// The actual value.
        observed: Option<String>,
    },
    /// Of a mutant.
    Mutant {
        /// What was mutated.
        fact: String,
    },
}

/// An edit of a page.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    /// Where the replaced text starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The new text.
    pub text: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, as the user would open it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The exact range, if it is known.
    pub range: Option<(Position, Position)>,
}

impl Place {
    /// A line of a file.
    pub(crate) fn line(file: impl Into<String>, line: usize) -> Self {
        Self {
            file: file.into(),
            line,
            range: None,
        }
    }
}

/// `file:line`, or `file:line:column` if the column is known.
impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some((start, _)) = self.range {
            write!(f, ":{}", start.column)?;
        }
        Ok(())
    }
}

impl From<&Diagnostic> for Item {
    fn from(finding: &Diagnostic) -> Self {
        Self {
            severity: finding.severity,
            place: Place {
                file: finding.file.to_string(),
                line: finding.start.line,
                range: Some((finding.start, finding.end)),
            },
            rule: finding.rule.name.into(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            excerpt: finding.snippet.as_ref().map(Excerpt::of),
            mark: None,
            case: finding.case.clone(),
            detail: ItemDetail::Fix(Vec::new()),
        }
    }
}

/// What a report says about a rule.
#[derive(Debug)]
pub(crate) struct RuleInfo<'a> {
    /// Its name.
    pub id: Cow<'a, str>,
    /// What breaks it.
    pub summary: String,
    /// Its explanation, in Markdown.
    pub help: Option<&'static str>,
    /// Its default level.
    pub level: Option<Level>,
}

/// How the list of entries is presented.
#[derive(Debug)]
pub(crate) struct List {
    /// What an entry is called.
    pub noun: &'static str,
    /// The classes that the list can be filtered by, each with its label.
    pub filters: &'static [(&'static str, &'static str)],
    /// The class that is shown at first.
    pub start: &'static str,
    /// The columns of a table of what is wrong.
    pub columns: &'static [Column],
}

/// A column of a table of what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The page and line.
    Page,
    /// The id of the case.
    Case,
    /// The severity and the rule.
    Rule,
    /// The kind of mutant. Such a table has a row per item, others per entry.
    Mutant,
    /// The message, under this heading.
    Message(&'static str),
}

/// What the JSON report is written from.
#[derive(Debug)]
pub(crate) enum Data<'a> {
    /// The record of a run, which `merge` and `--history` read back.
    Run(&'a RunRecord),
    /// The items, followed by these counts.
    Items(&'a FindingCounts),
    /// The lines that were written during the run.
    Lines(&'a str),
}

/// The counts of the findings of a check.
#[derive(Debug, Serialize)]
pub(crate) struct FindingCounts {
    /// The number of pages that were checked.
    pub pages: usize,
    /// The number of findings, without suppressed ones.
    pub findings: usize,
    /// The number of findings per severity.
    pub severities: BTreeMap<&'static str, usize>,
    /// The number of findings per rule.
    pub rules: BTreeMap<&'static str, usize>,
    /// The number of findings that the pages suppress.
    pub suppressed: usize,
    /// The number of pages and links that were not checked, per reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub not_checked: BTreeMap<&'static str, usize>,
    /// The number of recognised examples per rule, if examples without annotations
    /// are recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recognised: Option<BTreeMap<&'static str, usize>>,
    /// The number of pages without examples, in the same case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages_without_examples: Option<usize>,
}
