//! A result that can be selected.

use std::borrow::Cow;
use std::collections::HashMap;
use std::iter;
use std::sync::Arc;

use serde_json::Value;

use crate::page::case::Case;
use crate::project::plan::result_id;
use crate::project::scenario::Scenario;

/// A result that can be selected: a case with one of its scenarios, or by
/// itself.
#[derive(Debug, Clone)]
pub(crate) struct Subject<'a> {
    /// The case.
    pub case: &'a Case,
    /// The scenario of the result. If cases are run without scenarios, all
    /// scenarios of the case.
    pub scenarios: Vec<&'a Arc<Scenario>>,
    /// The id of the result.
    pub id: Cow<'a, str>,
}

impl<'a> Subject<'a> {
    /// Returns all results, in the order of the cases. `scenarios` refer to
    /// cases by their index in `cases`. A live run has a result for each
    /// scenario of a case; a mock run and a list have one for each case.
    pub(crate) fn all(
        cases: &'a [Case],
        scenarios: &'a [Arc<Scenario>],
        is_live: bool,
    ) -> Vec<Self> {
        let mut by_case: HashMap<usize, Vec<&Arc<Scenario>>> = HashMap::new();
        for scenario in scenarios {
            by_case.entry(scenario.case).or_default().push(scenario);
        }
        let mut subjects = Vec::with_capacity(cases.len());
        for (index, case) in cases.iter().enumerate() {
            let of_case = by_case.remove(&index).unwrap_or_default();
            if is_live && !of_case.is_empty() {
                subjects.extend(of_case.into_iter().map(|scenario| Self {
                    case,
                    id: result_id(case, scenario.name.as_deref()),
                    scenarios: vec![scenario],
                }));
            } else {
                subjects.push(Self {
                    scenarios: of_case,
                    ..Self::alone(case)
                });
            }
        }
        subjects
    }

    /// A case by itself.
    pub(crate) fn alone(case: &'a Case) -> Self {
        Self {
            case,
            scenarios: Vec::new(),
            id: case.id.as_str().into(),
        }
    }

    /// The id of the case, and those of its results.
    pub(crate) fn ids(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let results = self.scenarios.iter();
        let results = results.map(|scenario| result_id(self.case, scenario.name.as_deref()));
        iter::once(self.case.id.as_str().into()).chain(results)
    }

    /// The name of the case, or its number if the page does not name it.
    pub(super) fn name(&self) -> &str {
        let id = &self.case.id;
        id.split_once("::").map_or(id, |(_, name)| name)
    }

    /// The tags of the scenarios and of the request annotation, which separates
    /// them by spaces or commas as API Doctor does.
    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        let texts: Vec<&str> = match self.case.annotation.request.get("tags") {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let of_case = texts.into_iter().flat_map(|text| {
            text.split(|c: char| c == ',' || c.is_whitespace())
                .filter(|tag| !tag.is_empty())
        });
        let of_scenarios = self.scenarios.iter().flat_map(|scenario| &scenario.tags);
        of_case.chain(of_scenarios.map(String::as_str))
    }
}
