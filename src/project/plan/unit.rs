//! The units of a run: each case with its scenario, and what to do with it.

use std::borrow::Cow;
use std::sync::Arc;

use super::request::Step;
use super::skip::Skip;
use crate::page::case::Case;
use crate::project::scenario::{Scenario, scenario_id};

/// A unit of a run: a case, and what to do with it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The index of the case among the selected ones.
    pub case: usize,
    /// The scenario of the case, if it has one.
    pub scenario: Option<Arc<Scenario>>,
    /// What to do with it.
    pub planned: Planned,
}

impl Unit {
    /// Returns the id of its result. A case with named scenarios has several
    /// results.
    pub fn id<'c>(&self, case: &'c Case) -> Cow<'c, str> {
        let scenario = self.scenario.as_ref();
        result_id(case, scenario.and_then(|scenario| scenario.name.as_deref()))
    }
}

/// Returns the id of a case's result for a scenario with this name.
pub(crate) fn result_id<'c>(case: &'c Case, scenario: Option<&str>) -> Cow<'c, str> {
    match scenario {
        Some(name) => scenario_id(case, name).into(),
        None => case.id.as_str().into(),
    }
}

/// The ids of all possible results: those of the cases, and of named scenarios.
pub(crate) fn result_ids<'c>(cases: &'c [Case], scenarios: &[Arc<Scenario>]) -> Vec<Cow<'c, str>> {
    let of_cases = cases.iter().map(|case| Cow::from(&case.id));
    let named = scenarios.iter().map(|scenario| {
        let case = &cases[scenario.case];
        result_id(case, scenario.name.as_deref())
    });
    of_cases.chain(named).collect()
}

/// What to do with a case.
#[derive(Debug, Clone)]
pub enum Planned {
    /// Send it.
    Send(Box<Step>),
    /// Run its scenario.
    Script,
    /// Skip it.
    Skip(Skip),
}
