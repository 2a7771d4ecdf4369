//! What reports keep of a case: counts, its survivors by rule, and its
//! failures, which are few.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::page::case::Case;
use crate::report::place::{self, Located};
use crate::report::record::Excerpt;
use crate::run::compare::{Difference, DifferenceKind, Member};
use crate::text::finding::Snippet;
use crate::tools::mutants::{
    Counts, FALSE_ALARM, HOLE, Kind, Mutant, Outcome, Place, Reason, Tried, Unjudged,
};

/// A case.
#[derive(Debug)]
pub(crate) struct CaseRecord {
    /// Its id.
    pub id: String,
    /// The page.
    pub page: Arc<str>,
    /// The line of its request, from 1.
    pub line: usize,
    /// The documented method.
    pub method: String,
    /// The documented target.
    pub target: String,
    /// What came of its mutants, or why there are none.
    pub judged: Result<Judged, Unjudged>,
}

/// What the mutants of a case came to.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The counts, controls aside.
    pub counts: Counts,
    /// Survivors that a rule lets through.
    pub survivors: Vec<Survivors>,
    /// Holes and false alarms.
    pub failures: Vec<Failure>,
}

/// Survivors of a kind that one rule lets through.
#[derive(Debug)]
pub(crate) struct Survivors {
    /// The kind.
    pub kind: Kind,
    /// The rule.
    pub reason: Reason,
    /// How many.
    pub count: usize,
    /// What the first of them breaks.
    pub fact: String,
    /// The line of that, from 1.
    pub line: usize,
}

/// A hole or a false alarm.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The kind: a false alarm is one of a control.
    pub kind: Kind,
    /// What was broken.
    pub fact: String,
    /// The line of that, from 1.
    pub line: usize,
    /// The lines of the page, where there is one.
    pub excerpt: Option<Excerpt>,
    /// Why it is one, in words.
    pub why: String,
}

impl CaseRecord {
    /// The record of a case, with the line of each mutant's fact.
    pub(crate) fn new(
        case: &Case,
        tried: &Tried,
        lines: &[usize],
        located: Option<Located<'_>>,
    ) -> Self {
        let judged = match &tried.mutants {
            Ok(mutants) => Ok(Judged::new(case, mutants, lines, located)),
            Err(why) => Err(why.clone()),
        };
        Self {
            id: case.id.clone(),
            page: Arc::clone(&case.page),
            line: case.line,
            method: case.request.method.clone(),
            target: case.request.target.clone(),
            judged,
        }
    }

    /// Its holes and false alarms.
    pub(crate) fn failures(&self) -> &[Failure] {
        match &self.judged {
            Ok(judged) => &judged.failures,
            Err(_) => &[],
        }
    }

    /// Why it was not judged, if it was not.
    pub(crate) fn unjudged(&self) -> Option<String> {
        let Unjudged { reason, detail } = self.judged.as_ref().err()?;
        Some(if detail.is_empty() {
            reason.clone()
        } else {
            format!("{reason}: {detail}")
        })
    }
}

impl Judged {
    fn new(case: &Case, mutants: &[Mutant], lines: &[usize], located: Option<Located<'_>>) -> Self {
        let mut judged = Self::default();
        let mut survivors: BTreeMap<(Kind, Reason), Survivors> = BTreeMap::new();
        for (mutant, line) in mutants.iter().zip(lines) {
            let (kind, line) = (mutant.kind, *line);
            let mut fail = |why: String| {
                judged.failures.push(Failure {
                    kind,
                    fact: mutant.fact.clone(),
                    line,
                    excerpt: located.and_then(|located| excerpt(case, mutant, located)),
                    why,
                });
            };
            if kind.is_control() {
                if let Outcome::Killed(_) = mutant.outcome {
                    fail(format!("{FALSE_ALARM} ({})", mutant.reason()));
                }
                continue;
            }
            match mutant.outcome {
                Outcome::Killed(_) => {}
                Outcome::Survived(None) => fail(HOLE.to_owned()),
                Outcome::Survived(Some(reason)) => {
                    let group = survivors.entry((kind, reason));
                    let first = || Survivors {
                        kind,
                        reason,
                        count: 0,
                        fact: mutant.fact.clone(),
                        line,
                    };
                    group.or_insert_with(first).count += 1;
                }
            }
            judged.counts.add(&mutant.outcome);
        }
        judged.survivors = survivors.into_values().collect();
        judged
    }
}

impl Survivors {
    /// They in words; `file` is that of their page.
    pub(crate) fn text(&self, file: &str) -> String {
        let example = format!("{file}:{}  {}", self.line, self.fact);
        survived(self.count, self.kind, self.reason, &example)
    }
}

/// Survivors in words, with an example of them.
pub(crate) fn survived(count: usize, kind: Kind, reason: Reason, example: &str) -> String {
    let (kind, reason) = (kind.name(), reason.describe());
    format!("{count} {kind} by policy: {reason}, such as {example}")
}

impl Failure {
    /// What it is called.
    pub(crate) fn word(&self) -> &'static str {
        if self.kind.is_control() {
            "false alarm"
        } else {
            "hole"
        }
    }

    /// The failure in a sentence.
    pub(crate) fn message(&self) -> String {
        format!("{}: {}: {}", self.word(), self.fact, self.why)
    }
}

/// What a mutant breaks, as a difference of the answer would say it.
fn difference(mutant: &Mutant) -> Difference {
    match &mutant.place {
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
    }
}

/// The line of the page that says what was broken, from 1; that of the response
/// where no page is at hand, or none of its lines says it.
pub(crate) fn line(case: &Case, mutant: &Mutant, located: Option<Located<'_>>) -> usize {
    place::line(case, &difference(mutant), located)
}

fn excerpt(case: &Case, mutant: &Mutant, located: Located<'_>) -> Option<Excerpt> {
    let span = place::place(case, &difference(mutant), located);
    Snippet::of(located.page, span).as_ref().map(Excerpt::of)
}
