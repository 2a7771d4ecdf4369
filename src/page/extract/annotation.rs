//! Annotations: JSON comments that describe the block below them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::http::text as message_text;
use crate::json::leniency::by_kind;
use crate::json::{self, NodeValue};
use crate::page::markdown::Comment;
use crate::text::finding::{Diagnostic, distance, nearest};
use crate::text::rules::{
    ANNOTATION_DANGLING, ANNOTATION_LENIENT, ANNOTATION_SYNTAX, ANNOTATION_UNKNOWN_TYPE,
};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Span};

/// The block types of annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockType {
    /// An HTTP request.
    Request,
    /// An HTTP response.
    Response,
    /// A resource: a JSON object with the type of each member.
    Resource,
    /// An example of a resource.
    Example,
    /// A response that is used in place of the service.
    SimulatedResponse,
    /// A block to skip.
    Ignored,
    /// Code samples.
    Samples,
    /// Parameters for tests.
    TestParams,
    /// The permissions that a request needs: a table, or its include.
    Permissions,
    /// Any other name.
    Unknown,
}

const BLOCK_TYPES: [(&str, BlockType); 10] = [
    ("request", BlockType::Request),
    ("response", BlockType::Response),
    ("resource", BlockType::Resource),
    ("example", BlockType::Example),
    ("simulatedResponse", BlockType::SimulatedResponse),
    ("ignored", BlockType::Ignored),
    ("ignore", BlockType::Ignored),
    ("samples", BlockType::Samples),
    ("testParams", BlockType::TestParams),
    ("permissions", BlockType::Permissions),
];

/// An annotation that binds to the next fence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BlockAnnotation {
    /// The block type.
    pub block_type: BlockType,
    /// All keys, in the order of the page.
    pub keys: Map<String, Value>,
    /// The comment.
    pub span: Span,
    /// The value of `name`.
    pub name: Option<Span>,
}

/// Reads a comment. Most comments are not annotations. The annotation of the page
/// (`"type": "#page.annotation"`) is checked, but does not bind to a fence.
pub(super) fn read(
    page: &Page,
    comment: &Comment<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<BlockAnnotation> {
    let text = &*comment.text.text;
    if !may_be_annotation(text) {
        return None;
    }
    let mut refuse = |message: &str, span: Span, help: &str| {
        diagnostics.push(Diagnostic::at(page, &ANNOTATION_SYNTAX, span, message).help(help));
    };
    let (node, leniencies) = match json::read_with_leniencies(text) {
        Ok(read) => read,
        Err(unreadable) => {
            if is_meant_as_annotation(text) {
                let range = unreadable.range(text);
                let span = if range.is_empty() {
                    // The error is at the end of the comment.
                    comment.span
                } else {
                    comment.text.span(range)
                };
                let message = format!("this annotation is not valid JSON: {}", unreadable.message);
                refuse(&message, span, unreadable.help(text));
            }
            return None;
        }
    };
    let name = match &node.value {
        NodeValue::Object(members) => members.iter().rfind(|member| member.key == "name"),
        _ => None,
    };
    let name = name.map(|member| comment.text.span(member.value.range.clone()));
    let Value::Object(keys) = node.to_value() else {
        if is_meant_as_annotation(text) {
            let help = "write a JSON object, such as {\"blockType\": \"request\"}";
            refuse("this annotation is not a JSON object", comment.span, help);
        }
        return None;
    };
    let is_page = keys
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|name| name.eq_ignore_ascii_case("#page.annotation"));
    let block_type = keys.get("blockType");
    if !is_page && block_type.is_none() {
        if let Some(key) = keys.keys().find(|key| is_near_key(key, &keys)) {
            let how = if key.eq_ignore_ascii_case("blockType") {
                "differs from `blockType` only in case"
            } else {
                "is not a key of annotations, so the block below is not read"
            };
            let message = format!("`{key}` {how}");
            refuse(&message, comment.span, "write `blockType`");
        }
        return None;
    }
    diagnostics.extend(by_kind(leniencies).into_iter().map(|leniency| {
        let edits = leniency
            .fix
            .iter()
            .map(|(range, instead)| comment.text.edit(&page.text, range.clone(), instead));
        let fix: Option<Vec<Edit>> = edits.collect();
        Diagnostic::at(
            page,
            &ANNOTATION_LENIENT,
            comment.text.span(leniency.range.clone()),
            format!("this annotation has {}", leniency.describe()),
        )
        .help(leniency.kind.help())
        .fix(fix.unwrap_or_default())
    }));
    let block_type = known_type(page, comment, block_type?, diagnostics);
    Some(BlockAnnotation {
        block_type,
        keys,
        span: comment.span,
        name,
    })
}

