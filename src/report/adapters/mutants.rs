//! The report of `docproof mutants`. Missed mutants and false alarms are the
//! failures; mutants that a rule allows are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::page::case::Case;
use crate::report::basics::{milliseconds, plural};
use crate::report::model::{
    Cell, Column, Data, Entry, EntryKind, Item, ItemDetail, List, Note, PageEntries, Place, Report,
    RuleInfo, Section, Skip, Status, Summary, Table, Tag, Total, Weight,
};
use crate::report::place::{self, Located};
use crate::report::record::Excerpt;
use crate::run::compare::{Difference, DifferenceKind, Member};
use crate::text::finding::Snippet;
use crate::text::severity::Severity;
use crate::tools::mutants::{
    Counts, FALSE_ALARM, Group, Kind, MISSED, Mutant, Named, Outcome, Place as MutantPlace, Reason,
    Tally, Tried,
};

/// What a run proves, as a sentence.
const SENTENCE: &str =
    "This run shows what a live run would detect. It says nothing about a service.";

/// The most failures that the terminal lists.
const SHOWN: usize = 20;
/// The most weak pages and cases that the terminal lists.
const WEAKEST: usize = 5;
/// The most groups of allowed mutants that the terminal lists.
const GROUPS: usize = 8;

/// The result of a run.
pub(crate) struct Run<'a> {
    /// The counts and the failures.
    pub tally: &'a Tally,
    /// The entries of the cases, by page. Empty if they were not kept.
    pub entries: &'a [Entry<'static>],
    /// All lines of the JSON report. Empty if they were not kept.
    pub lines: &'a str,
    /// The number of pages that could not be read.
    pub unread: usize,
    /// Why the score is too low, if it is.
    pub low: Option<&'a str>,
    /// The duration.
    pub elapsed: Duration,
    /// Names a page as the user would open it.
    pub file: &'a dyn Fn(&str) -> String,
}

/// The report of a run.
pub(crate) fn report<'a>(run: &Run<'a>) -> Report<'a> {
    let groups = run.entries.chunk_by(|a, b| a.page == b.page);
    let pages = groups.map(|entries| {
        let entries: &'a [Entry<'a>] = entries;
        let page = &entries[0].page;
        let counts = run.tally.pages.get(&**page).copied().unwrap_or_default();
        PageEntries {
            page: page.clone(),
            properties: properties(counts),
            entries: entries.into(),
        }
    });
    let items = run.entries.iter().flat_map(|entry| &entry.items);
    let found: BTreeSet<&str> = items.map(|item| &*item.rule).collect();
    let kinds = Kind::ALL.into_iter();
    let rules = kinds.filter(|kind| found.contains(kind.name()));
    Report {
        title: "docproof mutants",
        summary: summary(run),
        pages: pages.collect(),
        rules: rules.map(rule).collect(),
        list: List {
            noun: "case",
            filters: &[
                ("fail", "Failed"),
                ("policy", "With allowed mutants"),
                ("skip", "Not judged"),
                ("pass", "Passed"),
            ],
            start: if found.is_empty() { "all" } else { "fail" },
            columns: &[
                Column::Page,
                Column::Case,
                Column::Mutant,
                Column::Message("What is wrong"),
            ],
        },
        data: Data::Lines(run.lines),
    }
}

fn rule(kind: Kind) -> RuleInfo<'static> {
    let name = kind.name();
    RuleInfo {
        id: name.into(),
        summary: if kind.is_control() {
            format!("A live run would report what no page documents: {name}.")
        } else {
            format!("A live run would not detect this change of a response: {name}.")
        },
        help: Some(SENTENCE),
        level: None,
    }
}

