//! Annotated fences as requests, responses and resources.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::annotation::BlockAnnotation;
use super::binding::Annotated;
use super::places::{Places, places};
use crate::http::message::{Request, Response, has_no_content};
use crate::http::text::{Problem, Read};
use crate::http::url::{TargetError, UrlTemplate};
use crate::page::markdown::Fence;
use crate::page::recognise::is_body;
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::rules::{ANNOTATION_VALUE, BODY_NOT_ALLOWED, URL_SYNTAX, URL_TOO_LONG};
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// A block that is annotated as a request. It is paired even if its text is
/// invalid, so that its response is not reported as an orphan.
#[derive(Debug)]
pub(super) struct RequestBlock {
    /// The index among the page's annotated blocks.
    pub order: usize,
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// The span that findings point at.
    pub span: Span,
    /// The annotation's name.
    pub name: Option<String>,
    /// The other keys of the annotation.
    pub rest: Map<String, Value>,
    /// The request, if it is valid.
    pub message: Option<(Request, Places)>,
}

/// A block that is annotated as a response. It is paired even if its text is
/// invalid, so that no other response takes its place.
#[derive(Debug)]
pub(super) struct ResponseBlock {
    /// The index among the page's annotated blocks.
    pub order: usize,
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// The span that findings point at.
    pub span: Span,
    /// The annotation's names.
    pub names: Vec<String>,
    /// The span of the names in the annotation.
    pub name_span: Span,
    /// The other keys of the annotation.
    pub rest: Map<String, Value>,
    /// The response, if it is valid.
    pub message: Option<(Response, Places)>,
}

pub(super) fn request_block(
    page: &Page,
    order: usize,
    block: &Annotated<'_>,
    read: &Read<Request>,
    diagnostics: &mut Vec<Diagnostic>,
) -> RequestBlock {
    let (annotation, fence) = (&block.annotation, &block.fence);
    report(page, fence, &read.problems, diagnostics);
    let message = read.message.as_ref().map(|(request, ranges)| {
        let places = places(fence, annotation, ranges);
        diagnostics.extend(target_finding(page, request, places.subject));
        (request.clone(), places)
    });
    let name = match annotation.keys.get("name") {
        None => None,
        Some(Value::String(name)) => Some(name.clone()).filter(|name| !name.trim().is_empty()),
        // The first of several names is that of the case.
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            let mut names = list.iter().filter_map(Value::as_str);
            let name = names.find(|name| !name.trim().is_empty());
            name.map(str::to_owned)
        }
        Some(other) => {
            let wanted = "a string or an array of strings";
            wrong_name(page, annotation, other, wanted, diagnostics);
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

/// Checks the target and the `Host` field of a request.
fn target_finding(page: &Page, request: &Request, target: Span) -> Option<Diagnostic> {
    const NUMBER_SIGN: &str = "if it belongs to the path or the query, write `%23`";
    let finding = match UrlTemplate::of_request(request) {
        Ok(url) => {
            let fragment = url.fragment?;
            let message = format!("the fragment `#{fragment}` is not sent (RFC 9110, 7.1)");
            let help = format!("remove it; {NUMBER_SIGN}");
            Diagnostic::at(page, &URL_SYNTAX, target, message)
                .severity(Severity::Warning)
                .help(help)
        }
        Err(error) => {
            let (rule, help) = match error {
                TargetError::TooLong(_) => {
                    (&URL_TOO_LONG, "shorten it, or move parameters to the body")
                }
                TargetError::UserInformation => (
                    &URL_SYNTAX,
                    "remove everything before `@`; credentials belong in `Authorization`",
                ),
                TargetError::Fragment => (&URL_SYNTAX, NUMBER_SIGN),
                _ => (&URL_SYNTAX, "write an absolute URL, or a path"),
            };
            Diagnostic::at(page, rule, target, error.to_string()).help(help)
        }
    };
    Some(finding)
}

pub(super) fn response_block(
    page: &Page,
    order: usize,
    block: &Annotated<'_>,
    read: &Read<Response>,
    diagnostics: &mut Vec<Diagnostic>,
) -> ResponseBlock {
    let (annotation, fence) = (&block.annotation, &block.fence);
    report(page, fence, &read.problems, diagnostics);
    let message = read.message.as_ref();
    let message =
        message.map(|(response, ranges)| (response.clone(), places(fence, annotation, ranges)));
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
    let mut rest = rest(&annotation.keys);
    if is_body(&fence.text.text) {
        rest.remove("status");
    }
    ResponseBlock {
        order,
        line: page.line(fence.opening.start),
        span: message
            .as_ref()
            .map_or(fence.opening, |(_, places)| places.start_line),
        names,
        name_span: annotation.name.unwrap_or(annotation.span),
        rest,
        message,
    }
}

pub(super) fn resource(page: &Page, block: &Annotated<'_>) -> Resource {
    let (annotation, fence) = (&block.annotation, &block.fence);
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
            annotation.name.unwrap_or(annotation.span),
            format!("`name` is {value}; the block is treated as unnamed"),
        )
        .severity(Severity::Error)
        .help(format!("write {wanted}")),
    );
}

/// The keys that are not fields of a case.
fn rest(keys: &Map<String, Value>) -> Map<String, Value> {
    without(keys, &["blockType", "name"])
}

fn without(keys: &Map<String, Value>, own: &[&str]) -> Map<String, Value> {
    keys.iter()
        .filter(|(key, _)| !own.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn report(page: &Page, fence: &Fence<'_>, problems: &[Problem], diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.extend(problems.iter().map(|problem| {
        let span = if problem.range.is_empty() {
            fence.opening
        } else {
            fence.text.span(problem.range.clone())
        };
        let fix = problem.fix.as_ref();
        let fix = fix.and_then(|(range, text)| fence.text.edit(&page.text, range.clone(), text));
        Diagnostic::at(page, problem.rule, span, &*problem.message)
            .severity(problem.severity)
            .help(&*problem.help)
            .fix(fix.into_iter().collect())
    }));
}

/// A finding if the response has a body where HTTP allows none.
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
        "a response to HEAD".to_owned()
    } else {
        format!("a response with status {status}")
    };
    let finding = Diagnostic::at(
        page,
        &BODY_NOT_ALLOWED,
        places.body.unwrap_or(places.block),
        format!("{why} has no body; this body is ignored"),
    );
    Some(finding.help("remove the body, or document another status"))
}
