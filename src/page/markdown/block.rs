//! The blocks of a page.

use std::ops::Range;

use super::reader::sub_excerpt;
use crate::text::source::{Excerpt, Page, Span};

/// A block of a page, as annotations need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block<'a> {
    /// An HTML comment in an HTML block.
    Comment(Comment<'a>),
    /// An HTML comment within a paragraph or a heading.
    InlineComment(Comment<'a>),
    /// A fenced code block.
    Fence(Fence<'a>),
    /// Any other content.
    Other,
}

/// An HTML comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment<'a> {
    /// From `<!--` to `-->`.
    pub span: Span,
    /// The content between them.
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
