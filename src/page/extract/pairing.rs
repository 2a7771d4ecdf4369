//! Which response answers which request.
//!
//! A response with names answers each request of those names that stands
//! before it and is still open. If no earlier request has one of them, it
//! answers the nearest earlier request that is open. A response without a name
//! answers the latest request before it, if that is open.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Annotated, BlockType, Places};
use crate::http::message::{Request, Response};
use crate::http::text as message_text;
use crate::text::finding::Diagnostic;
use crate::text::rules::{ORPHAN_RESPONSE, UNPAIRED_REQUEST};
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// A block that is annotated as a request. It takes part in the pairing also
/// where its text could not be read: its response is no orphan.
#[derive(Debug)]
pub(super) struct RequestBlock {
    /// Its place among the page's annotated blocks.
    pub order: usize,
    /// The line of its opening fence, from 1.
    pub line: usize,
    /// What to point at.
    pub span: Span,
    /// The annotation's name.
    pub name: Option<String>,
    /// What else the annotation said.
    pub rest: Map<String, Value>,
    /// The request, if it could be read.
    pub message: Option<(Request, Places)>,
}

/// A response that could be read.
#[derive(Debug)]
pub(super) struct ResponseBlock {
    /// Its place among the page's annotated blocks.
    pub order: usize,
    /// The line of its opening fence, from 1.
    pub line: usize,
    /// Where its parts stand.
    pub places: Places,
    /// The annotation's names.
    pub names: Vec<String>,
    /// What else the annotation said.
    pub rest: Map<String, Value>,
    /// The response.
    pub message: Response,
}

/// For each request the index of the response that answers it.
pub(super) fn pair(
    page: &Page,
    annotated: &[Annotated<'_>],
    requests: &[RequestBlock],
    responses: &[ResponseBlock],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Option<usize>> {
    let mut paired: Vec<Option<usize>> = vec![None; requests.len()];
    let mut before = Earlier::default();
    for (index, response) in responses.iter().enumerate() {
        let earlier = requests.partition_point(|request| request.order < response.order);
        before.meet(requests, earlier);
        let matching = before.requests_of(response, &paired);
        if matching.is_empty() {
            diagnostics.push(orphan(page, annotated, response, earlier));
        }
        for at in matching {
            paired[at] = Some(index);
        }
    }
    for (request, response) in requests.iter().zip(&paired) {
        if response.is_none() && request.message.is_some() {
            diagnostics.push(
                Diagnostic::at(
                    page,
                    &UNPAIRED_REQUEST,
                    request.span,
                    "this request has no documented response, so nothing can be compared",
                )
                .help("document its response under a `response` annotation, or annotate it as `ignored`"),
            );
        }
    }
    paired
}

/// The requests before a response, so that each is looked at once and not for
/// each response.
#[derive(Default)]
struct Earlier<'a> {
    met: usize,
    /// The requests of each name that were open when the name was last asked
    /// for.
    named: HashMap<&'a str, Vec<usize>>,
    /// The requests that may be open, the nearest last.
    open: Vec<usize>,
}

impl<'a> Earlier<'a> {
    fn meet(&mut self, requests: &'a [RequestBlock], until: usize) {
        for (at, request) in requests.iter().enumerate().take(until).skip(self.met) {
            if let Some(name) = &request.name {
                self.named.entry(name).or_default().push(at);
            }
            self.open.push(at);
        }
        self.met = until;
    }

    /// The requests that a response answers.
    fn requests_of(&mut self, response: &ResponseBlock, paired: &[Option<usize>]) -> Vec<usize> {
        let is_open = |at: &usize| paired[*at].is_none();
        if response.names.is_empty() {
            return self
                .met
                .checked_sub(1)
                .filter(is_open)
                .into_iter()
                .collect();
        }
        let mut is_known = false;
        let mut found = Vec::new();
        for name in &response.names {
            if let Some(requests) = self.named.get_mut(name.as_str()) {
                is_known = true;
                found.extend(requests.drain(..).filter(is_open));
            }
        }
        if !is_known {
            while let Some(at) = self.open.pop() {
                if is_open(&at) {
                    return vec![at];
                }
            }
        }
        found
    }
}

fn orphan(
    page: &Page,
    annotated: &[Annotated<'_>],
    response: &ResponseBlock,
    earlier: usize,
) -> Diagnostic {
    let above = response.order.checked_sub(1).map(|at| &annotated[at]);
    let from = above.map_or(0, |above| above.fence.span.end);
    let until = response.places.annotation.start;
    let report = |line: usize, what: &str, help: &str| {
        let message =
            format!("this response answers no request: the one above it, on line {line}, {what}");
        Diagnostic::at(page, &ORPHAN_RESPONSE, response.places.start_line, message).help(help)
    };
    if let Some(line) = bare_request(page, Span::new(from.min(until), until)) {
        let help = "annotate that one as `request`, or this one as `ignored`";
        return report(line, "has no annotation", help);
    }
    if let Some(Annotated { annotation, fence }) = above
        && annotation.block_type == BlockType::Ignored
        && message_text::request(&fence.text.text).message.is_some()
    {
        let line = page.line(fence.opening.start);
        let help = "annotate that one as `request`, or this one as `ignored`";
        // Somebody chose that the two are not looked at.
        return report(line, "is annotated as `ignored`", help).severity(Severity::Info);
    }
    let why = if earlier == 0 {
        "no request stands before it"
    } else if response.names.is_empty() {
        "the request before it has its response already"
    } else {
        "each request that it could answer has its response already"
    };
    Diagnostic::at(
        page,
        &ORPHAN_RESPONSE,
        response.places.start_line,
        format!("this response answers no request: {why}"),
    )
    .help("give it the `name` of its request, or annotate it as `ignored`")
}

/// The line of the last fence in a part of a page that no annotation stands
/// above, if that is a request.
fn bare_request(page: &Page, part: Span) -> Option<usize> {
    let mut lines = page.slice(part).split('\n').enumerate().peekable();
    let mut is_open = false;
    let mut last = None;
    while let Some((at, line)) = lines.next() {
        let line = line.trim_start_matches([' ', '\t', '>']);
        if line.starts_with("```") || line.starts_with("~~~") {
            is_open = !is_open;
            if is_open {
                let first = lines.peek().map_or("", |(_, line)| line);
                last = message_text::request(first).message.map(|_| at);
            }
        }
    }
    last.map(|at| page.line(part.start) + at)
}
