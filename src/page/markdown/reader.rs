//! Reads the events of the Markdown parser as blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::block::{Block, Comment, Fence};
use super::document::Prose;
use crate::text::finding::Diagnostic;
use crate::text::rules::{
    LINE_END, LINE_TOO_LONG, NESTED_FENCE, NESTING_TOO_DEEP, UNCLOSED_COMMENT, UNCLOSED_FENCE,
};
use crate::text::source::{Excerpt, Page, Span, is_mdx};

/// The maximum line length in bytes. Editors and reviews do not show longer
/// lines.
const LONG_LINE: usize = 1 << 20;
/// The maximum nesting of lists and quotes. Deeper nesting is a mistake.
const DEEP_NESTING: usize = 64;

pub(super) struct Reader<'a> {
    page: &'a Page,
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The end of the last block.
    last_end: usize,
    depth: usize,
    too_deep: bool,
    /// Headings, tables and links, if the whole document is read.
    pub(super) prose: Option<Prose>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(page: &'a Page, base: usize) -> Self {
        Self {
            page,
            blocks: Vec::new(),
            diagnostics: Vec::new(),
            last_end: base,
            depth: 0,
            too_deep: false,
            prose: None,
        }
    }

    /// Reads the events of the text that starts at `base`.
    pub(super) fn read<'e>(
        &mut self,
        base: usize,
        mut events: impl Iterator<Item = (Event<'e>, Range<usize>)>,
    ) {
        let text = &self.page.text;
        while let Some((event, range)) = events.next() {
            let range = base + range.start..base + range.end;
            if let Some(prose) = &mut self.prose {
                prose.event(self.page, &event, range.clone());
            }
            match event {
                Event::Start(Tag::CodeBlock(kind))
                    if matches!(kind, CodeBlockKind::Fenced(_)) || self.follows_annotation() =>
                {
                    let is_fenced = matches!(kind, CodeBlockKind::Fenced(_));
                    self.gap(range.start);
                    let start = if is_fenced {
                        first_line(text, range.start).end
                    } else {
                        range.start
                    };
                    let content = content(self.page, base, start, &mut events);
                    self.last_end = range.end;
                    if is_fenced {
                        self.fence(range.into(), content);
                    } else {
                        self.indented(range.into(), content);
                    }
                }
                Event::Start(Tag::HtmlBlock) => {
                    self.gap(range.start);
                    let content = content(self.page, base, range.start, &mut events);
                    self.last_end = range.end;
                    if let Some(prose) = &mut self.prose {
                        prose.html(range.into());
                    }
                    self.html(&content);
                }
                Event::Start(Tag::Paragraph) if is_condition(&text[range.clone()]) => {
                    self.gap(range.start);
                    self.last_end = range.end;
                    skip_paragraph(&mut events);
                }
                Event::Start(Tag::Paragraph)
                    if is_mdx(&self.page.path) && mdx_comment(&text[range.clone()]).is_some() =>
                {
                    self.gap(range.start);
                    self.last_end = range.end;
                    self.mdx_comment(range);
                    skip_paragraph(&mut events);
                }
                Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
                    self.other();
                    self.last_end = range.start;
                    self.depth += 1;
                    if self.depth > DEEP_NESTING && !self.too_deep {
                        self.too_deep = true;
                        let at = Span::new(range.start, range.start);
                        self.diagnostics.push(
                            Diagnostic::at(
                                self.page,
                                &NESTING_TOO_DEEP,
                                at,
                                format!("quotes and lists are nested over {DEEP_NESTING} deep"),
                            )
                            .help("move the block out of its lists and quotes"),
                        );
                    }
                }
                Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
                    self.depth -= 1;
                }
                Event::InlineHtml(html) => {
                    self.other();
                    self.inline(&html, range.start);
                    self.last_end = range.end;
                }
                _ => {
                    self.other();
                    self.last_end = range.end;
                }
            }
        }
        self.gap(text.len());
    }

    /// Adds a block for text that is not a block itself, such as a link reference
    /// definition. It still separates an annotation from its fence.
    fn gap(&mut self, until: usize) {
        let between = self.page.text.get(self.last_end..until).unwrap_or("");
        if between.contains(|c: char| !c.is_whitespace() && c != '>') {
            self.other();
        }
    }

    fn other(&mut self) {
        if self.blocks.last() != Some(&Block::Other) {
            self.blocks.push(Block::Other);
        }
    }

    fn fence(&mut self, span: Span, mut text: Excerpt<'a>) {
        let opening = first_line(&self.page.text, span.start);
        if !self.is_closed(span, &text) {
            self.diagnostics.push(
                Diagnostic::at(
                    self.page,
                    &UNCLOSED_FENCE,
                    opening,
                    "unclosed code block runs to the end of its container",
                )
                .help("add a closing fence of the same characters"),
            );
        }
        self.inner_fence(opening, &text);
        strip_line_end(&mut text);
        self.blocks.push(Block::Fence(Fence {
            span,
            opening,
            text,
        }));
    }

    /// Whether the block above is a comment that may be an annotation.
    fn follows_annotation(&self) -> bool {
        let last = self.blocks.last();
        matches!(last, Some(Block::Comment(comment)) if comment.text.text.contains("blockType"))
    }

    /// Adds an indented code block, which an annotation may apply to.
    fn indented(&mut self, span: Span, mut text: Excerpt<'a>) {
        while text.text.ends_with('\n') {
            strip_line_end(&mut text);
        }
        self.blocks.push(Block::Fence(Fence {
            span,
            opening: first_line(&self.page.text, span.start),
            text,
        }));
    }

    /// Reports a fence that opens inside another one. A closing fence has no info
    /// string, so the outer fence was not closed.
    fn inner_fence(&mut self, opening: Span, text: &Excerpt<'_>) {
        let outer = self.page.slice(opening);
        let Some(mark) = outer.chars().next() else {
            return;
        };
        let length = outer.len() - outer.trim_start_matches(mark).len();
        let opens = |line: &str| {
            let fence = line.trim_start_matches(' ');
            let info = fence.trim_start_matches(mark);
            line.len() - fence.len() < 4
                && fence.len() - info.len() >= length
                && !info.trim().is_empty()
                && !info.contains('`')
        };
        let mut at = 0;
        for line in text.text.split_inclusive('\n') {
            if opens(line) {
                let span = text.span(at..at + line.trim_end().len());
                self.diagnostics.push(
                    Diagnostic::at(
                        self.page,
                        &NESTED_FENCE,
                        span,
                        format!(
                            "code block opens inside the one on line {}, and is part of it",
                            self.page.line(opening.start)
                        ),
                    )
                    .help("close the outer block first, or use a longer fence for it"),
                );
                return;
            }
            at += line.len();
        }
    }

    /// Splits an HTML block into its comments and the rest.
    fn html(&mut self, html: &Excerpt<'a>) {
        let text = &*html.text;
        let mut at = 0;
        while let Some(open) = find(text, at, "<!--") {
            if !text[at..open].trim().is_empty() {
                self.other();
            }
            // `<!-->` is a whole comment, so the search starts inside `<!--`.
            let Some(close) = find(text, open + 2, "-->") else {
                if text.trim_start().starts_with("<!--") || text.contains("blockType") {
                    let span = html.span(open..open + 4);
                    self.diagnostics.push(
                        Diagnostic::at(
                            self.page,
                            &UNCLOSED_COMMENT,
                            span,
                            "unclosed comment hides the rest of the page",
                        )
                        .help("close it with `-->`"),
                    );
                }
                self.other();
                return;
            };
            let inner = (open + 4).min(close)..close;
            self.blocks.push(Block::Comment(Comment {
                span: html.span(open..close + 3),
                text: sub_excerpt(self.page, html, inner),
            }));
            at = close + 3;
        }
        if !text[at..].trim().is_empty() {
            self.other();
        }
    }

    /// Adds the comment of a paragraph.
    fn mdx_comment(&mut self, range: Range<usize>) {
        let text = &self.page.text;
        let Some(inner) = mdx_comment(&text[range.clone()]) else {
            return;
        };
        let start = range.start + inner.start;
        let mut excerpt = Excerpt::empty_at(start);
        excerpt.push(text, &text[start..range.start + inner.end], start);
        self.blocks.push(Block::Comment(Comment {
            span: range.into(),
            text: excerpt,
        }));
    }

    /// Adds an inline comment. It is not an annotation, but may be meant as one.
    fn inline(&mut self, html: &str, start: usize) {
        let inner = html
            .strip_prefix("<!--")
            .and_then(|html| html.strip_suffix("-->"));
        if let Some(inner) = inner {
            let mut text = Excerpt::empty_at(start + 4);
            text.push(&self.page.text, inner, start + 4);
            self.blocks.push(Block::InlineComment(Comment {
                span: Span::new(start, start + html.len()),
                text,
            }));
        }
    }

    /// Whether the last line of a fence is a closing fence, not content or the
    /// opening fence.
    fn is_closed(&self, span: Span, content: &Excerpt<'_>) -> bool {
        let source = self.page.slice(span).trim_end();
        let Some(line) = source.rfind('\n') else {
            return false;
        };
        let last_line = span.start + line + 1;
        match content.text.len() {
            0 => true,
            length => content.offset(length - 1) < last_line,
        }
    }

    pub(super) fn lines(&mut self) {
        let bytes = self.page.text.as_bytes();
        let lone = memchr::memchr_iter(b'\r', bytes).find(|&at| bytes.get(at + 1) != Some(&b'\n'));
        if let Some(at) = lone {
            self.diagnostics.push(
                Diagnostic::at(
                    self.page,
                    &LINE_END,
                    Span::new(at, at + 1),
                    "a carriage return without a line feed does not end a line",
                )
                .help("end lines with a line feed"),
            );
        }
        if self.page.text.len() <= LONG_LINE {
            return;
        }
        for line in 1..=self.page.line_count() {
            let span = self.page.line_span(line);
            let length = span.end - span.start;
            if length > LONG_LINE {
                self.diagnostics.push(
                    Diagnostic::at(
                        self.page,
                        &LINE_TOO_LONG,
                        Span::new(span.start, span.start),
                        format!("this line has {length} bytes"),
                    )
                    .help("split the line, or move the data out of the page"),
                );
            }
        }
    }
}

