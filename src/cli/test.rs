//! `docproof test`: sends the documented requests and compares the responses.

mod page_errors;
mod progress;
mod results;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Runtime;

use super::args::{Test, TestFormat};
use super::docs::{Docs, shown};
use super::exit::{Exit, Failure, explain_nothing};
use super::live::Prepared;
use super::output::Output;
use super::reports::{History, Reports};
use super::select::{self, Available, Selected, Selector};
use super::{extract, live};
use crate::check::rules::is_error;
use crate::check::types::Types;
use crate::page::case::Case;
use crate::page::case_file::store;
use crate::page::collect::Collected;
use crate::project::config::Config;
use crate::project::plan::{Live, Planned, Target, Unit, plan};
use crate::project::scenario::{self, Scenario};
use crate::report::plural;
use crate::report::recognition;
use crate::report::record::made::DocsSummary;
use crate::report::record::{RunRecord, Summary};
use crate::report::terminal;
use crate::run::environment::{asks_for_snapshots, outside, requires_snapshots, today};
use crate::run::outcome::{CaseResult, Proof};
use crate::run::select::Subject;
use crate::run::snapshot::{self, Handling, State};
use crate::run::{Bodies, Options, Replay, RunError};
use crate::text::finding::counts;
use crate::text::parallel::cores;
use crate::text::severity::Severity;
use progress::Progress;
use results::Results;

pub(super) fn run(args: &Test, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let start = Instant::now();
    let selector = Selector::new(&args.selection)?;
    let format = args.format.and_then(TestFormat::report);
    let reports = Reports::new(&args.report, format, args.format.is_some())?;
    let history = args.history.as_deref().map(History::read).transpose()?;
    let mut config = config.clone();
    let live = live::prepare(&args.live, &mut config, output.secrets())?;
    let docs = Docs::find(args.docs.as_deref(), &config)?;
    let is_live = live.service.is_some();
    let Some(mut collected) = collect(args, is_live, &config, &docs, &selector, output)? else {
        return Ok(Exit::Failed);
    };
    docs.note_recognised(&collected.cases, output);
    page_errors::apply_settings(&mut collected, &docs, &config);
    let is_brief = args.shown.failures_only && reports.is_pretty();
    if is_brief {
        // An error in a page fails the run like a failed case.
        let mut errors = collected.diagnostics.clone();
        errors.retain(is_error);
        output.findings(&errors, true);
    } else {
        output.findings(&collected.diagnostics, false);
    }
    if collected.cases.is_empty() && collected.diagnostics.iter().any(is_error) {
        return Ok(Exit::Failed);
    }
    let unread = collected.unread().count();
    let recognised = recognition::counts(&collected.cases).into_iter();
    let recognised = recognised.map(|(rule, count)| (rule.name(), count));
    let recognised = recognised.collect();
    let all: Arc<[Case]> = collected.cases.into();
    // Bodies of the mock are not compared.
    let resources = if is_live {
        collected.resources
    } else {
        Vec::new()
    };
    let (types, mut findings) = Types::new(&resources);
    docs.name_findings(&mut findings);
    if !is_brief {
        output.findings(&findings, false);
    }
    let scenarios = scenarios(
        &config,
        &docs,
        &all,
        live.service.as_ref(),
        selector.asks_for_scenarios(),
        output,
    )?;
    // An unreadable page may document what is mapped.
    if is_live && unread == 0 {
        live::require_matches(&args.live, &all, &scenarios)?;
    }
    let from = Available {
        docs: &docs,
        config: &config,
        cases: &all,
        scenarios: &scenarios,
        is_live,
    };
    let Selected {
        cases,
        scenarios,
        mut record,
        whole,
    } = selector.select(from, output)?;
    if let Some(whole) = whole {
        record.can_send = can_send(whole, &all, &live, &config);
    }
    let options = Options {
        live: live.service,
        bodies: Bodies {
            mode: args.live.body.mode(),
            types: Arc::new(types),
            strict: args.live.strict,
        },
        scenarios,
        outside: outside(&config.project),
        timeout: live.timeout,
        snapshots: if args.no_snapshots {
            None
        } else {
            let update = args.run.update.update(docs.name.is_some());
            update.map(|update| Handling {
                update,
                is_required: docs.is_own(&config) && requires_snapshots(&config),
            })
        },
        today: today(),
        keep_responses: false,
        exchanges: results::exchanges(args, &reports, history.is_some()),
        repetition: args.repetition.repetition(),
    };
    let of_docs = DocsSummary {
        docs: docs.shown.clone(),
        fallback: docs.fallback(),
        pages: collected.pages,
        unread,
        recognised,
        findings: counts(&collected.diagnostics),
        errors: page_errors::count(&collected.diagnostics, &docs, &selector, &cases),
    };
    let snapshots = options.snapshots;
    let proof = if is_live {
        Proof::Conformance
    } else {
        Proof::Parsing
    };
    let mut results = Results::new(
        args,
        &reports,
        history.is_some(),
        proof,
        &docs,
        collected.reader,
        &config,
    );
    let mut last = selector.last().clone();
    let jobs = args.run.jobs.unwrap_or_else(jobs);
    let finished = block_on(async {
        let name = docs.name.as_deref().unwrap_or_default();
        let mut replay = Replay::start(cases, &all, &config, name, &options).await?;
        results.progress = Progress::new(&args.shown, &reports, &mut replay);
        let done = |case: &Case, result: CaseResult| {
            last.add(&result.id(case), &result.outcome);
            results.take(case, &result, output)
        };
        replay.run(jobs, interrupted, done).await
    });
    results.progress.end();
    let finished = finished?;
    if let Some(error) = results.error.take() {
        return Err(error.into());
    }
    if let Some(path) = &args.selection.last_run {
        if args.docs.is_none() && unread == 0 {
            last.retain(&Subject::all(&all, from.scenarios, false));
        }
        select::write_last(path, &last)?;
    }
    let is_whole = docs.is_whole(&config) && unread == 0 && !finished.interrupted;
    // If only some cases are selected, an orphaned snapshot does not fail the run.
    let is_required = selector.takes_all() && snapshots.is_some_and(|of_run| of_run.is_required);
    let mut orphans = 0;
    if is_whole && !args.no_snapshots && (is_required || !is_brief) {
        orphans = report_orphans(&config, &docs, &all, is_required, output)?;
    }
    let asks = asks_for_snapshots(&config, snapshots) && docs.is_own(&config) && !is_brief;
    let new = finished.counts.snapshots.get(State::New.name());
    if let Some(new) = new.filter(|_| asks) {
        output.note(&terminal::unaccepted(*new));
    }
    let summary = Summary {
        partition: args.selection.partition,
        selection: Some(record),
        orphaned_snapshots: if is_required { orphans } else { 0 },
        ..Summary::of(&finished, &of_docs, start.elapsed())
    };
    results.end(&summary, output)?;
    let run = RunRecord {
        cases: results.into_cases(output.secrets()),
        summary,
    };
    reports.write_run(&run, history.as_ref(), output)?;
    let exit = Exit::of(&run.summary);
    if exit == Exit::NoCase {
        explain_nothing(&run.summary, output);
    } else if exit == Exit::Passed && run.summary.cases > 0 && run.summary.sent() == 0 {
        output.note("no case of this partition can be sent: nothing was tested");
    }
    Ok(exit)
}