/// Cheap pre-filter: an annotation contains `blockType` in any case, an escape,
/// or the `#` of the page's annotation. A comment in braces may have a misspelt
/// key.
fn may_be_annotation(text: &str) -> bool {
    text.contains(['\\', '#'])
        || text.trim_start().starts_with('{')
        || text.to_ascii_lowercase().contains("blocktype")
}

/// Whether a key is a misspelt `blockType`: in other case, with other
/// separators, or with a typo. A typo counts only beside what an annotation has:
/// the name of a block type, or another key of annotations.
fn is_near_key(key: &str, keys: &Map<String, Value>) -> bool {
    const WORD: &str = "blocktype";
    let letters: String = key
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
        .take(2 * WORD.len())
        .collect();
    let letters = letters.to_ascii_lowercase();
    if letters == WORD {
        return true;
    }
    let is_type = |value: &Value| value.as_str().is_some_and(|name| near_type(name).is_some());
    let has_other = ["name", "@odata.type", "isCollection", "scopes", "truncated"]
        .iter()
        .any(|other| keys.contains_key(*other));
    distance(&letters, WORD) <= 2 && (keys.get(key).is_some_and(is_type) || has_other)
}

/// The block type that a name is, or is a typo of.
fn near_type(name: &str) -> Option<&'static str> {
    let name = name.trim().to_ascii_lowercase();
    let is_near = |known: &str| {
        let known = known.to_ascii_lowercase();
        // Block types of other tools differ in more letters.
        let most = if known.len() < 8 && name.len() < 5 {
            1
        } else {
            2
        };
        name.len() < 2 * known.len() && distance(&name, &known) <= most
    };
    let mut names = BLOCK_TYPES.iter().map(|(known, _)| *known);
    names.find(|known| is_near(known))
}

/// Whether a comment is an annotation without a block type: a JSON object with
/// keys of annotations.
pub(super) fn lacks_type(comment: &Comment<'_>) -> bool {
    const KEYS: [&str; 12] = [
        "@odata.type",
        "baseType",
        "collectionProperty",
        "expectError",
        "isCollection",
        "keyProperty",
        "name",
        "nullableProperties",
        "optionalProperties",
        "sampleKeys",
        "scopes",
        "truncated",
    ];
    let text = &*comment.text.text;
    if !text.trim_start().starts_with('{') {
        return false;
    }
    let node = json::read(text).ok();
    let Some(NodeValue::Object(members)) = node.map(|node| node.value) else {
        return false;
    };
    let has = |test: &dyn Fn(&str) -> bool| members.iter().any(|member| test(&member.key));
    // Those with `type` are of the page.
    let others = ["blockType", "type"];
    let is_other = |key: &str| others.iter().any(|other| key.eq_ignore_ascii_case(other));
    has(&|key| KEYS.contains(&key)) && !has(&is_other)
}

/// A finding about an annotation without a block type above a block that is an
/// example.
pub(super) fn without_type(page: &Page, annotation: Span, block: &str) -> Option<Diagnostic> {
    let first = block.trim_start().lines().next().unwrap_or_default();
    let block_type = if message_text::response(first).message.is_some() {
        "response"
    } else if message_text::request(first).message.is_some() {
        "request"
    } else if first.starts_with(['{', '[']) {
        "resource"
    } else {
        return None;
    };
    let message = "annotation has no `blockType`, so the block below is not read";
    let finding = Diagnostic::at(page, &ANNOTATION_SYNTAX, annotation, message);
    Some(finding.help(format!("add `\"blockType\": \"{block_type}\"`")))
}

