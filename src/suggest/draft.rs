//! Drafts, put together from what gives their values.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::name::{Names, kebab, singular};
use super::producer::{Producer, Resource};
use super::shape::Shape;
use super::{Consumer, Known, Origin};
use crate::case::Case;
use crate::scenario::data::{CaptureData, FileData, ScalarData, ScenarioData, StepData, VarData};
use crate::template::{Part, Template};

/// The drafts so far.
pub struct Drafts<'a> {
    cases: &'a [Case],
    resources: &'a HashMap<String, Resource>,
    /// The names of what is captured.
    captures: Names,
    /// The names of shared steps.
    steps: Names,
    /// The steps that give values, each once, with the name that it would be
    /// shared by, and how often it is used.
    givers: IndexMap<String, (StepData, String, usize)>,
    drafts: Vec<Draft>,
}

struct Draft {
    scenario: ScenarioData,
    /// Its set-up, by index among the steps that give values.
    setup: Vec<usize>,
}

impl<'a> Drafts<'a> {
    pub fn new(cases: &'a [Case], resources: &'a HashMap<String, Resource>, known: &Known) -> Self {
        // A captured name would be the value of a placeholder of that name.
        let placeholders = cases.iter().flat_map(|case| {
            let headers = case.request.headers.iter().map(|header| &header.value);
            let texts = std::iter::once(&case.request.target).chain(headers);
            let parts = texts.flat_map(|text| Template::parse(text).0);
            let names = parts.filter_map(|part| match part {
                Part::Placeholder(name) => Some(name),
                Part::Literal(_) => None,
            });
            names
                .flat_map(|name| {
                    let words = name.split('|').map(|name| name.trim().to_owned());
                    words.collect::<Vec<_>>()
                })
                .collect::<Vec<_>>()
        });
        let vars = known.vars.iter().cloned();
        Self {
            cases,
            resources,
            captures: Names::new(placeholders.chain(vars)),
            steps: Names::new(known.steps.iter().cloned()),
            givers: IndexMap::new(),
            drafts: Vec::new(),
        }
    }

    /// Adds the draft of a case whose values come from there.
    pub fn add(&mut self, consumer: &Consumer<'_>, origins: &[Origin]) {
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
            let (binding, step) = self.giver(shape, slot, *origin, producer, member, &bindings);
            setup.push(step);
            bindings.push(binding);
            let item = format!("{}/{{}}", shape.collection(slot));
            let delete = self
                .resources
                .get(&item)
                .and_then(|resource| resource.delete.as_ref());
            let is_it =
                consumer.case.request.method.eq_ignore_ascii_case("DELETE") && shape.key == item;
            if let (Origin::Made, Some((case, delete)), false) = (origin, delete, is_it) {
                teardown.push(StepData {
                    case: Some(self.cases[*case].id.clone()),
                    vars: vars(delete, &bindings),
                    ..StepData::default()
                });
            }
        }
        self.drafts.push(Draft {
            scenario: ScenarioData {
                case: consumer.case.id.clone(),
                vars: vars(shape, &bindings),
                teardown,
                ..ScenarioData::default()
            },
            setup,
        });
    }

    /// The step that gives the value of a slot, and the name of the value.
    fn giver(
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
        let (age, verb, many) = match origin {
            Origin::Made => ("new", "create", ""),
            Origin::Listed | Origin::Given => ("first", "list", "s"),
        };
        let wish = format!("{age}-{one}-{}", kebab(member));
        let binding = self
            .captures
            .name(&format!("{age} {collection} {member}"), &wish);
        let source = format!("{}.{member}", producer.path);
        let step = StepData {
            case: Some(self.cases[producer.case].id.clone()),
            vars: vars(&producer.shape, bindings),
            capture: IndexMap::from([(binding.clone(), CaptureData::Source(source))]),
            ..StepData::default()
        };
        let key = serde_json::to_string(&step).expect("a step is JSON");
        let wish = format!("{verb}-{one}{many}");
        let steps = &mut self.steps;
        let entry = self.givers.entry(key);
        let at = entry.index();
        let giver = entry.or_insert_with_key(|key| (step, steps.name(key, &wish), 0));
        giver.2 += 1;
        (binding, at)
    }

    /// The file: what gives values to several drafts is shared.
    pub fn finish(self) -> FileData {
        let givers: Vec<(StepData, String, usize)> = self.givers.into_values().collect();
        let scenarios = self.drafts.into_iter().map(|draft| {
            let setup = draft.setup.into_iter().map(|at| match &givers[at] {
                (step, _, 1) => step.clone(),
                (_, name, _) => StepData {
                    uses: Some(name.clone()),
                    ..StepData::default()
                },
            });
            ScenarioData {
                setup: setup.collect(),
                ..draft.scenario
            }
        });
        let scenarios = scenarios.collect();
        let steps = givers.into_iter().filter(|(_, _, uses)| *uses > 1);
        FileData {
            steps: steps.map(|(step, name, _)| (name, step)).collect(),
            scenarios,
        }
    }
}

/// The placeholders of a target, bound to the values of its keys.
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
