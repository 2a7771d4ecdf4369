//! Parses suppressions in page annotations and comments.

use std::collections::HashMap;
use std::ops::Range;

use super::api_doctor_message::{self, Message};
use crate::page::markdown::{Block, Comment, Document};
use crate::text::finding::{Diagnostic, nearest};
use crate::text::rules::{Family, RULES, Rule, SUPPRESSION_SYNTAX};
use crate::text::severity::{Level, Severity};
use crate::text::source::{Page, Span};

/// The suppressions of a page.
#[derive(Debug, Default)]
pub(crate) struct PageSuppressions {
    /// Suppressions of rules.
    pub own: Vec<RuleSuppression>,
    /// API Doctor messages and their spans.
    pub messages: Vec<(Message, Span)>,
    /// Findings about their syntax.
    pub findings: Vec<Diagnostic>,
}

/// A rule that is suppressed on a page or on a part of it.
#[derive(Debug)]
pub(crate) struct RuleSuppression {
    /// The rule.
    pub rule: &'static Rule,
    /// The span of its name.
    pub span: Span,
    /// The part of the page that it applies to.
    pub extent: Extent,
}

/// The extent of a suppression. It applies to findings that start there.
#[derive(Debug)]
pub(crate) enum Extent {
    /// The whole page, including findings without a span.
    Page,
    /// From `off` to `on` or to the end. The parts of a rule do not overlap; an
    /// `off` within another is empty.
    Part(Range<usize>),
    /// The block below `off-next`.
    Block(Range<usize>),
}

impl RuleSuppression {
    /// The first byte of the extent.
    pub(crate) fn start(&self) -> usize {
        match &self.extent {
            Extent::Page => 0,
            Extent::Part(range) | Extent::Block(range) => range.start,
        }
    }

    /// The byte after the extent.
    pub(crate) fn end(&self) -> usize {
        match &self.extent {
            Extent::Page => usize::MAX,
            Extent::Part(range) | Extent::Block(range) => range.end,
        }
    }
}

/// Reads the suppressions of a page.
pub(crate) fn read(page: &Page, document: &Document<'_>) -> PageSuppressions {
    let mut written = PageSuppressions::default();
    let find = |needle: &str| memchr::memmem::find(page.text.as_bytes(), needle.as_bytes());
    if find("suppressions").is_none() && find("docproof:").is_none() {
        return written;
    }
    let mut state = State::default();
    for (at, block) in document.blocks.iter().enumerate() {
        let (Block::Comment(comment) | Block::InlineComment(comment)) = block else {
            continue;
        };
        if let Some(text) = comment.text.text.trim_start().strip_prefix("docproof:") {
            let from = comment.text.text.len() - text.len();
            directive(page, document, at, from, &mut state, &mut written);
        } else if is_page_annotation(&comment.text.text) {
            annotation(page, comment, &mut written);
        }
    }
    written
}

/// The state while the comments of a page are read.
#[derive(Default)]
struct State {
    /// The rules that are off, and the index of the suppression.
    open: HashMap<&'static str, usize>,
    /// The last block below an `off-next`, including comments above it. Other
    /// directives in it share its end.
    last_block: Range<usize>,
    /// The fences of the page, collected on first use.
    fences: Option<Vec<Span>>,
}

fn is_page_annotation(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.to_ascii_lowercase().contains("#page.annotation")
}

/// Looks up a rule that pages may suppress.
fn rule(
    page: &Page,
    name: &str,
    span: Span,
    findings: &mut Vec<Diagnostic>,
) -> Option<&'static Rule> {
    let Some(rule) = RULES.iter().find(|rule| rule.name == name) else {
        let near = nearest(name, RULES.iter().map(|rule| rule.name));
        let help = near.map_or_else(
            || "use the rule name that findings show in brackets".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("unknown rule `{name}`");
        findings.push(Diagnostic::at(page, &SUPPRESSION_SYNTAX, span, message).help(help));
        return None;
    };
    // If a page could not be read, its suppressions are unreliable too.
    let is_lost = rule.family == Family::Page && rule.level == Level::Report(Severity::Error);
    if is_lost || matches!(rule.family, Family::Suppression | Family::Project) {
        let message = format!("`{name}` cannot be suppressed in a page");
        findings.push(
            Diagnostic::at(page, &SUPPRESSION_SYNTAX, span, message)
                .help("set its level in `[check.rules]` of docproof.toml"),
        );
        return None;
    }
    Some(rule)
}

