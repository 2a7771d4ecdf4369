//! The JSON report of mutants, whose lines are written while the run goes on: one
//! per mutant, then the summary.

use std::collections::BTreeMap;

use serde::Serialize;

use super::adapters::mutants::Run;
use super::basics::{json_line, milliseconds};
use super::version;
use crate::page::case::Case;
use crate::tools::mutants::{Counts, Mutant, Outcome};

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

/// The line of a mutant. `at` is the line of the page.
pub(crate) fn mutant(case: &Case, mutant: &Mutant, at: usize) -> String {
    json_line(&MutantLine {
        id: &case.id,
        page: &case.page,
        line: at,
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
struct Summary<'a> {
    cases: usize,
    judged: usize,
    made: usize,
    killed: usize,
    by_policy: usize,
    holes: usize,
    /// In percent; `null` if no mutant counts.
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

/// A score, rounded down: only a perfect one is 100.
fn rounded(score: f64) -> f64 {
    (score * 100.0).floor() / 100.0
}

/// The summary line.
pub(crate) fn summary(run: &Run<'_>) -> String {
    let tally = run.tally;
    let kinds = tally.kinds.iter();
    let pages = tally.pages.iter();
    version::summary_line(&Summary {
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
        pages_unread: run.unread,
        proves: "comparison",
        ms: milliseconds(run.elapsed),
    })
}
