//! The comments above examples.
//!
//! What API Doctor reads of them is in its `CodeBlockAnnotation` and
//! `PageAnnotation`; docproof reads the same keys.

use std::collections::HashMap;

use serde_json::Value;

use super::{Parsed, Site};
use crate::http::text as message_text;
use crate::page::extract::{self, BlockAnnotation, BlockType};
use crate::page::markdown::{Block, Comment, Fence};
use crate::text::finding::{Diagnostic, nearest};
use crate::text::rules::{ANNOTATION_UNKNOWN_KEY, ANNOTATION_VALUE, MISSING_ANNOTATION};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Span};

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    keys_and_values(parsed, found);
    missing(parsed, found);
}

/// What the value of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flag,
    Text,
    Texts,
    TextOrTexts,
    Objects,
    /// What a request is sent to, in a word.
    Target,
}

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
const RESOURCE: u8 = 4;
const EXAMPLE: u8 = 8;
const BODY: u8 = RESPONSE | EXAMPLE;
const ANY: u8 = REQUEST | RESPONSE | RESOURCE | EXAMPLE;

/// The keys of a block's annotation, by name, and the blocks that they say
/// something of.
const KEYS: [(&str, Kind, u8); 27] = [
    ("@odata.annotations", Kind::Objects, RESOURCE),
    ("@odata.type", Kind::Text, ANY),
    ("@property.aka", Kind::Text, RESOURCE),
    ("@type", Kind::Text, ANY),
    ("@type.aka", Kind::Text, RESOURCE),
    ("abstract", Kind::Flag, RESOURCE),
    ("apiVersions", Kind::Text, REQUEST),
    ("baseType", Kind::Text, RESOURCE),
    ("blockType", Kind::Text, ANY),
    ("collectionProperty", Kind::Text, BODY),
    ("expectError", Kind::Flag, BODY),
    ("idempotent", Kind::Flag, REQUEST),
    ("isCollection", Kind::Flag, BODY),
    ("isComposable", Kind::Flag, REQUEST),
    ("isEmpty", Kind::Flag, BODY),
    ("isMediaEntity", Kind::Flag, RESOURCE),
    ("keyProperty", Kind::Text, RESOURCE),
    ("longRunningResponseType", Kind::Text, REQUEST | RESPONSE),
    ("name", Kind::TextOrTexts, ANY),
    ("nullableProperties", Kind::Texts, BODY | RESOURCE),
    ("opaqueUrl", Kind::Flag, REQUEST),
    ("openType", Kind::Flag, RESOURCE),
    ("optionalProperties", Kind::Texts, ANY),
    ("sampleKeys", Kind::Texts, REQUEST),
    ("scopes", Kind::Text, REQUEST),
    ("tags", Kind::Text, REQUEST),
    ("truncated", Kind::Flag, ANY),
];

/// `target` has a name that other tools use too, so it stands apart.
const TARGET: (&str, Kind, u8) = ("target", Kind::Target, REQUEST);

/// The keys of the page's own annotation. It may have others.
const PAGE_KEYS: [&str; 12] = [
    "canonicalUrl",
    "description",
    "footerAdditions",
    "headerAdditions",
    "keywords",
    "section",
    "suppressions",
    "title",
    "tocBookmarks",
    "tocIndex",
    "tocPath",
    "type",
];

/// What a request may be sent to.
const TARGETS: [&str; 5] = ["action", "collection", "function", "object", "unspecified"];

fn known(key: &str) -> Option<(&'static str, Kind, u8)> {
    if key == TARGET.0 {
        return Some(TARGET);
    }
    let at = KEYS.binary_search_by(|(name, ..)| (*name).cmp(key)).ok()?;
    Some(KEYS[at])
}

/// The blocks that a type stands for; none where an annotation's other keys
/// mean nothing.
fn blocks_of(block_type: BlockType) -> u8 {
    match block_type {
        BlockType::Request => REQUEST,
        BlockType::Response | BlockType::SimulatedResponse => RESPONSE,
        BlockType::Resource => RESOURCE,
        BlockType::Example => EXAMPLE,
        BlockType::Ignored | BlockType::Samples | BlockType::TestParams | BlockType::Unknown => 0,
    }
}

/// A finding about a key, before it has its place.
struct Finding<'k> {
    key: &'k str,
    /// Whether the value is meant, and not the key.
    is_value: bool,
    message: String,
    help: String,
    /// What has to stand there instead.
    instead: Option<String>,
    severity: Severity,
}

fn keys_and_values(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut comments: Option<HashMap<Span, &Comment<'_>>> = None;
    for annotated in &parsed.annotated {
        let annotation = &annotated.annotation;
        let findings = of_annotation(annotation);
        if findings.is_empty() {
            continue;
        }
        let comments = comments.get_or_insert_with(|| parsed.comments());
        let comment = comments.get(&annotation.span).copied();
        place(parsed.page, annotation.span, comment, findings, found);
    }
    for block in &parsed.document.blocks {
        if let Block::Comment(comment) = block
            && comment.text.text.contains("#page.annotation")
        {
            let places = extract::places_of(comment);
            let keys = places.keys().map(String::as_str);
            let findings: Vec<_> = keys.filter_map(of_page).collect();
            if !findings.is_empty() {
                place(parsed.page, comment.span, Some(comment), findings, found);
            }
        }
    }
}