/// The entry of a case, with the line of each mutant. `file` is its page, as the
/// user would open it.
pub(crate) fn entry(
    case: &Case,
    tried: &Tried,
    lines: &[usize],
    located: Option<Located<'_>>,
    file: &str,
) -> Entry<'static> {
    let mut entry = Entry {
        request: Some((
            case.request.method.clone().into(),
            case.request.target.clone().into(),
        )),
        ..Entry::new(
            EntryKind::MutatedCase,
            Status::Pass,
            case.id.clone(),
            case.page.to_string(),
            Place::line(file, case.line),
        )
    };
    let mutants = match &tried.mutants {
        Ok(mutants) => mutants,
        Err(why) => {
            entry.status = Status::Skip;
            entry.skip = Some(Skip {
                reason: why.reason.clone(),
                detail: why.detail.clone(),
            });
            return entry;
        }
    };
    let mut counts = Counts::default();
    let mut allowed: BTreeMap<(Kind, Reason), (usize, String)> = BTreeMap::new();
    for (mutant, line) in mutants.iter().zip(lines) {
        let excerpt = || located.and_then(|located| excerpt(case, mutant, located));
        entry.items.extend(failure(mutant).map(|(word, why)| Item {
            severity: Severity::Error,
            place: Place::line(file, *line),
            rule: mutant.kind.name().into(),
            message: format!("{word}: {}: {why}", mutant.fact),
            help: None,
            excerpt: excerpt(),
            mark: None,
            case: None,
            detail: ItemDetail::Mutant {
                fact: mutant.fact.clone(),
            },
        }));
        if mutant.kind.is_control() {
            continue;
        }
        counts.add(&mutant.outcome);
        if let Outcome::Survived(Some(reason)) = mutant.outcome {
            let first = || (0, format!("{file}:{line}  {}", mutant.fact));
            let group = allowed.entry((mutant.kind, reason));
            group.or_insert_with(first).0 += 1;
        }
    }
    if !entry.items.is_empty() {
        entry.status = Status::Fail;
    }
    if !allowed.is_empty() {
        entry.tags.push(Tag {
            class: Some("policy"),
            badge: None,
        });
    }
    entry.properties = count_properties(counts).into();
    entry.notes.push(("counts".into(), became(counts)));
    let survivors = allowed
        .into_iter()
        .map(|((kind, reason), (count, example))| survived(count, kind, reason, &example));
    let survivors = survivors.map(|text| ("survived".into(), text));
    entry.notes.extend(survivors);
    entry
}

/// If a mutant is a failure: what it is called, and why it is one.
fn failure(mutant: &Mutant) -> Option<(&'static str, String)> {
    match (&mutant.outcome, mutant.kind.is_control()) {
        (Outcome::Killed(_), true) => Some((
            "false alarm",
            format!("{FALSE_ALARM} ({})", mutant.reason()),
        )),
        (Outcome::Survived(None), false) => Some(("missed", MISSED.to_owned())),
        _ => None,
    }
}

/// A group of mutants that a rule allows, with an example.
fn survived(count: usize, kind: Kind, reason: Reason, example: &str) -> String {
    let (kind, reason) = (kind.name(), reason.describe());
    format!("{count} {kind} allowed: {reason}, such as {example}")
}

/// A mutant as a difference of the response that has the same place in its page.
fn difference(mutant: &Mutant) -> Difference {
    match &mutant.place {
        MutantPlace::Status => Difference::new(DifferenceKind::Status, "", None),
        MutantPlace::Header(name) => Difference {
            header: Some(name.clone()),
            ..Difference::new(DifferenceKind::Header, "", None)
        },
        MutantPlace::Body(range) => Difference {
            member: Some(Member {
                path: String::new(),
                place: Some(range.clone()),
            }),
            ..Difference::new(DifferenceKind::Content, "", None)
        },
        MutantPlace::Nowhere => Difference::new(DifferenceKind::Content, "", None),
    }
}

/// The line of the page that documents what was mutated, from 1. Without its
/// page, that of the response.
pub(crate) fn line(case: &Case, mutant: &Mutant, located: Option<Located<'_>>) -> usize {
    place::line(case, &difference(mutant), located)
}

fn excerpt(case: &Case, mutant: &Mutant, located: Located<'_>) -> Option<Excerpt> {
    let span = place::place(case, &difference(mutant), located);
    Snippet::of(located.page, span).as_ref().map(Excerpt::of)
}

