//! Rules about pairs of requests and responses, and their names. Responses
//! without a request are found while they are paired (`page::extract`).

mod clash;

use std::collections::HashMap;

use serde_json::Value;

use super::json_text::JsonText;
use super::site::{Parsed, Site};
use crate::http::media_type::MediaType;
use crate::http::message::Response;
use crate::json;
use crate::page::alternatives::{Operation, class, fields, is_same_block, operation, scheme_of};
use crate::page::case::Case;
use crate::page::extract::{Annotated, BlockType};
use crate::text::finding::Diagnostic;
use crate::text::rules::{AMBIGUOUS_EXAMPLE, DUPLICATE_NAME};
use crate::text::severity::Severity;
use crate::text::source::Span;

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut known: HashMap<&str, usize> = HashMap::new();
    for Annotated {
        annotation, fence, ..
    } in &parsed.annotated
    {
        // Ignores lists: a request has exactly one name.
        let Some(Value::String(name)) = annotation.keys.get("name") else {
            continue;
        };
        if annotation.block_type != BlockType::Request || name.trim().is_empty() {
            continue;
        }
        let line = parsed.page.line(fence.opening.start);
        let first = *known.entry(name).or_insert(line);
        if first != line {
            let span = annotation.name.unwrap_or(annotation.span);
            let message = format!("duplicate request name `{name}`; first on line {first}");
            found.push(
                Diagnostic::at(parsed.page, &DUPLICATE_NAME, span, message)
                    .help("give each request on a page a unique name"),
            );
        }
    }
}

/// Checks all pages together.
pub(super) fn check_site(site: &Site<'_>) -> Vec<Diagnostic> {
    let mut groups: HashMap<Operation, Vec<DocumentedExample<'_>>> = HashMap::new();
    for parsed in site.pages {
        let extracted = &parsed.extracted;
        for (case, places) in extracted.cases.iter().zip(&extracted.places) {
            if let Some(response) = &case.response
                && let Some(response_places) = &places.response
                && let Some(operation) = operation(case)
            {
                groups
                    .entry(operation)
                    .or_default()
                    .push(DocumentedExample {
                        parsed,
                        case,
                        response: &response.message,
                        start_line: places.request.start_line,
                        request_body: site.json_at(parsed, places.request.block.start),
                        response_body: site.json_at(parsed, response_places.block.start),
                    });
            }
        }
    }
    let groups = groups.into_values().filter(|group| group.len() > 1);
    groups.flat_map(|group| ambiguous(&group)).collect()
}

/// A case with a response, its position and its bodies.
struct DocumentedExample<'s> {
    parsed: &'s Parsed<'s>,
    case: &'s Case,
    response: &'s Response,
    start_line: Span,
    request_body: Option<&'s JsonText<'s>>,
    response_body: Option<&'s JsonText<'s>>,
}

/// The body of a request, with JSON in canonical form.
fn request_body(example: &DocumentedExample<'_>) -> String {
    let body = example.request_body.map(|body| match body.strict() {
        Some(node) => {
            let mut value = node.to_value();
            value.sort_all_objects();
            value.to_string()
        }
        None => body.text.trim().to_owned(),
    });
    body.unwrap_or_default()
}

