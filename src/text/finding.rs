//! Findings: the rule, the severity, the place in the source, the message and
//! the fix.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::text::rules::{RULES, Rule};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Position, Span};

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The severity: that of the rule, unless the configuration or the finding
    /// itself changes it.
    pub severity: Severity,
    /// The file, relative to the docs root (or as the user named it).
    pub file: Arc<str>,
    /// The bytes, if the file could be read.
    pub span: Option<Span>,
    /// The start position.
    pub start: Position,
    /// The end position.
    pub end: Position,
    /// The fault.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
    /// Edits that fix it, if there is one correct fix; sorted, without
    /// overlaps.
    pub fix: Vec<Edit>,
    /// The id of the case.
    pub case: Option<String>,
    /// The lines to show in reports, which then do not need the file.
    pub snippet: Option<Snippet>,
}

/// The lines of a page that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The number of the first line, from 1.
    pub first_line: usize,
    /// Whole lines.
    pub text: String,
    /// The bytes of the finding in `text`.
    pub span: Span,
}

/// Maximum size of a snippet in bytes; of longer lines only the position is
/// shown.
const SNIPPET_LIMIT: usize = 600;
/// Maximum number of lines of a snippet.
const SNIPPET_LINES: usize = 4;

impl Snippet {
    /// The lines of `span`, or nothing if they are too long.
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

    /// A finding about a file whose text is not available.
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

    /// Adds a help text.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the edits that fix it.
    #[must_use]
    pub fn fix(mut self, mut edits: Vec<Edit>) -> Self {
        edits.sort();
        self.fix = edits;
        self
    }

    /// The sort key: file, then position.
    pub fn place(&self) -> (&str, Position, Position) {
        (&self.file, self.start, self.end)
    }

    /// Sets another severity than that of the rule.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// The start of a file, for findings about the whole file.
pub(crate) const FILE_START: Position = Position { line: 1, column: 1 };

/// The number of findings of each rule, by name.
pub(crate) fn counts(diagnostics: &[Diagnostic]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.rule.name).or_insert(0) += 1;
    }
    counts
}

/// Shortens a text for a message.
pub(crate) fn cut(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The most similar text to `word` in `known`, for "did you mean".
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// Returns the rule with this name, or what to do about a name that no rule has.
pub(crate) fn rule_named(name: &str) -> Result<&'static Rule, String> {
    if let Some(rule) = RULES.iter().find(|rule| rule.name == name) {
        return Ok(rule);
    }
    Err(match nearest(name, RULES.iter().map(|rule| rule.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `docproof rules` to list all rules".to_owned(),
    })
}

/// The number of letters to add, remove, replace or swap to get from one word to
/// another.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

/// Whether two names differ only in case or by a typo: a letter added, removed,
/// replaced or swapped. Digits have to be equal.
pub(crate) fn is_slip(one: &str, other: &str) -> bool {
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    if longer > 100 || longer - shorter > 2 {
        return false;
    }
    let digits = |name: &'_ str| -> String { name.chars().filter(char::is_ascii_digit).collect() };
    let slips = if shorter > 10 { 2 } else { 1 };
    one.eq_ignore_ascii_case(other)
        || (shorter > 4 && digits(one) == digits(other) && distance(one, other) <= slips)
}

/// Help for serde's message about an unknown key, which also names the known
/// keys.
pub(crate) fn help_for_unknown_key(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    Some(match nearest(unknown, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => match known.collect::<Vec<_>>().as_slice() {
            [only] => format!("the only key here is `{only}`"),
            all => format!("the keys here are {}", all.join(", ")),
        },
    })
}