/// Reads `docproof: off RULE, RULE: WHY`, `on` and `off-next`. `at` is the
/// index of the comment's block, `from` an offset in its text.
fn directive(
    page: &Page,
    document: &Document<'_>,
    at: usize,
    from: usize,
    state: &mut State,
    written: &mut PageSuppressions,
) {
    let (Block::Comment(comment) | Block::InlineComment(comment)) = &document.blocks[at] else {
        return;
    };
    let text = &*comment.text.text;
    let word_at = from + (text[from..].len() - text[from..].trim_start().len());
    let word = text[word_at..]
        .split(|c: char| c.is_whitespace() || c == ':')
        .next()
        .unwrap_or("");
    let rules_at = word_at + word.len();
    let is_known = matches!(word, "off" | "on" | "off-next");
    let rules = text[rules_at..].split(':').next().unwrap_or("");
    if !is_known || rules.trim().is_empty() {
        let message = if is_known {
            format!("`{word}` needs a rule name")
        } else {
            format!("unknown directive `{word}`; expected `off`, `on` or `off-next`")
        };
        let span = if word.is_empty() {
            comment.span
        } else {
            comment.text.span(word_at..rules_at)
        };
        written.findings.push(
            Diagnostic::at(page, &SUPPRESSION_SYNTAX, span, message)
                .help("write `<!-- docproof: off RULE: why -->` and `on RULE` to end it, or `off-next RULE` above one block"),
        );
        return;
    }
    let mut start = rules_at;
    for part in rules.split(',') {
        let name = part.trim();
        let name_at = start + (part.len() - part.trim_start().len());
        start += part.len() + 1;
        if name.is_empty() {
            continue;
        }
        let span = comment.text.span(name_at..name_at + name.len());
        let Some(rule) = rule(page, name, span, &mut written.findings) else {
            continue;
        };
        let after = comment.span.end;
        match word {
            "off-next" => {
                if !state.last_block.contains(&after) {
                    state.last_block = after..end_of_next_block(page, document, at, state);
                }
                let end = state.last_block.end;
                let extent = Extent::Block(after..end);
                written.own.push(RuleSuppression { rule, span, extent });
            }
            "off" => {
                // Already off: the open range continues, and this one is empty.
                let end = if state.open.contains_key(rule.name) {
                    after
                } else {
                    state.open.insert(rule.name, written.own.len());
                    page.text.len() + 1
                };
                let extent = Extent::Part(after..end);
                written.own.push(RuleSuppression { rule, span, extent });
            }
            _ => match state.open.remove(rule.name) {
                Some(begun) => {
                    if let Extent::Part(range) = &mut written.own[begun].extent {
                        range.end = comment.span.start;
                    }
                }
                None => written.findings.push(
                    Diagnostic::at(
                        page,
                        &SUPPRESSION_SYNTAX,
                        span,
                        format!("`{name}` is already on here"),
                    )
                    .help("remove it, or add `<!-- docproof: off … -->` above it"),
                ),
            },
        }
    }
}

