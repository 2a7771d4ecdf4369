//! Documented bodies: those of responses, of requests that name a type, and
//! stand-alone examples.

use serde_json::{Map, Value};

use super::claims;
use super::diagnose::diagnose;
use super::locate::DocumentedBody;
use crate::check::rules::json_text::JsonText;
use crate::check::rules::site::Site;
use crate::check::types::{self, Against, Expectation, Facts, LargeNumbers, type_name};
use crate::http::media_type::MediaType;
use crate::http::message::{Headers, Response};
use crate::json::Layout;
use crate::page::case::Case;
use crate::page::extract::{Annotated, BlockType, HttpBlock};
use crate::text::finding::Diagnostic;
use crate::text::source::Page;

/// Checks a block. `case` is its first case, if it is a response.
pub(super) fn check(
    site: &Site<'_>,
    page: &Page,
    block: &Annotated<'_>,
    json: &JsonText<'_>,
    case: Option<&Case>,
    found: &mut Vec<Diagnostic>,
) {
    let keys = &block.annotation.keys;
    if !is_typed(block, json) {
        return;
    }
    let body = DocumentedBody {
        page,
        block,
        keys,
        json,
    };
    // A request may omit any member.
    let partial = (block.annotation.block_type == BlockType::Request).then(|| {
        let mut keys = keys.clone();
        keys.insert("truncated".to_owned(), Value::Bool(true));
        keys
    });
    // The rule `json-syntax` reports what is not JSON. A body that can be fixed
    // is checked as if it were fixed.
    let Some(root) = json.node() else {
        return;
    };
    let no_headers = Headers::default();
    let asked = case.map_or(&no_headers, |case| &case.request.headers);
    let facts = Facts {
        keys: partial.as_ref().unwrap_or(keys),
        target: case.map_or("", |case| &case.request.target),
        against: Against::Resource,
        numbers: match block.message.content() {
            Some((headers, _)) => LargeNumbers::of(headers, asked),
            None => LargeNumbers::Numbers,
        },
        layout: Layout::Value,
    };
    let expectation = Expectation::of_node(&facts, Some(root), &site.types);
    claims::check(site, &body, root, &expectation, found);
    let findings = types::check_node(root, &expectation, &site.types).list;
    if !findings.is_empty() || json.text.contains(types::TAG) {
        diagnose(site, &body, root, &findings, found);
    }
}

/// Whether the JSON of a block is to be compared with a type.
fn is_typed(block: &Annotated<'_>, json: &JsonText<'_>) -> bool {
    let keys = &block.annotation.keys;
    let is_bare = json.range.start == 0;
    match (block.annotation.block_type, &block.message) {
        (BlockType::Example, _) => is_bare,
        (BlockType::SimulatedResponse, _) if is_bare => true,
        (_, HttpBlock::Response(read)) => {
            let response = read.message.as_ref().map(|(response, _)| response);
            response.is_some_and(|response| is_typed_response(response, keys))
        }
        (_, HttpBlock::Request(read)) => read.message.is_some() && type_name(keys).is_some(),
        _ => false,
    }
}

/// Whether a response is not declared as another type than JSON, nor an error
/// that the annotation does not mention.
fn is_typed_response(response: &Response, keys: &Map<String, Value>) -> bool {
    let media_type = MediaType::of(&response.headers);
    let says_json = media_type.is_none_or(|media_type| media_type.is_json());
    says_json && (response.status.class() < 4 || keys.contains_key("expectError"))
}
