//! The report of `docproof test` and `docproof merge`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::report::basics::plural;
use crate::report::history::History;
use crate::report::model::{
    Attempt, Attempts, Column, Data, Entry, EntryKind, Item, ItemDetail, List, Note, PageEntries,
    Place, Report, RuleInfo, Skip, Status, Summary, Tag, Weight,
};
use crate::report::record::{self, CaseRecord, DifferenceRecord, OutcomeName, RunRecord, counted};
use crate::run::compare::DifferenceKind;
use crate::run::outcome::{Proven, Verdict};
use crate::text::rules::SYMLINK_SKIPPED;
use crate::text::severity::Severity;

/// The report of a run. `history` has the results of earlier runs.
pub(crate) fn report<'a>(run: &'a RunRecord, history: Option<&History>) -> Report<'a> {
    let groups = run.cases.chunk_by(|a, b| a.page == b.page);
    let pages = groups.map(|cases| PageEntries {
        page: cases[0].page.as_str().into(),
        properties: properties(&run.summary, cases),
        entries: cases
            .iter()
            .map(|case| with_history(case, history))
            .collect(),
    });
    let pages: Vec<PageEntries<'a>> = pages.collect();
    let items = pages.iter().flat_map(|page| page.entries.iter());
    let items = items.flat_map(|entry| &entry.items);
    let kinds: BTreeSet<Cow<'static, str>> = items.map(|item| item.rule.clone()).collect();
    let rules = kinds.into_iter().map(|kind| RuleInfo {
        summary: format!("The response differs from its page: {kind}."),
        id: kind,
        help: None,
        level: None,
    });
    Report {
        title: "docproof test",
        summary: with_earlier_runs(&run.summary, history),
        rules: rules.collect(),
        pages,
        list: List {
            noun: "case",
            filters: &[
                ("fail", "Failed"),
                ("newly-failing", "Newly failing"),
                ("flaky", "Flaky"),
                ("warned", "With warnings"),
                ("skip", "Skipped"),
                ("pass", "Passed"),
            ],
            start: if run.summary.fail > 0 { "fail" } else { "all" },
            columns: &[Column::Page, Column::Case, Column::Message("What differs")],
        },
        data: Data::Run(run),
    }
}

/// The properties of a page. A page whose cases were all skipped proves nothing.
fn properties(run: &record::Summary, cases: &[CaseRecord]) -> Vec<(&'static str, String)> {
    let is_sent = cases.iter().any(|case| case.outcome != OutcomeName::Skip);
    let proves = if is_sent { run.proves } else { Proven::Nothing };
    vec![
        ("proves", proves.name().to_owned()),
        ("target", run.target.clone()),
    ]
}

/// The entry of a case.
pub(crate) fn entry(case: &CaseRecord) -> Entry<'_> {
    with_history(case, None)
}

fn with_history<'a>(case: &'a CaseRecord, history: Option<&History>) -> Entry<'a> {
    let file = case.file();
    let has_failed = case.outcome == OutcomeName::Fail;
    let errors = case.differences.iter().filter(|_| has_failed);
    let errors = errors.map(|found| item(file, found, Severity::Error));
    let warnings = case.warnings.iter();
    let warnings = warnings.map(|found| item(file, found, Severity::Warning));
    let mut notes: Vec<(Cow<'a, str>, String)> = Vec::new();
    if has_failed {
        let request = format!("{} {}", case.method, case.target);
        notes.push(("request".into(), request));
    }
    if let Some(advice) = &case.advice {
        let verdict = case.verdict.as_deref().unwrap_or("verdict");
        notes.push((verdict.into(), advice.clone()));
    }
    if let Some(replaced) = &case.replaced {
        notes.push(("replaced".into(), replaced.text()));
    }
    Entry {
        request: Some((case.method.as_str().into(), case.target.as_str().into())),
        skip: (case.outcome == OutcomeName::Skip).then(|| Skip {
            reason: case.reason.clone().unwrap_or_default(),
            detail: case.detail.clone().unwrap_or_default(),
        }),
        ms: Some(case.ms),
        items: errors.chain(warnings).collect(),
        help: case.advice.as_deref().map(Cow::from),
        notes,
        tags: tags(case, history),
        past: history.map_or_else(Vec::new, |history| history.outcomes(case).to_vec()),
        attempts: attempts(case),
        diffs: &case.diffs,
        exchange: case.exchange.as_ref(),
        curl: case.curl.as_deref(),
        ..Entry::new(
            EntryKind::Case,
            case.outcome.into(),
            case.id.as_str(),
            case.page.as_str(),
            Place::line(file, case.line),
        )
    }
}