/// The end of the block below a comment, skipping further comments: of a fence
/// or table its last line, otherwise the next blank line.
fn end_of_next_block(
    page: &Page,
    document: &Document<'_>,
    comment: usize,
    state: &mut State,
) -> usize {
    let mut blocks = document.blocks[comment..].iter().peekable();
    let mut at = 0;
    while let Some(Block::Comment(comment) | Block::InlineComment(comment)) = blocks.peek() {
        // Text between two comments is a separate block.
        if at > 0 && !page.text[at..comment.span.start].trim().is_empty() {
            break;
        }
        at = comment.span.end;
        blocks.next();
    }
    let rest = &page.text[at..];
    let first = at + (rest.len() - rest.trim_start().len());
    let line = page.line(first);
    let fences = state.fences.get_or_insert_with(|| {
        let spans = document.blocks.iter().filter_map(|block| match block {
            Block::Fence(fence) => Some(fence.span),
            _ => None,
        });
        spans.collect()
    });
    let next = fences.partition_point(|fence| fence.end <= first);
    if let Some(fence) = fences.get(next)
        && page.line(fence.start) == line
    {
        return fence.end;
    }
    let next = document
        .tables
        .partition_point(|table| table.span.end <= first);
    if let Some(table) = document.tables.get(next)
        && page.line(table.span.start) == line
    {
        return table.span.end;
    }
    (line..=page.line_count())
        .map(|line| page.line_span(line))
        .take_while(|line| !page.slice(*line).trim().is_empty())
        .last()
        .map_or(page.text.len(), |line| line.end + 1)
}

/// Reads the list `suppressions`. The text is scanned rather than parsed,
/// because API Doctor accepts line breaks in strings and other invalid JSON.
fn annotation(page: &Page, comment: &Comment<'_>, written: &mut PageSuppressions) {
    const KEY: &str = "suppressions";
    let text = &*comment.text.text;
    let list = text.match_indices(KEY).find_map(|(at, _)| {
        let after = text[at + KEY.len()..]
            .trim_start_matches(['"', '\''])
            .trim_start();
        let list = after.strip_prefix(':')?.trim_start();
        Some(text.len() - list.len())
    });
    let Some(mut at) = list else { return };
    let mut refuse = |range: Range<usize>, message: &str| {
        written.findings.push(
            Diagnostic::at(page, &SUPPRESSION_SYNTAX, comment.text.span(range), message)
                .help("write `\"suppressions\": [\"RULE: why\"]`"),
        );
    };
    let token = |at: usize| {
        at + text[at..]
            .find([',', ']', '\n', '}'])
            .unwrap_or(text.len() - at)
    };
    if !text[at..].starts_with('[') {
        let end = token(at);
        if text[at..end].trim() != "null" {
            refuse(at..end, "`suppressions` is not a list");
        }
        return;
    }
    at += 1;
    let mut entries = Vec::new();
    while let Some(next) = text[at..].chars().next() {
        match next {
            ']' => break,
            '"' => {
                let Some(end) = end_of_string(text, at) else {
                    break;
                };
                entries.push(at..end);
                at = end;
            }
            ',' => at += 1,
            _ if next.is_whitespace() => at += next.len_utf8(),
            _ => {
                let end = token(at).max(at + next.len_utf8());
                refuse(at..end, "suppression is not a string");
                at = end;
            }
        }
    }
    for range in entries {
        entry(page, comment, range, written);
    }
}

/// The end of the string at an offset, including its quotes.
fn end_of_string(text: &str, at: usize) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(at + 1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Reads an entry of the list at a range of the comment, including its quotes.
fn entry(page: &Page, comment: &Comment<'_>, range: Range<usize>, written: &mut PageSuppressions) {
    let raw = &comment.text.text[range.clone()];
    // JSON does not allow line breaks in strings.
    let json = raw.replace(|c: char| c.is_ascii_control(), " ");
    let text: String = serde_json::from_str(&json).unwrap_or_else(|_| raw.to_owned());
    let span = comment.text.span(range.clone());
    if let Some(message) = api_doctor_message::read(&text) {
        written.messages.push((message, span));
        return;
    }
    let name = text.split(':').next().unwrap_or("").trim();
    let name_at = raw.find(name).unwrap_or(0);
    let name_span = comment
        .text
        .span(range.start + name_at..range.start + name_at + name.len());
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_name {
        let rule = rule(page, name, name_span, &mut written.findings);
        written.own.extend(rule.map(|rule| RuleSuppression {
            rule,
            span: name_span,
            extent: Extent::Page,
        }));
        return;
    }
    written.findings.push(
        Diagnostic::at(
            page,
            &SUPPRESSION_SYNTAX,
            span,
            "suppression is neither a rule nor an API Doctor message",
        )
        .help("write `\"RULE: why\"`, with the rule name that findings show in brackets"),
    );
}