/// Puts findings where their keys and values stand.
fn place(
    page: &Page,
    whole: Span,
    comment: Option<&Comment<'_>>,
    findings: Vec<Finding<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    let places = comment.map(extract::places_of).unwrap_or_default();
    for finding in findings {
        let rule = if finding.is_value {
            &ANNOTATION_VALUE
        } else {
            &ANNOTATION_UNKNOWN_KEY
        };
        let place = places
            .get(finding.key)
            .map(|(key, value)| if finding.is_value { *value } else { *key });
        let edit = place.zip(finding.instead);
        found.push(
            Diagnostic::at(page, rule, place.unwrap_or(whole), finding.message)
                .help(finding.help)
                .severity(finding.severity)
                .fix(
                    edit.map(|(span, text)| Edit { span, text })
                        .into_iter()
                        .collect(),
                ),
        );
    }
}

fn of_annotation(annotation: &BlockAnnotation) -> Vec<Finding<'_>> {
    let blocks = blocks_of(annotation.block_type);
    if blocks == 0 {
        return Vec::new();
    }
    let keys = annotation.keys.iter();
    keys.filter_map(|(key, value)| match known(key) {
        None => unknown_key(key),
        // What a name may be, is said where it is read.
        Some(("name", ..)) if blocks & (REQUEST | RESPONSE) != 0 => None,
        Some((_, kind, of)) => wrong_value(key, kind, value)
            .or_else(|| (of & blocks == 0).then(|| foreign_key(key, of))),
    })
    .collect()
}

fn unknown_key(key: &str) -> Option<Finding<'_>> {
    let names = || KEYS.iter().chain([&TARGET]).map(|(name, ..)| *name);
    if let Some(name) = names().find(|name| name.eq_ignore_ascii_case(key)) {
        return Some(Finding {
            key,
            is_value: false,
            message: format!("`{key}` is written `{name}`"),
            help: format!("write `{name}`"),
            instead: Some(format!("\"{name}\"")),
            severity: ANNOTATION_UNKNOWN_KEY.severity(),
        });
    }
    let near = near(key, names());
    // Keys in a namespace are other tools' own.
    if near.is_none() && key.contains(['.', ':', '@', '/']) {
        return None;
    }
    Some(Finding {
        key,
        is_value: false,
        message: format!("`{key}` is no key of an annotation, so it says nothing"),
        help: near.map_or_else(
            || "take it out".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
        instead: None,
        severity: ANNOTATION_UNKNOWN_KEY.severity(),
    })
}

/// A known key that is hardly another word: more than half of it is right.
fn near<'k>(key: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    nearest(key, known).filter(|near| strsim::normalized_damerau_levenshtein(key, near) > 0.5)
}

fn foreign_key(key: &str, of: u8) -> Finding<'_> {
    let names = [
        (REQUEST, "request"),
        (RESPONSE, "response"),
        (RESOURCE, "resource"),
        (EXAMPLE, "example"),
    ];
    let (_, name) = names
        .into_iter()
        .find(|(block, _)| of & block != 0)
        .unwrap_or(names[0]);
    Finding {
        key,
        is_value: false,
        message: format!("`{key}` says nothing here: it is a key of a {name}'s annotation"),
        help: format!("take it out, or put it above the {name}"),
        instead: None,
        severity: Severity::Info,
    }
}

fn wrong_value<'k>(key: &'k str, kind: Kind, value: &Value) -> Option<Finding<'k>> {
    let are = |of: fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(of));
    let (is_right, wanted) = match kind {
        Kind::Flag => (value.is_boolean(), "`true` or `false`"),
        Kind::Text => (value.is_string(), "a string"),
        Kind::Texts => (are(Value::is_string), "an array of strings"),
        Kind::TextOrTexts => (
            value.is_string() || are(Value::is_string),
            "a string or an array of strings",
        ),
        Kind::Objects => (are(Value::is_object), "an array of objects"),
        Kind::Target => return wrong_target(key, value),
    };
    // `null` says no more than a key that is not there.
    if is_right || value.is_null() {
        return None;
    }
    // What both programs read all the same.
    let flag = value
        .as_str()
        .map(|text| text.trim().to_ascii_lowercase())
        .filter(|text| kind == Kind::Flag && matches!(&**text, "true" | "false"));
    let severity = match flag {
        Some(_) => Severity::Info,
        None => ANNOTATION_VALUE.severity(),
    };
    Some(Finding {
        key,
        is_value: true,
        message: format!("`{key}` is {}, not {wanted}", described(value)),
        help: match (&flag, value) {
            (Some(flag), _) => format!("write `{flag}`, without quotes"),
            (None, Value::String(_)) if kind == Kind::Texts => format!("write `[{value}]`"),
            (None, _) => format!("write {wanted}"),
        },
        instead: flag,
        severity,
    })
}

