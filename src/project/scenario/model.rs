//! A scenario that can be run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::body::Body;
use super::capture::Capture;
use super::expect::Expectation;
use super::path::Path;
use super::text::Text;
use super::var::Var;
use crate::http::status::Status;
use crate::page::case::Case;

/// A scenario that can be run.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The index of its case.
    pub case: usize,
    /// Distinguishes several scenarios of a case.
    pub name: Option<String>,
    /// Tags that the target needs.
    pub tags: Vec<String>,
    /// Scopes that the target needs.
    pub scopes: Vec<String>,
    /// Why the scenario is skipped.
    pub skip: Option<String>,
    /// A group of scenarios that do not run at the same time.
    pub serial: Option<String>,
    /// Its variables, for [`Variables::new`](super::Variables::new).
    pub vars: Vec<Var>,
    /// The request of the case.
    pub main: Step,
    /// Steps before the request, in order.
    pub setup: Vec<Step>,
    /// Steps after the request, last step first. They always run.
    pub teardown: Vec<Step>,
    /// The names of all variables that it refers to.
    pub references: BTreeSet<String>,
    /// The file, relative to the folder of scenarios, with `/`.
    pub file: Arc<str>,
    /// The first line, from 1.
    pub line: usize,
}

/// The id of a case's result for a scenario with this name.
pub(crate) fn scenario_id(case: &Case, name: &str) -> String {
    format!("{}@{name}", case.id)
}

impl Scenario {
    /// The expectation that replaces a documented response with this status: the
    /// one that excludes it. All others add to the documented response. After
    /// polling, expectations are about another response.
    pub fn replacement(&self, status: Status) -> Option<&Expectation> {
        let mut expect = self.main.expect.iter();
        expect.find(|expectation| self.main.poll.is_none() && expectation.excludes_status(status))
    }
}

/// A request of a scenario.
#[derive(Debug, Clone)]
pub struct Step {
    /// The name in messages: `setup 2 (create-folder)`.
    pub label: String,
    /// The file of the step, relative to the folder of scenarios. A shared step
    /// may be in another file than the scenario.
    pub file: Arc<str>,
    /// The first line, from 1.
    pub line: usize,
    /// The request.
    pub request: StepRequest,
    /// Replaces the documented URL. Render it with [`Text::render_url`].
    pub url: Option<Text>,
    /// The variables of this step only.
    pub vars: Vec<Var>,
    /// Headers to set, or to remove (`None`). The names are tokens.
    pub headers: Vec<(String, Option<Text>)>,
    /// Query parameters to set, or to remove (`None`), by decoded name.
    pub query: Vec<(String, Option<Text>)>,
    /// Changes to the documented body, for [`apply_set`](super::apply_set), in
    /// order.
    pub set: Vec<Set>,
    /// Replaces the documented body.
    pub body: Option<Body>,
    /// Values of the response for later steps.
    pub capture: Vec<Capture>,
    /// Expectations of the response.
    pub expect: Vec<Expectation>,
    /// When to send the request again.
    pub retry: Option<Retry>,
    /// How to wait for the end of the operation.
    pub poll: Option<Poll>,
}

/// The request of a step.
#[derive(Debug, Clone)]
pub enum StepRequest {
    /// A documented case, by index.
    Case(usize),
    /// An undocumented request.
    Raw {
        /// The method, a token.
        method: String,
        /// The target. Render it with [`Text::render_url`].
        target: Text,
    },
}

/// A change to a JSON body.
#[derive(Debug, Clone)]
pub struct Set {
    /// The path of the member.
    pub path: Path,
    /// The new value. Render it with [`render_json`](super::render_json).
    pub value: Json,
}

/// When to send a request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Maximum number of attempts, 2 to 20.
    pub attempts: u32,
    /// Status codes to retry after.
    pub statuses: BTreeSet<u16>,
    /// Whether to retry after failed connections.
    pub connect: bool,
    /// The delay before the second attempt, doubled for each further attempt up
    /// to `max_delay`.
    pub delay: Duration,
    /// The maximum delay.
    pub max_delay: Duration,
}

/// How to wait for the end of a long-running operation.
#[derive(Debug, Clone)]
pub struct Poll {
    /// Headers that may have the URL of the operation, in order of precedence.
    pub headers: Vec<String>,
    /// The operation has ended when all of them are met.
    pub until: Vec<Expectation>,
    /// The operation has failed when all of them are met.
    pub fail_on: Vec<Expectation>,
    /// The time between two requests.
    pub interval: Duration,
    /// The maximum time to wait.
    pub timeout: Duration,
}
