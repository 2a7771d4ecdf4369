//! Conversion of scenario files: `canned-requests` become shared steps.

use std::collections::{BTreeMap, HashMap, HashSet};

use indexmap::IndexMap;

use super::docs::Docs;
use super::grammar::Renamed;
use super::place::{Out, Place};
use super::request::{self, Parameters, Role};
use crate::project::scenario::data::{FileData, RetryData, RetryOnData, ScenarioData, StepData};
use crate::text::finding::nearest;

/// Maximum nesting of canned requests.
const DEPTH_LIMIT: usize = 8;
/// Maximum number of steps in a scenario.
const STEP_LIMIT: usize = 200;
const TOO_MUCH: &str = "the generated steps are too large; move large bodies to shared steps";
/// Maximum number of attempts of API Doctor, including the first.
const ATTEMPTS: u32 = 5;

/// Keys of every definition.
const REQUEST_KEYS: [&str; 6] = [
    "method",
    "http-request",
    "canned-request",
    "request-parameters",
    "allowed-status-codes",
    "expectations",
];
const SCENARIO_KEYS: [&str; 7] = [
    "name",
    "enabled",
    "test-setup",
    "status-codes-to-retry",
    "scopes",
    "apiVersions",
    "tags",
];
const STEP_KEYS: [&str; 2] = ["capture", "secondary-account"];
const CANNED_KEYS: [&str; 4] = ["name", "implicit-variable", "capture", "secondary-account"];

/// A canned request.
struct Canned<'a> {
    /// The name of the shared step.
    step: String,
    place: Place<'a>,
    /// Whether it was converted completely.
    is_whole: bool,
}

/// The canned requests of all files, by file and name.
struct Library<'a> {
    by_file: HashMap<(usize, String), usize>,
    by_name: HashMap<String, usize>,
    canned: Vec<Canned<'a>>,
}

impl<'a> Library<'a> {
    /// Returns the canned request of this file with the name, or the first of
    /// any file.
    fn find(&self, file: usize, name: &str) -> Option<&Canned<'a>> {
        let own = self.by_file.get(&(file, name.to_owned()));
        let index = own.or_else(|| self.by_name.get(name))?;
        self.canned.get(*index)
    }
}

/// Converts files. Files with neither scenarios nor canned requests are left
/// out.
pub(super) fn files(roots: &[Place], docs: &Docs, out: &mut Out) -> Vec<(String, FileData)> {
    let mut library = library(roots, out);
    out.counts.canned_requests = library.canned.len();
    let mut shared = shared_steps(&mut library, docs, out);
    let mut names = HashSet::new();
    let mut files = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        let mut data = FileData {
            steps: shared.remove(&*root.page().path).unwrap_or_default(),
            ..FileData::default()
        };
        for place in root.list("scenarios", out) {
            out.counts.scenarios += 1;
            let Some(mut scenario) = scenario(&place, index, &library, docs, out) else {
                continue;
            };
            make_unique(&mut scenario, &mut names, &place, out);
            data.scenarios.push(scenario);
        }
        if data != FileData::default() {
            let stem = root.page().path.strip_suffix(".json");
            let stem = stem.unwrap_or(&root.page().path);
            files.push((format!("{stem}.yaml"), data));
        }
    }
    files
}

/// Makes the name of a scenario unique within its case.
fn make_unique(
    scenario: &mut ScenarioData,
    names: &mut HashSet<(String, Option<String>)>,
    place: &Place,
    out: &mut Out,
) {
    let name = scenario.name.clone();
    for count in 2.. {
        if names.insert((scenario.case.clone(), scenario.name.clone())) {
            break;
        }
        scenario.name = Some(match &name {
            Some(name) => format!("{name} ({count})"),
            None => format!("({count})"),
        });
    }
    if let Some(new) = scenario.name.as_ref().filter(|_| scenario.name != name) {
        let why = format!("duplicate scenario name; renamed to `{new}`");
        out.note(place, why);
    }
}

/// Collects the canned requests. Each gets a name that is unique over all
/// files.
fn library<'a>(roots: &[Place<'a>], out: &mut Out) -> Library<'a> {
    let mut library = Library {
        by_file: HashMap::new(),
        by_name: HashMap::new(),
        canned: Vec::new(),
    };
    let mut steps = HashSet::new();
    for (file, root) in roots.iter().enumerate() {
        for place in root.list("canned-requests", out) {
            let Some(name) = place.text("name", out) else {
                out.note(&place, "canned request without a name");
                continue;
            };
            let index = library.canned.len();
            if library
                .by_file
                .insert((file, name.clone()), index)
                .is_some()
            {
                out.note(
                    &place,
                    format!("duplicate canned request `{name}` in this file"),
                );
            }
            let mut step = name.clone();
            let first = *library.by_name.entry(name.clone()).or_insert(index);
            if first != index {
                let stem = root.page().path.trim_end_matches(".json");
                step = format!("{name}-{}", stem.replace('/', "-"));
                let why = format!(
                    "another file has a canned request `{name}`, which API Doctor may use for \
                     both; this one is renamed to `{step}`"
                );
                out.note(&place, why);
            }
            while !steps.insert(step.clone()) {
                step += "-2";
            }
            library.canned.push(Canned {
                step,
                place,
                is_whole: true,
            });
        }
    }
    library
}

