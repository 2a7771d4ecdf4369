//! A page's blocks as cases: annotations bind to fences, fences are read as
//! HTTP, responses find their requests, and each request becomes a case.

mod annotation;
mod pairing;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::http::message::{Response, has_no_content};
use crate::http::text as message_text;
use crate::http::url::{TargetError, UrlTemplate};
use crate::page::case::{Annotation, Case, ExpectedResponse, page_stem};
use crate::page::markdown::{self, Block, Fence};
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::rules::{
    ANNOTATION_DANGLING, ANNOTATION_VALUE, BODY_NOT_ALLOWED, URL_SYNTAX, URL_TOO_LONG,
};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Span};
pub(crate) use annotation::{BlockAnnotation, BlockType, places_of};
use pairing::{RequestBlock, ResponseBlock};

/// What a page holds.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The cases, in the order of their requests.
    pub cases: Vec<Case>,
    /// Where each case stands in the page, in the order of `cases`.
    pub places: Vec<CasePlaces>,
    /// The resources, in the order of the page.
    pub resources: Vec<Resource>,
    /// The findings, in the order of the page.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where a case's messages stand in its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePlaces {
    /// The request.
    pub request: Places,
    /// The response, if there is one.
    pub response: Option<Places>,
}

/// Where the parts of a documented message stand in its page.
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

/// Where bytes of a documented body stand in its page: line by line, as what
/// stands before a line in a list or a quote, and how it ends, is not its own.
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

/// Whether a page's bytes can hold a case or a resource, or what was meant as
/// one. Exact: a block annotation has the key `blockType`, spelt out (in
/// another case it is worth a word), or with an escape in it.
pub fn may_hold_cases(bytes: &[u8]) -> bool {
    let find = |needle: &[u8]| memchr::memmem::find(bytes, needle).is_some();
    find(b"blockType") || find(b"BlockType") || find(b"blocktype") || (find(b"<!--") && find(b"\\"))
}

/// Reads the cases and the resources of a page.
pub fn extract(page: &Page) -> Extracted {
    let (blocks, mut diagnostics) = markdown::blocks(page);
    let annotated = bind(page, &blocks, &mut diagnostics);
    let mut extracted = read(page, &annotated);
    extracted.diagnostics.append(&mut diagnostics);
    extracted
        .diagnostics
        .sort_by_key(|diagnostic| diagnostic.start);
    extracted
}

/// Reads the cases and the resources of a page's annotated fences.
pub(crate) fn read(page: &Page, annotated: &[Annotated<'_>]) -> Extracted {
    let mut diagnostics = Vec::new();
    let mut requests = Vec::new();
    let mut responses = Vec::new();
    let mut extracted = Extracted::default();
    for (order, Annotated { annotation, fence }) in annotated.iter().enumerate() {
        match annotation.block_type {
            BlockType::Request => {
                requests.push(request_block(
                    page,
                    order,
                    annotation,
                    fence,
                    &mut diagnostics,
                ));
            }
            BlockType::Response => {
                responses.extend(response_block(
                    page,
                    order,
                    annotation,
                    fence,
                    &mut diagnostics,
                ));
            }
            BlockType::Resource => {
                extracted.resources.push(resource(page, annotation, fence));
            }
            _ => {}
        }
    }
    let paired = pairing::pair(page, annotated, &requests, &responses, &mut diagnostics);
    let mut ids = Ids::new(&page.path);
    let mut forbidden = HashSet::new();
    for (number, (block, paired)) in requests.into_iter().zip(paired).enumerate() {
        let id = ids.next(block.name.as_deref(), number + 1);
        let Some((request, places)) = block.message else {
            continue;
        };
        let response = paired.map(|index| &responses[index]);
        // A response may answer several requests; its body is wrong only once.
        if let Some(response) = response
            && let Some(finding) =
                forbidden_content(page, &request.method, &response.message, &response.places)
            && forbidden.insert(response.order)
        {
            diagnostics.push(finding);
        }
        extracted.places.push(CasePlaces {
            request: places,
            response: response.map(|response| response.places.clone()),
        });
        extracted.cases.push(Case {
            id,
            name: block.name,
            page: Arc::clone(&page.path),
            line: block.line,
            request,
            response: response.map(|response| ExpectedResponse {
                line: response.line,
                message: response.message.clone(),
            }),
            annotation: Annotation {
                request: block.rest,
                response: response
                    .map(|response| response.rest.clone())
                    .unwrap_or_default(),
            },
        });
    }
    extracted.diagnostics = diagnostics;
    extracted
}

/// A fence, and what the annotation above it says of it.
#[derive(Debug)]
pub(crate) struct Annotated<'a> {
    /// The annotation.
    pub annotation: BlockAnnotation,
    /// The fence.
    pub fence: Fence<'a>,
}

