//! Drafts of scenarios: placeholders of a request get values from other
//! documented responses.
//!
//! A `POST /things` whose documented response has an `id` and a type provides
//! the `{id}` of everything below `/things/{id}`. So does the first item of
//! `GET /things`. A request that only reads uses existing resources, so that
//! its draft writes nothing. A request that writes gets a new resource, which
//! the documented `DELETE /things/{id}` removes afterwards: drafts never change
//! or delete anything that they did not create.

mod consumer;
mod draft;
mod name;
mod producer;
mod shape;
mod unbound;

use std::collections::BTreeSet;

use crate::page::alternatives::Alternatives;
use crate::page::case::Case;
use crate::project::scenario::data::FileData;
use consumer::Consumer;
pub(crate) use consumer::KnownValues;
use draft::Drafts;
use producer::resources;
use shape::shape;
pub(crate) use unbound::{Reason, Unbound};

/// The drafts, and what they do not cover.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suggestion {
    /// The drafts.
    pub file: FileData,
    /// Number of cases that have placeholders without a value, and no scenario.
    pub open: usize,
    /// Ids of cases in drafts whose new resources no documented DELETE removes.
    pub kept: BTreeSet<String>,
    /// The placeholders that stay unbound, by case.
    pub unbound: Vec<Unbound>,
}

/// Drafts scenarios for the selected cases.
pub(crate) fn suggest(
    cases: &[Case],
    wanted: impl Fn(&Case) -> bool,
    known: &KnownValues,
) -> Suggestion {
    let resources = resources(cases, &known.services);
    let mut drafts = Drafts::new(cases, &resources, known);
    let mut suggestion = Suggestion::default();
    let alternatives = Alternatives::of(cases);
    for (index, case) in cases.iter().enumerate() {
        // Cases without a response are not sent, and what provokes an alternative is
        // not known.
        let is_sent = case.response.is_some() && !alternatives.has(&case.id);
        if !wanted(case) || !is_sent || known.cases.contains(&index) {
            continue;
        }
        let Some(shape) = shape(&case.request.target, &known.services) else {
            continue;
        };
        let consumer = Consumer::new(index, case, &shape, known);
        let unbound = consumer.unbound(cases, &resources);
        if consumer.is_bound() {
            continue;
        }
        suggestion.open += 1;
        match consumer.choose(&resources) {
            Some(choice) if unbound.is_empty() => drafts.add(&consumer, &choice),
            _ => suggestion.unbound.extend(unbound),
        }
    }
    suggestion.kept = std::mem::take(&mut drafts.kept);
    suggestion.file = drafts.finish();
    suggestion
}

#[cfg(test)]
mod tests;