/// The summary of a run.
pub(crate) fn summary(run: &Run<'_>) -> Summary {
    let (tally, all) = (run.tally, run.tally.all);
    Summary {
        is_good: is_good(run),
        headline: headline(run),
        outcome: format!("score {}", percent(all)),
        scope: format!(": {} in {:.2} s", counts(tally), run.elapsed.as_secs_f64()),
        label: Some("Comparison."),
        sentence: SENTENCE.to_owned(),
        notes: notes(run),
        facts: facts(run),
        bar: vec![
            (Status::Fail, all.holes),
            (Status::Pass, all.killed),
            (Status::Skip, all.by_policy),
        ],
        tables: [kinds(tally), groups(run)]
            .into_iter()
            .filter(|table| !table.rows.is_empty())
            .collect(),
        sections: sections(run),
        ms: Some(milliseconds(run.elapsed)),
        total: Some(total(run)),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Whether nothing needs to be fixed.
fn is_good(run: &Run<'_>) -> bool {
    let has_failures = run.tally.all.holes > 0 || !run.tally.false_alarms.is_empty();
    !has_failures && run.tally.all.made() > 0 && run.unread == 0 && run.low.is_none()
}

fn headline(run: &Run<'_>) -> String {
    let tally = run.tally;
    let cases = plural(tally.judged, "case");
    let mut text = if tally.all.score().is_some() {
        let (score, missed) = (percent(tally.all), tally.all.holes);
        format!("Score {score}: {missed} missed in {cases}")
    } else {
        format!("No mutants in {cases}")
    };
    if !tally.false_alarms.is_empty() {
        text += &format!(", {}", plural(tally.false_alarms.len(), "false alarm"));
    }
    text
}

/// The counts as text.
fn counts(tally: &Tally) -> String {
    let mut counts = format!(
        "{} of {} of {}",
        became(tally.all),
        plural(tally.all.made(), "mutant"),
        plural(tally.judged, "case")
    );
    if !tally.false_alarms.is_empty() {
        counts += &format!(", {}", plural(tally.false_alarms.len(), "false alarm"));
    }
    counts
}

fn notes(run: &Run<'_>) -> Vec<Note> {
    let tally = run.tally;
    let mut notes = Vec::new();
    let mut add = |weight, text| notes.push(Note { weight, text });
    for (kind, reason, count, example) in named_groups(run) {
        add(Weight::Log, survived(count, kind, reason, &example));
    }
    let unjudged = tally.unjudged.len();
    if unjudged > 0 {
        let (cases, reasons) = (plural(unjudged, "case"), unjudged_reasons(tally));
        let text = format!("{cases} not judged ({reasons}); --format json shows why");
        add(Weight::Info, text);
    }
    if tally.left_out > 0 {
        let facts = plural(tally.left_out, "fact");
        add(Weight::Info, format!("{facts} of long bodies left out"));
    }
    if run.unread > 0 {
        let pages = plural(run.unread, "page");
        add(Weight::Failure, format!("{pages} could not be read"));
    }
    if let Some(low) = run.low {
        add(Weight::Failure, low.to_owned());
    }
    notes
}

/// Why cases were not judged, with the number of each reason.
fn unjudged_reasons(tally: &Tally) -> String {
    let reasons = tally.unjudged_by_reason().into_iter();
    let reasons: Vec<String> = reasons
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    reasons.join(", ")
}

fn facts(run: &Run<'_>) -> Vec<(&'static str, String)> {
    let tally = run.tally;
    let all = tally.all;
    let left_out = match tally.left_out {
        0 => String::new(),
        count => format!("{} of long bodies", plural(count, "fact")),
    };
    let facts = [
        ("Score", percent(all)),
        ("Mutants", all.made().to_string()),
        ("Killed", all.killed.to_string()),
        ("Allowed", all.by_policy.to_string()),
        ("Missed", all.holes.to_string()),
        ("False alarms", tally.false_alarms.len().to_string()),
        ("Not judged", unjudged_reasons(tally)),
        ("Left out", left_out),
        ("Duration", format!("{:.2} s", run.elapsed.as_secs_f64())),
    ];
    let facts = facts.into_iter();
    facts.filter(|(_, value)| !value.is_empty()).collect()
}

/// The counts of each kind of mutant, the total before the controls.
fn kinds(tally: &Tally) -> Table {
    let row = |name: String, counts: Counts| {
        let counts = [counts.made(), counts.killed, counts.by_policy, counts.holes];
        let cells = counts.into_iter().map(Cell::Number);
        [Cell::Text(name)].into_iter().chain(cells).collect()
    };
    let of_kind = |kind: &Kind| {
        let counts = tally.kinds.get(kind).copied().unwrap_or_default();
        if kind.is_control() {
            row(format!("{} (must survive)", kind.name()), counts)
        } else {
            row(kind.name().to_owned(), counts)
        }
    };
    let (controls, others): (Vec<Kind>, Vec<Kind>) =
        Kind::ALL.into_iter().partition(|kind| kind.is_control());
    let total = row("total".to_owned(), tally.all);
    let rows = others.iter().map(of_kind).chain([total]);
    Table {
        title: "How responses were mutated",
        columns: &["Mutant", "Made", "Killed", "Allowed", "Missed"],
        rows: rows.chain(controls.iter().map(of_kind)).collect(),
        is_wide: false,
    }
}

/// The groups of allowed mutants, the largest first, with an example each.
fn named_groups<'r>(
    run: &'r Run<'_>,
) -> impl Iterator<Item = (Kind, Reason, usize, String)> + use<'r> {
    let groups = run.tally.largest_groups().into_iter();
    let file = run.file;
    groups.map(move |(kind, reason, Group { count, first })| {
        let place = format!("{}:{}", file(&first.page), first.line);
        let example = format!("{place}  {}", first.mutant.fact);
        (kind, reason, *count, example)
    })
}

