//! What broken answers have shown: one JSON object a mutant, or counts and
//! survivors for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::json::{line as json_line, milliseconds};
use super::place::{Located, line as line_of};
use super::pretty::plural;
use super::printable;
use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, Member};
use crate::mutants::{Counts, Group, HOLE, Kind, Mutant, Named, Outcome, Place, Reason, Tally};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const BOLD: Style = Style::new().bold();

/// How many holes, and how many weak pages and cases, are shown to a person.
const SHOWN: usize = 20;
const WEAKEST: usize = 5;
/// How many groups of survivors are shown.
const GROUPS: usize = 8;

/// The line of the page that says what was broken, from 1; that of the response
/// where no page is at hand, or none of its lines says it.
pub fn line(case: &Case, mutant: &Mutant, located: Option<Located<'_>>) -> usize {
    let difference = match &mutant.place {
        Place::Status => Difference::new(DifferenceKind::Status, "", None),
        Place::Header(name) => Difference {
            header: Some(name.clone()),
            ..Difference::new(DifferenceKind::Header, "", None)
        },
        Place::Body(range) => Difference {
            member: Some(Member {
                path: String::new(),
                place: Some(range.clone()),
            }),
            ..Difference::new(DifferenceKind::Content, "", None)
        },
        Place::Nowhere => Difference::new(DifferenceKind::Content, "", None),
    };
    line_of(case, &difference, located)
}

#[derive(Serialize)]
struct MutantLine<'a> {
    id: &'a str,
    page: &'a str,
    line: usize,
    mutant: &'static str,
    fact: &'a str,
    outcome: &'static str,
    reason: String,
    by_policy: bool,
}

/// A mutant, with the line of its fact.
pub fn json(case: &Case, mutant: &Mutant, line: usize) -> String {
    json_line(&MutantLine {
        id: &case.id,
        page: &case.page,
        line,
        mutant: mutant.kind.name(),
        fact: &mutant.fact,
        outcome: match mutant.outcome {
            Outcome::Killed(_) => "killed",
            Outcome::Survived(_) => "survived",
        },
        reason: mutant.reason(),
        by_policy: mutant.is_by_policy(),
    })
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Summary<'a> {
    cases: usize,
    judged: usize,
    made: usize,
    killed: usize,
    by_policy: usize,
    holes: usize,
    /// In percent; none where nothing was to be noticed.
    score: Option<f64>,
    kinds: BTreeMap<&'static str, KindData>,
    false_alarms: usize,
    pages: Vec<ScoreData<'a>>,
    weak_cases: Vec<ScoreData<'a>>,
    survivors: Vec<GroupData>,
    not_judged: BTreeMap<&'a str, usize>,
    not_judged_cases: Vec<UnjudgedData<'a>>,
    facts_left_out: usize,
    pages_unread: usize,
    proves: &'static str,
    ms: f64,
}

#[derive(Serialize)]
struct KindData {
    made: usize,
    killed: usize,
    by_policy: usize,
    holes: usize,
}

#[derive(Serialize)]
struct ScoreData<'a> {
    name: &'a str,
    killed: usize,
    holes: usize,
    score: Option<f64>,
}

#[derive(Serialize)]
struct GroupData {
    mutant: &'static str,
    reason: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct UnjudgedData<'a> {
    id: &'a str,
    page: &'a str,
    line: usize,
    reason: &'a str,
    detail: &'a str,
}

impl From<Counts> for KindData {
    fn from(counts: Counts) -> Self {
        Self {
            made: counts.made(),
            killed: counts.killed,
            by_policy: counts.by_policy,
            holes: counts.holes,
        }
    }
}

fn scores<'a>(list: impl IntoIterator<Item = (&'a str, Counts)>) -> Vec<ScoreData<'a>> {
    let list = list.into_iter().map(|(name, counts)| ScoreData {
        name,
        killed: counts.killed,
        holes: counts.holes,
        score: counts.score().map(rounded),
    });
    list.collect()
}

