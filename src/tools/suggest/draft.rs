//! Assembles drafts from the steps that provide their values.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use super::consumer::{Consumer, KnownValues, Origin};
use super::name::{Names, kebab, singular};
use super::producer::{Producer, Resource, producer};
use super::shape::Shape;
use crate::http::url::{Template, UrlTemplate};
use crate::page::case::Case;
use crate::project::scenario::data::{
    CaptureData, FileData, ScalarData, ScenarioData, StepData, VarData,
};

/// The drafts so far.
pub(super) struct Drafts<'a> {
    cases: &'a [Case],
    resources: &'a HashMap<String, Resource>,
    /// The names of captured values.
    captures: Names,
    /// The names of shared steps.
    steps: Names,
    /// The steps that provide values, without duplicates, by their JSON.
    providers: IndexMap<String, Provider>,
    made: Vec<Draft>,
    /// The cases whose new resources no documented request removes.
    pub kept: BTreeSet<String>,
}

/// A step that provides a value.
struct Provider {
    step: StepData,
    /// Its name if it is shared.
    name: String,
    /// The number of uses.
    uses: usize,
}

struct Draft {
    scenario: ScenarioData,
    /// Its set-up, by index into the steps that provide values.
    setup: Vec<usize>,
}

impl<'a> Drafts<'a> {
    pub(super) fn new(
        cases: &'a [Case],
        resources: &'a HashMap<String, Resource>,
        known: &KnownValues,
    ) -> Self {
        // A captured value would override a placeholder with its name.
        let placeholders = cases.iter().flat_map(|case| {
            let url = UrlTemplate::parse(&case.request.target).map(UrlTemplate::named);
            let headers = case.request.headers.iter();
            let headers: Vec<Template> = headers
                .map(|header| Template::parse(&header.value))
                .collect();
            let in_url = url.iter().flat_map(UrlTemplate::placeholders);
            let names = in_url.chain(headers.iter().flat_map(Template::placeholders));
            let names = names.flat_map(|name| name.split('|'));
            names.map(|name| name.trim().to_owned()).collect::<Vec<_>>()
        });
        let vars = known.vars.iter().cloned();
        Self {
            cases,
            resources,
            captures: Names::new(placeholders.chain(vars)),
            steps: Names::new(known.steps.iter().cloned()),
            providers: IndexMap::new(),
            made: Vec::new(),
            kept: BTreeSet::new(),
        }
    }

    /// Adds the draft of a case with these origins.
    pub(super) fn add(&mut self, consumer: &Consumer<'_>, origins: &[Origin]) {
        let shape = consumer.shape;
        let mut bindings: Vec<String> = Vec::new();
        let mut setup = Vec::new();
        let mut teardown = Vec::new();
        for (slot, origin) in origins.iter().enumerate() {
            let resource = self.resources.get(shape.collection(slot));
            let producer = resource.and_then(|resource| match origin {
                Origin::Given => None,
                Origin::Listed => resource.list.as_ref(),
                Origin::Made => resource.make.as_ref(),
            });
            let placeholder = &shape.slots[slot].name;
            let member =
                producer.and_then(|producer| Some((producer, producer.member(placeholder)?)));
            let Some((producer, member)) = member else {
                bindings.push(consumer.given[slot].unwrap_or(placeholder).to_owned());
                continue;
            };
            let (binding, step) = self.provider(shape, slot, *origin, producer, member, &bindings);
            setup.push(step);
            bindings.push(binding);
            let item = format!("{}/{{}}", shape.collection(slot));
            let delete = self
                .resources
                .get(&item)
                .and_then(|resource| resource.delete.as_ref());
            let is_it =
                consumer.case.request.method.eq_ignore_ascii_case("DELETE") && shape.key == item;
            // A resource within another one is removed with it.
            if *origin == Origin::Made && delete.is_none() && teardown.is_empty() {
                self.kept.insert(self.cases[producer.case].id.clone());
            }
            if let (Origin::Made, Some((case, delete)), false) = (origin, delete, is_it) {
                teardown.push(StepData {
                    case: Some(self.cases[*case].id.clone()),
                    vars: vars(delete, &bindings),
                    ..StepData::default()
                });
            }
        }
        let mut capture = IndexMap::new();
        if teardown.is_empty()
            && let Some((binding, source, delete)) = self.removal(consumer, &bindings)
        {
            capture.insert(binding, CaptureData::Source(source));
            teardown.push(delete);
        }
        self.made.push(Draft {
            scenario: ScenarioData {
                case: consumer.case.id.clone(),
                vars: vars(shape, &bindings),
                capture,
                teardown,
                ..ScenarioData::default()
            },
            setup,
        });
    }