fn wrong_target<'k>(key: &'k str, value: &Value) -> Option<Finding<'k>> {
    let name = value.as_str().map(str::trim);
    let is_known = name.is_some_and(|name| TARGETS.iter().any(|it| it.eq_ignore_ascii_case(name)));
    if is_known || value.is_null() {
        return None;
    }
    let near = name.and_then(|name| near(name, TARGETS));
    Some(Finding {
        key,
        is_value: true,
        message: format!(
            "`{key}` is {}, which no request is sent to",
            described(value)
        ),
        help: near.map_or_else(
            || format!("write one of {}", TARGETS.join(", ")),
            |near| format!("did you mean `{near}`?"),
        ),
        instead: None,
        severity: ANNOTATION_VALUE.severity(),
    })
}

/// A value in a message.
fn described(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => "a string".to_owned(),
        Value::String(_) => format!("the string `{value}`"),
        _ => format!("`{value}`"),
    }
}

/// A page may have keys of its own, so only what is nearly a known one is
/// worth a word.
fn of_page(key: &str) -> Option<Finding<'_>> {
    let name = near(key, PAGE_KEYS).filter(|name| {
        *name != key
            && (name.eq_ignore_ascii_case(key)
                || strsim::normalized_damerau_levenshtein(key, name) > 0.8)
    })?;
    Some(Finding {
        key,
        is_value: false,
        message: format!("`{key}` is no key of a page's annotation"),
        help: format!("did you mean `{name}`?"),
        instead: None,
        severity: ANNOTATION_UNKNOWN_KEY.severity(),
    })
}

/// Examples that nothing looks at, as no annotation says what they are. Where a
/// page has no annotation at all, that is one finding.
fn missing(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut has_annotations = false;
    // An annotation that cannot be read, or does not reach its fence, has a
    // finding of its own.
    let mut is_annotated = false;
    let mut missing = Vec::new();
    for block in &parsed.document.blocks {
        match block {
            Block::Comment(comment) | Block::InlineComment(comment) => {
                let text = comment.text.text.as_bytes();
                is_annotated |= [b"blockType".as_slice(), b"blocktype", b"BlockType"]
                    .iter()
                    .any(|key| memchr::memmem::find(text, key).is_some());
                has_annotations |= is_annotated;
            }
            Block::Fence(fence) => {
                if !std::mem::take(&mut is_annotated)
                    && let Some((what, block_type)) = example(parsed.page, fence)
                {
                    missing.push((fence.opening, what, block_type));
                }
            }
            Block::Other => {}
        }
    }
    let count = missing.len();
    let shown = if has_annotations { count } else { 1 };
    for (span, what, block_type) in missing.into_iter().take(shown) {
        let message = if shown == count {
            format!("this {what} has no annotation, so nothing checks it")
        } else {
            format!(
                "this {what} has no annotation, nor has any of the {} below, so nothing checks them",
                count - 1
            )
        };
        let ignored = match block_type {
            "ignored" => "",
            _ => ", or `ignored`",
        };
        found.push(
            Diagnostic::at(parsed.page, &MISSING_ANNOTATION, span, message).help(format!(
                "write `<!-- {{ \"blockType\": \"{block_type}\" }} -->` above it{ignored}"
            )),
        );
    }
}

/// What a fence is an example of, and the block type for it.
fn example(page: &Page, fence: &Fence<'_>) -> Option<(&'static str, &'static str)> {
    let info = page.slice(fence.opening).trim_start_matches(['`', '~']);
    let language = info.split_whitespace().next().unwrap_or_default();
    let is = |name: &str| language.eq_ignore_ascii_case(name);
    if is("json") {
        return Some(("JSON example", "example"));
    }
    let is_http = is("http") || is("msgraph-interactive");
    if !is_http && !language.is_empty() && !is("text") && !is("txt") {
        return None;
    }
    let text = &fence.text.text;
    let first = text.trim_start().lines().next().unwrap_or_default();
    if message_text::response(first).message.is_some() {
        return Some(("HTTP response", "response"));
    }
    let request = message_text::request(first).message;
    let mut others = text.trim().lines().skip(1);
    if request.is_some() && others.any(|line| message_text::request(line).message.is_some()) {
        return Some(("list of HTTP requests", "ignored"));
    }
    if request.is_some_and(|(request, _)| is_http || is_target(&request.target)) {
        return Some(("HTTP request", "request"));
    }
    is_http.then_some(("HTTP example", "ignored"))
}

/// Whether what follows a method is a target, and not the rest of a sentence
/// or of a query.
fn is_target(target: &str) -> bool {
    let is_url = target.starts_with('/') || target.contains("://");
    is_url && !target.contains(' ')
}

#[cfg(test)]
mod tests;
