//! Rules about annotations, the comments above examples.
//!
//! API Doctor defines the keys in its `CodeBlockAnnotation` and
//! `PageAnnotation`; docproof reads the same keys.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::site::{Parsed, Site};
use crate::http::text as message_text;
use crate::http::url;
use crate::page::extract::{self, BlockAnnotation, BlockType, HttpBlock};
use crate::page::markdown::{Block, Comment, Fence, LinkKind};
use crate::text::finding::{Diagnostic, cut, nearest};
use crate::text::rules::{
    ANNOTATION_DANGLING, ANNOTATION_UNKNOWN_KEY, ANNOTATION_VALUE, MISSING_ANNOTATION,
};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Span};

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    keys_and_values(parsed, found);
    permissions(parsed, found);
    missing(parsed, found);
}

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    Flag,
    Text,
    Texts,
    TextOrTexts,
    Objects,
    /// The code of a response that shows none.
    Status,
    /// One of `TARGETS`.
    Target,
}

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
const RESOURCE: u8 = 4;
const EXAMPLE: u8 = 8;
const PERMISSIONS: u8 = 16;
const BODY: u8 = RESPONSE | EXAMPLE;
const ANY: u8 = REQUEST | RESPONSE | RESOURCE | EXAMPLE;

/// The keys of a block annotation, sorted by name: key, type of its value, and
/// the blocks that it applies to.
const KEYS: [(&str, ValueKind, u8); 30] = [
    ("@odata.annotations", ValueKind::Objects, RESOURCE),
    ("@odata.type", ValueKind::Text, ANY),
    ("@property.aka", ValueKind::Text, RESOURCE),
    ("@type", ValueKind::Text, ANY),
    ("@type.aka", ValueKind::Text, RESOURCE),
    ("abstract", ValueKind::Flag, RESOURCE),
    ("apiVersions", ValueKind::Text, REQUEST),
    ("baseType", ValueKind::Text, RESOURCE),
    ("blockType", ValueKind::Text, ANY | PERMISSIONS),
    ("collectionProperty", ValueKind::Text, BODY),
    ("expectError", ValueKind::Flag, BODY),
    ("idempotent", ValueKind::Flag, REQUEST),
    ("isCollection", ValueKind::Flag, BODY),
    ("isComposable", ValueKind::Flag, REQUEST),
    ("isEmpty", ValueKind::Flag, BODY),
    ("isMediaEntity", ValueKind::Flag, RESOURCE),
    ("keyProperty", ValueKind::Text, RESOURCE),
    (
        "longRunningResponseType",
        ValueKind::Text,
        REQUEST | RESPONSE,
    ),
    ("mergePermissions", ValueKind::Flag, PERMISSIONS),
    ("name", ValueKind::TextOrTexts, ANY | PERMISSIONS),
    ("nullableProperties", ValueKind::Texts, BODY | RESOURCE),
    ("opaqueUrl", ValueKind::Flag, REQUEST),
    ("openType", ValueKind::Flag, RESOURCE),
    ("optionalProperties", ValueKind::Texts, ANY),
    ("requestUrls", ValueKind::Texts, PERMISSIONS),
    ("sampleKeys", ValueKind::Texts, REQUEST),
    ("scopes", ValueKind::Text, REQUEST),
    ("status", ValueKind::Status, RESPONSE),
    ("tags", ValueKind::Text, REQUEST),
    ("truncated", ValueKind::Flag, ANY),
];

/// Not in `KEYS`, because other tools use the key `target` too.
const TARGET: (&str, ValueKind, u8) = ("target", ValueKind::Target, REQUEST);

/// The keys of a page annotation, which may also have others.
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

/// The values of `target`.
const TARGETS: [&str; 5] = ["action", "collection", "function", "object", "unspecified"];

fn known(key: &str) -> Option<(&'static str, ValueKind, u8)> {
    if key == TARGET.0 {
        return Some(TARGET);
    }
    let at = KEYS.binary_search_by(|(name, ..)| (*name).cmp(key)).ok()?;
    Some(KEYS[at])
}

/// The block kinds of a block type; 0 where the other keys of the annotation
/// are not read.
fn blocks_of(block_type: BlockType) -> u8 {
    match block_type {
        BlockType::Request => REQUEST,
        BlockType::Response | BlockType::SimulatedResponse => RESPONSE,
        BlockType::Resource => RESOURCE,
        BlockType::Example => EXAMPLE,
        BlockType::Permissions => PERMISSIONS,
        BlockType::Ignored | BlockType::Samples | BlockType::TestParams | BlockType::Unknown => 0,
    }
}

/// A finding about a key, before its position is known.
struct KeyFinding<'k> {
    key: &'k str,
    /// Whether the finding is about the value, not the key.
    is_value: bool,
    message: String,
    help: String,
    /// The replacement text, if the fix is unambiguous.
    instead: Option<String>,
    severity: Severity,
}