/// Whether a run of the selection would send a request.
fn can_send(
    (cases, scenarios): (Arc<[Case]>, Vec<Arc<Scenario>>),
    all: &[Case],
    live: &Prepared,
    config: &Config,
) -> bool {
    let target = match &live.service {
        Some(live) if live.limits.requests == Some(0) => return false,
        Some(live) => live.target(config.services.clone(), all),
        None => Target::unreached(),
    };
    let units = plan(&cases, all, &scenarios, &target);
    let is_skipped = |unit: &Unit| matches!(unit.planned, Planned::Skip(_));
    !units.iter().all(is_skipped)
}

/// Default number of concurrent requests.
pub(super) fn jobs() -> NonZeroUsize {
    cores().saturating_mul(FOUR)
}

/// The asynchronous runtime that sends or serves requests.
pub(super) fn runtime(threads: NonZeroUsize) -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads.get())
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                Exit::NotDone,
                format!("failed to start the runtime: {error}"),
            )
        })
}

/// Runs a future to completion.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, RunError>>) -> Result<T, Failure> {
    let runtime = runtime(cores())?;
    let done = runtime.block_on(work);
    // Does not wait for a name lookup that hangs.
    runtime.shutdown_background();
    Ok(done?)
}

const FOUR: NonZeroUsize = NonZeroUsize::new(4).expect("not zero");

