//! A case whose placeholders need values, and where they come from.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::producer::{Producer, Resource};
use super::shape::Shape;
use super::unbound::{Reason, Unbound};
use crate::page::case::Case;
use crate::project::config::Service;

/// What is known in addition to the docs.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownValues {
    /// The cases that have a scenario.
    pub cases: HashSet<usize>,
    /// The placeholders that have a value.
    pub vars: BTreeSet<String>,
    /// The names of shared steps.
    pub steps: BTreeSet<String>,
    /// The documented URLs of the service.
    pub services: Vec<Service>,
}

/// Returns the name under which the value of a placeholder is known.
fn given<'a>(placeholder: &'a str, known: &KnownValues) -> Option<&'a str> {
    let mut names = std::iter::once(placeholder).chain(placeholder.split('|').map(str::trim));
    names.find(|name| known.vars.contains(*name))
}

/// The origin of a slot's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The value is known.
    Given,
    /// The first item of a list.
    Listed,
    /// A new resource.
    Made,
}

/// A case whose placeholders need values.
pub(super) struct Consumer<'a> {
    pub(super) index: usize,
    pub(super) case: &'a Case,
    pub(super) shape: &'a Shape,
    /// The names of the known variables, by slot.
    pub(super) given: Vec<Option<&'a str>>,
    /// The placeholders that are not keys and have no value.
    others: Vec<&'a (String, Reason)>,
}

impl<'a> Consumer<'a> {
    pub(super) fn new(index: usize, case: &'a Case, shape: &'a Shape, known: &KnownValues) -> Self {
        let slots = shape.slots.iter();
        let others = shape.others.iter();
        Self {
            index,
            case,
            shape,
            given: slots.map(|slot| given(&slot.name, known)).collect(),
            others: others
                .filter(|(name, _)| given(name, known).is_none())
                .collect(),
        }
    }

    pub(super) fn is_bound(&self) -> bool {
        self.others.is_empty() && self.given.iter().all(Option::is_some)
    }

    fn writes(&self) -> bool {
        let method = self.case.request.method.to_ascii_uppercase();
        !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Returns whether the docs can create the slot's value, and whether they
    /// list it.
    fn sources(&self, slot: usize, resources: &HashMap<String, Resource>) -> (bool, bool) {
        let Some(resource) = resources.get(self.shape.collection(slot)) else {
            return (false, false);
        };
        let name = &self.shape.slots[slot].name;
        let gives = |producer: &Option<Producer>| {
            producer
                .as_ref()
                .is_some_and(|producer| producer.member(name).is_some())
        };
        (gives(&resource.make), gives(&resource.list))
    }

    /// Chooses the origins. A request that only reads prefers values that are
    /// only read; other requests create as many as possible. Below a new
    /// resource everything is new, since its lists are empty.
    pub(super) fn choose(&self, resources: &HashMap<String, Resource>) -> Option<Vec<Origin>> {
        let count = self.shape.slots.len();
        let sources: Vec<(bool, bool)> = (0..count)
            .map(|slot| self.sources(slot, resources))
            .collect();
        let is_given = |slot: usize| self.given[slot].is_some();
        let fits = |from: usize| {
            (0..count).all(|slot| {
                let (made, listed) = sources[slot];
                is_given(slot) || if slot < from { listed } else { made }
            })
        };
        let last_is_made =
            |from: usize| !self.writes() || from < count || count == 0 || is_given(count - 1);
        let read_only = Some(count).filter(|from| !self.writes() && fits(*from));
        let from =
            read_only.or_else(|| (0..=count).find(|from| fits(*from) && last_is_made(*from)))?;
        let origin = |slot: usize| match (is_given(slot), slot < from) {
            (true, _) => Origin::Given,
            (false, true) => Origin::Listed,
            (false, false) => Origin::Made,
        };
        Some((0..count).map(origin).collect())
    }

    /// Returns the placeholders without a value.
    pub(super) fn unbound(
        &self,
        cases: &[Case],
        resources: &HashMap<String, Resource>,
    ) -> Vec<Unbound> {
        let unbound = |name: &str, reason, detail: String| Unbound {
            case: self.index,
            placeholder: name.to_owned(),
            reason,
            detail,
        };
        let mut all = Vec::new();
        for (at, slot) in self.shape.slots.iter().enumerate() {
            if self.given[at].is_some() {
                continue;
            }
            if self.sources(at, resources) != (false, false) {
                continue;
            }
            let collection = self.shape.collection(at);
            let no_producer = resources.get(collection).and_then(|resource| {
                let nameless = || {
                    let producer = resource.make.as_ref().or(resource.list.as_ref())?;
                    Some((producer.case, "documents a body without an `id`"))
                };
                let (case, no_producer) = resource.no_producer.or_else(nameless)?;
                let case = &cases[case];
                Some(format!(
                    "{} at {}:{} {no_producer}",
                    case.request.method, case.page, case.line
                ))
            });
            all.push(match no_producer {
                Some(detail) => unbound(&slot.name, Reason::NoKey, detail),
                None => unbound(&slot.name, Reason::NoProducer, collection.to_owned()),
            });
        }
        let mut reported = HashSet::new();
        for (name, reason) in &self.others {
            if reported.insert((name, reason)) {
                all.push(unbound(name, *reason, String::new()));
            }
        }
        if all.is_empty()
            && self.choose(resources).is_none()
            && let Some(last) = self.shape.slots.len().checked_sub(1)
        {
            let (made, _) = self.sources(last, resources);
            let slot = &self.shape.slots[last];
            let reason = if self.writes() && !made {
                Reason::OnlyListed
            } else {
                Reason::ListedUnderMade
            };
            all.push(unbound(
                &slot.name,
                reason,
                self.shape.collection(last).to_owned(),
            ));
        }
        all
    }
}
