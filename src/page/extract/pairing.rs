//! Pairs responses with requests.
//!
//! A response with a name belongs to the earlier requests of that name that have
//! no response yet; several responses of one name belong to its requests in
//! order. If they all have one, it is a further response of the last. If no
//! earlier request has one of its names, it belongs to the nearest earlier
//! request without a response, which is an error. A response without a name
//! belongs to the request directly before it, as do the responses that follow
//! it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::annotation::BlockType;
use super::binding::Annotated;
use super::block::{RequestBlock, ResponseBlock};
use crate::http::text as message_text;
use crate::text::finding::{Diagnostic, nearest};
use crate::text::rules::{ORPHAN_RESPONSE, RESPONSE_NAME_UNKNOWN, UNPAIRED_REQUEST};
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// The indexes of the responses of each request, in the order of the page.
pub(super) fn pair(
    page: &Page,
    annotated: &[Annotated<'_>],
    requests: &[RequestBlock],
    responses: &[ResponseBlock],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Vec<usize>> {
    let mut pairing = Pairing {
        page,
        annotated,
        requests,
        responses,
        names: Names::of(annotated, requests, responses),
        paired: vec![Vec::new(); requests.len()],
        added: 0,
        earlier: HashMap::new(),
        open: Vec::new(),
        last: None,
        further: Vec::new(),
        diagnostics,
    };
    for index in 0..responses.len() {
        pairing.add(index);
    }
    pairing.end()
}

/// The names on a page.
struct Names<'a> {
    /// The first request of each name.
    requests: BTreeMap<&'a str, usize>,
    /// The names of ignored blocks.
    ignored: HashSet<&'a str>,
    /// Responses that are followed by another response of the same name, before
    /// another request of that name.
    followed: HashSet<(&'a str, usize)>,
}

impl<'a> Names<'a> {
    fn of(
        annotated: &'a [Annotated<'_>],
        requests: &'a [RequestBlock],
        responses: &'a [ResponseBlock],
    ) -> Self {
        let mut names = Self {
            requests: BTreeMap::new(),
            ignored: HashSet::new(),
            followed: HashSet::new(),
        };
        // For each name, whether the next block is a response.
        let mut next: HashMap<&str, bool> = HashMap::new();
        let mut requests = requests.iter().enumerate().rev().peekable();
        for (index, response) in responses.iter().enumerate().rev() {
            while let Some((at, request)) =
                requests.next_if(|(_, request)| request.order > response.order)
            {
                names.add_request(at, request, &mut next);
            }
            for name in &response.names {
                if next.insert(name, true) == Some(true) {
                    names.followed.insert((name, index));
                }
            }
        }
        for (at, request) in requests {
            names.add_request(at, request, &mut next);
        }
        for Annotated { annotation, .. } in annotated {
            if annotation.block_type == BlockType::Ignored {
                let list = match annotation.keys.get("name") {
                    Some(Value::Array(list)) => list.as_slice(),
                    Some(name) => std::slice::from_ref(name),
                    None => &[],
                };
                names.ignored.extend(list.iter().filter_map(Value::as_str));
            }
        }
        names
    }

    fn add_request(
        &mut self,
        at: usize,
        request: &'a RequestBlock,
        next: &mut HashMap<&'a str, bool>,
    ) {
        if let Some(name) = &request.name {
            self.requests.insert(name, at);
            next.insert(name, false);
        }
    }
}

/// The requests of a name before a response.
#[derive(Default)]
struct Earlier {
    /// Those that may have no response yet, in order.
    open: VecDeque<usize>,
    last: usize,
}

/// The state of pairing a page. Each request is visited once in all, not once
/// for each response.
struct Pairing<'a, 'p> {
    page: &'a Page,
    annotated: &'a [Annotated<'p>],
    requests: &'a [RequestBlock],
    responses: &'a [ResponseBlock],
    names: Names<'a>,
    paired: Vec<Vec<usize>>,
    /// The number of requests before the response.
    added: usize,
    earlier: HashMap<&'a str, Earlier>,
    /// The requests that may have no response yet, the nearest last.
    open: Vec<usize>,
    /// The last request of the response before.
    last: Option<usize>,
    further: Vec<Further>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// A response that names a request which has one already.
struct Further {
    response: usize,
    request: usize,
    /// The request directly before the response.
    above: usize,
}

impl Pairing<'_, '_> {
    /// Pairs the next response.
    fn add(&mut self, index: usize) {
        let response = &self.responses[index];
        self.add_requests(response.order);
        let last = self.last.take();
        let Some(above) = self.added.checked_sub(1) else {
            return self.orphan(response, "no request precedes it");
        };
        // Without named requests, all responses are paired by position.
        if response.names.is_empty() || self.names.requests.is_empty() {
            let nearest = if response.names.is_empty() {
                Some(above).filter(|at| self.paired[*at].is_empty())
            } else {
                self.nearest_open()
            };
            let follows = || last == Some(above) && self.untested(response).is_none();
            match nearest.or_else(|| follows().then_some(above)) {
                Some(at) => self.set(at, index),
                None => self.orphan(response, "the request before it already has a response"),
            }
            return;
        }
        let (mut is_known, mut is_set) = (false, false);
        let mut of_paired = Vec::new();
        for name in &response.names {
            let Some(earlier) = self.earlier.get_mut(name.as_str()) else {
                continue;
            };
            is_known = true;
            let is_followed = self.names.followed.contains(&(name.as_str(), index));
            let mut open = Vec::new();
            while let Some(at) = earlier.open.pop_front() {
                if self.paired[at].is_empty() {
                    open.push(at);
                    // The responses that follow are for the other requests.
                    if is_followed {
                        break;
                    }
                }
            }
            if open.is_empty() {
                of_paired.push(earlier.last);
            }
            for at in open {
                is_set = true;
                self.set(at, index);
            }
        }
        if !is_known {
            return self.misnamed(response, index);
        }
        if let Some(finding) = self.unknown_name(response) {
            self.report(response, finding);
        }
        if is_set {
            for at in of_paired {
                self.set(at, index);
            }
        } else if let Some(finding) = self.untested(response) {
            self.report(response, finding);
        } else {
            self.last = of_paired.last().copied();
            let further = of_paired.into_iter().map(|request| Further {
                response: index,
                request,
                above,
            });
            self.further.extend(further);
        }
    }

    /// Adds the requests before a block.
    fn add_requests(&mut self, order: usize) {
        while let Some(request) = self.requests.get(self.added)
            && request.order < order
        {
            if let Some(name) = &request.name {
                let earlier = self.earlier.entry(name).or_default();
                earlier.open.push_back(self.added);
                earlier.last = self.added;
            }
            self.open.push(self.added);
            self.added += 1;
        }
    }

    fn set(&mut self, request: usize, response: usize) {
        if self.paired[request].last() != Some(&response) {
            self.paired[request].push(response);
        }
        self.last = Some(request);
    }

    /// The nearest earlier request without a response.
    fn nearest_open(&mut self) -> Option<usize> {
        while let Some(at) = self.open.pop() {
            if self.paired[at].is_empty() {
                return Some(at);
            }
        }
        None
    }

    /// Pairs a response with a name that no earlier request has.
    fn misnamed(&mut self, response: &ResponseBlock, index: usize) {
        let mut names = response.names.iter();
        if let Some(finding) = self.below(response) {
            self.report(response, finding);
        } else if names.any(|name| self.names.ignored.contains(name.as_str())) {
            let message =
                "this response has no request: that of its name is annotated as `ignored`";
            self.diagnostics
                .push(untested(self.page, response, message));
        } else if let Some(finding) = self.untested(response) {
            self.report(response, finding);
        } else if let Some(finding) = self.unknown_name(response) {
            self.report(response, finding);
            if let Some(at) = self.nearest_open() {
                self.set(at, index);
            }
        }
    }

    /// A finding if the request of a response is below it.
    fn below(&self, response: &ResponseBlock) -> Option<Diagnostic> {
        let (name, line) = response.names.iter().find_map(|name| {
            let request = &self.requests[*self.names.requests.get(name.as_str())?];
            (request.order > response.order).then_some((name, request.line))
        })?;
        let message =
            format!("this response has no request: request `{name}` is below it, on line {line}");
        Some(
            Diagnostic::at(self.page, &ORPHAN_RESPONSE, response.span, message)
                .help("move the response below its request"),
        )
    }

    /// A finding if no request or ignored block has a name of the response.
    fn unknown_name(&self, response: &ResponseBlock) -> Option<Diagnostic> {
        let Names {
            requests, ignored, ..
        } = &self.names;
        let is_known = |name: &str| requests.contains_key(name) || ignored.contains(name);
        let name = response.names.iter().find(|name| !is_known(name))?;
        let help = match nearest(name, requests.keys().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use the name of its request, or remove the name".to_owned(),
        };
        let message = format!("no request on this page is named `{name}`");
        let at = response.name_span;
        Some(Diagnostic::at(self.page, &RESPONSE_NAME_UNKNOWN, at, message).help(help))
    }

    fn orphan(&mut self, response: &ResponseBlock, why: &str) {
        let finding = self.untested(response).or_else(|| self.below(response));
        let finding = finding.unwrap_or_else(|| {
            let message = format!("this response has no request: {why}");
            Diagnostic::at(self.page, &ORPHAN_RESPONSE, response.span, message)
                .help("add the `name` of its request, or annotate it as `ignored`")
        });
        self.report(response, finding);
    }

    /// Adds a finding, unless the response is invalid, which is one already.
    fn report(&mut self, response: &ResponseBlock, finding: Diagnostic) {
        if response.message.is_some() {
            self.diagnostics.push(finding);
        }
    }

    /// A finding if the block above a response is a request that is not tested.
    /// Then nothing is lost that was meant to be tested.
    fn untested(&self, response: &ResponseBlock) -> Option<Diagnostic> {
        let above = response.order.checked_sub(1).map(|at| &self.annotated[at]);
        let from = above.map_or(0, |above| above.fence.span.end);
        let until = self.annotated[response.order].annotation.span.start;
        let report = |line: usize, what: &str| {
            let message =
                format!("this response has no request: the one above it, on line {line}, {what}");
            untested(self.page, response, &message)
        };
        if let Some(line) = bare_request(self.page, Span::new(from.min(until), until)) {
            return Some(report(line, "has no annotation"));
        }
        let Annotated {
            annotation, fence, ..
        } = above?;
        let is_request = || message_text::request(&fence.text.text).message.is_some();
        if annotation.block_type == BlockType::Request || !is_request() {
            return None;
        }
        let block_type = annotation.keys.get("blockType").and_then(Value::as_str);
        let what = format!(
            "is annotated as `{}`",
            block_type.unwrap_or_default().trim()
        );
        Some(report(self.page.line(fence.opening.start), &what))
    }

    /// Pairs the further responses, and reports requests without any.
    fn end(mut self) -> Vec<Vec<usize>> {
        for Further {
            response: index,
            request,
            above,
        } in std::mem::take(&mut self.further)
        {
            let response = &self.responses[index];
            if request == above || !self.paired[above].is_empty() {
                if self.paired[above].last() != Some(&index) || request == above {
                    self.set(request, index);
                }
                continue;
            }
            // The name is copied from another example.
            self.set(above, index);
            let line = |request: usize| self.requests[request].line;
            let name = self.requests[request].name.as_deref().unwrap_or_default();
            let message = format!(
                "request `{name}`, on line {}, already has a response; the request above this \
                 one, on line {}, has none",
                line(request),
                line(above)
            );
            self.diagnostics.push(
                Diagnostic::at(
                    self.page,
                    &RESPONSE_NAME_UNKNOWN,
                    response.name_span,
                    message,
                )
                .help("use the name of its request"),
            );
        }
        for (request, responses) in self.requests.iter().zip(&mut self.paired) {
            responses.sort_unstable();
            if responses.is_empty() && request.message.is_some() {
                self.diagnostics.push(
                    Diagnostic::at(
                        self.page,
                        &UNPAIRED_REQUEST,
                        request.span,
                        "this request has no documented response to compare with",
                    )
                    .help("document its response below a `response` annotation, or annotate the request as `ignored`"),
                );
            }
        }
        self.paired
    }
}

/// A finding about a response whose request is not tested.
fn untested(page: &Page, response: &ResponseBlock, message: &str) -> Diagnostic {
    Diagnostic::at(page, &ORPHAN_RESPONSE, response.span, message)
        .help("annotate its request as `request`, or this one as `ignored`")
        .severity(Severity::Info)
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

#[cfg(test)]
mod tests;