fn item(file: &str, found: &DifferenceRecord, severity: Severity) -> Item {
    Item {
        severity,
        place: match &found.scenario {
            Some(place) => Place::line(format!("specs/scenarios/{}", place.file), place.line),
            None => Place::line(file, found.line),
        },
        rule: found.kind.clone().into(),
        message: found.message.clone(),
        help: None,
        excerpt: found.excerpt.clone(),
        mark: match &*found.kind {
            "missing-header" => Some("missing".to_owned()),
            "status" | "header" | "media-type" => found.observed.clone(),
            _ => None,
        },
        case: None,
        detail: ItemDetail::Difference {
            documented: found.documented.clone(),
            observed: found.observed.clone(),
        },
    }
}

fn attempts(case: &CaseRecord) -> Attempts {
    let list = case.earlier.iter().map(|attempt| {
        let items = attempt.differences.iter();
        Attempt {
            status: attempt.outcome.into(),
            ms: attempt.ms,
            items: items
                .map(|found| item(case.file(), found, Severity::Error))
                .collect(),
        }
    });
    Attempts {
        is_flaky: case.flaky,
        tally: case.tally(),
        list: list.collect(),
    }
}

fn tags(case: &CaseRecord, history: Option<&History>) -> Vec<Tag> {
    let is_new = history.is_some_and(|history| history.is_newly_failing(case));
    let is_flaky = case.flaky || history.is_some_and(|history| history.is_flaky(case));
    let is_deviating = case.verdict.as_deref() == Some(Verdict::KnownDeviation.name());
    let tag = |class, badge| Tag {
        class,
        badge: Some(badge),
    };
    let tags = [
        (is_new, tag(Some("newly-failing"), "newly failing")),
        (is_flaky, tag(Some("flaky"), "flaky")),
        (!case.warnings.is_empty(), tag(Some("warned"), "warnings")),
        (is_deviating, tag(None, "known deviation")),
        (
            case.replaced.is_some(),
            tag(None, "compared with its scenario"),
        ),
    ];
    let tags = tags.into_iter().filter(|(has, _)| *has);
    tags.map(|(_, tag)| tag).collect()
}

/// The summary of a run.
pub(crate) fn summary(run: &record::Summary) -> Summary {
    with_earlier_runs(run, None)
}

fn with_earlier_runs(run: &record::Summary, history: Option<&History>) -> Summary {
    let is_good = !run.has_failed() && !run.interrupted && !run.tested_nothing();
    let reasons = match counted(&run.skip_reasons) {
        reasons if reasons.is_empty() => reasons,
        reasons => format!(" ({reasons})"),
    };
    Summary {
        is_good,
        headline: headline(run),
        outcome: run.outcomes(),
        scope: format!(
            "{reasons}{} on {} in {:.2} s",
            run.of_cases(),
            plural(run.pages, "page"),
            run.ms / 1e3
        ),
        sentence: run.sentence(),
        notes: notes(run),
        facts: facts(run, history),
        bar: vec![
            (Status::Fail, run.fail),
            (Status::Pass, run.pass),
            (Status::Skip, run.skip),
        ],
        ms: Some(run.ms),
        version: run.version.clone(),
        ..Summary::default()
    }
}

fn headline(run: &record::Summary) -> String {
    match (run.fail, run.pass) {
        (0, 0) if run.cases == 0 => "No case was selected".to_owned(),
        (0, 0) => format!("No requests sent for {}", plural(run.cases, "case")),
        (0, pass) if run.skip == 0 && run.not_run == 0 => {
            format!("All {} passed", plural(pass, "case"))
        }
        (0, pass) => format!("{} passed, none failed", plural(pass, "case")),
        (fail, _) => format!("{fail} of {} failed", plural(run.cases, "case")),
    }
}

