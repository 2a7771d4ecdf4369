//! The counts of the mutants of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kind::Kind;
use super::mutant::{Mutant, Outcome, Reason, Tried, Unjudged};
use crate::page::case::Case;

/// The number of mutants of each outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Detected.
    pub killed: usize,
    /// Allowed by a rule.
    pub by_policy: usize,
    /// Missed.
    pub holes: usize,
}

impl Counts {
    /// All of them.
    pub(crate) fn made(self) -> usize {
        self.killed + self.by_policy + self.holes
    }

    /// The percentage of detected mutants among those that no rule allows. None if
    /// there are no such mutants.
    pub(crate) fn score(self) -> Option<f64> {
        let counted = self.killed + self.holes;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a percentage of more than 2^52 mutants need not be exact"
        )]
        let score = 100.0 * self.killed as f64 / counted as f64;
        (counted > 0).then_some(score)
    }

    /// Counts an outcome.
    pub(crate) fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Killed(_) => self.killed += 1,
            Outcome::Survived(Some(_)) => self.by_policy += 1,
            Outcome::Survived(None) => self.holes += 1,
        }
    }
}

/// A mutant that is named in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The id of its case.
    pub id: String,
    /// The page.
    pub page: Arc<str>,
    /// The line of the fact, from 1.
    pub line: usize,
    /// The mutant.
    pub mutant: Mutant,
}

/// Mutants of a kind that one rule allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Named,
}

/// The counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// By kind, controls too.
    pub kinds: BTreeMap<Kind, Counts>,
    /// All kinds but the controls.
    pub all: Counts,
    /// By page, controls aside.
    pub pages: BTreeMap<Arc<str>, Counts>,
    /// Cases with missed mutants, by id.
    pub weak_cases: BTreeMap<String, Counts>,
    /// Survivors by kind and rule.
    pub groups: BTreeMap<(Kind, Reason), Group>,
    /// Missed mutants.
    pub holes: Vec<Named>,
    /// Controls that were killed.
    pub false_alarms: Vec<Named>,
    /// Cases without mutants: id, page, line and reason.
    pub unjudged: Vec<(String, Arc<str>, usize, Unjudged)>,
    /// The number of judged cases.
    pub judged: usize,
    /// The number of facts that were left out of long bodies.
    pub left_out: usize,
}

impl Tally {
    /// Adds the result of a case, with the line of each mutant.
    pub(crate) fn add(&mut self, case: &Case, tried: &Tried, lines: &[usize]) {
        self.left_out += tried.left_out;
        let mutants = match &tried.mutants {
            Ok(mutants) => mutants,
            Err(why) => {
                let page = Arc::clone(&case.page);
                let unjudged = (case.id.clone(), page, case.line, why.clone());
                self.unjudged.push(unjudged);
                return;
            }
        };
        self.judged += 1;
        let mut own = Counts::default();
        for (mutant, line) in mutants.iter().zip(lines) {
            let named = |mutant: &Mutant| Named {
                id: case.id.clone(),
                page: Arc::clone(&case.page),
                line: *line,
                mutant: mutant.clone(),
            };
            self.kinds
                .entry(mutant.kind)
                .or_default()
                .add(&mutant.outcome);
            if mutant.kind.is_control() {
                if let Outcome::Killed(_) = mutant.outcome {
                    self.false_alarms.push(named(mutant));
                }
                continue;
            }
            self.all.add(&mutant.outcome);
            own.add(&mutant.outcome);
            match mutant.outcome {
                Outcome::Killed(_) => {}
                Outcome::Survived(None) => self.holes.push(named(mutant)),
                Outcome::Survived(Some(reason)) => {
                    self.groups
                        .entry((mutant.kind, reason))
                        .and_modify(|group| group.count += 1)
                        .or_insert_with(|| Group {
                            count: 1,
                            first: named(mutant),
                        });
                }
            }
        }
        let page = self.pages.entry(Arc::clone(&case.page)).or_default();
        page.killed += own.killed;
        page.by_policy += own.by_policy;
        page.holes += own.holes;
        if own.holes > 0 {
            self.weak_cases.insert(case.id.clone(), own);
        }
    }

    /// The cases that were not judged, by reason.
    pub(crate) fn unjudged_by_reason(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for (.., why) in &self.unjudged {
            *reasons.entry(why.reason.as_str()).or_default() += 1;
        }
        reasons
    }

    /// The groups of allowed mutants, the largest first.
    pub(crate) fn largest_groups(&self) -> Vec<(Kind, Reason, &Group)> {
        let groups = self.groups.iter();
        let mut groups: Vec<_> = groups
            .map(|((kind, reason), group)| (*kind, *reason, group))
            .collect();
        groups.sort_by_key(|(.., group)| std::cmp::Reverse(group.count));
        groups
    }

    /// Pages with missed mutants, the lowest score first.
    pub(crate) fn weak_pages(&self) -> Vec<(&str, Counts)> {
        let pages = self.pages.iter().map(|(page, counts)| (&**page, *counts));
        weakest(pages.filter(|(_, counts)| counts.holes > 0))
    }

    /// Cases with missed mutants, the lowest score first.
    pub(crate) fn weakest_cases(&self) -> Vec<(&str, Counts)> {
        let cases = self.weak_cases.iter();
        weakest(cases.map(|(id, counts)| (id.as_str(), *counts)))
    }
}

fn weakest<'n>(all: impl Iterator<Item = (&'n str, Counts)>) -> Vec<(&'n str, Counts)> {
    let mut all: Vec<_> = all.collect();
    let score = |counts: &Counts| counts.score().unwrap_or_default();
    all.sort_by(|(_, one), (_, other)| score(one).total_cmp(&score(other)));
    all
}