/// A score is rounded down, so that only what is whole is 100.
fn rounded(score: f64) -> f64 {
    (score * 100.0).floor() / 100.0
}

/// The last line of a run: `unread` is the number of pages that could not be
/// read.
pub fn json_summary(tally: &Tally, unread: usize, elapsed: Duration) -> String {
    let kinds = tally.kinds.iter();
    let pages = tally.pages.iter();
    json_line(&SummaryLine {
        summary: Summary {
            cases: tally.judged + tally.unjudged.len(),
            judged: tally.judged,
            made: tally.all.made(),
            killed: tally.all.killed,
            by_policy: tally.all.by_policy,
            holes: tally.all.holes,
            score: tally.all.score().map(rounded),
            kinds: kinds
                .map(|(kind, counts)| (kind.name(), KindData::from(*counts)))
                .collect(),
            false_alarms: tally.false_alarms.len(),
            pages: scores(pages.map(|(page, counts)| (&**page, *counts))),
            weak_cases: scores(tally.weakest_cases()),
            survivors: tally
                .largest_groups()
                .into_iter()
                .map(|(kind, reason, group)| GroupData {
                    mutant: kind.name(),
                    reason: reason.describe(),
                    count: group.count,
                })
                .collect(),
            not_judged: tally.unjudged_by_reason(),
            not_judged_cases: tally
                .unjudged
                .iter()
                .map(|(id, page, line, why)| UnjudgedData {
                    id,
                    page,
                    line: *line,
                    reason: &why.reason,
                    detail: &why.detail,
                })
                .collect(),
            facts_left_out: tally.left_out,
            pages_unread: unread,
            proves: "comparison",
            ms: milliseconds(elapsed),
        },
    })
}

/// A run for people. `file` names a page as the user would open it.
pub fn pretty(
    tally: &Tally,
    unread: usize,
    file: &dyn Fn(&str) -> String,
    elapsed: Duration,
) -> String {
    let mut text = table(tally);
    named(
        &mut text,
        &tally.false_alarms,
        "FALSE ALARM",
        "what no page documents is allowed, and this was noticed",
        file,
    );
    named(&mut text, &tally.holes, "HOLE", HOLE, file);
    weak(&mut text, "page", &tally.weak_pages());
    weak(&mut text, "case", &tally.weakest_cases());
    groups(&mut text, &tally.largest_groups(), file);
    summary(&mut text, tally, unread, elapsed);
    text
}

fn table(tally: &Tally) -> String {
    let mut text = format!(
        "{BOLD}{:<20} {:>7} {:>7} {:>9} {:>7}{BOLD:#}\n",
        "mutant", "made", "killed", "by policy", "holes"
    );
    for kind in Kind::ALL.iter().filter(|kind| !kind.is_control()) {
        let counts = tally.kinds.get(kind).copied().unwrap_or_default();
        row(&mut text, kind.name(), counts);
    }
    row(&mut text, "in all", tally.all);
    for kind in Kind::ALL.iter().filter(|kind| kind.is_control()) {
        let counts = tally.kinds.get(kind).copied().unwrap_or_default();
        put(
            &mut text,
            format_args!(
                "{:<20} {:>7} of which {} noticed, as none must be\n",
                kind.name(),
                counts.made(),
                counts.killed
            ),
        );
    }
    text
}

fn row(text: &mut String, name: &str, counts: Counts) {
    put(
        text,
        format_args!(
            "{name:<20} {:>7} {:>7} {:>9} {:>7}\n",
            counts.made(),
            counts.killed,
            counts.by_policy,
            counts.holes
        ),
    );
}

