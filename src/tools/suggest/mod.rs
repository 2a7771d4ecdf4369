//! Draft scenarios: the placeholders of a request take the values that other
//! documented responses give.
//!
//! A `POST /things` whose documented response has an `id` and a type gives the
//! `{id}` of all below `/things/{id}`, and so does the first of what
//! `GET /things` lists. A request that only reads takes what is there already,
//! so that its draft writes nothing. What a request that writes acts on is made
//! for it, and removed afterwards by the documented `DELETE /things/{id}`: no
//! draft changes or deletes what it has not made.

mod draft;
mod name;
mod producer;
mod shape;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::page::case::Case;
use crate::project::config::Service;
use crate::project::scenario::data::FileData;
use draft::Drafts;
use producer::{Resource, resources};
use shape::{Shape, shape};

/// What is known beside the docs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The cases that have a scenario.
    pub cases: HashSet<usize>,
    /// The placeholders that have a value.
    pub vars: BTreeSet<String>,
    /// The names of shared steps.
    pub steps: BTreeSet<String>,
    /// The URL that the base URL of a service stands for.
    pub service: Option<Service>,
}

/// Draft scenarios, and what they leave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suggestion {
    /// The drafts.
    pub file: FileData,
    /// How many cases have placeholders without a value, and no scenario.
    pub open: usize,
    /// The ids of cases that drafts send, and that make what no documented
    /// DELETE removes.
    pub kept: BTreeSet<String>,
    /// The placeholders that stay unbound, by case.
    pub unbound: Vec<Unbound>,
}

/// A placeholder that stays unbound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unbound {
    /// The case, by its index.
    pub case: usize,
    /// The placeholder.
    pub placeholder: String,
    /// Why.
    pub reason: Reason,
    /// What more there is to say.
    pub detail: String,
}

/// Why a placeholder stays unbound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reason {
    /// Nothing is documented at its collection's URL.
    NoProducer,
    /// What is documented there does not give it.
    NoKey,
    /// A request that writes needs what is made for it, and nothing makes it.
    OnlyListed,
    /// It is listed under what can only be made, where nothing is yet.
    ListedUnderMade,
    /// It is the path of a file, which is the reader's choice.
    Path,
    /// It is an argument of a function.
    Argument,
    /// It is only a part of a segment.
    PartOfSegment,
    /// It stands in the query.
    Query,
    /// It stands in the host.
    Host,
    /// The target has too many.
    TooMany,
    /// A variable cannot have its name.
    Name,
}

impl Reason {
    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoProducer => "no-producer",
            Self::NoKey => "no-key",
            Self::OnlyListed => "only-listed",
            Self::ListedUnderMade => "listed-under-made",
            Self::Path => "path",
            Self::Argument => "function-argument",
            Self::PartOfSegment => "part-of-segment",
            Self::Query => "query",
            Self::Host => "host",
            Self::TooMany => "too-many",
            Self::Name => "name",
        }
    }

    /// What it means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::NoProducer => "no POST or GET of its collection is documented",
            Self::NoKey => "no documented POST or GET of its collection gives it",
            Self::OnlyListed => {
                "the request writes, and nothing documented makes what it would act on"
            }
            Self::ListedUnderMade => "a list below what has just been made would be empty",
            Self::Path => "a path is yours to choose",
            Self::Argument => "the argument of a function is yours to choose",
            Self::PartOfSegment => "it is only a part of a segment",
            Self::Query => "a value in the query is yours to choose",
            Self::Host => "it stands in the host",
            Self::TooMany => "the URL has too many placeholders",
            Self::Name => "a variable cannot have its name; leave `$`, `{` and `}` out",
        }
    }
}

/// Drafts scenarios for those of the cases that are wanted.
pub(crate) fn suggest(cases: &[Case], wanted: impl Fn(&Case) -> bool, known: &Known) -> Suggestion {
    let resources = resources(cases, known.service.as_ref());
    let mut drafts = Drafts::new(cases, &resources, known);
    let mut suggestion = Suggestion::default();
    for (index, case) in cases.iter().enumerate() {
        // What is not sent in any way needs no value.
        let is_sent = case.response.is_some();
        if !wanted(case) || !is_sent || known.cases.contains(&index) {
            continue;
        }
        let Some(shape) = shape(&case.request.target, known.service.as_ref()) else {
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

/// The name by which a placeholder's value is known, if it is.
fn given<'a>(placeholder: &'a str, known: &Known) -> Option<&'a str> {
    let mut names = std::iter::once(placeholder).chain(placeholder.split('|').map(str::trim));
    names.find(|name| known.vars.contains(*name))
}

/// Where the value of a slot comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It is known already.
    Given,
    /// It is taken from a list.
    Listed,
    /// It is made.
    Made,
}

/// A case whose placeholders are to be bound.
struct Consumer<'a> {
    index: usize,
    case: &'a Case,
    shape: &'a Shape,
    /// The names of the variables that are known, by slot.
    given: Vec<Option<&'a str>>,
    /// The placeholders that are no keys and have no value.
    others: Vec<&'a (String, Reason)>,
}

impl<'a> Consumer<'a> {
    fn new(index: usize, case: &'a Case, shape: &'a Shape, known: &Known) -> Self {
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

    fn is_bound(&self) -> bool {
        self.others.is_empty() && self.given.iter().all(Option::is_some)
    }

    fn writes(&self) -> bool {
        let method = self.case.request.method.to_ascii_uppercase();
        !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// Whether a slot's value is made, and whether it is listed, by the docs.
    fn sources(&self, slot: usize, resources: &HashMap<String, Resource>) -> (bool, bool) {
        let Some(resource) = resources.get(self.shape.collection(slot)) else {
            return (false, false);
        };
        let name = &self.shape.slots[slot].name;
        let gives = |producer: &Option<producer::Producer>| {
            producer
                .as_ref()
                .is_some_and(|producer| producer.member(name).is_some())
        };
        (gives(&resource.make), gives(&resource.list))
    }

    /// Where the values come from: of all ways, that which only reads where the
    /// request itself only reads, or else that which makes the most. Below what
    /// is made all is made, for lists are empty there.
    fn choose(&self, resources: &HashMap<String, Resource>) -> Option<Vec<Origin>> {
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

    /// The placeholders for which no value is found.
    fn unbound(&self, cases: &[Case], resources: &HashMap<String, Resource>) -> Vec<Unbound> {
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
            let lack = resources.get(collection).and_then(|resource| {
                let nameless = || {
                    let producer = resource.make.as_ref().or(resource.list.as_ref())?;
                    Some((producer.case, "documents a body without an `id`"))
                };
                let (case, lack) = resource.lack.or_else(nameless)?;
                let case = &cases[case];
                Some(format!(
                    "{} at {}:{} {lack}",
                    case.request.method, case.page, case.line
                ))
            });
            all.push(match lack {
                Some(detail) => unbound(&slot.name, Reason::NoKey, detail),
                None => unbound(&slot.name, Reason::NoProducer, collection.to_owned()),
            });
        }
        let mut told = HashSet::new();
        for (name, reason) in &self.others {
            if told.insert((name, reason)) {
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

#[cfg(test)]
mod tests;
