//! Rules about pairs of requests and responses, and their names.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::json_text::JsonText;
use super::site::{Parsed, Site};
use crate::http::message::{Response, is_framing};
use crate::http::url::{Part, Template, UrlTemplate};
use crate::json;
use crate::page::case::Case;
use crate::page::extract::{self, Annotated, BlockAnnotation, BlockType};
use crate::text::finding::{Diagnostic, nearest};
use crate::text::rules::{AMBIGUOUS_EXAMPLE, DUPLICATE_NAME, RESPONSE_NAME_UNKNOWN, Rule};
use crate::text::severity::Severity;
use crate::text::source::Span;

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let findings = [duplicate_names(parsed), unknown_names(parsed)];
    let findings: Vec<NameFinding> = findings.into_iter().flatten().collect();
    if findings.is_empty() {
        return;
    }
    let comments = parsed.comments();
    found.extend(findings.into_iter().map(|finding| {
        let comment = comments.get(&finding.annotation);
        let places = comment.map(|comment| extract::places_of(comment));
        let place = places.and_then(|places| places.get("name").map(|(_, value)| *value));
        let span = place.unwrap_or(finding.annotation);
        Diagnostic::at(parsed.page, finding.rule, span, finding.message).help(finding.help)
    }));
}

/// A finding about a name in an annotation, before its position is known.
struct NameFinding {
    /// The comment of the annotation.
    annotation: Span,
    rule: &'static Rule,
    message: String,
    help: String,
}

/// The names in an annotation. A response may have several, one for each of its
/// requests.
fn names(annotation: &BlockAnnotation) -> Vec<&str> {
    let names = match annotation.keys.get("name") {
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let names = names.into_iter();
    names.filter(|name| !name.trim().is_empty()).collect()
}

fn of_type<'p>(
    parsed: &'p Parsed<'_>,
    block_type: BlockType,
) -> impl Iterator<Item = &'p Annotated<'p>> {
    let annotated = parsed.annotated.iter();
    annotated.filter(move |block| block.annotation.block_type == block_type)
}

fn duplicate_names(parsed: &Parsed<'_>) -> Vec<NameFinding> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut findings = Vec::new();
    for Annotated {
        annotation, fence, ..
    } in of_type(parsed, BlockType::Request)
    {
        // Ignores lists: a request has exactly one name.
        let Some(Value::String(name)) = annotation.keys.get("name") else {
            continue;
        };
        if name.trim().is_empty() {
            continue;
        }
        let line = parsed.page.line(fence.opening.start);
        let first = *known.entry(name).or_insert(line);
        if first == line {
            continue;
        }
        findings.push(NameFinding {
            annotation: annotation.span,
            rule: &DUPLICATE_NAME,
            message: format!("duplicate request name `{name}`; first on line {first}"),
            help: "give each request on a page a unique name".to_owned(),
        });
    }
    findings
}

fn unknown_names(parsed: &Parsed<'_>) -> Vec<NameFinding> {
    // The first position of each name.
    let mut requests: BTreeMap<&str, Span> = BTreeMap::new();
    for block in of_type(parsed, BlockType::Request) {
        for name in names(&block.annotation) {
            requests.entry(name).or_insert(block.fence.opening);
        }
    }
    // Without named requests, responses are paired by position.
    if requests.is_empty() {
        return Vec::new();
    }
    // The names of ignored blocks are known too.
    let others: HashSet<&str> = of_type(parsed, BlockType::Ignored)
        .flat_map(|block| names(&block.annotation))
        .collect();
    let mut findings = Vec::new();
    for Annotated { annotation, .. } in of_type(parsed, BlockType::Response) {
        for name in names(annotation) {
            let (message, help) = match requests.get(name) {
                Some(opening) if opening.start > annotation.span.start => {
                    let line = parsed.page.line(opening.start);
                    (
                        format!("request `{name}` is below its response, on line {line}"),
                        "move the response below its request".to_owned(),
                    )
                }
                None if !others.contains(name) => (
                    format!("no request on this page is named `{name}`"),
                    match nearest(name, requests.keys().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "use the name of its request, or remove the name".to_owned(),
                    },
                ),
                _ => continue,
            };
            findings.push(NameFinding {
                annotation: annotation.span,
                rule: &RESPONSE_NAME_UNKNOWN,
                message,
                help,
            });
            break;
        }
    }
    findings
}

