//! The variables of a running scenario, and their values.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::var::{Var, VarTemplate};

/// The value of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON, usually a string.
    Json(Json),
    /// A path. In a URL, its slashes separate segments.
    Path(String),
}

/// A variable with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its value.
    pub value: Value,
    /// Whether the value is a secret.
    pub secret: bool,
}

impl Variable {
    /// A text that is not secret.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            value: Value::Json(Json::String(text.into())),
            secret: false,
        }
    }
}

/// The variables of a running scenario.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    pub(super) target: BTreeMap<String, Variable>,
    scenario: BTreeMap<String, Slot>,
    pub(super) captured: BTreeMap<String, Variable>,
    step: BTreeMap<String, Slot>,
}

#[derive(Debug, Clone)]
pub(super) enum Slot {
    Declared(VarTemplate),
    Rendered(Variable),
}

/// The scope of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Scenario,
    Step,
}

impl Variables {
    /// Creates the variables of a scenario. `target` has those of the target
    /// and the command line.
    pub fn new(target: BTreeMap<String, Variable>, vars: &[Var]) -> Self {
        Self {
            target,
            scenario: declared(vars),
            ..Self::default()
        }
    }

    /// Replaces the variables of the previous step.
    pub fn start_step(&mut self, vars: &[Var]) {
        self.step = declared(vars);
    }

    /// Sets a captured value for all later steps.
    pub fn capture(&mut self, name: impl Into<String>, variable: Variable) {
        self.captured.insert(name.into(), variable);
    }

    /// Returns all names that are set or declared, sorted.
    pub fn names(&self) -> Vec<&str> {
        let declared = self.scenario.keys().chain(self.step.keys());
        let set = self.target.keys().chain(self.captured.keys());
        let mut names: Vec<&str> = declared.chain(set).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn layer(&mut self, scope: Scope) -> &mut BTreeMap<String, Slot> {
        match scope {
            Scope::Scenario => &mut self.scenario,
            Scope::Step => &mut self.step,
        }
    }
}

fn declared(vars: &[Var]) -> BTreeMap<String, Slot> {
    vars.iter()
        .map(|var| (var.name.clone(), Slot::Declared(var.template.clone())))
        .collect()
}

impl Value {
    /// Returns the value as text: a string as it is, other JSON serialized.
    pub fn to_text(&self) -> String {
        text_of(self)
    }
}

pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Path(text) | Value::Json(Json::String(text)) => text.clone(),
        Value::Json(value) => value.to_string(),
    }
}