/// A finding if an inline comment looks like an annotation. Only comments in
/// HTML blocks are annotations.
pub(super) fn inline(page: &Page, comment: &Comment<'_>) -> Option<Diagnostic> {
    is_meant_as_annotation(&comment.text.text).then(|| {
        Diagnostic::at(
            page,
            &ANNOTATION_DANGLING,
            comment.span,
            "this annotation does not apply to a code block: it is inside a paragraph",
        )
        .help("put it on a separate line, directly above its fenced code block")
    })
}

/// Whether an invalid comment was meant as an annotation. Prose that mentions
/// `blockType` was not.
fn is_meant_as_annotation(text: &str) -> bool {
    const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];
    let start = text.trim_start();
    if !start.starts_with(['{', '['])
        && !start.starts_with(QUOTES)
        && !start.starts_with("blockType")
    {
        return false;
    }
    let names = |key: &str| {
        text.match_indices(key).any(|(at, _)| {
            let after = text[at + key.len()..].trim_start_matches(QUOTES);
            after.trim_start().starts_with([':', '=', '"'])
        })
    };
    names("blockType") || (text.contains("#page.annotation") && names("type"))
}

fn known_type(
    page: &Page,
    comment: &Comment<'_>,
    written: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> BlockType {
    let name = written.as_str().map(str::trim);
    let known = name.and_then(|name| {
        BLOCK_TYPES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
    });
    if let Some((known, block_type)) = known {
        if *known == "ignore" {
            diagnostics.push(old_ignored(page, comment));
        }
        return *block_type;
    }
    let shown = name.map_or_else(|| written.to_string(), str::to_owned);
    let names = BLOCK_TYPES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != "ignore");
    let help = match nearest(&shown, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", names.collect::<Vec<_>>().join(", ")),
    };
    let span = place_of_type(page, comment).unwrap_or(comment.span);
    diagnostics.push(
        Diagnostic::at(
            page,
            &ANNOTATION_UNKNOWN_TYPE,
            span,
            format!("`{shown}` is not a block type"),
        )
        .severity(match near_type(&shown) {
            Some(_) => Severity::Error,
            None => ANNOTATION_UNKNOWN_TYPE.severity(),
        })
        .help(help),
    );
    BlockType::Unknown
}

/// A finding about the block type `ignore`, a common mistake for `ignored`. API
/// Doctor does not know it.
fn old_ignored(page: &Page, comment: &Comment<'_>) -> Diagnostic {
    let place = place_of_type(page, comment);
    let span = place.unwrap_or(comment.span);
    let is_whole = |span: &Span| page.slice(*span).eq_ignore_ascii_case("ignore");
    let fix = place.filter(is_whole).map(|span| Edit {
        span,
        text: "ignored".to_owned(),
    });
    Diagnostic::at(
        page,
        &ANNOTATION_LENIENT,
        span,
        "`ignore` is not a standard block type; the name is `ignored`",
    )
    .help("write `ignored`")
    .fix(fix.into_iter().collect())
}

/// The spans of the keys of a valid annotation and of their values. For a
/// duplicate key, those of the last one, which is used.
pub(crate) fn places_of(comment: &Comment<'_>) -> HashMap<String, (Span, Span)> {
    let node = json::read(&comment.text.text).ok();
    let Some(NodeValue::Object(members)) = node.map(|node| node.value) else {
        return HashMap::new();
    };
    let places = members.into_iter().map(|member| {
        let key = comment.text.span(member.key_range);
        let value = comment.text.span(member.value.range);
        (member.key.into_owned(), (key, value))
    });
    places.collect()
}

/// The span of the block type in an annotation, without quotes.
fn place_of_type(page: &Page, comment: &Comment<'_>) -> Option<Span> {
    let (_, span) = *places_of(comment).get("blockType")?;
    let is_quoted = page.slice(span).starts_with(['"', '\'']);
    Some(if is_quoted {
        Span::new(span.start + 1, span.end - 1)
    } else {
        span
    })
}