/// Collects the cases of the docs. Updates the case files of the project first; with
/// `--locked`, returns `None` if they are out of date.
fn collect(
    args: &Test,
    is_live: bool,
    config: &Config,
    docs: &Docs,
    selector: &Selector,
    output: &mut Output,
) -> Result<Option<Collected>, Failure> {
    if args.docs.is_some() {
        // All pages are needed to determine the main host if no service is configured,
        // to match mappings, to resolve the cases of scenarios, and to find orphaned
        // snapshots.
        let has_scenarios = config.scenarios.exists()
            && reads_scenarios(config, docs, is_live, selector.asks_for_scenarios());
        let needs_hosts = config.services.is_empty() || live::has_mappings(&args.live);
        let all = docs.is_whole(config) || has_scenarios || (is_live && needs_hosts);
        let wanted = |page: &str| all || (docs.takes(page) && selector.takes_page(page));
        let collected = match (is_live, args.live.body.mode()) {
            (true, Some(_)) => docs.collect_with_resources(cores(), wanted),
            _ => docs.collect(cores(), wanted),
        };
        return collected.map(Some);
    }
    if docs.are_case_files {
        if args.locked {
            let folder = shown(&config.docs);
            let message = format!("no pages in `{folder}` to compare the case files with");
            return Err(Failure::new(Exit::NotDone, message));
        }
        docs.note_fallback(output);
        return docs.collect(cores(), |_| true).map(Some);
    }
    let compared = extract::compare(docs, &config.cases, cores())?;
    if compared.changes.is_empty() {
        return Ok(Some(compared.collected));
    }
    for change in &compared.changes {
        if let Some(why) = &change.unreadable {
            output.findings(std::slice::from_ref(why), true);
        }
    }
    let folder = shown(&config.cases);
    if args.locked {
        output.findings(&compared.collected.diagnostics, false);
        for change in &compared.changes {
            output.note(&format!(
                "{} case file {folder}/{}",
                change.kind.name(),
                change.path
            ));
        }
        output.error(
            "case files are out of date (`--locked`)",
            Some("run `docproof extract` and commit the changes"),
        );
        return Ok(None);
    }
    store::apply(&config.cases, &compared.changes, cores())?;
    output.note(&format!(
        "updated {} in {folder}",
        plural(compared.changes.len(), "case file")
    ));
    Ok(Some(compared.collected))
}

/// Whether to read the scenarios of the docs. If only a part of the project is tested,
/// they are read for a service or if the selection needs them.
fn reads_scenarios(config: &Config, docs: &Docs, is_live: bool, is_needed: bool) -> bool {
    docs.is_whole(config) || (docs.is_part() && (is_live || is_needed))
}

/// Reads the scenarios of the project. An invalid scenario is an error before
/// anything is sent.
pub(super) fn scenarios(
    config: &Config,
    docs: &Docs,
    cases: &[Case],
    live: Option<&Live>,
    is_needed: bool,
    output: &mut Output,
) -> Result<Vec<Arc<Scenario>>, Failure> {
    if !reads_scenarios(config, docs, live.is_some(), is_needed) {
        return Ok(Vec::new());
    }
    let known = live.map(|live| live.vars.keys().cloned().collect());
    let folder = shown(&config.scenarios);
    let (scenarios, findings) = scenario::load(&config.scenarios, &folder, cases, known.as_ref());
    output.findings(&findings, true);
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        let message = format!("invalid scenarios in {folder}");
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(scenarios)
}

/// Completes on Ctrl-C.
pub(super) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a handler the signal ends the process.
        std::future::pending::<()>().await;
    }
}

/// Prints the snapshots that belong to no case. Returns their number.
fn report_orphans(
    config: &Config,
    docs: &Docs,
    cases: &[Case],
    are_errors: bool,
    output: &mut Output,
) -> Result<usize, Failure> {
    let Some(name) = &docs.name else {
        return Ok(0);
    };
    let ids = super::snapshots::result_ids(config, cases, output)?;
    let ids = ids.iter().map(|id| &**id);
    let (orphans, broken) = snapshot::orphans(&config.snapshots, name, ids)?;
    output.findings(&broken, true);
    for orphan in &orphans {
        let message = format!("orphaned file {}: {}", shown(&orphan.path), orphan.reason());
        let help = "run `docproof accept --prune` to remove it";
        if are_errors {
            output.error(&message, Some(help));
        } else {
            output.note(&format!("{message}; {help}"));
        }
    }
    Ok(orphans.len())
}