fn keys_and_values(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut comments: Option<HashMap<Span, &Comment<'_>>> = None;
    let of_fences = parsed.annotated.iter().map(|block| {
        let target = match &block.message {
            HttpBlock::Request(read) => read.message.as_ref().map(|(request, _)| &*request.target),
            _ => None,
        };
        (&block.annotation, target)
    });
    let of_tables = parsed
        .permissions
        .iter()
        .map(|annotation| (annotation, None));
    for (annotation, target) in of_fences.chain(of_tables) {
        let mut findings = of_annotation(annotation);
        findings.extend(target.and_then(|target| sample_keys(annotation, target)));
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

/// Reports annotations of permissions without a table, or the include of one, in
/// their section.
fn permissions(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let document = &parsed.document;
    for annotation in &parsed.permissions {
        let start = annotation.span.end;
        let headings = &document.headings;
        let next = headings.partition_point(|heading| heading.span.start < start);
        let end = headings
            .get(next)
            .map_or(usize::MAX, |heading| heading.span.start);
        let is_within = |span: Span| (start..end).contains(&span.start);
        let mut links = document.links.iter();
        let has_table = document.tables.iter().any(|table| is_within(table.span))
            || links.any(|link| link.kind == LinkKind::Include && is_within(link.span));
        if !has_table {
            let message = "this annotation does not apply to a table of permissions";
            found.push(
                Diagnostic::at(parsed.page, &ANNOTATION_DANGLING, annotation.span, message)
                    // No example is lost.
                    .severity(Severity::Warning)
                    .help("put it above the table, or above the include of the table"),
            );
        }
    }
}

/// Adds findings at the positions of their keys and values.
fn place(
    page: &Page,
    whole: Span,
    comment: Option<&Comment<'_>>,
    findings: Vec<KeyFinding<'_>>,
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

fn of_annotation(annotation: &BlockAnnotation) -> Vec<KeyFinding<'_>> {
    let blocks = blocks_of(annotation.block_type);
    if blocks == 0 {
        return Vec::new();
    }
    let keys = annotation.keys.iter();
    keys.filter_map(|(key, value)| match known(key) {
        None => unknown_key(key),
        // Names are checked where they are read (`page::extract`).
        Some(("name", ..)) if blocks & (REQUEST | RESPONSE) != 0 => None,
        Some((_, kind, of)) => wrong_value(key, kind, value)
            .or_else(|| (of & blocks == 0).then(|| foreign_key(key, of))),
    })
    .collect()
}

/// Reports a sample key that is not in the URL of its request.
fn sample_keys<'k>(annotation: &'k BlockAnnotation, target: &str) -> Option<KeyFinding<'k>> {
    let (key, value) = annotation.keys.get_key_value("sampleKeys")?;
    let decoded = url::decode(target);
    let is_missing = |sample: &&str| !target.contains(*sample) && !decoded.contains(*sample);
    let mut samples = value.as_array()?.iter().filter_map(Value::as_str);
    let missing = samples.find(is_missing)?;
    Some(KeyFinding {
        key,
        is_value: true,
        message: format!(
            "`sampleKeys` names `{}`, which is not in the request URL",
            cut(missing)
        ),
        help: "use the keys of the URL".to_owned(),
        instead: None,
        severity: ANNOTATION_VALUE.severity(),
    })
}

fn unknown_key(key: &str) -> Option<KeyFinding<'_>> {
    let names = || KEYS.iter().chain([&TARGET]).map(|(name, ..)| *name);
    if let Some(name) = names().find(|name| name.eq_ignore_ascii_case(key)) {
        return Some(KeyFinding {
            key,
            is_value: false,
            message: format!("`{key}` differs from the key `{name}` only in case"),
            help: format!("write `{name}`"),
            instead: Some(format!("\"{name}\"")),
            severity: ANNOTATION_UNKNOWN_KEY.severity(),
        });
    }
    let near = near(key, names());
    // Keys with a namespace belong to other tools.
    if near.is_none() && key.contains(['.', ':', '@', '/']) {
        return None;
    }
    Some(KeyFinding {
        key,
        is_value: false,
        message: format!("unknown annotation key `{key}`; ignored"),
        help: near.map_or_else(
            || "remove it".to_owned(),
            |near| format!("did you mean `{near}`?"),
        ),
        instead: None,
        severity: ANNOTATION_UNKNOWN_KEY.severity(),
    })
}

/// The closest known key with a similarity above 0.5.
fn near<'k>(key: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    nearest(key, known).filter(|near| strsim::normalized_damerau_levenshtein(key, near) > 0.5)
}

fn foreign_key(key: &str, of: u8) -> KeyFinding<'_> {
    let names = [
        (REQUEST, "request"),
        (RESPONSE, "response"),
        (RESOURCE, "resource"),
        (EXAMPLE, "example"),
        (PERMISSIONS, "permissions"),
    ];
    let (_, name) = names
        .into_iter()
        .find(|(block, _)| of & block != 0)
        .unwrap_or(names[0]);
    KeyFinding {
        key,
        is_value: false,
        message: format!("`{key}` has no effect here; it belongs in a {name} annotation"),
        help: format!("remove it, or move it to the annotation of the {name}"),
        instead: None,
        severity: Severity::Info,
    }
}