/// Converts the canned requests of each file to shared steps.
fn shared_steps(
    library: &mut Library,
    docs: &Docs,
    out: &mut Out,
) -> BTreeMap<String, IndexMap<String, StepData>> {
    let mut shared: BTreeMap<String, IndexMap<String, StepData>> = BTreeMap::new();
    let mut files: HashMap<usize, usize> = HashMap::new();
    for ((file, _), index) in &library.by_file {
        files.insert(*index, *file);
    }
    let mut wholes = Vec::with_capacity(library.canned.len());
    for (index, canned) in library.canned.iter().enumerate() {
        let place = &canned.place;
        known_keys(place, &CANNED_KEYS, "canned requests", out);
        if let Some(variable) = place.member("implicit-variable") {
            out.note(&variable, "not converted; captured values have names");
        }
        out.blocked.clear();
        let file = files.get(&index).copied().unwrap_or_default();
        let step = step(place, file, library, docs, &Renamed::new(), out);
        wholes.push(out.blocked.is_empty() && step.is_some());
        if let Some(step) = step {
            let steps = shared.entry(place.page().path.to_string()).or_default();
            steps.insert(canned.step.clone(), step);
        }
    }
    out.blocked.clear();
    for (canned, is_whole) in library.canned.iter_mut().zip(wholes) {
        canned.is_whole = is_whole;
    }
    shared
}

fn scenario(
    place: &Place,
    file: usize,
    library: &Library,
    docs: &Docs,
    out: &mut Out,
) -> Option<ScenarioData> {
    if place.members().is_none() {
        out.note(place, "not an object");
        return None;
    }
    if place.text("method", out).is_none() {
        out.note(
            place,
            "scenario without a `method`; API Doctor never runs it",
        );
        return None;
    }
    known_keys(place, &SCENARIO_KEYS, "scenarios", out);
    out.blocked.clear();
    let renamed = renamed(place, file, library);
    let mut parameters = Parameters::default();
    parameters.read(place, &renamed, out);
    for key in ["http-request", "canned-request"] {
        if let Some(member) = place.member(key) {
            out.note(&member, "API Doctor ignores this in a scenario");
        }
    }
    let main = request::step(place, &parameters, Role::Main, docs, &renamed, out)?;
    let mut steps = Vec::new();
    for (index, place) in place.list("test-setup", out).iter().enumerate() {
        if index == STEP_LIMIT {
            out.block(place, format!("a scenario has at most {STEP_LIMIT} steps"));
            break;
        }
        known_keys(place, &STEP_KEYS, "set-up requests", out);
        let step = step(place, file, library, docs, &renamed, out);
        if step.as_ref().is_some_and(|step| out.makes_too_much(step)) {
            out.block(place, TOO_MUCH);
            break;
        }
        steps.extend(step);
    }
    if out.makes_too_much(&main) {
        out.note(place, TOO_MUCH);
        return None;
    }
    let mut tags = place.texts("tags", out);
    tags.extend(place.texts("apiVersions", out));
    let mut why: Vec<String> = Vec::new();
    if !place.is_true("enabled") {
        why.push("not enabled in API Doctor".to_owned());
    }
    if !out.blocked.is_empty() {
        why.push(format!(
            "not converted from API Doctor: {}",
            out.blocked.join(", ")
        ));
    }
    Some(ScenarioData {
        case: main.case.unwrap_or_default(),
        name: place.text("name", out).filter(|name| !name.is_empty()),
        tags,
        scopes: place.texts("scopes", out),
        skip: (!why.is_empty()).then(|| why.join("; ")),
        serial: None,
        url: main.url,
        vars: main.vars,
        headers: main.headers,
        query: main.query,
        set: main.set,
        body: main.body,
        setup: steps,
        capture: IndexMap::new(),
        expect: main.expect,
        retry: retry(place, out),
        poll: None,
        teardown: Vec::new(),
    })
}

/// Converts a set-up request or a use of a canned request.
fn step(
    place: &Place,
    file: usize,
    library: &Library,
    docs: &Docs,
    renamed: &Renamed,
    out: &mut Out,
) -> Option<StepData> {
    if place.members().is_none() {
        out.block(place, "not an object");
        return None;
    }
    if place.is_true("secondary-account")
        && let Some(secondary) = place.member("secondary-account")
    {
        let why = "a scenario has one target; create the data beforehand, or use a variable of \
                   the target";
        out.block(&secondary, why);
    }
    let Some(member) = place.member("canned-request") else {
        let mut parameters = Parameters::default();
        parameters.read(place, renamed, out);
        return request::step(place, &parameters, Role::Step, docs, renamed, out);
    };
    let name = place.text("canned-request", out).unwrap_or_default();
    let Some(canned) = library.find(file, &name) else {
        out.block(&member, format!("no file has a canned request `{name}`"));
        return None;
    };
    if !canned.is_whole {
        out.block(
            &member,
            format!("the canned request `{name}` was not converted completely"),
        );
    }
    let changed: Vec<Place> = ["request-parameters", "allowed-status-codes", "expectations"]
        .iter()
        .filter_map(|key| place.member(key))
        .collect();
    let captures_renamed = !renamed.is_empty()
        && stored_values(&canned.place, file, library)
            .iter()
            .any(|name| renamed.contains_key(name));
    if changed.is_empty() && !captures_renamed {
        return Some(StepData {
            uses: Some(canned.step.clone()),
            capture: request::captures(place, renamed, out),
            ..StepData::default()
        });
    }
    for member in &changed {
        let why = "API Doctor ignores this next to `canned-request`; here it applies, in a \
                   separate step";
        out.note(member, why);
    }
    inline(place, file, library, docs, renamed, out)
}

