//! `docproof fix`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use similar::TextDiff;

use super::args::{Fix, FixFrom};
use super::docs::{Docs, shown};
use super::output::Output;
use super::{Exit, Failure, live, test};
use crate::check::types::Types;
use crate::http::message::ActualResponse;
use crate::page::case::Case;
use crate::page::collect::{self, PageFile};
use crate::project::config::Config;
use crate::project::plan::result_id;
use crate::project::scenario::Scenario;
use crate::report::pretty::plural;
use crate::report::printable;
use crate::run::environment::{outside, today};
use crate::run::outcome::{CaseResult, Exchanges, Outcome};
use crate::run::snapshot::{self, Broken};
use crate::run::{Bodies, Options, Repetition, Replay};
use crate::text::files;
use crate::text::parallel::cores;
use crate::text::source::{Edit, Page, apply};
use crate::tools::fix::{self, Observed, ObservedCase};

pub(super) fn run(args: &Fix, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let mut config = config.clone();
    let service = live::prepare(&args.live, &mut config, output.secrets())?;
    match (args.from, &service.service) {
        (FixFrom::Live, None) => {
            return Err(
                Failure::new(Exit::Usage, "--from live needs a service that answers")
                    .help("name it with --target or --base-url"),
            );
        }
        (FixFrom::Snapshot, Some(_)) => {
            return Err(Failure::new(Exit::Usage, "--from snapshot sends nothing")
                .help("write --from live, or leave the service out"));
        }
        _ => {}
    }
    let docs = Docs::find(None, &config)?;
    if docs.are_case_files {
        let message = format!("there is no {} to write into", shown(&config.docs));
        return Err(Failure::new(Exit::NotDone, message));
    }
    let collected = docs.collect_with_resources(cores(), |_| true)?;
    output.findings(&collected.diagnostics, false);
    let (types, _) = Types::new(&collected.resources);
    let all: Arc<[Case]> = collected.cases.into();
    let live = service.service.as_ref();
    let mut scenarios = test::scenarios(&config, &docs, &all, live, false, output)?;
    let (accepted, broken) = match args.from {
        FixFrom::Snapshot => snapshot::accepted(&config.snapshots)?,
        FixFrom::Live => (Vec::new(), Vec::new()),
    };
    let accepted: HashMap<&str, &str> = accepted
        .iter()
        .map(|stored| (stored.id.as_str(), stored.contents.as_str()))
        .collect();
    let ids = result_ids(&all, &scenarios, |id| {
        (args.from == FixFrom::Snapshot).then(|| accepted.contains_key(id))
    });
    let (cases, ids) = select(args, &all, ids, &config, output)?;
    scenarios.retain(|scenario| {
        let case = &all[scenario.case];
        let id = result_id(case, scenario.name.as_deref());
        ids.get(case.id.as_str())
            .is_some_and(|ids| ids.contains(&*id))
    });
    let before = Before::read(&docs, &cases);
    let came = match args.from {
        FixFrom::Snapshot => {
            let mut came = from_snapshots(&cases, &ids, &accepted, &config, output);
            came.broken(&broken, output);
            came
        }
        FixFrom::Live => {
            let options = Options {
                scenarios,
                live: service.service,
                // They are compared when it is known what is written above them.
                bodies: Bodies::default(),
                outside: outside(&config.project),
                timeout: service.timeout,
                snapshots: None,
                today: today(),
                keep_responses: true,
                exchanges: Exchanges::None,
                repetition: Repetition::default(),
            };
            let mode = args.live.body.mode();
            let read = |case: &Case, actual: &ActualResponse| {
                fix::read_response(case, actual, &types, mode)
            };
            let name = docs.name.as_deref().unwrap_or_default();
            let names = cases.iter().map(|case| case.id.as_str());
            let index: HashMap<&str, usize> = names.zip(0..).collect();
            let mut came = Came::default();
            let finished = test::block_on(async {
                let replay =
                    Replay::start(Arc::clone(&cases), &all, &config, name, &options).await?;
                let done = |case: &Case, result| came.take(&index, case, &result, read);
                replay.run(test::jobs(), test::interrupted, done).await
            })?;
            if finished.interrupted {
                return Ok(Exit::Interrupted);
            }
            came
        }
    };
    for line in &came.refused {
        output.note(line);
    }
    for (reason, count) in &came.skipped {
        output.note(&format!(
            "{} not asked for: {reason}",
            plural(*count, "case")
        ));
    }
    let mut left = came.refused.len();
    let mut fixed = 0;
    for (page, observed) in came.pages(&cases) {
        let file = PageFile {
            file: docs.path(&page),
            path: page,
        };
        let name = docs.file(&file.path);
        let page = match collect::read(&file) {
            Ok(page) if before.is(&file.path, &page.text) => page,
            _ => {
                output.note(&format!(
                    "{name}: not written: it changed since it was read"
                ));
                left += 1;
                continue;
            }
        };
        let done = fix::fix_page(&page, &observed, &config.policies);
        for refusal in &done.refusals {
            let line = page.line(refusal.span.start);
            output.note(&format!("{name}:{line}: not written: {}", refusal.message));
        }
        left += done.refusals.len();
        if done.edits.is_empty() {
            continue;
        }
        fixed += 1;
        let text = apply(&page.text, &done.edits);
        if args.dry_run {
            diff(&name, &page.text, &text, output)?;
        } else {
            write(&file.file, &text)?;
            let lines = lines(&page, &done.edits);
            output.line(&format!("fixed {}: {lines}", printable(&name)))?;
        }
    }
    let would = if args.dry_run { "to be fixed" } else { "fixed" };
    output.line(&format!("{} {would}, {left} left", plural(fixed, "page")))?;
    Ok(if left == 0 {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// The ids of the results of each case, by the case's own.
type Ids = HashMap<String, BTreeSet<String>>;

/// The ids by which each case has results: one a scenario, or its own. Where it
/// is known which are accepted, a case none of whose scenarios is has its own
/// too: it may have been accepted before there were any.
fn result_ids(
    all: &[Case],
    scenarios: &[Arc<Scenario>],
    is_accepted: impl Fn(&str) -> Option<bool>,
) -> Ids {
    let mut ids: Ids = all
        .iter()
        .map(|case| (case.id.clone(), BTreeSet::new()))
        .collect();
    for scenario in scenarios {
        let case = &all[scenario.case];
        let id = result_id(case, scenario.name.as_deref());
        ids.entry(case.id.clone())
            .or_default()
            .insert(id.into_owned());
    }
    for (case, ids) in &mut ids {
        if !ids.iter().any(|id| is_accepted(id) != Some(false)) {
            ids.insert(case.clone());
        }
    }
    ids
}

/// The cases that are meant, and the ids of their results. What is known to
/// deviate from its page is meant to stay so, but where it is asked for.
fn select(
    args: &Fix,
    all: &Arc<[Case]>,
    mut ids: Ids,
    config: &Config,
    output: &mut Output,
) -> Result<(Arc<[Case]>, Ids), Failure> {
    if let Some(filter) = &args.filter {
        for ids in ids.values_mut() {
            ids.retain(|id| id.contains(filter.as_str()));
        }
    } else {
        for case in all.iter() {
            let Some(ids) = ids.get_mut(&case.id) else {
                continue;
            };
            for id in ids.clone() {
                let (known, _) = snapshot::deviation(&config.snapshots, &id)?;
                if let Some(known) = known.filter(|known| known.ended(today()).is_none()) {
                    output.note(&format!(
                        "{id}: left as it is, a known deviation: {}",
                        known.reason
                    ));
                    ids.remove(&id);
                }
            }
        }
    }
    ids.retain(|_, ids| !ids.is_empty());
    let cases = all.iter().filter(|case| ids.contains_key(&case.id));
    let cases: Arc<[Case]> = cases.cloned().collect();
    match &args.filter {
        Some(filter) if cases.is_empty() => Err(Failure::new(
            Exit::NoCase,
            format!("no case is named `{filter}`"),
        )
        .help("`docproof list` shows them all")),
        _ => Ok((cases, ids)),
    }
}

/// What the pages said before anything was asked: a page that another hand
/// changes meanwhile is not written.
struct Before(HashMap<Arc<str>, u64>);

impl Before {
    fn read(docs: &Docs, cases: &[Case]) -> Self {
        let mut known = HashMap::new();
        for case in cases {
            if known.contains_key(&case.page) {
                continue;
            }
            let file = PageFile {
                path: Arc::clone(&case.page),
                file: docs.path(&case.page),
            };
            if let Ok(page) = collect::read(&file) {
                known.insert(file.path, hash(&page.text));
            }
        }
        Self(known)
    }

    fn is(&self, page: &str, text: &str) -> bool {
        self.0.get(page) == Some(&hash(text))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What came for the cases.
#[derive(Default)]
struct Came {
    /// By page, the index of a case, the id of its result and what came for it.
    observed: BTreeMap<Arc<str>, Vec<(usize, String, Observed)>>,
    /// For which nothing came, and why.
    refused: Vec<String>,
    /// How many were not asked for, by reason.
    skipped: BTreeMap<&'static str, usize>,
}

impl Came {
    fn add(&mut self, page: &Arc<str>, index: usize, id: &str, observed: Observed) {
        let page = self.observed.entry(Arc::clone(page)).or_default();
        page.push((index, id.to_owned(), observed));
    }

    fn broken(&mut self, broken: &[Broken], output: &mut Output) {
        for broken in broken {
            output.findings(std::slice::from_ref(&broken.finding), true);
            let refusal = format!("{}: cannot be read", shown(&broken.path));
            self.refused.push(refusal);
        }
    }

    /// Takes the result of a live run.
    fn take(
        &mut self,
        cases: &HashMap<&str, usize>,
        case: &Case,
        result: &CaseResult,
        read: impl Fn(&Case, &ActualResponse) -> Observed,
    ) -> ControlFlow<()> {
        let found = match &result.outcome {
            Outcome::Skip(skip) => {
                *self.skipped.entry(skip.reason.name()).or_default() += 1;
                return ControlFlow::Continue(());
            }
            Outcome::Pass => &[][..],
            Outcome::Fail(found) => found,
        };
        let is_astray = found.iter().any(|found| found.scenario.is_some());
        match &result.response {
            Some(actual) if !is_astray => {
                let id = result.id(case);
                self.add(&case.page, cases[case.id.as_str()], &id, read(case, actual));
            }
            // A scenario asked for something else than the page documents.
            None if found.is_empty() => {}
            _ => {
                let kinds: Vec<&str> = found.iter().map(|found| found.kind.name()).collect();
                let id = result.id(case);
                let kinds = kinds.join(", ");
                self.refused
                    .push(format!("{id}: not written: no answer to go by ({kinds})"));
            }
        }
        ControlFlow::Continue(())
    }

    fn pages(self, cases: &[Case]) -> impl Iterator<Item = (Arc<str>, Vec<ObservedCase<'_>>)> {
        self.observed.into_iter().map(|(page, observed)| {
            let observed = observed
                .into_iter()
                .map(|(index, id, observed)| ObservedCase {
                    id,
                    case: &cases[index],
                    observed,
                });
            (page, observed.collect())
        })
    }
}

/// Takes what was accepted.
fn from_snapshots(
    cases: &[Case],
    ids: &Ids,
    accepted: &HashMap<&str, &str>,
    config: &Config,
    output: &mut Output,
) -> Came {
    let mut came = Came::default();
    let mut missing = 0;
    for (index, case) in cases.iter().enumerate() {
        let documented = case.response.as_ref().map(|response| &response.message);
        let ids = ids.get(&case.id).into_iter().flatten();
        let stored: Vec<_> = ids
            .filter_map(|id| Some((id, *accepted.get(id.as_str())?)))
            .collect();
        let Some(documented) = documented.filter(|_| !stored.is_empty()) else {
            missing += 1;
            continue;
        };
        for (id, contents) in stored {
            match fix::read_snapshot(contents, documented, &config.policies) {
                Some(observed) => came.add(&case.page, index, id, observed),
                None => came
                    .refused
                    .push(format!("{id}: its snapshot is no answer")),
            }
        }
    }
    if missing > 0 {
        output.note(&format!("{} without a snapshot", plural(missing, "case")));
    }
    came
}

/// Which lines of a page the edits are in.
fn lines(page: &Page, edits: &[Edit]) -> String {
    let mut lines: Vec<usize> = edits
        .iter()
        .map(|edit| page.line(edit.span.start))
        .collect();
    lines.dedup();
    let word = if lines.len() == 1 { "line" } else { "lines" };
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    format!("{word} {}", lines.join(", "))
}

/// Writes a page.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    files::write(path, text).map_err(|error| {
        let message = format!("failed to write `{}`: {error}", path.display());
        Failure::new(Exit::NotDone, message)
    })
}

/// Shows what would be written into a page.
pub(super) fn diff(
    name: &str,
    before: &str,
    after: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let diff = TextDiff::from_lines(before, after);
    let unified = diff.unified_diff().header(name, name).to_string();
    for line in unified.split_terminator('\n') {
        // A line end of two characters is one of the page, and shows nothing.
        let (line, end) = match line.strip_suffix('\r') {
            Some(line) => (line, "\r"),
            None => (line, ""),
        };
        output.line(&format!("{}{end}", printable(line)))?;
    }
    Ok(())
}
