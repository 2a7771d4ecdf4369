//! Hand-written scenarios: how a documented case is run against a live service.
//!
//! *file → [`ScenarioFile`] → [`Scenario`]*: [`read`] takes the file as it is
//! written, [`resolve`] checks all that can be checked before anything is sent.
//! The rest of the module is what a run asks of a resolved scenario: to render
//! its templates ([`Text`], [`Body`]), to take captures from an answer, and to
//! hold an answer to its expectations. All of it is pure; the environment, the
//! project's files, the time and chance are passed in by a [`Context`].

mod response;
mod body;
mod capture;
pub(crate) mod data;
mod evaluate;
mod expect;
mod locate;
mod lower;
mod operators;
mod parts;
mod path;
mod reach;
mod read;
mod resolve;
mod text;
mod url;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::page::case::Case;
use crate::text::finding::Diagnostic;
use crate::text::rules::SCENARIO_UNKNOWN_VARIABLE;

pub(crate) use body::Body;
pub(crate) use capture::Capture;
pub(crate) use evaluate::{Context, RenderError, Variable, Variables, render_json};
pub(crate) use expect::Expectation;
pub(crate) use path::{Path, SetError, apply_set};
pub use read::{read, read_all};
pub(crate) use read::{schema, write};
pub use resolve::resolve;
pub(crate) use response::ParsedResponse;
pub use text::Text;

/// Reads the scenarios of a folder for these cases. `known_vars` are the names
/// that the target and the command line set; where they are not known, neither
/// is which variable nothing sets. Findings name the files below `shown`.
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

/// A scenario that can be run.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The index of its case.
    pub case: usize,
    /// What tells it from other scenarios of the case.
    pub name: Option<String>,
    /// What the target must provide.
    pub tags: Vec<String>,
    /// The scopes that the target's token must have.
    pub scopes: Vec<String>,
    /// Why it is never run.
    pub skip: Option<String>,
    /// The group of scenarios that do not overlap.
    pub serial: Option<String>,
    /// Its variables: [`Variables::new`] takes them.
    pub vars: Vec<Var>,
    /// The request of the case itself.
    pub main: Step,
    /// Sent before, in order.
    pub setup: Vec<Step>,
    /// Sent after, whatever happened, the last one first.
    pub teardown: Vec<Step>,
    /// The file, relative to the folder of scenarios, with `/`.
    pub file: Arc<str>,
    /// The line where it begins, from 1.
    pub line: usize,
}

/// A request of a scenario.
#[derive(Debug, Clone)]
pub struct Step {
    /// What messages call it: `setup 2 (create-folder)`.
    pub label: String,
    /// The file in which it is written, relative to the folder of scenarios;
    /// that of a shared step may be another than the scenario's.
    pub file: Arc<str>,
    /// The line where it begins, from 1.
    pub line: usize,
    /// What is sent.
    pub request: StepRequest,
    /// What takes the place of the documented URL: render it by
    /// [`Text::render_url`].
    pub url: Option<Text>,
    /// Variables for this step alone, the scenario's aside.
    pub vars: Vec<Var>,
    /// Headers to be set, or (none) dropped; the names are tokens.
    pub headers: Vec<(String, Option<Text>)>,
    /// Query parameters to be set, or (none) dropped, by their decoded names.
    pub query: Vec<(String, Option<Text>)>,
    /// Members of the documented body to be set: [`apply_set`] each, in order.
    pub set: Vec<Set>,
    /// What takes the place of the documented body.
    pub body: Option<Body>,
    /// What later steps need of the answer.
    pub capture: Vec<Capture>,
    /// What the answer must be like.
    pub expect: Vec<Expectation>,
    /// When it is sent again.
    pub retry: Option<Retry>,
    /// How the end of its operation is awaited.
    pub poll: Option<Poll>,
}

/// What a step sends.
#[derive(Debug, Clone)]
pub enum StepRequest {
    /// A documented case, by its index.
    Case(usize),
    /// Anything.
    Raw {
        /// The method, a token.
        method: String,
        /// Render it by [`Text::render_url`].
        target: Text,
    },
}

/// A variable, as it is declared.
#[derive(Debug, Clone)]
pub struct Var {
    /// Its name.
    pub name: String,
    /// Its value.
    pub template: VarTemplate,
}

/// The value of a variable, not yet rendered.
#[derive(Debug, Clone)]
pub enum VarTemplate {
    /// A JSON scalar, whose text may hold variables.
    Json(Json),
    /// A path.
    Path(Text),
}

/// A member of a JSON body and what it is set to.
#[derive(Debug, Clone)]
pub struct Set {
    /// Where.
    pub path: Path,
    /// To what: render it by [`render_json`].
    pub value: Json,
}

/// When a request is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// How often it is sent at most, 2 to 20.
    pub attempts: u32,
    /// After which statuses.
    pub statuses: BTreeSet<u16>,
    /// Whether after no connection, too.
    pub connect: bool,
    /// Before the second time; doubled each time, up to `max_delay`.
    pub delay: Duration,
    /// The longest delay.
    pub max_delay: Duration,
}

/// How the end of a long-running operation is awaited.
#[derive(Debug, Clone)]
pub struct Poll {
    /// The headers that may name the operation; the first that an answer has is
    /// followed.
    pub headers: Vec<String>,
    /// What ends it: all of them.
    pub until: Vec<Expectation>,
    /// What ends it as failed: all of them.
    pub fail_on: Vec<Expectation>,
    /// Between two requests.
    pub interval: Duration,
    /// After which it is given up.
    pub timeout: Duration,
}

#[cfg(test)]
mod tests;
