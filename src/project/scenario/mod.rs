//! Scenarios: how a documented case runs against a live service.
//!
//! *file → [`ScenarioFile`](read::ScenarioFile) → [`Scenario`]*: [`read`]
//! parses a file, [`resolve`] checks everything that can be checked before the
//! run. The other modules are for running a scenario: they render templates
//! ([`Text`], [`Body`](body::Body)), capture values of responses and check
//! expectations. They are pure: a [`Context`] provides the environment, files,
//! time and randomness.

mod body;
mod capture;
pub(crate) mod data;
mod expect;
mod lower;
mod model;
mod path;
mod places;
mod read;
mod render;
mod resolve;
mod response;
mod text;
mod unset;
mod url;
mod var;
mod variables;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::page::case::Case;
use crate::text::finding::Diagnostic;
use crate::text::rules::SCENARIO_UNKNOWN_VARIABLE;

pub(crate) use expect::{Expectation, Operator};
pub(crate) use model::{Poll, Retry, Scenario, Step, StepRequest, scenario_id};
pub(crate) use path::{SetError, apply_set};
#[cfg(feature = "cli")]
pub(crate) use read::schema;
pub(crate) use read::write;
pub use read::{read, read_all};
pub(crate) use render::{Context, RenderError, render_json};
pub use resolve::resolve;
pub(crate) use response::{ParsedResponse, Source};
pub use text::Text;
pub(crate) use unset::placeholders;
pub(crate) use variables::{Variable, Variables};

/// Reads the scenarios of a folder for these cases. `known_vars` are the
/// variables of the target and the command line; without them, unset variables
/// are not reported. Findings show the folder as `shown`.
pub(crate) fn load(
    folder: &std::path::Path,
    shown: &str,
    cases: &[Case],
    known_vars: Option<&BTreeSet<String>>,
) -> (Vec<Arc<Scenario>>, Vec<Diagnostic>) {
    let (files, mut findings) = read_all(folder);
    let none = BTreeSet::new();
    let (scenarios, unresolved) = resolve(&files, cases, known_vars.unwrap_or(&none));
    findings.extend(
        unresolved
            .into_iter()
            .filter(|finding| known_vars.is_some() || finding.rule != &SCENARIO_UNKNOWN_VARIABLE),
    );
    for finding in &mut findings {
        finding.file = format!("{shown}/{}", finding.file).into();
    }
    (scenarios.into_iter().map(Arc::new).collect(), findings)
}

#[cfg(test)]
mod tests;