/// Reports examples with the request of an earlier example, but a contradicting
/// response of the same class.
fn ambiguous(group: &[DocumentedExample<'_>]) -> Vec<Diagnostic> {
    let mut known: HashMap<_, (&DocumentedExample<'_>, BodyShape)> = HashMap::new();
    let mut findings = Vec::new();
    for example in group {
        let kind = BodyShape::of(example.response_body);
        // Statuses of different classes are alternatives.
        let key = (
            fields(example.case),
            scheme_of(example.case),
            request_body(example),
            class(example.case),
        );
        let (first, first_kind) = known.entry(key).or_insert((example, kind));
        if let Some((severity, message, help)) = differ(first, *first_kind, example, kind) {
            findings.push(
                Diagnostic::at(
                    example.parsed.page,
                    &AMBIGUOUS_EXAMPLE,
                    example.start_line,
                    message,
                )
                .help(help)
                .severity(severity),
            );
        }
    }
    findings
}

/// The shape of a response body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyShape {
    /// No body.
    Nothing,
    Object,
    /// An array, or an object around one (as in `OData`).
    Collection,
    /// Text, or invalid JSON.
    Other,
}

impl BodyShape {
    fn of(body: Option<&JsonText<'_>>) -> Self {
        let Some(body) = body else {
            return Self::Nothing;
        };
        match body.node().map(|node| &node.value) {
            Some(json::NodeValue::Array(_)) => Self::Collection,
            Some(json::NodeValue::Object(members)) => {
                let is_array = |member: &json::Member<'_>| {
                    matches!(member.value.value, json::NodeValue::Array(_))
                };
                let value = members.iter().find(|member| member.key == "value");
                if value.is_some_and(is_array) {
                    Self::Collection
                } else {
                    Self::Object
                }
            }
            _ => Self::Other,
        }
    }
}

/// Compares the responses of two equal requests. Returns severity, message and
/// help if no service can give both. Bodies may be shortened in different
/// places or show other values.
fn differ(
    first: &DocumentedExample<'_>,
    first_kind: BodyShape,
    second: &DocumentedExample<'_>,
    kind: BodyShape,
) -> Option<(Severity, String, &'static str)> {
    let place = place(first, second);
    let (before, after) = (first.response.status, second.response.status);
    let agree = before.is_in(after) || after.is_in(before);
    if !agree {
        let message = format!("response is {after}, but the same request has {before} {place}");
        // The responses of one request are alternatives. A `GET` may also return
        // the response of a pending operation.
        let is_waiting =
            second.case.request.method == "GET" && (before.matches(202) || after.matches(202));
        if is_waiting || is_same_block(first.case, second.case) {
            return None;
        }
        let help = "show how the two requests differ, such as a header, or use one status for both";
        return Some((Severity::Error, message, help));
    }
    if is_same_block(first.case, second.case) {
        return None;
    }
    let (before, after, help) = contradiction(first, first_kind, second, kind)?;
    let message = format!("response {after}, but the same request has {before} {place}");
    Some((Severity::Error, message, help))
}

/// What two responses of one status contradict each other in: what the first has,
/// and what the second is or has.
fn contradiction(
    first: &DocumentedExample<'_>,
    first_kind: BodyShape,
    second: &DocumentedExample<'_>,
    kind: BodyShape,
) -> Option<(String, String, &'static str)> {
    let media_types = [first, second].map(|example| MediaType::of(&example.response.headers));
    if let [Some(before), Some(after)] = media_types
        && !before.conforms_to(&after)
        && !after.conforms_to(&before)
        && before.essence != after.essence
    {
        let help = "show how the two requests differ, such as an `Accept` header";
        let after = format!("is {}", after.essence);
        return Some((before.essence, after, help));
    }
    let help = "show how the two requests differ, or use one shape for both responses";
    let shown = |kind| match kind {
        BodyShape::Object => Some("one object"),
        BodyShape::Collection => Some("a collection"),
        BodyShape::Nothing | BodyShape::Other => None,
    };
    let (before, after) = (shown(first_kind)?, shown(kind)?);
    if before != after {
        return Some((before.to_owned(), format!("is {after}"), help));
    }
    let bodies = (first.response_body?, second.response_body?);
    let clash = clash::of(bodies.0.node()?, bodies.1.node()?)?;
    let path = clash.path;
    Some((
        format!("{} there", clash.before),
        format!("has {} at `{path}`", clash.after),
        help,
    ))
}

fn place(first: &DocumentedExample<'_>, second: &DocumentedExample<'_>) -> String {
    let line = first.parsed.page.line(first.start_line.start);
    if first.parsed.page.path == second.parsed.page.path {
        format!("on line {line}")
    } else {
        format!("in `{}`, line {line}", first.parsed.page.path)
    }
}

#[cfg(test)]
mod tests;
