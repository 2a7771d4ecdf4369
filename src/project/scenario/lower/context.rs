//! The findings and references that lowering collects.

use std::fmt::Display;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::project::scenario::data::ScalarData;
use crate::project::scenario::model::Step;
use crate::project::scenario::places::At;
use crate::project::scenario::read::ScenarioFile;
use crate::project::scenario::text::Text;
use crate::project::scenario::var::Var;
use crate::text::finding::Diagnostic;
use crate::text::rules::{Rule, SCENARIO_VALUE};
use crate::text::source::Position;

/// A lowered step, and the variables that it needs.
#[derive(Debug, Clone)]
pub(crate) struct Lowered {
    pub step: Step,
    pub declared: Vec<Declared>,
    pub references: Vec<Reference>,
}

/// A declared variable, and the variables that its value refers to.
#[derive(Debug, Clone)]
pub(crate) struct Declared {
    pub var: Var,
    pub references: Vec<Reference>,
}

/// A reference to a variable.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub name: String,
    pub file: Arc<str>,
    pub position: Position,
}

/// Collects findings and references while a part of a file is lowered.
pub(crate) struct Lowering<'a> {
    pub(super) file: &'a ScenarioFile,
    pub(super) findings: Vec<Diagnostic>,
    pub(super) references: Vec<Reference>,
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(file: &'a ScenarioFile) -> Self {
        Self {
            file,
            findings: Vec::new(),
            references: Vec::new(),
        }
    }

    pub(crate) fn within(&self, at: At, step: impl Display) -> At {
        self.file.places.within(at, step)
    }

    pub(crate) fn line(&self, at: At) -> usize {
        self.file.places.position(at).line
    }

    /// Whether there are no findings so far.
    pub(crate) fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }

    /// Returns the findings.
    pub(crate) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    /// Adds a finding.
    pub(crate) fn report(
        &mut self,
        at: At,
        rule: &'static Rule,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let position = self.file.places.position(at);
        let path = self.file.path.clone();
        let mut finding = Diagnostic::in_file(path, rule, position, message);
        finding.help = help;
        self.findings.push(finding);
    }

    /// Adds a finding about an invalid value.
    pub(crate) fn value(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.report(at, &SCENARIO_VALUE, message, Some(help.into()));
    }

    /// Returns the value, or adds a finding.
    pub(crate) fn checked<T>(&mut self, at: At, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.report(at, &SCENARIO_VALUE, message, None))
            .ok()
    }

    /// Parses a template and adds its references.
    pub(crate) fn text(&mut self, at: At, text: &str) -> Text {
        match Text::parse(text) {
            Ok(text) => {
                let position = self.file.places.position(at);
                for name in text.variables() {
                    self.references.push(Reference {
                        name: name.to_owned(),
                        file: self.file.path.clone(),
                        position,
                    });
                }
                text
            }
            Err(error) => {
                self.report(at, &SCENARIO_VALUE, error.message, error.help);
                Text::default()
            }
        }
    }

    /// Parses the templates of a JSON value.
    pub(crate) fn json(&mut self, at: At, value: &Json) {
        match value {
            Json::String(text) => {
                self.text(at, text);
            }
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.json(self.within(at, index), item);
                }
            }
            Json::Object(members) => {
                for (name, member) in members {
                    self.json(self.within(at, name), member);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    pub(crate) fn scalar(&mut self, at: At, value: &ScalarData) -> Text {
        match value {
            ScalarData::Bool(value) => Text::literal(value.to_string()),
            ScalarData::Number(value) => Text::literal(value.to_string()),
            ScalarData::Text(text) => self.text(at, text),
        }
    }
}
