//! Pairs responses with requests.
//!
//! A response with names belongs to each earlier request that has one of those
//! names and no response yet. If no earlier request has one of the names, it
//! belongs to the nearest earlier request without a response. A response without
//! a name belongs to the request directly before it, if that has no response.

use std::collections::HashMap;

use super::annotation::BlockType;
use super::binding::Annotated;
use super::block::{RequestBlock, ResponseBlock};
use crate::http::text as message_text;
use crate::text::finding::Diagnostic;
use crate::text::rules::{ORPHAN_RESPONSE, UNPAIRED_REQUEST};
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// The index of the response of each request.
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
        before.add_until(requests, earlier);
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
                    "this request has no documented response to compare with",
                )
                .help("document its response below a `response` annotation, or annotate the request as `ignored`"),
            );
        }
    }
    paired
}

/// The requests before a response. Each request is visited once in all, not once
/// for each response.
#[derive(Default)]
struct Earlier<'a> {
    /// The number of requests that were added.
    added: usize,
    /// The requests of each name that were not paired at the last lookup.
    named: HashMap<&'a str, Vec<usize>>,
    /// The requests that may not be paired yet, the nearest last.
    open: Vec<usize>,
}

impl<'a> Earlier<'a> {
    fn add_until(&mut self, requests: &'a [RequestBlock], until: usize) {
        for (at, request) in requests.iter().enumerate().take(until).skip(self.added) {
            if let Some(name) = &request.name {
                self.named.entry(name).or_default().push(at);
            }
            self.open.push(at);
        }
        self.added = until;
    }

    /// The requests that a response belongs to.
    fn requests_of(&mut self, response: &ResponseBlock, paired: &[Option<usize>]) -> Vec<usize> {
        let is_open = |at: &usize| paired[*at].is_none();
        if response.names.is_empty() {
            return self
                .added
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
            format!("this response has no request: the one above it, on line {line}, {what}");
        Diagnostic::at(page, &ORPHAN_RESPONSE, response.places.start_line, message).help(help)
    };
    if let Some(line) = bare_request(page, Span::new(from.min(until), until)) {
        let help = "annotate that block as `request`, or this one as `ignored`";
        return report(line, "has no annotation", help);
    }
    if let Some(Annotated {
        annotation, fence, ..
    }) = above
        && annotation.block_type == BlockType::Ignored
        && message_text::request(&fence.text.text).message.is_some()
    {
        let line = page.line(fence.opening.start);
        let help = "annotate that block as `request`, or this one as `ignored`";
        // The author chose to exclude the request.
        return report(line, "is annotated as `ignored`", help).severity(Severity::Info);
    }
    let why = if earlier == 0 {
        "no request precedes it"
    } else if response.names.is_empty() {
        "the request before it already has a response"
    } else {
        "every matching request already has a response"
    };
    Diagnostic::at(
        page,
        &ORPHAN_RESPONSE,
        response.places.start_line,
        format!("this response has no request: {why}"),
    )
    .help("add the `name` of its request, or annotate it as `ignored`")
}

/// The line of the last fence in a part of a page without annotations, if that
/// fence is a request.
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
