//! Documented bodies held against the documented types, as the answers of a
//! service are, but for what a page may leave out.
//!
//! Bodies are checked by [`crate::check::types`]; here they are found in the page,
//! and what is wrong with them is put into words, at the very bytes.

mod body;
mod resource;
mod tables;
mod tell;
mod words;

use std::collections::HashMap;

use super::{Parsed, Site};
use crate::page::extract::BlockType;
use crate::text::finding::Diagnostic;
pub(super) use tables::TableWords;

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut resources = site.resources_of(parsed.page).iter();
    // The first request that each response answers.
    let mut answered = HashMap::new();
    for (case, places) in parsed.extracted.cases.iter().zip(&parsed.extracted.places) {
        if let Some(response) = &places.response {
            answered.entry(response.block.start).or_insert(case);
        }
    }
    for block in &parsed.annotated {
        if block.annotation.block_type == BlockType::Resource {
            // They are in the order of the page.
            if let Some(resource) = resources.next() {
                resource::check(site, parsed.page, block, resource, found);
            }
        } else {
            let case = answered.get(&block.fence.span.start).copied();
            body::check(site, parsed.page, block, case, found);
        }
    }
}

/// Checks what only all pages show together.
pub(super) fn check_site(site: &Site<'_>) -> Vec<Diagnostic> {
    resource::duplicates(site)
}

#[cfg(test)]
mod tests;
