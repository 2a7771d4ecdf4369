//! A page as a sequence of blocks: comments, fences, and whatever else stands
//! between them; and the whole of it, with its headings, tables and links.
//! Nothing of HTTP or JSON is known here.
//!
//! pulldown-cmark decides what a block is; this module only keeps the parts
//! that are looked at later, with their places in the author's file.

mod document;

use std::ops::Range;

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::text::finding::Diagnostic;
use crate::text::rules::{
    LINE_END, LINE_TOO_LONG, NESTING_TOO_DEEP, UNCLOSED_COMMENT, UNCLOSED_FENCE,
};
use crate::text::source::{Excerpt, Page, Span};
use document::Prose;
pub(crate) use document::{
    Cell, Document, Heading, LinkKind, Reference, ReferenceForm, Row, Table,
};

/// A block of a page, as far as annotations care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'a> {
    /// An HTML comment in an HTML block.
    Comment(Comment<'a>),
    /// An HTML comment within a paragraph or a heading.
    InlineComment(Comment<'a>),
    /// A fenced code block.
    Fence(Fence<'a>),
    /// Anything else that stands between the two.
    Other,
}

/// An HTML comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment<'a> {
    /// From `<!--` to `-->`.
    pub span: Span,
    /// What stands between them.
    pub text: Excerpt<'a>,
}

/// A fenced code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence<'a> {
    /// From the opening fence to the closing one.
    pub span: Span,
    /// The opening fence, with its info string.
    pub opening: Span,
    /// The content, without the line end before the closing fence.
    pub text: Excerpt<'a>,
}

/// A line longer than this is worth a word: no editor and no review shows it.
const LONG_LINE: usize = 1 << 20;
/// Containers nested deeper than this are no longer meant by anybody.
const DEEP_NESTING: usize = 64;

/// Reads a page's blocks, in order, blocks in lists and quotes included.
pub fn blocks(page: &Page) -> (Vec<Block<'_>>, Vec<Diagnostic>) {
    let (base, _) = body_start(&page.text);
    let mut reader = Reader::new(page, base);
    reader.lines();
    let events = Parser::new_ext(&page.text[base..], Options::empty());
    reader.read(base, events.into_offset_iter());
    (reader.blocks, reader.diagnostics)
}

/// Reads a whole page: the same blocks, and the rest.
pub fn document(page: &Page) -> (Document<'_>, Vec<Diagnostic>) {
    let (base, front_matter) = body_start(&page.text);
    let mut reader = Reader::new(page, base);
    reader.prose = Some(Prose::default());
    reader.lines();
    let mut undefined = Vec::new();
    let text = &page.text[base..];
    let note = |link: BrokenLink<'_>| {
        let form = match link.link_type {
            LinkType::Reference => ReferenceForm::Full,
            LinkType::Collapsed => ReferenceForm::Collapsed,
            _ => ReferenceForm::Shortcut,
        };
        // The parser leaves out the brackets that make it a collapsed one.
        let end = match form {
            ReferenceForm::Collapsed if text[link.span.end..].starts_with("[]") => {
                link.span.end + 2
            }
            _ => link.span.end,
        };
        undefined.push(Reference {
            form,
            span: Span::new(base + link.span.start, base + end),
            label: link.reference.to_string(),
        });
        None
    };
    let mut events =
        Parser::new_with_broken_link_callback(text, Options::ENABLE_TABLES, Some(note))
            .into_offset_iter();
    reader.read(base, &mut events);
    let mut prose = reader.prose.take().unwrap_or_default();
    prose.define(page, |label| {
        let definition = events.reference_definitions().get(label)?;
        Some(Span::new(
            base + definition.span.start,
            base + definition.span.end,
        ))
    });
    drop(events);
    let document = prose.document(front_matter, reader.blocks, undefined);
    (document, reader.diagnostics)
}

/// Where the Markdown begins: after a byte-order mark and a YAML front matter,
/// which `CommonMark` would read as a rule and a heading. And where the YAML
/// stands.
fn body_start(text: &str) -> (usize, Option<Span>) {
    let after_mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut lines = text[after_mark..].split_inclusive('\n');
    let Some(first) = lines.next() else {
        return (after_mark, None);
    };
    let start = after_mark + first.len();
    let mut at = start;
    // A rule at the top of a page has a blank line under it.
    let is_rule = text[at..]
        .lines()
        .next()
        .is_none_or(|line| line.trim().is_empty());
    if first.trim_end() != "---" || is_rule {
        return (after_mark, None);
    }
    for line in lines {
        // What holds a comment or a fence is Markdown between two rules.
        let opens_fence = ["```", "~~~"]
            .iter()
            .any(|fence| line.trim_start().starts_with(fence));
        if opens_fence || line.contains("<!--") {
            return (after_mark, None);
        }
        let end = at + line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return (end, Some(Span::new(start, at)));
        }
        at = end;
    }
    (after_mark, None)
}

