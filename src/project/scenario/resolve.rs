//! Resolving of scenarios: finds each case and each shared step, lowers each
//! step, and checks each variable. An error affects only its own scenario.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::data::{ScenarioData, StepData};
use super::lower::{Fields, Lowered, Lowering, captures};
use super::model::{Scenario, Step, StepRequest, scenario_id};
use super::places::{At, ROOT};
use super::read::ScenarioFile;
use super::unset::faults;
use crate::page::case::Case;
use crate::text::finding::{Diagnostic, nearest};
use crate::text::rules::{SCENARIO_UNKNOWN_CASE, SCENARIO_UNKNOWN_STEP};

/// Maximum number of steps in a scenario.
const STEP_LIMIT: usize = 200;
/// Maximum number of variables in a scenario or a step.
const VAR_LIMIT: usize = 200;
/// Maximum size of all copies of shared steps, in bytes. Without it, a large
/// step that is used often would use all memory.
const USE_LIMIT: usize = 64 << 20;
/// Maximum number of unknown names to look up the closest name for.
const NEAREST_LIMIT: usize = 50;

/// Resolves the scenarios of the files, in order. `known_vars` are the
/// variables of the target and the command line.
pub fn resolve(
    files: &[ScenarioFile],
    cases: &[Case],
    known_vars: &BTreeSet<String>,
) -> (Vec<Scenario>, Vec<Diagnostic>) {
    let mut resolving = Resolving {
        cases,
        known_vars,
        index: CaseIndex::new(cases),
        shared: BTreeMap::new(),
        lowered: BTreeMap::new(),
        names_looked_up: 0,
        used: 0,
        findings: Vec::new(),
    };
    resolving.share(files);
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut known = HashSet::new();
    for file in files {
        let list = file.places.within(ROOT, "scenarios");
        for (index, data) in file.data.scenarios.iter().enumerate() {
            let at = file.places.within(list, index);
            let Some(scenario) = resolving.scenario(file, at, data) else {
                continue;
            };
            let id = scenario.name.as_ref();
            let id = id.map(|name| scenario_id(&cases[scenario.case], name));
            let twin = id.filter(|id| resolving.index.by_id.contains_key(id.as_str()));
            let is_new = known.insert((scenario.case, scenario.name.clone()));
            let message = match twin {
                Some(id) => format!("`{id}` is the id of another case"),
                None if !is_new => format!("duplicate scenario of `{}`", data.case),
                None => {
                    scenarios.push(scenario);
                    continue;
                }
            };
            let mut lowering = Lowering::new(file);
            lowering.value(at, message, "give it a unique `name`");
            resolving.findings.extend(lowering.into_findings());
        }
    }
    (scenarios, resolving.findings)
}

/// Cases by id and name.
struct CaseIndex<'a> {
    by_id: HashMap<&'a str, usize>,
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> CaseIndex<'a> {
    fn new(cases: &'a [Case]) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, case) in cases.iter().enumerate() {
            if let Some(name) = &case.name {
                by_name.entry(name).or_default().push(index);
            }
        }
        let ids = cases.iter().enumerate();
        Self {
            by_id: ids.map(|(index, case)| (case.id.as_str(), index)).collect(),
            by_name,
        }
    }
}

/// A shared step as written.
#[derive(Clone, Copy)]
struct Shared<'a> {
    file: &'a ScenarioFile,
    at: At,
    data: &'a StepData,
}

struct Resolving<'a> {
    cases: &'a [Case],
    known_vars: &'a BTreeSet<String>,
    index: CaseIndex<'a>,
    shared: BTreeMap<&'a str, Shared<'a>>,
    /// Lowered shared steps with their size; `None` for invalid ones.
    lowered: BTreeMap<&'a str, Option<(Lowered, usize)>>,
    names_looked_up: usize,
    used: usize,
    findings: Vec<Diagnostic>,
}

impl<'a> Resolving<'a> {
    /// Collects and lowers all shared steps, used or not.
    fn share(&mut self, files: &'a [ScenarioFile]) {
        for file in files {
            let steps = file.places.within(ROOT, "steps");
            for (name, data) in &file.data.steps {
                let at = file.places.within(steps, name);
                if let Some(first) = self.shared.get(name.as_str()) {
                    let mut lowering = Lowering::new(file);
                    let place = format!(
                        "{}:{}",
                        first.file.path,
                        first.file.places.position(first.at).line
                    );
                    lowering.report(
                        at,
                        &SCENARIO_UNKNOWN_STEP,
                        format!("duplicate shared step `{name}`"),
                        Some(format!("it is also defined at {place}; rename one of them")),
                    );
                    self.findings.extend(lowering.into_findings());
                    continue;
                }
                self.shared.insert(name, Shared { file, at, data });
            }
        }
        let names: Vec<&str> = self.shared.keys().copied().collect();
        for name in names {
            self.read_shared(name, &mut Vec::new());
        }
    }

