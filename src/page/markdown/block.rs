//! The blocks of a page.

use crate::text::source::{Excerpt, Span};

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
