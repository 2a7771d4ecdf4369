//! `docproof fix`: updates pages to match a service or the accepted snapshots.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::args::{Fix, FixFrom};
use super::docs::{Docs, shown};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::select::no_examples;
use super::{live, test, write};
use crate::check::types::Types;
use crate::http::message::ActualResponse;
use crate::page::case::Case;
use crate::page::survey::{self, PageFile};
use crate::project::config::Config;
use crate::project::plan::result_id;
use crate::project::scenario::Scenario;
use crate::report::plural;
use crate::report::printable;
use crate::run::environment::{outside, today};
use crate::run::outcome::{CaseResult, Exchanges, Outcome};
use crate::run::snapshot::{self, Broken, FileNames};
use crate::run::{Bodies, Options, Repetition, Replay};
use crate::text::parallel::cores;
use crate::text::source::{Edit, Page, apply};
use crate::tools::fix::{self, Observed, ObservedCase};

pub(super) fn run(args: &Fix, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let mut config = config.clone();
    let service = live::prepare(&args.live, &mut config, output.secrets())?;
    match (args.from, &service.service) {
        (FixFrom::Live, None) => {
            return Err(Failure::new(Exit::Usage, "--from live requires a service")
                .help("name one with --target or --base-url"));
        }
        (FixFrom::Snapshot, Some(_)) => {
            return Err(
                Failure::new(Exit::Usage, "--from snapshot sends no requests")
                    .help("use --from live, or remove --target and --base-url"),
            );
        }
        _ => {}
    }
    let docs = Docs::find(None, &config)?;
    if docs.are_case_files {
        let message = format!("there are no pages in `{}`", shown(&config.docs));
        return Err(Failure::new(Exit::NotDone, message));
    }
    let collected = docs.collect_with_resources(cores(), |_| true)?;
    docs.note_recognised(&collected.cases, output);
    output.findings(&collected.diagnostics, false);
    let (types, _) = Types::new(&collected.resources);
    let collected_all = collected.unread().next().is_none();
    if collected.cases.is_empty() && collected_all {
        return Err(no_examples(&docs));
    }
    let all: Arc<[Case]> = collected.cases.into();
    let live = service.service.as_ref();
    let mut scenarios = test::scenarios(&config, &docs, &all, live, false, output)?;
    if live.is_some() && collected_all {
        live::require_matches(&args.live, &all, &scenarios)?;
    }
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
    let before = PageHashes::read(&docs, &cases);
    let responses = match args.from {
        FixFrom::Snapshot => {
            let mut ids = ids;
            remove_replaced(&mut ids, &all, &scenarios);
            let mut responses = from_snapshots(&cases, &ids, &accepted, &config, output);
            responses.broken(&broken, output);
            responses
        }
        FixFrom::Live => {
            let options = Options {
                scenarios,
                live: service.service,
                // Bodies are compared later, with the headers that the fix writes.
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
            let mut responses = Responses::default();
            let finished = test::block_on(async {
                let replay =
                    Replay::start(Arc::clone(&cases), &all, &config, name, &options).await?;
                let done = |case: &Case, result| responses.take(&index, case, &result, read);
                replay.run(test::jobs(), test::interrupted, done).await
            })?;
            if finished.interrupted {
                return Ok(Exit::Interrupted);
            }
            if finished.selected > 0 && finished.counts.sent() == 0 {
                let reasons = finished.counts.skip.iter();
                let reasons = reasons.map(|(reason, count)| format!("{count} {reason}"));
                let reasons: Vec<String> = reasons.collect();
                let cases = plural(finished.selected, "case");
                let message = format!("no request was sent for {cases} ({})", reasons.join(", "));
                return Err(Failure::new(Exit::NoCase, message));
            }
            responses
        }
    };
    for line in &responses.refused {
        output.note(line);
    }
    for (reason, count) in &responses.skipped {
        output.note(&format!("{} skipped: {reason}", plural(*count, "case")));
    }
    let mut left = responses.refused.len();
    let mut fixed = 0;
    for (page, observed) in responses.pages(&cases) {
        let file = PageFile {
            file: docs.path(&page),
            path: page,
        };
        let name = docs.file(&file.path);
        let page = match survey::read(&file) {
            Ok(page) if before.matches(&file.path, &page.text) => page,
            _ => {
                output.note(&format!(
                    "{name}: not written: the file changed during the run"
                ));
                left += 1;
                continue;
            }
        };
        let done = fix::fix_page(&page, &collected.reader, &observed, &config.policies);
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
            write::diff(&name, &page.text, &text, output)?;
        } else {
            write::file(&file.file, &text)?;
            let lines = lines(&page, &done.edits);
            output.line(&format!("fixed {}: {lines}", printable(&name)))?;
        }
    }
    let would = if args.dry_run { "to fix" } else { "fixed" };
    output.line(&format!("{} {would}, {left} left", plural(fixed, "page")))?;
    Ok(if left == 0 {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// The ids of the results of each case, by the id of the case.
type Ids = HashMap<String, BTreeSet<String>>;

/// Lists the result ids of each case: one per scenario, or the id of the case. A
/// case without an accepted scenario also keeps its own id, because it may have
/// been accepted before its scenarios existed.
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

/// Selects the cases to fix and the ids of their results. Known deviations are
/// fixed only if the filter selects them.
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
        let names = FileNames::of(all.iter().map(|case| case.id.as_str()));
        for case in all.iter() {
            let Some(ids) = ids.get_mut(&case.id) else {
                continue;
            };
            for id in ids.clone() {
                let file = names.path(&config.snapshots, &id);
                let (known, _) = snapshot::deviation(&file, &id)?;
                if let Some(known) = known.filter(|known| known.ended(today()).is_none()) {
                    output.note(&format!("{id}: skipped, known deviation: {}", known.reason));
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
            format!("no case matches `{filter}`"),
        )
        .help("run `docproof list` to see all cases")),
        _ => Ok((cases, ids)),
    }
}

/// Hashes of the pages before the run. A page that changes during the run is not
/// overwritten.
struct PageHashes(HashMap<Arc<str>, u64>);

impl PageHashes {
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
            if let Ok(page) = survey::read(&file) {
                known.insert(file.path, hash(&page.text));
            }
        }
        Self(known)
    }

    fn matches(&self, page: &str, text: &str) -> bool {
        self.0.get(page) == Some(&hash(text))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The responses to write into the pages.
#[derive(Default)]
struct Responses {
    /// By page: the index of the case, the id of the result and the response.
    observed: BTreeMap<Arc<str>, Vec<(usize, String, Observed)>>,
    /// Why some cases have no response, one message each.
    refused: Vec<String>,
    /// Number of skipped cases by reason.
    skipped: BTreeMap<&'static str, usize>,
}

impl Responses {
    fn add(&mut self, page: &Arc<str>, index: usize, id: &str, observed: Observed) {
        let page = self.observed.entry(Arc::clone(page)).or_default();
        page.push((index, id.to_owned(), observed));
    }

    fn broken(&mut self, broken: &[Broken], output: &mut Output) {
        for broken in broken {
            output.findings(std::slice::from_ref(&broken.finding), true);
            let refusal = format!("{}: not readable", shown(&broken.path));
            self.refused.push(refusal);
        }
    }

    /// Adds the result of a live run.
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
        let sent_other_request = found.iter().any(|found| found.scenario.is_some());
        match &result.response {
            Some(actual) if !sent_other_request => {
                let id = result.id(case);
                self.add(&case.page, cases[case.id.as_str()], &id, read(case, actual));
            }
            // The scenario sent a request that the page does not document.
            None if found.is_empty() => {}
            _ => {
                let kinds: Vec<&str> = found.iter().map(|found| found.kind.name()).collect();
                let id = result.id(case);
                let kinds = kinds.join(", ");
                self.refused
                    .push(format!("{id}: not written: no usable response ({kinds})"));
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

/// Removes the results of scenarios that replace the documented response: theirs is not
/// the one that the page documents.
fn remove_replaced(ids: &mut Ids, all: &[Case], scenarios: &[Arc<Scenario>]) {
    for scenario in scenarios {
        let case = &all[scenario.case];
        let documented = case.response.as_ref();
        let replaces = documented
            .and_then(|response| scenario.replacement(response.message.status))
            .is_some();
        if let Some(ids) = ids.get_mut(&case.id).filter(|_| replaces) {
            ids.remove(&*result_id(case, scenario.name.as_deref()));
        }
    }
}

/// Reads the accepted responses.
fn from_snapshots(
    cases: &[Case],
    ids: &Ids,
    accepted: &HashMap<&str, &str>,
    config: &Config,
    output: &mut Output,
) -> Responses {
    let mut responses = Responses::default();
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
                Some(observed) => responses.add(&case.page, index, id, observed),
                None => responses
                    .refused
                    .push(format!("{id}: its snapshot is not a response")),
            }
        }
    }
    if missing > 0 {
        output.note(&format!("{} without a snapshot", plural(missing, "case")));
    }
    responses
}

/// Lists the lines that the edits change.
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