    /// Lowers a shared step once. `users` are the shared steps that use it.
    fn read_shared(&mut self, name: &'a str, users: &mut Vec<&'a str>) {
        if self.lowered.contains_key(name) {
            return;
        }
        let Some(Shared { file, at, data }) = self.shared.get(name).copied() else {
            return;
        };
        let mut lowering = Lowering::new(file);
        users.push(name);
        let lowered = self.step(&mut lowering, at, name, data, users);
        users.pop();
        let findings = lowering.into_findings();
        let lowered = lowered.filter(|_| findings.is_empty());
        self.findings.extend(findings);
        let size = serde_json::to_string(data).map_or(0, |json| json.len());
        // A cycle that returned here has already been reported.
        self.lowered
            .entry(name)
            .or_insert(lowered.map(|lowered| (lowered, size)));
    }

    fn scenario(
        &mut self,
        file: &'a ScenarioFile,
        at: At,
        data: &'a ScenarioData,
    ) -> Option<Scenario> {
        let mut lowering = Lowering::new(file);
        let case_at = file.places.within(at, "case");
        let case = self.case(&mut lowering, case_at, &data.case);
        let vars_at = file.places.within(at, "vars");
        if data.vars.len() > VAR_LIMIT {
            lowering.value(
                vars_at,
                format!("a scenario has at most {VAR_LIMIT} variables"),
                "split it into several scenarios",
            );
        }
        let vars = lowering.vars(vars_at, &data.vars);
        let no_vars = IndexMap::new();
        let fields = Fields::of_scenario(data, &no_vars);
        let request = StepRequest::Case(case.unwrap_or_default());
        let main = lowering.step(at, "request".to_owned(), request, &fields);
        if data.setup.len() + data.teardown.len() > STEP_LIMIT {
            lowering.value(
                at,
                format!("a scenario has at most {STEP_LIMIT} steps"),
                "split it into several scenarios",
            );
            self.findings.extend(lowering.into_findings());
            return None;
        }
        let mut steps = |key: &str, steps: &'a [StepData]| -> Vec<Lowered> {
            let list = file.places.within(at, key);
            let steps = steps.iter().enumerate().filter_map(|(index, data)| {
                let at = file.places.within(list, index);
                let label = format!("{key} {}", index + 1);
                self.step(&mut lowering, at, &label, data, &mut Vec::new())
            });
            steps.collect()
        };
        let setup = steps("setup", &data.setup);
        let teardown = steps("teardown", &data.teardown);
        let mut findings = lowering.into_findings();
        if findings.is_empty() {
            let order = setup.iter().chain([&main]).chain(teardown.iter().rev());
            let scenario = match &data.name {
                Some(name) => format!("scenario `{}` ({name})", data.case),
                None => format!("scenario `{}`", data.case),
            };
            findings = faults(&vars, order, self.cases, self.known_vars, &scenario);
        }
        let is_fine = findings.is_empty();
        self.findings.extend(findings);
        let lowered = setup.iter().chain([&main]).chain(&teardown);
        let in_steps = lowered.flat_map(|step| {
            let declared = step.declared.iter();
            let declared = declared.flat_map(|declared| &declared.references);
            step.references.iter().chain(declared)
        });
        let in_vars = vars.iter().flat_map(|declared| &declared.references);
        let references = in_steps.chain(in_vars);
        let references = references.map(|reference| reference.name.clone());
        let references: BTreeSet<String> = references.collect();
        let case = case.filter(|_| is_fine)?;
        let steps = |steps: Vec<Lowered>| steps.into_iter().map(Lowered::into_step).collect();
        Some(Scenario {
            case,
            name: data.name.clone(),
            tags: data.tags.clone(),
            scopes: data.scopes.clone(),
            skip: data.skip.clone(),
            serial: data.serial.clone(),
            vars: vars.into_iter().map(|declared| declared.var).collect(),
            main: main.into_step(),
            setup: steps(setup),
            teardown: steps(teardown),
            references,
            file: file.path.clone(),
            line: file.places.position(at).line,
        })
    }

    /// Lowers a step. `users` are the shared steps that use it.
    fn step(
        &mut self,
        lowering: &mut Lowering,
        at: At,
        label: &str,
        data: &'a StepData,
        users: &mut Vec<&'a str>,
    ) -> Option<Lowered> {
        let label = |what: &str| {
            let what = data.name.as_deref().unwrap_or(what);
            format!("{label} ({what})")
        };
        let vars_at = lowering.within(at, "vars");
        if data.vars.len() > VAR_LIMIT {
            lowering.value(
                vars_at,
                format!("a step has at most {VAR_LIMIT} variables"),
                "split it into several steps",
            );
            return None;
        }
        match (&data.uses, &data.case, &data.request) {
            (Some(name), None, None) => {
                let mut lowered = self.shared_step(lowering, at, name, data, users)?;
                lowered.step.label = label(name);
                Some(lowered)
            }
            (None, Some(case), None) => {
                let case_at = lowering.within(at, "case");
                let index = self.case(lowering, case_at, case)?;
                let request = StepRequest::Case(index);
                Some(lowering.step(at, label(case), request, &Fields::from(data)))
            }
            (None, None, Some(request)) => {
                let request_at = lowering.within(at, "request");
                let label = label(request);
                let request = lowering.request(request_at, request);
                Some(lowering.step(at, label, request, &Fields::from(data)))
            }
            _ => {
                lowering.value(
                    at,
                    "a step needs exactly one of `use`, `case` and `request`",
                    "remove the others, or add one",
                );
                None
            }
        }
    }

    /// Returns the step that `use` names, with the additions of the using step.
    fn shared_step(
        &mut self,
        lowering: &mut Lowering,
        at: At,
        name: &str,
        data: &StepData,
        users: &mut Vec<&'a str>,
    ) -> Option<Lowered> {
        let use_at = lowering.within(at, "use");
        let report = |lowering: &mut Lowering, message: String, help: String| {
            lowering.report(use_at, &SCENARIO_UNKNOWN_STEP, message, Some(help));
        };
        let StepData {
            headers,
            query,
            set,
            body,
            expect,
            retry,
            poll,
            ..
        } = data;
        let more = [
            !headers.is_empty(),
            !query.is_empty(),
            !set.is_empty(),
            body.is_some(),
            !expect.is_empty(),
            retry.is_some(),
            poll.is_some(),
        ];
        if more.contains(&true) {
            lowering.value(
                at,
                "only `name`, `vars` and `capture` are allowed next to `use`",
                "move the other keys to the shared step",
            );
        }
        let Some((&name, _)) = self.shared.get_key_value(name) else {
            let shared = self.shared.keys().copied();
            let help = match nearest(name, shared).filter(|_| self.names_looked_up < NEAREST_LIMIT)
            {
                Some(near) => format!("did you mean `{near}`?"),
                None => "shared steps are defined under `steps` in any scenario file".to_owned(),
            };
            self.names_looked_up += 1;
            report(lowering, format!("unknown shared step `{name}`"), help);
            return None;
        };
        if users.contains(&name) || users.len() >= STEP_LIMIT {
            let chain = format!("{} -> {name}", users.join(" -> "));
            report(
                lowering,
                format!("the shared step `{name}` uses itself"),
                format!("the cycle is {chain}"),
            );
            return None;
        }
        self.read_shared(name, users);
        let Some(Some((lowered, size))) = self.lowered.get(name) else {
            report(
                lowering,
                format!("the shared step `{name}` is invalid"),
                "see its own findings".to_owned(),
            );
            return None;
        };
        self.used = self.used.saturating_add(*size);
        if self.used > USE_LIMIT {
            report(
                lowering,
                format!("the uses of shared steps exceed {USE_LIMIT} bytes in total"),
                "move large bodies to files".to_owned(),
            );
            return None;
        }
        let mut lowered = lowered.clone();
        let vars_at = lowering.within(at, "vars");
        for declared in lowering.vars(vars_at, &data.vars) {
            let known = &mut lowered.declared;
            known.retain(|known| known.var.name != declared.var.name);
            known.push(declared);
        }
        let capture_at = lowering.within(at, "capture");
        for capture in captures(lowering, capture_at, &data.capture) {
            let known = &mut lowered.step.capture;
            known.retain(|known| known.name != capture.name);
            known.push(capture);
        }
        Some(lowered)
    }

    /// Returns the case with this id or name.
    fn case(&mut self, lowering: &mut Lowering, at: At, text: &str) -> Option<usize> {
        if let Some(index) = self.index.by_id.get(text) {
            return Some(*index);
        }
        let named = self.index.by_name.get(text).map_or(&[][..], Vec::as_slice);
        let (message, help) = match named {
            [index] => return Some(*index),
            [] => {
                self.names_looked_up += 1;
                let near = if self.names_looked_up > NEAREST_LIMIT {
                    None
                } else {
                    let ids = self.cases.iter().map(|case| case.id.as_str());
                    let names = self.cases.iter().filter_map(|case| case.name.as_deref());
                    nearest(text, ids.chain(names))
                };
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "run `docproof list` for the ids of all cases".to_owned(),
                };
                (format!("unknown case `{text}`"), help)
            }
            several => {
                let ids = several.iter().take(5).map(|index| &*self.cases[*index].id);
                let mut ids = ids.collect::<Vec<_>>().join("`, `");
                if several.len() > 5 {
                    ids += "`, …";
                } else {
                    ids.push('`');
                }
                (
                    format!("{} cases are named `{text}`", several.len()),
                    format!("use the id of one: `{ids}"),
                )
            }
        };
        lowering.report(at, &SCENARIO_UNKNOWN_CASE, message, Some(help));
        None
    }
}

impl Lowered {
    fn into_step(self) -> Step {
        let vars = self.declared.into_iter().map(|declared| declared.var);
        Step {
            vars: vars.collect(),
            ..self.step
        }
    }
}