/// Copies the step of a canned request, with the changes of the requests that
/// use it.
fn inline(
    place: &Place,
    file: usize,
    library: &Library,
    docs: &Docs,
    renamed: &Renamed,
    out: &mut Out,
) -> Option<StepData> {
    let chain = chain(place, file, library);
    let base = chain.last()?;
    if base.member("canned-request").is_some() {
        out.block(place, "the canned requests form a cycle");
        return None;
    }
    let mut parameters = Parameters::default();
    // Losses of the shared step were reported there.
    let mut discarded = Out::default();
    for place in chain.iter().rev().take(chain.len() - 1) {
        parameters.read(place, renamed, &mut discarded);
    }
    parameters.read(place, renamed, out);
    let mut step = request::step(base, &parameters, Role::Step, docs, renamed, &mut discarded)?;
    for place in chain.iter().rev().skip(1) {
        step.capture.extend(request::captures(place, renamed, out));
        step.expect.extend(request::expectations(place, out));
    }
    for key in discarded.blocked {
        if !out.blocked.contains(&key) {
            out.blocked.push(key);
        }
    }
    step.name = place.text("canned-request", out);
    Some(step)
}

/// Returns a request and the canned requests that it refers to, up to the last.
fn chain<'a>(place: &Place<'a>, file: usize, library: &Library<'a>) -> Vec<Place<'a>> {
    let mut chain = vec![place.clone()];
    while chain.len() < DEPTH_LIMIT {
        let last = chain.last().and_then(|last| last.member("canned-request"));
        let name = last.map(|name| name.value());
        let name = name.as_ref().and_then(|name| name.as_str());
        match name.and_then(|name| library.find(file, name)) {
            Some(canned) => chain.push(canned.place.clone()),
            None => break,
        }
    }
    chain
}

/// Returns the names of the stored values of a request and its canned requests.
fn stored_values(place: &Place, file: usize, library: &Library) -> Vec<String> {
    // Losses of a capture are reported when it is converted.
    let mut discarded = Out::default();
    let chain = chain(place, file, library);
    let names = chain
        .iter()
        .map(|place| request::stored(place, &mut discarded));
    names.collect::<Vec<_>>().concat()
}

/// Returns new names for stored values that have the name of a placeholder. In
/// API Doctor both can exist. In a scenario, the captured value would override
/// the variable.
fn renamed(place: &Place, file: usize, library: &Library) -> Renamed {
    let mut discarded = Out::default();
    let mut stored = HashSet::new();
    let mut seen = HashSet::new();
    for step in place.list("test-setup", &mut discarded) {
        let canned = step.member("canned-request").map(|name| name.value());
        let captures_more = step.member("capture").is_some();
        if canned.is_some_and(|name| !seen.insert(name.to_string())) && !captures_more {
            continue;
        }
        stored.extend(stored_values(&step, file, library));
    }
    let parameters = place.member("request-parameters");
    let entries = parameters.and_then(|list| list.members());
    let mut renamed = Renamed::new();
    for entry in entries.iter().flatten() {
        let name = entry.name();
        let name = name
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        let Some(name) = name.filter(|name| stored.contains(*name)) else {
            continue;
        };
        if entry.value().as_str() != Some(&format!("[{name}]")) {
            renamed.insert(name.to_owned(), format!("captured-{name}"));
        }
    }
    renamed
}

/// Converts retries. API Doctor always retries after these server errors, too.
fn retry(place: &Place, out: &mut Out) -> Option<RetryData> {
    let mut statuses = place.statuses("status-codes-to-retry", out);
    if statuses.is_empty() {
        return None;
    }
    for status in [500, 502, 503, 504] {
        if !statuses.contains(&status) {
            statuses.push(status);
        }
    }
    Some(RetryData {
        attempts: ATTEMPTS,
        on: Some(statuses.into_iter().map(RetryOnData::Status).collect()),
        delay: None,
        max_delay: None,
    })
}

/// Reports keys that API Doctor does not know.
fn known_keys(place: &Place, keys: &[&str], what: &str, out: &mut Out) {
    for member in place.members().unwrap_or_default() {
        let known = REQUEST_KEYS.iter().chain(keys);
        if known.clone().any(|key| *key == member.name()) {
            continue;
        }
        let near = nearest(member.name(), known.copied());
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let why = format!("unknown key of {what}; API Doctor ignores it{near}");
        out.note(&member, why);
    }
}
