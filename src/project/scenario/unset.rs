//! Finds variables that are not set when a scenario needs them, before anything
//! is sent. Follows the rules of [`super::render`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lower::{Declared, Lowered, Reference};
use super::model::StepRequest;
use super::render::DEPTH_LIMIT;
use crate::http::url::{Template, UrlTemplate};
use crate::page::case::Case;
use crate::text::finding::{Diagnostic, nearest};
use crate::text::rules::SCENARIO_UNKNOWN_VARIABLE;

/// Maximum number of findings per scenario: a missing name may be used
/// everywhere.
const FAULT_LIMIT: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Scenario,
    Step,
}

/// The variables that are set at some point of a scenario.
struct Reach<'a> {
    known: &'a BTreeSet<String>,
    scenario: BTreeMap<&'a str, &'a [Reference]>,
    captured: BTreeSet<&'a str>,
    step: BTreeMap<&'a str, &'a [Reference]>,
    /// The variables that are known to be set, since the last step.
    done: BTreeSet<(Scope, &'a str)>,
}

/// Why a variable is not set.
enum Fault<'a> {
    Unset(&'a Reference),
    Cycle(&'a Reference),
    TooDeep(&'a Reference),
}

/// Returns the findings about a scenario's variables. `steps` are in the order
/// in which they are sent.
pub(super) fn faults<'a>(
    vars: &'a [Declared],
    steps: impl IntoIterator<Item = &'a Lowered>,
    cases: &'a [Case],
    known: &'a BTreeSet<String>,
    scenario: &str,
) -> Vec<Diagnostic> {
    let mut reach = Reach {
        known,
        scenario: layer(vars),
        captured: BTreeSet::new(),
        step: BTreeMap::new(),
        done: BTreeSet::new(),
    };
    let mut faults = Vec::new();
    for lowered in steps {
        reach.step = layer(&lowered.declared);
        reach.done.clear();
        let declared = lowered.declared.iter();
        for name in declared.map(|declared| declared.var.name.as_str()) {
            let references = reach.step.get(name).copied().unwrap_or_default();
            let mut stack = vec![(Scope::Step, name)];
            faults.extend(reach.all(references, Scope::Step, &mut stack).err());
        }
        for reference in &lowered.references {
            faults.extend(reach.one(reference, Scope::Step, &mut Vec::new()).err());
        }
        if let StepRequest::Case(case) = lowered.step.request {
            // A placeholder gets the value of the variable with its name, if
            // there is one.
            for name in cases.get(case).into_iter().flat_map(placeholders) {
                let var = reach.scenario.get_key_value(name.as_str());
                let is_hidden = reach.step.contains_key(name.as_str())
                    || reach.captured.contains(name.as_str());
                if let Some((name, references)) = var
                    && !is_hidden
                {
                    let (name, references) = (*name, *references);
                    let mut stack = vec![(Scope::Scenario, name)];
                    faults.extend(reach.all(references, Scope::Scenario, &mut stack).err());
                }
            }
        }
        let captured = lowered.step.capture.iter();
        reach
            .captured
            .extend(captured.map(|capture| capture.name.as_str()));
    }
    // Variables that no step uses are checked at the end.
    reach.step.clear();
    reach.done.clear();
    for declared in vars {
        let mut stack = vec![(Scope::Scenario, declared.var.name.as_str())];
        let result = reach.all(&declared.references, Scope::Scenario, &mut stack);
        faults.extend(result.err());
    }
    let mut findings: Vec<Diagnostic> = Vec::new();
    for fault in faults.iter().take(FAULT_LIMIT) {
        let finding = reach.finding(fault, scenario);
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

fn layer(vars: &[Declared]) -> BTreeMap<&str, &[Reference]> {
    vars.iter()
        .map(|declared| (declared.var.name.as_str(), declared.references.as_slice()))
        .collect()
}

/// Returns the placeholders of a case's target and headers. `{id | name}` has
/// three names.
pub(crate) fn placeholders(case: &Case) -> Vec<String> {
    let url = UrlTemplate::parse(&case.request.target).map(UrlTemplate::named);
    let in_url = url.iter().flat_map(UrlTemplate::placeholders);
    let headers = case.request.headers.iter();
    let headers: Vec<Template> = headers
        .map(|header| Template::parse(&header.value))
        .collect();
    let mut names = Vec::new();
    for name in in_url.chain(headers.iter().flat_map(Template::placeholders)) {
        if name.contains('|') {
            names.extend(name.split('|').map(|name| name.trim().to_owned()));
        }
        names.push(name.to_owned());
    }
    names
}

impl<'a> Reach<'a> {
    fn all(
        &mut self,
        references: &'a [Reference],
        scope: Scope,
        stack: &mut Vec<(Scope, &'a str)>,
    ) -> Result<(), Fault<'a>> {
        references
            .iter()
            .try_for_each(|reference| self.one(reference, scope, stack))
    }

    fn one(
        &mut self,
        reference: &'a Reference,
        scope: Scope,
        stack: &mut Vec<(Scope, &'a str)>,
    ) -> Result<(), Fault<'a>> {
        let name = reference.name.as_str();
        let scopes: &[Scope] = match scope {
            Scope::Step => &[Scope::Step, Scope::Scenario],
            Scope::Scenario => &[Scope::Scenario],
        };
        for &scope in scopes {
            if scope == Scope::Scenario && self.captured.contains(name) {
                return Ok(());
            }
            let layer = match scope {
                Scope::Step => &self.step,
                Scope::Scenario => &self.scenario,
            };
            let key = (scope, name);
            let Some(references) = layer.get(name).copied() else {
                continue;
            };
            if stack.contains(&key) {
                continue;
            }
            if self.done.contains(&key) {
                return Ok(());
            }
            if stack.len() >= DEPTH_LIMIT {
                return Err(Fault::TooDeep(reference));
            }
            stack.push(key);
            let result = self.all(references, scope, stack);
            stack.pop();
            result?;
            self.done.insert(key);
            return Ok(());
        }
        if self.known.contains(name) {
            Ok(())
        } else if stack.iter().any(|(_, on_stack)| *on_stack == name) {
            Err(Fault::Cycle(reference))
        } else {
            Err(Fault::Unset(reference))
        }
    }

    fn finding(&self, fault: &Fault, scenario: &str) -> Diagnostic {
        let (reference, message, help) = match fault {
            Fault::Unset(reference) => {
                let name = &reference.name;
                let names = self.scenario.keys().chain(&self.captured).copied();
                let names = names.chain(self.known.iter().map(String::as_str));
                let help = if self.captured.contains(name.as_str()) {
                    "a later step captures it".to_owned()
                } else {
                    match nearest(name, names) {
                        Some(near) => format!("did you mean `${{{near}}}`?"),
                        None => {
                            "declare it in `vars`, capture it in an earlier step, or set it in \
                             the target"
                                .to_owned()
                        }
                    }
                };
                (reference, format!("`${{{name}}}` is not set"), help)
            }
            Fault::Cycle(reference) => (
                reference,
                format!("`${{{}}}` refers to itself", reference.name),
                "remove the variable from its own value".to_owned(),
            ),
            Fault::TooDeep(reference) => (
                reference,
                format!(
                    "`${{{}}}` is nested more than {DEPTH_LIMIT} levels deep",
                    reference.name
                ),
                "replace the innermost variables by their values".to_owned(),
            ),
        };
        Diagnostic::in_file(
            Arc::clone(&reference.file),
            &SCENARIO_UNKNOWN_VARIABLE,
            reference.position,
            format!("{message}, in {scenario}"),
        )
        .help(help)
    }
}
