//! Findings as data: a rule, a severity, the place in the author's own file,
//! what is wrong, and what to write instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::{Page, Position, Span};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something is lost: a page, a block or a case that could not be read.
    Error,
    /// The page was read, but not the way that it is written.
    Warning,
}

impl Severity {
    /// The word that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A rule that a finding breaks.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable kebab-case name.
    pub name: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $severity:ident $ident:ident = $name:literal;)+) => {
        $($(#[doc = $doc])+
        pub static $ident: Rule = Rule { name: $name, severity: Severity::$severity };)+
    };
}

rules! {
    /// A page that is not UTF-8.
    Error PAGE_ENCODING = "page-encoding";
    /// A page or a folder that could not be read.
    Error PAGE_UNREADABLE = "page-unreadable";
    /// Two pages whose paths differ only in case.
    Error PAGE_CASE = "page-case";
    /// A symbolic link, which is not followed.
    Warning SYMLINK_SKIPPED = "symlink-skipped";
    /// A line so long that no editor shows it.
    Warning LINE_TOO_LONG = "line-too-long";
    /// A lone carriage return, which ends no line here.
    Warning LINE_END = "line-end";
    /// Markdown nested deeper than anyone means it.
    Warning NESTING_TOO_DEEP = "nesting-too-deep";
    /// A fenced code block without its closing fence.
    Error UNCLOSED_FENCE = "unclosed-fence";
    /// An HTML comment without `-->`.
    Error UNCLOSED_COMMENT = "unclosed-comment";
    /// An annotation that cannot be read.
    Error ANNOTATION_SYNTAX = "annotation-syntax";
    /// An annotation that can be read, but is not JSON.
    Warning ANNOTATION_LENIENT = "annotation-lenient";
    /// An annotation that no fence follows.
    Warning ANNOTATION_DANGLING = "annotation-dangling";
    /// A block type that is none of the known ones.
    Warning ANNOTATION_UNKNOWN_TYPE = "annotation-unknown-type";
    /// A known key with a value of the wrong type.
    Warning ANNOTATION_VALUE = "annotation-value";
    /// A request block whose first line is no request line.
    Error REQUEST_SYNTAX = "request-syntax";
    /// A response block whose first line is no status line.
    Error RESPONSE_SYNTAX = "response-syntax";
    /// A status line that can be read, but is not HTTP's.
    Warning STATUS_LINE = "status-line";
    /// A header line that is none, or one that may not be sent.
    Warning HEADER_SYNTAX = "header-syntax";
    /// A body where HTTP allows none.
    Warning BODY_NOT_ALLOWED = "body-not-allowed";
    /// A target that cannot be made a URL.
    Error URL_SYNTAX = "url-syntax";
    /// A response that answers no request.
    Warning ORPHAN_RESPONSE = "orphan-response";
    /// A method that is registered in another case.
    Warning UNKNOWN_METHOD = "unknown-method";
    /// A request without a documented response.
    Warning UNPAIRED_REQUEST = "unpaired-request";
    /// A resource that says nothing of a type: no JSON object, or no name.
    Warning RESOURCE_SYNTAX = "resource-syntax";
    /// A type that is documented more than once.
    Warning DUPLICATE_RESOURCE = "duplicate-resource";
    /// A case file that cannot be read.
    Error CASE_FILE_SYNTAX = "case-file-syntax";
    /// A file among the case files that is none.
    Warning CASE_FILE_FOREIGN = "case-file-foreign";
    /// A scenario file that cannot be read.
    Error SCENARIO_SYNTAX = "scenario-syntax";
    /// A value of a scenario that cannot mean anything.
    Error SCENARIO_VALUE = "scenario-value";
    /// A scenario or a step of a case that no page documents.
    Error SCENARIO_UNKNOWN_CASE = "scenario-unknown-case";
    /// A shared step that no file has, that is there twice, or that uses itself.
    Error SCENARIO_UNKNOWN_STEP = "scenario-unknown-step";
    /// A variable that nothing sets before it is needed.
    Error SCENARIO_UNKNOWN_VARIABLE = "scenario-unknown-variable";
    /// A snapshot file that cannot be read.
    Error SNAPSHOT_SYNTAX = "snapshot-syntax";
    /// The file of a known deviation that cannot be read.
    Error DEVIATION_SYNTAX = "deviation-syntax";
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
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
            file: Arc::clone(&page.path),
            span: Some(span),
            start: page.position(span.start),
            end: page.position(span.end),
            message: message.into(),
            help: None,
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
            file: file.into(),
            span: None,
            start,
            end: start,
            message: message.into(),
            help: None,
            snippet: None,
        }
    }

    /// The same finding with a mend.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The start of a file, for findings about the whole of it.
pub const FILE_START: Position = Position { line: 1, column: 1 };

/// How many findings each rule has, by its name.
pub fn counts(diagnostics: &[Diagnostic]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in diagnostics {
        *counts.entry(diagnostic.rule.name).or_insert(0) += 1;
    }
    counts
}

/// The text that is nearest to `word` among `known`, for "did you mean".
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// For a message of serde's about an unknown key, the nearest known one; the
/// message names both.
pub fn help_for_unknown_key(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    Some(match nearest(unknown, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys here are {}", known.collect::<Vec<_>>().join(", ")),
    })
}