fn named(text: &mut String, list: &[Named], title: &str, why: &str, file: &dyn Fn(&str) -> String) {
    if list.is_empty() {
        return;
    }
    put(text, format_args!("\n{RED}{title}{RED:#} {why}\n"));
    for one in list.iter().take(SHOWN) {
        let mut told = format!("{}  {}", place(one, file), one.id);
        if let Outcome::Killed(_) = one.mutant.outcome {
            told += &format!("  {}", one.mutant.reason());
        }
        put(text, format_args!("  {}\n", printable(&told)));
    }
    if list.len() > SHOWN {
        let more = list.len() - SHOWN;
        put(
            text,
            format_args!("  and {more} more, which --format json shows\n"),
        );
    }
}

fn place(one: &Named, file: &dyn Fn(&str) -> String) -> String {
    let Named {
        page, line, mutant, ..
    } = one;
    let name = mutant.kind.name();
    format!("{}:{line}  {name}  {}", file(page), mutant.fact)
}

fn weak(text: &mut String, what: &str, list: &[(&str, Counts)]) {
    if list.is_empty() {
        return;
    }
    let count = plural(list.len(), what);
    put(text, format_args!("\n{count} with holes, the weakest:\n"));
    for (name, counts) in list.iter().take(WEAKEST) {
        put(
            text,
            format_args!(
                "  {:>6}  {}  {}\n",
                percent(*counts),
                printable(name),
                plural(counts.holes, "hole")
            ),
        );
    }
}

fn groups(text: &mut String, list: &[(Kind, Reason, &Group)], file: &dyn Fn(&str) -> String) {
    if list.is_empty() {
        return;
    }
    *text += "\nSurvivors by policy, which are no holes:\n";
    for (kind, reason, group) in list.iter().take(GROUPS) {
        let first = &group.first;
        let example = format!(
            "{}:{}  {}",
            file(&first.page),
            first.line,
            first.mutant.fact
        );
        put(
            text,
            format_args!(
                "{:>7}  {}: {}\n         such as {}\n",
                group.count,
                kind.name(),
                reason.describe(),
                printable(&example)
            ),
        );
    }
    let rest: usize = list
        .iter()
        .skip(GROUPS)
        .map(|(.., group)| group.count)
        .sum();
    if rest > 0 {
        let groups = plural(list.len() - GROUPS, "smaller group");
        put(text, format_args!("{rest:>7}  in {groups}\n"));
    }
}

fn summary(text: &mut String, tally: &Tally, unread: usize, elapsed: Duration) {
    let is_whole = tally.all.holes == 0 && tally.false_alarms.is_empty() && unread == 0;
    let color = if is_whole { GREEN } else { RED };
    let cases = plural(tally.judged, "case");
    let made = plural(tally.all.made(), "mutant");
    put(
        text,
        format_args!(
            "\n{color}score {}{color:#}: {} killed, {} by policy, {} of {made} of {cases} in {:.2} s\n",
            percent(tally.all),
            tally.all.killed,
            tally.all.by_policy,
            plural(tally.all.holes, "hole"),
            elapsed.as_secs_f64()
        ),
    );
    if !tally.unjudged.is_empty() {
        let reasons: Vec<String> = tally
            .unjudged_by_reason()
            .into_iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        put(
            text,
            format_args!(
                "{} not judged ({}); --format json says why\n",
                plural(tally.unjudged.len(), "case"),
                reasons.join(", ")
            ),
        );
    }
    if tally.left_out > 0 {
        put(
            text,
            format_args!(
                "{} of long bodies left out\n",
                plural(tally.left_out, "fact")
            ),
        );
    }
    if unread > 0 {
        let pages = plural(unread, "page");
        put(
            text,
            format_args!("{RED}{pages} could not be read{RED:#}\n"),
        );
    }
    *text += "This run shows what a live run would notice. It says nothing about a service.\n";
}

fn percent(counts: Counts) -> String {
    match counts.score() {
        Some(score) => format!("{:.1}%", (score * 10.0).floor() / 10.0),
        None => "-".to_owned(),
    }
}

fn put(text: &mut String, told: std::fmt::Arguments<'_>) {
    text.write_fmt(told).expect("a string takes all");
}
