//! The flow of a page: headings, text and code of any form, in order.
//!
//! Recognition reads it to find examples without annotations. Inline markup is
//! not resolved.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag};

use super::block::Fence;
use super::body_start;
use super::mask::{self, mask};
use super::reader::{content, first_line, strip_line_end, sub_excerpt};
use crate::text::source::{Excerpt, Page, Span};

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// A heading, with its level from 1 to 6.
    Heading(usize, Span),
    /// A paragraph, a list item or HTML.
    Text(Span),
    /// A row of a table.
    Row(Span),
    /// A mark of a site generator: a tab, a component.
    Mark(Span),
    /// A block of code: fenced, indented, or `<pre>`.
    Code(Fence<'a>),
}

impl Part<'_> {
    /// The place of the part.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Heading(_, span) | Self::Text(span) | Self::Row(span) | Self::Mark(span) => *span,
            Self::Code(fence) => fence.span,
        }
    }
}

/// Reads the flow of a page.
pub(crate) fn flow(page: &Page) -> Vec<Part<'_>> {
    let (base, _) = body_start(&page.text);
    let masked = mask(&page.text[base..]);
    let mut marks = masked.marks.iter().cloned().peekable();
    let mut flow = Flow {
        page,
        parts: Vec::new(),
    };
    let mut events = Parser::new_ext(&masked.text, Options::ENABLE_TABLES).into_offset_iter();
    while let Some((event, range)) = events.next() {
        let Event::Start(tag) = event else { continue };
        let span = Span::new(base + range.start, base + range.end);
        while let Some(mark) = marks.next_if(|mark| mark.start <= range.start) {
            flow.mark(base, mark);
        }
        match tag {
            Tag::Heading { level, .. } => flow.heading(level, span),
            Tag::Paragraph => flow.text(span),
            Tag::Item => {
                let line = first_line(&page.text, span.start);
                flow.text(Span::new(line.start, line.end.min(span.end)));
            }
            Tag::TableHead | Tag::TableRow => flow.parts.push(Part::Row(span)),
            Tag::CodeBlock(kind) => {
                let is_fenced = matches!(kind, CodeBlockKind::Fenced(_));
                let start = if is_fenced {
                    first_line(&page.text, span.start).end
                } else {
                    span.start
                };
                let content = content(page, base, start, &mut events);
                flow.code(span, content, is_fenced);
            }
            Tag::HtmlBlock => {
                let content = content(page, base, span.start, &mut events);
                flow.html(span, &content);
            }
            _ => {}
        }
    }
    for mark in marks {
        flow.mark(base, mark);
    }
    flow.parts
}

struct Flow<'a> {
    page: &'a Page,
    parts: Vec<Part<'a>>,
}

impl<'a> Flow<'a> {
    fn mark(&mut self, base: usize, mark: Range<usize>) {
        let span = Span::new(base + mark.start, base + mark.end);
        self.parts.push(Part::Mark(span));
    }

    fn heading(&mut self, level: HeadingLevel, span: Span) {
        let is_tab = self.page.slice(span).contains("](#tab/");
        self.parts.push(if is_tab {
            Part::Mark(span)
        } else {
            Part::Heading(level as usize, span)
        });
    }

    fn text(&mut self, span: Span) {
        // The paragraph of a loose list item follows its item.
        let is_known = matches!(self.parts.last(), Some(Part::Text(last)) if last.end > span.start);
        if is_known {
            self.parts.pop();
        }
        self.parts.push(Part::Text(span));
    }

    fn code(&mut self, span: Span, mut text: Excerpt<'a>, is_fenced: bool) {
        if !is_fenced && mask::fence(text.text.trim_start()).is_some() {
            return self.fences_in(&text);
        }
        strip_line_end(&mut text);
        while !is_fenced && text.text.ends_with('\n') {
            strip_line_end(&mut text);
        }
        let opening = first_line(&self.page.text, span.start);
        self.parts.push(Part::Code(Fence {
            span,
            opening,
            text,
        }));
    }

    /// Adds an HTML block and the code in it. A comment is not part of the flow.
    fn html(&mut self, span: Span, html: &Excerpt<'a>) {
        let text = html.text.trim();
        if text.starts_with("<!--") && text.find("-->").is_none_or(|end| end + 3 == text.len()) {
            return;
        }
        let at = self.parts.len();
        if text.contains("<pre") {
            self.pre_in(html);
        } else if text.contains("```") || text.contains("~~~") {
            self.fences_in(html);
        }
        // What stands before the first code is its label.
        let end = self
            .parts
            .get(at)
            .map_or(span.end, |code| code.span().start);
        let before = Span::new(span.start, end.max(span.start));
        let is_label = at == self.parts.len() || !only_tags(self.page.slice(before));
        if is_label {
            self.parts.insert(at, Part::Text(before));
        }
    }