struct Reader<'a> {
    page: &'a Page,
    blocks: Vec<Block<'a>>,
    diagnostics: Vec<Diagnostic>,
    /// Where the last block ended.
    last_end: usize,
    depth: usize,
    too_deep: bool,
    /// What else is read, where that is asked for.
    prose: Option<Prose>,
}

impl<'a> Reader<'a> {
    fn new(page: &'a Page, base: usize) -> Self {
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

    /// Reads the events of the text that begins at `base`.
    fn read<'e>(
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
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                    self.gap(range.start);
                    let mut content = Excerpt::empty_at(first_line(text, range.start).end);
                    for (event, at) in events.by_ref() {
                        match event {
                            Event::End(TagEnd::CodeBlock) => break,
                            Event::Text(piece) => content.push(text, &piece, base + at.start),
                            _ => {}
                        }
                    }
                    self.last_end = range.end;
                    self.fence(range.into(), content);
                }
                Event::Start(Tag::HtmlBlock) => {
                    self.gap(range.start);
                    let mut content = Excerpt::empty_at(range.start);
                    for (event, at) in events.by_ref() {
                        match event {
                            Event::End(TagEnd::HtmlBlock) => break,
                            Event::Html(piece) | Event::Text(piece) => {
                                content.push(text, &piece, base + at.start);
                            }
                            _ => {}
                        }
                    }
                    self.last_end = range.end;
                    if let Some(prose) = &mut self.prose {
                        prose.html(range.into());
                    }
                    self.html(&content);
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
                            .help("take the block out of its lists and quotes"),
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

    /// Text between blocks that makes no block of its own (a link reference
    /// definition) still stands between an annotation and its fence.
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
                    "this code block has no closing fence, so it runs on to the end",
                )
                .help("close it with a line of the same fence"),
            );
        }
        strip_line_end(&mut text);
        self.blocks.push(Block::Fence(Fence {
            span,
            opening,
            text,
        }));
    }

    /// Splits an HTML block into its comments and the rest.
    fn html(&mut self, html: &Excerpt<'a>) {
        let text = &*html.text;
        let mut at = 0;
        while let Some(open) = find(text, at, "<!--") {
            if !text[at..open].trim().is_empty() {
                self.other();
            }
            // HTML closes `<!-->` at once, so the search begins inside of it.
            let Some(close) = find(text, open + 2, "-->") else {
                if text.trim_start().starts_with("<!--") || text.contains("blockType") {
                    let span = html.span(open..open + 4);
                    self.diagnostics.push(
                        Diagnostic::at(
                            self.page,
                            &UNCLOSED_COMMENT,
                            span,
                            "this comment has no end, and hides all that follows",
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

    /// An inline comment, which is no annotation; perhaps it was meant as one.
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

    /// Whether a fence's last line is its closing fence: not a part of the
    /// content, and not the opening fence.
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

    fn lines(&mut self) {
        let bytes = self.page.text.as_bytes();
        let lone = memchr::memchr_iter(b'\r', bytes).find(|&at| bytes.get(at + 1) != Some(&b'\n'));
        if let Some(at) = lone {
            self.diagnostics.push(
                Diagnostic::at(
                    self.page,
                    &LINE_END,
                    Span::new(at, at + 1),
                    "a carriage return without a line feed ends no line here",
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
                    .help("break the line, or move the data out of the page"),
                );
            }
        }
    }
}

fn find(text: &str, from: usize, needle: &str) -> Option<usize> {
    text.get(from..)?.find(needle).map(|at| from + at)
}

/// The span of the rest of the line at `start`, without its line end.
fn first_line(text: &str, start: usize) -> Span {
    let end = memchr::memchr2(b'\n', b'\r', &text.as_bytes()[start..])
        .map_or(text.len(), |length| start + length);
    Span::new(start, end)
}

/// A part of an excerpt, as an excerpt.
fn sub_excerpt<'a>(
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

/// The last line end belongs to the closing fence, not to the content.
fn strip_line_end(text: &mut Excerpt<'_>) {
    match &mut text.text {
        std::borrow::Cow::Borrowed(slice) => *slice = slice.strip_suffix('\n').unwrap_or(slice),
        std::borrow::Cow::Owned(owned) => {
            if owned.ends_with('\n') {
                owned.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests;
