//! Rules that compare documented bodies with the documented types, like
//! responses of a service, but with the omissions that pages may make.
//!
//! [`crate::check::types`] does the comparison. This module locates the bodies
//! in the page and turns the results into findings at exact spans.

mod body;
mod claims;
mod diagnose;
mod locate;
mod phrase;
mod resource;
pub(super) mod table_members;

use std::collections::HashMap;

use super::site::{Parsed, Site};
use crate::page::extract::{BlockType, HttpBlock};
use crate::text::finding::Diagnostic;

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut resources = parsed.extracted.resources.iter();
    // The first case of each response.
    let mut answered = HashMap::new();
    for (case, places) in parsed.extracted.cases.iter().zip(&parsed.extracted.places) {
        if let Some(response) = &places.response {
            answered.entry(response.block.start).or_insert(case);
        }
    }
    for (block, json) in site.blocks(parsed) {
        if block.annotation.block_type == BlockType::Resource {
            // In document order, as the blocks are.
            if let Some(resource) = resources.next() {
                resource::check(site, parsed.page, block, resource, json, found);
            }
            continue;
        }
        if let HttpBlock::Response(read) = &block.message
            && let Some((response, ranges)) = &read.message
        {
            let start_line = block.fence.text.span(ranges.start_line.clone());
            claims::response(site, parsed.page, block, response, start_line, json, found);
        }
        if let Some(json) = json.filter(|json| json.is_object_or_array()) {
            let case = answered.get(&block.fence.span.start).copied();
            body::check(site, parsed.page, block, json, case, found);
        }
    }
}

/// Checks all pages together.
pub(super) fn check_site(site: &Site<'_>) -> Vec<Diagnostic> {
    resource::duplicates(site)
}

#[cfg(test)]
mod tests;