    /// Adds the fences in a text that the parser does not look into.
    fn fences_in(&mut self, outer: &Excerpt<'a>) {
        let mut open: Option<(char, usize, usize, Range<usize>)> = None;
        let mut content: Option<Excerpt<'a>> = None;
        let mut at = 0;
        for line in outer.text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let shown = line.trim_start();
            let indent = line.len() - shown.len();
            let found = mask::fence(shown.trim_end());
            match (&open, found) {
                (None, Some((mark, length))) => {
                    let opening = start + indent..start + line.trim_end().len();
                    open = Some((mark, length, indent, opening));
                    content = Some(Excerpt::empty_at(
                        outer.offset(at.min(outer.text.len().saturating_sub(1))),
                    ));
                }
                (Some((mark, length, _, opening)), Some((other, long)))
                    if *mark == other && long >= *length && shown.trim_end().len() == long =>
                {
                    if let Some(mut text) = content.take() {
                        strip_line_end(&mut text);
                        let end = start + indent + long;
                        self.parts.push(Part::Code(Fence {
                            span: outer.span(opening.start..end),
                            opening: outer.span(opening.clone()),
                            text,
                        }));
                    }
                    open = None;
                }
                (Some((_, _, most, _)), _) => {
                    if let Some(text) = &mut content {
                        let skip = indent.min(*most).min(line.trim_end_matches('\n').len());
                        text.push(&self.page.text, &line[skip..], outer.offset(start + skip));
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// Adds the `<pre>` elements of an HTML block.
    fn pre_in(&mut self, html: &Excerpt<'a>) {
        let text = &*html.text;
        let mut at = 0;
        while let Some(open) = text[at..].find("<pre").map(|found| at + found) {
            let Some(end) = text[open..].find("</pre>").map(|found| open + found) else {
                return;
            };
            at = end + "</pre>".len();
            let Some(inner) = text[open..end].find('>').map(|found| open + found + 1) else {
                continue;
            };
            let content = self.without_tags(html, inner..end);
            self.parts.push(Part::Code(Fence {
                span: html.span(open..at),
                opening: html.span(open..inner),
                text: content,
            }));
        }
    }

    /// A part of an HTML block with its tags removed and its character references
    /// resolved.
    fn without_tags(&self, html: &Excerpt<'a>, range: Range<usize>) -> Excerpt<'a> {
        const REFERENCES: [(&str, &str); 7] = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&apos;", "'"),
            ("&nbsp;", " "),
            ("&amp;", "&"),
        ];
        let mut content = Excerpt::empty_at(html.offset(range.start));
        let mut at = range.start;
        while at < range.end {
            let rest = &html.text[at..range.end];
            let reference = REFERENCES.iter().find(|(name, _)| rest.starts_with(name));
            if let Some((name, value)) = reference {
                content.push(&self.page.text, value, html.offset(at));
                at += name.len();
            } else if let Some(length) = tag_length(rest) {
                at += length;
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let next = match rest[first..].find(['<', '&', '\n']) {
                    _ if rest.starts_with('\n') => 1,
                    None => rest.len(),
                    Some(end) => first + end,
                };
                let is_leading = rest.starts_with('\n') && content.text.is_empty();
                if !is_leading {
                    content.push(&self.page.text, &rest[..next], html.offset(at));
                }
                at += next;
            }
        }
        while content.text.ends_with('\n') {
            strip_line_end(&mut content);
        }
        content
    }
}

impl<'a> Fence<'a> {
    /// The two halves of a block: up to an offset of its text, and a range of it.
    pub(crate) fn split(&self, page: &'a Page, end: usize, second: Range<usize>) -> (Self, Self) {
        let first = 0..self.text.text[..end].trim_end().len();
        let start = self.text.offset(second.start);
        let opening = self.text.text[second.clone()]
            .lines()
            .next()
            .unwrap_or_default();
        let opening = second.start..second.start + opening.len();
        let before = Self {
            span: Span::new(self.span.start, start),
            opening: self.opening,
            text: sub_excerpt(page, &self.text, first),
        };
        let after = Self {
            span: Span::new(start, self.span.end),
            opening: self.text.span(opening),
            text: sub_excerpt(page, &self.text, second),
        };
        (before, after)
    }
}

/// Whether a text has nothing but tags.
fn only_tags(text: &str) -> bool {
    let pieces = text.split('<').enumerate();
    pieces
        .map(|(at, piece)| match at {
            0 => piece,
            _ => piece.split_once('>').map_or("", |(_, after)| after),
        })
        .all(|between| between.trim().is_empty())
}

/// The length of the tag at the start of a text.
fn tag_length(text: &str) -> Option<usize> {
    let name = text.strip_prefix('<')?;
    let name = name.strip_prefix('/').unwrap_or(name);
    let is_tag = [
        "code", "span", "a ", "a>", "b>", "em>", "strong>", "i>", "br", "mark", "font",
    ]
    .iter()
    .any(|tag| name.starts_with(tag));
    is_tag.then(|| text.find('>').map(|end| end + 1)).flatten()
}