/// Reads the content of a block of code or HTML, which starts at `start`, and its
/// end. Both have no blocks inside.
pub(super) fn content<'a, 'e>(
    page: &'a Page,
    base: usize,
    start: usize,
    events: &mut impl Iterator<Item = (Event<'e>, Range<usize>)>,
) -> Excerpt<'a> {
    let mut content = Excerpt::empty_at(start);
    for (event, at) in events {
        match event {
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => break,
            Event::Html(piece) | Event::Text(piece) => {
                content.push(&page.text, &piece, base + at.start);
            }
            _ => {}
        }
    }
    content
}

/// Skips the events of a paragraph up to its end.
fn skip_paragraph<'e>(events: &mut impl Iterator<Item = (Event<'e>, Range<usize>)>) {
    let is_end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Paragraph));
    events.find(|(event, _)| is_end(event));
}

/// The content of a paragraph that is a comment of MDX, `{/* … */}`, on one line.
fn mdx_comment(paragraph: &str) -> Option<Range<usize>> {
    const OPEN: &str = "{/*";
    let inner = paragraph.strip_prefix(OPEN)?.trim_end();
    let inner = inner.strip_suffix("*/}")?;
    let is_one = !inner.contains("*/") && !inner.contains('\n');
    is_one.then(|| OPEN.len()..OPEN.len() + inner.len())
}