fn wrong_value<'k>(key: &'k str, kind: ValueKind, value: &Value) -> Option<KeyFinding<'k>> {
    let are = |of: fn(&Value) -> bool| value.as_array().is_some_and(|list| list.iter().all(of));
    let (is_right, wanted) = match kind {
        ValueKind::Flag => (value.is_boolean(), "`true` or `false`"),
        ValueKind::Text => (value.is_string(), "a string"),
        ValueKind::Texts => (are(Value::is_string), "an array of strings"),
        ValueKind::TextOrTexts => (
            value.is_string() || are(Value::is_string),
            "a string or an array of strings",
        ),
        ValueKind::Status => (
            value
                .as_u64()
                .is_some_and(|code| (100..600).contains(&code)),
            "a status code, such as 200",
        ),
        ValueKind::Objects => (are(Value::is_object), "an array of objects"),
        ValueKind::Target => return wrong_target(key, value),
    };
    // `null` counts as absent.
    if is_right || value.is_null() {
        return None;
    }
    // Both docproof and API Doctor accept a boolean in quotes.
    let flag = value
        .as_str()
        .map(|text| text.trim().to_ascii_lowercase())
        .filter(|text| kind == ValueKind::Flag && matches!(&**text, "true" | "false"));
    let severity = match flag {
        Some(_) => Severity::Info,
        None => ANNOTATION_VALUE.severity(),
    };
    Some(KeyFinding {
        key,
        is_value: true,
        message: format!("`{key}` must be {wanted}, got {}", described(value)),
        help: match (&flag, value) {
            (Some(flag), _) => format!("remove the quotes: `{flag}`"),
            (None, Value::String(_)) if kind == ValueKind::Texts => format!("write `[{value}]`"),
            (None, _) => format!("write {wanted}"),
        },
        instead: flag,
        severity,
    })
}

fn wrong_target<'k>(key: &'k str, value: &Value) -> Option<KeyFinding<'k>> {
    let name = value.as_str().map(str::trim);
    let is_known = name.is_some_and(|name| TARGETS.iter().any(|it| it.eq_ignore_ascii_case(name)));
    if is_known || value.is_null() {
        return None;
    }
    let near = name.and_then(|name| near(name, TARGETS));
    Some(KeyFinding {
        key,
        is_value: true,
        message: format!(
            "`{key}` is {}, which is not a known target",
            described(value)
        ),
        help: near.map_or_else(
            || format!("use one of {}", TARGETS.join(", ")),
            |near| format!("did you mean `{near}`?"),
        ),
        instead: None,
        severity: ANNOTATION_VALUE.severity(),
    })
}

/// Describes a value for a message.
fn described(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => "a string".to_owned(),
        Value::String(_) => format!("the string `{value}`"),
        _ => format!("`{value}`"),
    }
}

/// Reports a key that is a likely typo of a known key. A page may have other
/// keys.
fn of_page(key: &str) -> Option<KeyFinding<'_>> {
    let name = near(key, PAGE_KEYS).filter(|name| {
        *name != key
            && (name.eq_ignore_ascii_case(key)
                || strsim::normalized_damerau_levenshtein(key, name) > 0.8)
    })?;
    Some(KeyFinding {
        key,
        is_value: false,
        message: format!("unknown page annotation key `{key}`"),
        help: format!("did you mean `{name}`?"),
        instead: None,
        severity: ANNOTATION_UNKNOWN_KEY.severity(),
    })
}

/// Reports examples without an annotation, which are not checked unless they are
/// recognised. A page without any annotation gets one finding.
fn missing(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let read = parsed.annotated.iter().map(|block| block.fence.span);
    // Requests without a response have a finding of their own rule.
    let alone = parsed.extracted.recognised.alone.iter().copied();
    let read: HashSet<usize> = read.chain(alone).map(|span| span.start).collect();
    let mut has_annotations = false;
    // Annotations that cannot be read or are not directly above a fence have
    // findings of their own rules.
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
                    && !read.contains(&fence.span.start)
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
        let more = match count - shown {
            0 => String::new(),
            more => format!(" ({more} more on this page)"),
        };
        let message = format!("{what} has no annotation and is not checked{more}");
        let ignored = match block_type {
            "ignored" => "",
            _ => ", or `ignored`",
        };
        found.push(
            Diagnostic::at(parsed.page, &MISSING_ANNOTATION, span, message).help(format!(
                "add `<!-- {{ \"blockType\": \"{block_type}\" }} -->` above it{ignored}"
            )),
        );
    }
}

/// What a fence shows, and the block type for it.
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

/// Whether the text after a method is a request target, and not the rest of a
/// sentence or of a query.
fn is_target(target: &str) -> bool {
    let is_url = target.starts_with('/') || target.contains("://");
    is_url && !target.contains(' ')
}

#[cfg(test)]
mod tests;