/// Checks all pages together.
pub(super) fn check_site(site: &Site<'_>) -> Vec<Diagnostic> {
    let mut groups: HashMap<RequestKey, Vec<DocumentedExample<'_>>> = HashMap::new();
    for parsed in site.pages {
        let extracted = &parsed.extracted;
        for (case, places) in extracted.cases.iter().zip(&extracted.places) {
            if let Some(response) = &case.response
                && let Some(response_places) = &places.response
                && let Some(target) = target(case)
            {
                groups.entry(target).or_default().push(DocumentedExample {
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

/// Method, host, path segments and sorted query parameters of a request,
/// percent-decoded. Placeholders with different names count as different.
type RequestKey = (String, Option<String>, Vec<String>, Vec<String>);

/// A case with a response, its position and its bodies.
struct DocumentedExample<'s> {
    parsed: &'s Parsed<'s>,
    case: &'s Case,
    response: &'s Response,
    start_line: Span,
    request_body: Option<&'s JsonText<'s>>,
    response_body: Option<&'s JsonText<'s>>,
}

fn target(case: &Case) -> Option<RequestKey> {
    let url = UrlTemplate::parse(&case.request.target).ok()?;
    let host = match &url.origin {
        Some(origin) => Some(origin.authority.clone()),
        None => case.request.headers.get("host").map(str::to_lowercase),
    };
    let decoded = |parts: Vec<Template>| parts.iter().map(written).collect::<Vec<_>>();
    let path = decoded(url.path.split('/'));
    let query = url.query.map(|query| query.split('&'));
    let mut query = decoded(query.unwrap_or_default());
    query.retain(|pair| !pair.is_empty());
    query.sort_unstable();
    Some((case.request.method.clone(), host, path, query))
}

fn written(template: &Template) -> String {
    let parts = template.decoded().0.into_iter();
    parts
        .map(|part| match part {
            Part::Literal(text) => text,
            Part::Placeholder(name) => format!("{{{name}}}"),
        })
        .collect()
}

/// The rest of what identifies a request: its headers except connection headers
/// and credentials, and its body (JSON in canonical form).
fn rest<'s>(example: &DocumentedExample<'s>) -> (Vec<(String, &'s str)>, String) {
    let is_apart = |name: &str| {
        is_framing(name)
            || ["host", "authorization"]
                .iter()
                .any(|apart| name.eq_ignore_ascii_case(apart))
    };
    let headers = example.case.request.headers.iter();
    let mut headers: Vec<(String, &str)> = headers
        .filter(|header| !is_apart(&header.name))
        .map(|header| (header.name.to_ascii_lowercase(), header.value.as_str()))
        .collect();
    headers.sort_unstable();
    let body = example.request_body.map(|body| match body.strict() {
        Some(node) => {
            let mut value = node.to_value();
            value.sort_all_objects();
            value.to_string()
        }
        None => body.text.trim().to_owned(),
    });
    (headers, body.unwrap_or_default())
}

/// Reports examples with the request of an earlier example, but a contradicting
/// response.
fn ambiguous(group: &[DocumentedExample<'_>]) -> Vec<Diagnostic> {
    let mut known: HashMap<_, (&DocumentedExample<'_>, BodyShape)> = HashMap::new();
    let mut findings = Vec::new();
    for example in group {
        let kind = BodyShape::of(example.response_body);
        let (first, first_kind) = known.entry(rest(example)).or_insert((example, kind));
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
    if before != after {
        let message = format!("response is {after}, but the same request has {before} {place}");
        // A page may show how the same request fails, or the response of a
        // pending operation.
        let is_said = is_said(first) || is_said(second);
        let is_waiting = second.case.request.method == "GET" && (before == 202 || after == 202);
        let is_failure = |status: u16| status >= 400;
        if is_waiting || (is_said && is_failure(before) != is_failure(after)) {
            return None;
        }
        let help = if is_failure(before) == is_failure(after) {
            "show how the two requests differ, such as a header, or use one status for both"
        } else {
            "show how the two requests differ, or add `\"expectError\": true` to the \
             annotation of the error response"
        };
        return Some((Severity::Error, message, help));
    }
    let is_shown = |kind| matches!(kind, BodyShape::Object | BodyShape::Collection);
    if kind == first_kind || !is_shown(kind) || !is_shown(first_kind) {
        return None;
    }
    let shown = |kind| match kind {
        BodyShape::Collection => "a collection",
        _ => "one object",
    };
    let message = format!(
        "response is {}, but the same request has {} {place}",
        shown(kind),
        shown(first_kind)
    );
    let help = "show how the two requests differ, or use one shape for both responses";
    Some((Severity::Warning, message, help))
}

fn place(first: &DocumentedExample<'_>, second: &DocumentedExample<'_>) -> String {
    let line = first.parsed.page.line(first.start_line.start);
    if first.parsed.page.path == second.parsed.page.path {
        format!("on line {line}")
    } else {
        format!("in `{}`, line {line}", first.parsed.page.path)
    }
}

/// Whether the annotation declares the response an error.
fn is_said(example: &DocumentedExample<'_>) -> bool {
    example.response.status >= 400
        && example
            .case
            .annotation
            .response
            .get("expectError")
            .is_some_and(|value| value == true || value == "true")
}

#[cfg(test)]
mod tests;
