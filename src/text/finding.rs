//! Findings: the rule, the severity, the place in the source, the message and
//! the fix.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::text::rules::Rule;
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Position, Span};

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// How much it weighs: the rule's severity, unless a configuration or the
    /// finding itself says otherwise.
    pub severity: Severity,
    /// The file, relative to the docs root (or as the user named it).
    pub file: Arc<str>,
    /// The bytes that are meant, where the file could be read.
    pub span: Option<Span>,
    /// Where the finding begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// What has to be written into the file for that, where one answer is
    /// right; sorted, and no two overlap.
    pub fix: Vec<Edit>,
    /// The id of the case that it is about.
    pub case: Option<String>,
    /// The lines that a report shows, so that it need not read the file again.
    pub snippet: Option<Snippet>,
}

/// The lines of a page that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// Whole lines.
    pub text: String,
    /// The bytes that are meant, within `text`.
    pub span: Span,
}

/// The longest run of bytes that a snippet carries; a longer line is named by
/// its position alone.
const SNIPPET_LIMIT: usize = 600;
/// The most lines that a snippet carries.
const SNIPPET_LINES: usize = 4;

impl Snippet {
    /// The lines under `span`, or nothing where they are too long to show.
    pub fn of(page: &Page, span: Span) -> Option<Self> {
        let first_line = page.line(span.start);
        let last = page.line(span.end.saturating_sub(1).max(span.start));
        let last_line = last.min(first_line + SNIPPET_LINES - 1);
        let start = page.line_span(first_line).start;
        let end = page.line_span(last_line).end;
        if end.saturating_sub(start) > SNIPPET_LIMIT {
            return None;
        }
        let text = page.text.get(start..end)?.to_owned();
        let within = Span::new(
            (span.start - start).min(text.len()),
            (span.end.max(span.start) - start).min(text.len()),
        );
        Some(Self {
            first_line,
            text,
            span: within,
        })
    }
}

impl Diagnostic {
    /// A finding at `span` of a page.
    pub fn at(page: &Page, rule: &'static Rule, span: Span, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            file: Arc::clone(&page.path),
            span: Some(span),
            start: page.position(span.start),
            end: page.position(span.end),
            message: message.into(),
            help: None,
            fix: Vec::new(),
            case: None,
            snippet: Snippet::of(page, span),
        }
    }

    /// A finding about a file whose text is not at hand.
    pub fn in_file(
        file: impl Into<Arc<str>>,
        rule: &'static Rule,
        start: Position,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            file: file.into(),
            span: None,
            start,
            end: start,
            message: message.into(),
            help: None,
            fix: Vec::new(),
            case: None,
            snippet: None,
        }
    }

    /// The same finding with a mend.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same finding with the edits that mend it.
    #[must_use]
    pub fn fix(mut self, mut edits: Vec<Edit>) -> Self {
        edits.sort();
        self.fix = edits;
        self
    }

    /// Where it stands among others: by file, then by place.
    pub fn place(&self) -> (&str, Position, Position) {
        (&self.file, self.start, self.end)
    }

    /// The same finding with another severity than its rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// The start of a file, for findings about the whole of it.
pub(crate) const FILE_START: Position = Position { line: 1, column: 1 };

/// How many findings each rule has, by its name.
pub(crate) fn counts(diagnostics: &[Diagnostic]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.rule.name).or_insert(0) += 1;
    }
    counts
}

/// A text that a message names, cut where it is too long to be read.
pub(crate) fn cut(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The text that is nearest to `word` among `known`, for "did you mean".
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Whether one of two names is the other but for its case or a slip of the pen:
/// a letter more, less, in another's place or another. Digits tell names apart.
pub(crate) fn is_slip(one: &str, other: &str) -> bool {
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    if longer > 100 || longer - shorter > 2 {
        return false;
    }
    let digits = |name: &'_ str| -> String { name.chars().filter(char::is_ascii_digit).collect() };
    let slips = if shorter > 10 { 2 } else { 1 };
    one.eq_ignore_ascii_case(other)
        || (shorter > 4
            && digits(one) == digits(other)
            && strsim::osa_distance(one, other) <= slips)
}

/// For a message of serde's about an unknown key, the nearest known one; the
/// message names both.
pub(crate) fn help_for_unknown_key(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    Some(match nearest(unknown, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys here are {}", known.collect::<Vec<_>>().join(", ")),
    })
}
