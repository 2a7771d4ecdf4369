//! Documented bodies: those of responses, of requests that name a type, and
//! stand-alone examples.

use std::ops::Range;

use serde_json::{Map, Value};

use super::diagnose::diagnose;
use super::locate::DocumentedBody;
use crate::check::rules::site::Site;
use crate::check::types::{self, Against, Expectation, type_name};
use crate::http::media_type::MediaType;
use crate::http::text as message_text;
use crate::json;
use crate::page::case::Case;
use crate::page::extract::{Annotated, BlockType};
use crate::text::finding::Diagnostic;
use crate::text::source::Page;

/// Checks a block. `case` is its first case, if it is a response.
pub(super) fn check(
    site: &Site<'_>,
    page: &Page,
    block: &Annotated<'_>,
    case: Option<&Case>,
    found: &mut Vec<Diagnostic>,
) {
    let text = &*block.fence.text.text;
    let keys = &block.annotation.keys;
    let Some((range, is_partial)) = body_of(block, text) else {
        return;
    };
    let body = DocumentedBody {
        page,
        block,
        keys,
        text: &text[range.clone()],
        range,
    };
    let partial = is_partial.then(|| {
        let mut keys = keys.clone();
        keys.insert("truncated".to_owned(), Value::Bool(true));
        keys
    });
    // The rule `json-syntax` reports invalid JSON.
    let Ok(root) = json::read_strict(body.text.as_bytes()) else {
        return;
    };
    let expectation = Expectation::of_node(
        partial.as_ref().unwrap_or(keys),
        Some(&root),
        case.map_or("", |case| &case.request.target),
        Against::Resource,
        &site.types,
    );
    let findings = types::check_node(&root, &expectation, &site.types).list;
    if !findings.is_empty() || body.text.contains(types::TAG) {
        diagnose(site, &body, &root, &findings, found);
    }
}

/// The range of the JSON in a block, and whether it may always be partial.
fn body_of(block: &Annotated<'_>, text: &str) -> Option<(Range<usize>, bool)> {
    let keys = &block.annotation.keys;
    let whole = 0..text.len();
    let is_json = |range: &Range<usize>| text[range.clone()].trim_start().starts_with(['{', '[']);
    let (range, is_partial) = match block.annotation.block_type {
        BlockType::Example | BlockType::SimulatedResponse if is_json(&whole) => (whole, false),
        BlockType::Response | BlockType::SimulatedResponse => (response(text, keys)?, false),
        // A request may omit any member.
        BlockType::Request => {
            type_name(keys)?;
            (message_text::request(text).message?.1.body?, true)
        }
        _ => return None,
    };
    is_json(&range).then_some((range, is_partial))
}

/// The range of a response's body. Nothing if it is declared as another type
/// than JSON, or is an error that the annotation does not mention.
fn response(text: &str, keys: &Map<String, Value>) -> Option<Range<usize>> {
    let (response, ranges) = message_text::response(text).message?;
    let media_type = MediaType::of(&response.headers);
    let says_json = media_type.is_none_or(|media_type| media_type.is_json());
    let is_silent_error = response.status >= 400 && !keys.contains_key("expectError");
    ranges.body.filter(|_| says_json && !is_silent_error)
}