/// Binds each annotation to the fence under it.
pub(crate) fn bind<'a>(
    page: &Page,
    blocks: &[Block<'a>],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Annotated<'a>> {
    let mut bound = Vec::new();
    let mut waiting: Option<BlockAnnotation> = None;
    let mut dangle = |annotation: Option<BlockAnnotation>, why: &str| {
        if let Some(annotation) = annotation {
            let finding = Diagnostic::at(
                page,
                &ANNOTATION_DANGLING,
                annotation.span,
                format!("this annotation belongs to no code block: {why}"),
            )
            .help("put it right above its fenced code block");
            // It would have said that there is nothing to look at.
            diagnostics.push(if annotation.block_type == BlockType::Ignored {
                finding.severity(Severity::Info)
            } else {
                finding
            });
        }
    };
    // Findings of annotations that are read while `dangle` holds the list.
    let mut read_findings = Vec::new();
    for block in blocks {
        match block {
            Block::Comment(comment) => {
                if let Some(annotation) = annotation::read(page, comment, &mut read_findings) {
                    dangle(waiting.take(), "another annotation follows");
                    waiting = Some(annotation);
                }
            }
            Block::Fence(fence) => {
                if let Some(annotation) = waiting.take() {
                    bound.push(Annotated {
                        annotation,
                        fence: fence.clone(),
                    });
                }
            }
            Block::InlineComment(comment) => {
                read_findings.extend(annotation::inline(page, comment));
            }
            Block::Other => dangle(waiting.take(), "something else stands between"),
        }
    }
    dangle(waiting, "the page ends");
    diagnostics.append(&mut read_findings);
    bound
}

fn request_block(
    page: &Page,
    order: usize,
    annotation: &BlockAnnotation,
    fence: &Fence<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> RequestBlock {
    let read = message_text::request(&fence.text.text);
    report(page, fence, read.problems, diagnostics);
    let message = read.message.map(|(request, ranges)| {
        let places = places(fence, annotation, ranges);
        if let Err(error) = UrlTemplate::parse(&request.target) {
            let (rule, help) = match error {
                TargetError::TooLong(_) => (
                    &URL_TOO_LONG,
                    "shorten it, or send its parameters in a body",
                ),
                _ => (&URL_SYNTAX, "write an absolute URL, or a path"),
            };
            let message = error.to_string();
            diagnostics.push(Diagnostic::at(page, rule, places.subject, message).help(help));
        }
        (request, places)
    });
    let name = match annotation.keys.get("name") {
        None => None,
        Some(Value::String(name)) => Some(name.clone()).filter(|name| !name.trim().is_empty()),
        Some(other) => {
            wrong_name(page, annotation, other, "a string", diagnostics);
            None
        }
    };
    RequestBlock {
        order,
        line: page.line(fence.opening.start),
        span: message
            .as_ref()
            .map_or(fence.opening, |(_, places)| places.start_line),
        name,
        rest: rest(&annotation.keys),
        message,
    }
}

fn response_block(
    page: &Page,
    order: usize,
    annotation: &BlockAnnotation,
    fence: &Fence<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ResponseBlock> {
    let read = message_text::response(&fence.text.text);
    report(page, fence, read.problems, diagnostics);
    let (message, ranges) = read.message?;
    let mut names = Vec::new();
    match annotation.keys.get("name") {
        None => {}
        Some(Value::String(name)) => names.push(name.clone()),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            names.extend(list.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        Some(other) => wrong_name(
            page,
            annotation,
            other,
            "a string or an array of strings",
            diagnostics,
        ),
    }
    names.retain(|name| !name.trim().is_empty());
    Some(ResponseBlock {
        order,
        line: page.line(fence.opening.start),
        places: places(fence, annotation, ranges),
        names,
        rest: rest(&annotation.keys),
        message,
    })
}

fn resource(page: &Page, annotation: &BlockAnnotation, fence: &Fence<'_>) -> Resource {
    Resource {
        page: Arc::clone(&page.path),
        line: page.line(fence.opening.start),
        block: fence.span,
        annotation: annotation.span,
        keys: without(&annotation.keys, &["blockType"]),
        text: fence.text.text.clone().into_owned(),
    }
}

fn wrong_name(
    page: &Page,
    annotation: &BlockAnnotation,
    value: &Value,
    wanted: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    diagnostics.push(
        Diagnostic::at(
            page,
            &ANNOTATION_VALUE,
            annotation.span,
            format!("`name` is {value}, so this block counts as one without a name"),
        )
        .help(format!("write {wanted}")),
    );
}

/// The keys that a case does not have as its own.
fn rest(keys: &Map<String, Value>) -> Map<String, Value> {
    without(keys, &["blockType", "name"])
}

fn without(keys: &Map<String, Value>, own: &[&str]) -> Map<String, Value> {
    keys.iter()
        .filter(|(key, _)| !own.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Where the parts of a message stand that was read from a fence.
pub(crate) fn places(
    fence: &Fence<'_>,
    annotation: &BlockAnnotation,
    ranges: message_text::Ranges,
) -> Places {
    Places {
        block: fence.span,
        annotation: annotation.span,
        start_line: fence.text.span(ranges.start_line),
        subject: fence.text.span(ranges.subject),
        headers: ranges
            .headers
            .into_iter()
            .map(|range| fence.text.span(range))
            .collect(),
        body: ranges.body.map(|range| fence.text.span(range)),
    }
}

fn report(
    page: &Page,
    fence: &Fence<'_>,
    problems: Vec<message_text::Problem>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    diagnostics.extend(problems.into_iter().map(|problem| {
        let span = if problem.range.is_empty() {
            fence.opening
        } else {
            fence.text.span(problem.range)
        };
        let fix = problem.fix.map(|(range, text)| Edit {
            span: fence.text.span(range),
            text,
        });
        Diagnostic::at(page, problem.rule, span, problem.message)
            .help(problem.help)
            .fix(fix.into_iter().collect())
    }));
}

/// A body where HTTP allows none, in an answer to this method.
pub(crate) fn forbidden_content(
    page: &Page,
    method: &str,
    response: &Response,
    places: &Places,
) -> Option<Diagnostic> {
    let status = response.status;
    if response.body.is_none() || !has_no_content(method, status) {
        return None;
    }
    let why = if method.eq_ignore_ascii_case("HEAD") {
        "an answer to HEAD".to_owned()
    } else {
        format!("a response with status {status}")
    };
    let finding = Diagnostic::at(
        page,
        &BODY_NOT_ALLOWED,
        places.body.unwrap_or(places.block),
        format!("{why} has no body, so this one is dropped"),
    );
    Some(finding.help("take the body out, or document another status"))
}

/// Hands out the ids of one page.
struct Ids<'a> {
    stem: &'a str,
    used: HashSet<String>,
    /// How often each wanted id was handed out.
    repeats: HashMap<String, usize>,
}

impl<'a> Ids<'a> {
    fn new(path: &'a str) -> Self {
        Self {
            stem: page_stem(path),
            used: HashSet::new(),
            repeats: HashMap::new(),
        }
    }

    /// The id of the request with this name, or with this number on its page.
    fn next(&mut self, name: Option<&str>, number: usize) -> String {
        let base = match name {
            Some(name) => format!("{}::{name}", self.stem),
            None => format!("{}::{number}", self.stem),
        };
        let repeat = self.repeats.entry(base.clone()).or_insert(0);
        loop {
            *repeat += 1;
            let id = match *repeat {
                1 => base.clone(),
                repeat => format!("{base}~{repeat}"),
            };
            if self.used.insert(id.clone()) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests;
