//! The places of documented messages in their page.

use std::ops::Range;

use super::annotation::BlockAnnotation;
use crate::http::text::Ranges;
use crate::page::markdown::Fence;
use crate::text::source::{Page, Span};

/// The places of a case's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePlaces {
    /// The request.
    pub request: Places,
    /// The response, if there is one.
    pub response: Option<Places>,
}

/// The places of the parts of a documented message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The fenced block, its fences included.
    pub block: Span,
    /// The annotation's comment.
    pub annotation: Span,
    /// The request line or status line.
    pub start_line: Span,
    /// The target of a request, the status code of a response.
    pub subject: Span,
    /// The header lines, in the order of the message.
    pub headers: Vec<Span>,
    /// The body.
    pub body: Option<Span>,
}

/// The span of a range of a documented body. In lists and quotes, the lines of
/// the page have prefixes that the body does not have, so each end is located in
/// its line.
pub(crate) fn in_body(page: &Page, body: Span, text: &str, range: Range<usize>) -> Option<Span> {
    let position = |at: usize| {
        let before = text.get(..at)?;
        let line = before.matches('\n').count();
        let column = at - before.rfind('\n').map_or(0, |end| end + 1);
        let own = text.split('\n').nth(line)?;
        let span = page.line_span(page.line(body.start) + line);
        let shown = page.text.get(span.start..span.end)?;
        let shown = shown.trim_end_matches(['\r', '\n']);
        let prefix = shown.strip_suffix(own.trim_end_matches('\r'))?;
        Some(span.start + prefix.len() + column)
    };
    Some(Span::new(position(range.start)?, position(range.end)?))
}

/// The places of the parts of a message that was parsed from a fence.
pub(crate) fn places(fence: &Fence<'_>, annotation: &BlockAnnotation, ranges: &Ranges) -> Places {
    Places {
        block: fence.span,
        annotation: annotation.span,
        start_line: fence.text.span(ranges.start_line.clone()),
        subject: fence.text.span(ranges.subject.clone()),
        headers: ranges
            .headers
            .iter()
            .map(|range| fence.text.span(range.clone()))
            .collect(),
        body: ranges.body.clone().map(|range| fence.text.span(range)),
    }
}
