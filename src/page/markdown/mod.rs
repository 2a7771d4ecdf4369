//! Markdown pages as sequences of blocks: comments, fences, and what is between
//! them. And whole pages, with headings, tables and links. This module knows
//! nothing about HTTP or JSON.
//!
//! pulldown-cmark decides what a block is; this module keeps the parts that are
//! used later, with their places in the author's file.

mod block;
mod document;
mod flow;
mod mask;
mod reader;

use pulldown_cmark::{BrokenLink, LinkType, Options, Parser};

use crate::text::finding::Diagnostic;
use crate::text::source::{Page, Span};
pub use block::Block;
pub(crate) use block::{Comment, Fence};
use document::Prose;
pub(crate) use document::{
    Cell, Document, Heading, LinkKind, Reference, ReferenceForm, Row, Tab, Table,
};
pub(crate) use flow::{Part, flow};
use reader::Reader;

/// Reads the blocks of a page in order, including blocks in lists and quotes.
pub fn blocks(page: &Page) -> (Vec<Block<'_>>, Vec<Diagnostic>) {
    let (base, _) = body_start(&page.text);
    let mut reader = Reader::new(page, base);
    reader.lines();
    let events = Parser::new_ext(&page.text[base..], Options::empty());
    reader.read(base, events.into_offset_iter());
    (reader.blocks, reader.diagnostics)
}

/// Reads a whole page: blocks, headings, tables and links.
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
        // The span of the parser does not include the `[]` of a collapsed
        // reference.
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

/// The start of the Markdown, and the span of the YAML front matter. The Markdown
/// starts after a byte-order mark and the front matter, which `CommonMark` would
/// read as a thematic break and a heading.
fn body_start(text: &str) -> (usize, Option<Span>) {
    let after_mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut lines = text[after_mark..].split_inclusive('\n');
    let Some(first) = lines.next() else {
        return (after_mark, None);
    };
    let start = after_mark + first.len();
    let mut at = start;
    // A thematic break at the top of a page has a blank line below it.
    let is_rule = text[at..]
        .lines()
        .next()
        .is_none_or(|line| line.trim().is_empty());
    if first.trim_end() != "---" || is_rule {
        return (after_mark, None);
    }
    for line in lines {
        // With a comment or a fence, it is Markdown between two thematic breaks.
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

#[cfg(test)]
mod tests;