fn notes(run: &record::Summary) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut add = |weight, text| notes.push(Note { weight, text });
    if run.pages_unread > 0 {
        let pages = plural(run.pages_unread, "page");
        let text = format!("{pages} could not be read, so their examples were not tested");
        add(Weight::Failure, text);
    }
    if let Some(fallback) = &run.fallback {
        add(Weight::Warning, fallback.clone());
    }
    if let Some(count) = run.diagnostics.get(SYMLINK_SKIPPED.name) {
        let links = plural(*count, "symbolic link");
        add(
            Weight::Info,
            format!("{links} not followed: the pages behind are not tested"),
        );
    }
    let states = ["match", "new", "missing", "mismatch"].into_iter();
    let states: Vec<String> = states
        .filter_map(|state| {
            let count = run.snapshots.get(state)?;
            Some(format!("{count} {state}"))
        })
        .collect();
    if !states.is_empty() {
        let hint = match run.snapshots.get("new") {
            Some(_) => "; not accepted yet; run `docproof accept`",
            None => "",
        };
        let text = format!("snapshots: {}{hint}", states.join(", "));
        add(Weight::Info, text);
    }
    if run.orphaned_snapshots > 0 {
        let count = plural(run.orphaned_snapshots, "orphaned snapshot");
        add(
            Weight::Failure,
            format!("{count}; run `docproof accept --prune`"),
        );
    }
    if run.replaced > 0 {
        let count = plural(run.replaced, "case");
        let text = format!(
            "{count} compared with a scenario that excludes the documented status; \
             --format json shows each"
        );
        add(Weight::Info, text);
    }
    let mut verdicts = run.verdicts.keys();
    if verdicts.any(|name| *name != Verdict::Conforms.name()) {
        let text = format!("verdicts: {}", counted(&run.verdicts));
        add(Weight::Info, text);
    }
    for known in &run.deviations {
        add(Weight::Warning, known.text());
    }
    let mut warnings = run.warnings.clone();
    if let Some(count) = warnings.remove(DifferenceKind::EndlessBody.name()) {
        let streams = plural(count, "stream");
        let text = format!(
            "{streams} did not end within --body-timeout; only status and header fields were compared"
        );
        add(Weight::Info, text);
    }
    if !warnings.is_empty() {
        let warnings = counted(&warnings);
        let text =
            format!("warnings: {warnings}; --format json shows each, --strict fails on them");
        add(Weight::Info, text);
    }
    if run.errors > 0 {
        let errors = plural(run.errors, "page error");
        let text = format!("{errors}; the affected examples were not tested");
        add(Weight::Failure, text);
    }
    for partition in &run.missing_partitions {
        let text = format!("partition {partition} is missing");
        add(Weight::Failure, text);
    }
    if run.interrupted {
        add(Weight::Failure, "the run was interrupted".to_owned());
    }
    notes
}

fn facts(run: &record::Summary, history: Option<&History>) -> Vec<(&'static str, String)> {
    let partition = run.partition.as_ref();
    let partition = partition.map_or_else(String::new, ToString::to_string);
    let number = |count: usize| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    let mut snapshots = run.snapshots.clone();
    snapshots.remove("off");
    let facts = [
        ("Target", run.target.clone()),
        ("Docs", run.docs.clone()),
        ("Pages", run.pages.to_string()),
        ("Duration", format!("{:.2} s", run.ms / 1e3)),
        ("Skipped", counted(&run.skip_reasons)),
        ("Not run", number(run.not_run)),
        ("Verdicts", counted(&run.verdicts)),
        ("Snapshots", counted(&snapshots)),
        ("Warnings", counted(&run.warnings)),
        ("Partition", partition),
        (
            "Earlier runs",
            number(history.map_or(0, |history| history.runs)),
        ),
    ];
    let facts = facts.into_iter();
    facts.filter(|(_, value)| !value.is_empty()).collect()
}