fn groups(run: &Run<'_>) -> Table {
    let rows = named_groups(run).map(|(kind, reason, count, example)| {
        vec![
            Cell::Number(count),
            Cell::Text(kind.name().to_owned()),
            Cell::Text(reason.describe().to_owned()),
            Cell::Text(example),
        ]
    });
    Table {
        title: "Allowed mutants",
        columns: &["Count", "Mutant", "Rule", "Example"],
        rows: rows.collect(),
        is_wide: true,
    }
}

/// The lists for the terminal.
fn sections(run: &Run<'_>) -> Vec<Section> {
    let tally = run.tally;
    let file = run.file;
    let allowed: Vec<_> = named_groups(run).collect();
    let lines = allowed.iter().take(GROUPS);
    let mut lines: Vec<String> = lines
        .map(|(kind, reason, count, example)| {
            let (kind, reason) = (kind.name(), reason.describe());
            format!("{count:>5}  {kind}: {reason}, such as {example}")
        })
        .collect();
    let rest = allowed.iter().skip(GROUPS);
    let rest: usize = rest.map(|(_, _, count, _)| count).sum();
    if rest > 0 {
        let groups = plural(allowed.len() - GROUPS, "smaller group");
        lines.push(format!("{rest:>5}  in {groups}"));
    }
    let sections = [
        failures("FALSE ALARM", FALSE_ALARM, &tally.false_alarms, file),
        failures("MISSED", MISSED, &tally.holes, file),
        weakest("page", &tally.weak_pages()),
        weakest("case", &tally.weakest_cases()),
        Section {
            title: "Allowed mutants".to_owned(),
            text: ":".to_owned(),
            is_bad: false,
            lines,
        },
    ];
    let sections = sections.into_iter();
    sections
        .filter(|section| !section.lines.is_empty())
        .collect()
}

fn failures(title: &str, why: &str, list: &[Named], file: &dyn Fn(&str) -> String) -> Section {
    let lines = list.iter().take(SHOWN).map(|one| {
        let Named {
            id,
            page,
            line,
            mutant,
        } = one;
        let (name, fact) = (mutant.kind.name(), &mutant.fact);
        let killed = match mutant.outcome {
            Outcome::Killed(_) => format!("  {}", mutant.reason()),
            Outcome::Survived(_) => String::new(),
        };
        format!("{}:{line}  {name}  {fact}  {id}{killed}", file(page))
    });
    let mut lines: Vec<String> = lines.collect();
    if list.len() > SHOWN {
        let more = list.len() - SHOWN;
        lines.push(format!("and {more} more; --format json shows all"));
    }
    Section {
        title: title.to_owned(),
        text: format!(" {why}"),
        is_bad: true,
        lines,
    }
}

fn weakest(noun: &str, list: &[(&str, Counts)]) -> Section {
    let lines = list.iter().take(WEAKEST).map(|(name, counts)| {
        let (score, missed) = (percent(*counts), counts.holes);
        format!("{score:>6}  {name}  {missed} missed")
    });
    Section {
        title: plural(list.len(), noun),
        text: " with missed mutants, the weakest first:".to_owned(),
        is_bad: false,
        lines: lines.collect(),
    }
}

/// The test of the score.
fn total(run: &Run<'_>) -> Total {
    let tally = run.tally;
    let mut properties = properties(tally.all);
    let alarms = tally.false_alarms.len().to_string();
    properties.push(("false-alarms", alarms));
    properties.extend(Kind::ALL.into_iter().map(|kind| {
        let counts = tally.kinds.get(&kind).copied().unwrap_or_default();
        (kind.name(), became(counts))
    }));
    Total {
        name: "score",
        failure: run.low.map(str::to_owned),
        properties,
    }
}

fn properties(counts: Counts) -> Vec<(&'static str, String)> {
    let first = [
        ("proves", "comparison".to_owned()),
        ("score", percent(counts)),
    ];
    first.into_iter().chain(count_properties(counts)).collect()
}

fn count_properties(counts: Counts) -> [(&'static str, String); 3] {
    [
        ("killed", counts.killed.to_string()),
        ("by-policy", counts.by_policy.to_string()),
        ("holes", counts.holes.to_string()),
    ]
}

/// `18 killed, 1 allowed, 0 missed`.
fn became(counts: Counts) -> String {
    format!(
        "{} killed, {} allowed, {} missed",
        counts.killed, counts.by_policy, counts.holes
    )
}

/// A score, rounded down: only a perfect one is 100%.
fn percent(counts: Counts) -> String {
    match counts.score() {
        Some(score) => format!("{:.1}%", (score * 10.0).floor() / 10.0),
        None => "-".to_owned(),
    }
}