    /// Returns what removes the resource that the request itself creates: the
    /// variable, its source in the response, and the step.
    fn removal(
        &mut self,
        consumer: &Consumer<'_>,
        bindings: &[String],
    ) -> Option<(String, String, StepData)> {
        let shape = consumer.shape;
        if !consumer.case.request.method.eq_ignore_ascii_case("POST") {
            return None;
        }
        let made = producer(consumer.index, consumer.case, shape.clone(), true).ok()?;
        let item = self.resources.get(&format!("{}/{{}}", shape.key))?;
        let (case, delete) = item.delete.as_ref()?;
        let slot = delete.slots.last()?;
        let member = made.member(&slot.name)?;
        let wanted = format!("made-{}-{}", singular(&slot.collection), kebab(member));
        let binding = self
            .captures
            .name(&format!("made {} {member}", shape.key), &wanted);
        let bindings = [bindings, std::slice::from_ref(&binding)].concat();
        let step = StepData {
            case: Some(self.cases[*case].id.clone()),
            vars: vars(delete, &bindings),
            ..StepData::default()
        };
        Some((binding, format!("{}.{member}", made.path), step))
    }

    /// Adds the step that provides the value of a slot. Returns the variable
    /// and the index of the step.
    fn provider(
        &mut self,
        shape: &Shape,
        slot: usize,
        origin: Origin,
        producer: &Producer,
        member: &str,
        bindings: &[String],
    ) -> (String, usize) {
        let collection = shape.collection(slot);
        let one = singular(&shape.slots[slot].collection);
        let (age, step_name) = match origin {
            Origin::Made => ("new", format!("create-{one}")),
            Origin::Listed | Origin::Given => {
                let many = kebab(&shape.slots[slot].collection);
                (
                    "first",
                    format!("list-{}", if many.is_empty() { &one } else { &many }),
                )
            }
        };
        let wanted = format!("{age}-{one}-{}", kebab(member));
        let binding = self
            .captures
            .name(&format!("{age} {collection} {member}"), &wanted);
        let source = format!("{}.{member}", producer.path);
        let step = StepData {
            case: Some(self.cases[producer.case].id.clone()),
            vars: vars(&producer.shape, bindings),
            capture: IndexMap::from([(binding.clone(), CaptureData::Source(source))]),
            ..StepData::default()
        };
        let key = serde_json::to_string(&step).expect("a step is JSON");
        let steps = &mut self.steps;
        let entry = self.providers.entry(key);
        let at = entry.index();
        let provider = entry.or_insert_with_key(|key| Provider {
            step,
            name: steps.name(key, &step_name),
            uses: 0,
        });
        provider.uses += 1;
        (binding, at)
    }

    /// Returns the file. Steps that several drafts use become shared steps.
    pub(super) fn finish(self) -> FileData {
        let providers: Vec<Provider> = self.providers.into_values().collect();
        let use_of = |at: usize| match &providers[at] {
            Provider { step, uses: 1, .. } => step.clone(),
            Provider { name, .. } => StepData {
                uses: Some(name.clone()),
                ..StepData::default()
            },
        };
        let scenarios = self.made.into_iter().map(|draft| ScenarioData {
            setup: draft.setup.into_iter().map(use_of).collect(),
            ..draft.scenario
        });
        let scenarios = scenarios.collect();
        let shared = providers.into_iter().filter(|provider| provider.uses > 1);
        FileData {
            steps: shared
                .map(|provider| (provider.name, provider.step))
                .collect(),
            scenarios,
        }
    }
}

/// Binds the placeholders of a target to variables.
fn vars(shape: &Shape, bindings: &[String]) -> IndexMap<String, VarData> {
    let slots = shape.slots.iter().zip(bindings);
    slots
        .filter(|(slot, binding)| slot.name != **binding)
        .map(|(slot, binding)| {
            let value = ScalarData::Text(format!("${{{binding}}}"));
            (slot.name.clone(), VarData::Scalar(value))
        })
        .collect()
}