/// Whether a paragraph has nothing but the conditions of API Doctor, `[TAGS=a,b]`
/// and `[END]`. They include or exclude what is between them, and are not
/// content of the page.
fn is_condition(paragraph: &str) -> bool {
    let is_mark = |line: &str| {
        let line = line.trim_start_matches('>').trim();
        line == "[END]" || (line.starts_with("[TAGS=") && line.ends_with(']'))
    };
    paragraph.trim().lines().all(|line| is_mark(line.trim()))
}

fn find(text: &str, from: usize, needle: &str) -> Option<usize> {
    text.get(from..)?.find(needle).map(|at| from + at)
}

/// The span from `start` to the end of its line, without the line end.
pub(super) fn first_line(text: &str, start: usize) -> Span {
    let end = memchr::memchr2(b'\n', b'\r', &text.as_bytes()[start..])
        .map_or(text.len(), |length| start + length);
    Span::new(start, end)
}

/// A part of an excerpt.
pub(super) fn sub_excerpt<'a>(
    page: &'a Page,
    whole: &Excerpt<'a>,
    range: std::ops::Range<usize>,
) -> Excerpt<'a> {
    let mut part = Excerpt::empty_at(whole.offset(range.start));
    let mut at = range.start;
    for line in whole.text[range].split_inclusive('\n') {
        part.push(&page.text, line, whole.offset(at));
        at += line.len();
    }
    part
}

/// Removes the last line end, which belongs to the closing fence.
pub(super) fn strip_line_end(text: &mut Excerpt<'_>) {
    match &mut text.text {
        std::borrow::Cow::Borrowed(slice) => *slice = slice.strip_suffix('\n').unwrap_or(slice),
        std::borrow::Cow::Owned(owned) => {
            if owned.ends_with('\n') {
                owned.pop();
            }
        }
    }
}
