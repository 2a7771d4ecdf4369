//! What broken answers have shown, for people and in the formats of other
//! tools.
//!
//! Holes and false alarms are the failures, survivors by policy are counted,
//! and a case that was not judged is a skip.

mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod pretty;
pub(crate) mod record;
mod sarif;
mod tap;

use std::borrow::Cow;
use std::time::Duration;

pub(crate) use json::{mutant as json_line, summary as json_summary};
pub(crate) use pretty::report as pretty;

use super::pretty::plural;
use super::{Format, ReportError};
use crate::tools::mutants::{Counts, Group, Kind, Reason, Tally};
use record::{CaseRecord, Failure, survived};

/// What a run has shown, in words.
const SENTENCE: &str =
    "This run shows what a live run would notice. It says nothing about a service.";

/// What a run came to.
pub(crate) struct Run<'a> {
    /// The counts, the survivors and the failures.
    pub tally: &'a Tally,
    /// The cases in the order of their pages; none where they were not kept.
    pub cases: &'a [CaseRecord],
    /// All lines of the JSON report; none where they were not kept.
    pub lines: &'a str,
    /// How many pages could not be read.
    pub unread: usize,
    /// Why the score is not enough, where it is not.
    pub low: Option<&'a str>,
    /// How long it took.
    pub elapsed: Duration,
    /// Names a page as the user would open it.
    pub file: &'a dyn Fn(&str) -> String,
}

impl Run<'_> {
    /// Whether there is nothing to mend.
    fn is_good(&self) -> bool {
        let has_failures = self.tally.all.holes > 0 || !self.tally.false_alarms.is_empty();
        !has_failures && self.unread == 0 && self.low.is_none()
    }

    /// The counts in words.
    fn counts(&self) -> String {
        let tally = self.tally;
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

    /// The score and the counts.
    fn score(&self) -> String {
        format!("score {}: {}", percent(self.tally.all), self.counts())
    }

    /// Why cases were not judged, with how many each.
    fn unjudged_reasons(&self) -> String {
        let reasons = self.tally.unjudged_by_reason().into_iter();
        let reasons: Vec<String> = reasons
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        reasons.join(", ")
    }

    /// How many cases were not judged, and why.
    fn unjudged(&self) -> Option<String> {
        let count = self.tally.unjudged.len();
        let (cases, reasons) = (plural(count, "case"), self.unjudged_reasons());
        (count > 0).then(|| format!("{cases} not judged ({reasons})"))
    }

    fn left_out(&self) -> Option<String> {
        let facts = plural(self.tally.left_out, "fact");
        (self.tally.left_out > 0).then(|| format!("{facts} of long bodies left out"))
    }

    fn unread_pages(&self) -> Option<String> {
        let pages = plural(self.unread, "page");
        (self.unread > 0).then(|| format!("{pages} could not be read"))
    }

    /// What else is to be known of the run, a sentence without its stop each.
    fn notes(&self) -> Vec<String> {
        let low = self.low.map(str::to_owned);
        let notes = [self.unjudged(), self.left_out(), self.unread_pages(), low];
        notes.into_iter().flatten().collect()
    }

    /// All that is to be said of the run, a line each.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = vec![self.score()];
        let groups = self.groups();
        remarks.extend(
            groups.map(|(kind, reason, count, example)| survived(count, kind, reason, &example)),
        );
        remarks.extend(self.notes());
        remarks.push(SENTENCE.to_owned());
        remarks
    }

    /// Holes and false alarms, with their cases.
    fn failures(&self) -> impl Iterator<Item = (&CaseRecord, &Failure)> {
        let cases = self.cases.iter();
        cases.flat_map(|case| case.failures().iter().map(move |failure| (case, failure)))
    }

    /// The counts of each kind, in the order of [`Kind::ALL`].
    fn kinds(&self) -> impl Iterator<Item = (Kind, Counts)> {
        Kind::ALL.into_iter().map(|kind| {
            let counts = self.tally.kinds.get(&kind);
            (kind, counts.copied().unwrap_or_default())
        })
    }

    /// The groups of survivors, the largest first, each with its count and an
    /// example.
    fn groups(&self) -> impl Iterator<Item = (Kind, Reason, usize, String)> {
        let groups = self.tally.largest_groups().into_iter();
        groups.map(|(kind, reason, Group { count, first })| {
            let place = format!("{}:{}", (self.file)(&first.page), first.line);
            (
                kind,
                reason,
                *count,
                format!("{place}  {}", first.mutant.fact),
            )
        })
    }
}

/// `18 killed, 1 by policy, 0 holes`.
fn became(counts: Counts) -> String {
    let holes = plural(counts.holes, "hole");
    format!(
        "{} killed, {} by policy, {holes}",
        counts.killed, counts.by_policy
    )
}

/// The name of a kind for people, with what is expected of a control.
fn title(kind: Kind) -> String {
    let name = kind.name();
    if kind.is_control() {
        format!("{name} (must not be noticed)")
    } else {
        name.to_owned()
    }
}

/// A score is rounded down, so that only what is whole is 100.
fn percent(counts: Counts) -> String {
    match counts.score() {
        Some(score) => format!("{:.1}%", (score * 10.0).floor() / 10.0),
        None => "-".to_owned(),
    }
}

/// A run in a format.
pub(crate) fn report<'r>(format: Format, run: &Run<'r>) -> Result<Cow<'r, str>, ReportError> {
    Ok(match format {
        Format::Json => run.lines.into(),
        Format::Junit => junit::report(run)?.into(),
        Format::Sarif => sarif::report(run).into(),
        Format::Github => github::report(run).into(),
        Format::Tap => tap::report(run).into(),
        Format::Markdown => markdown::report(run).into(),
        Format::Html => html::report(run)?.into(),
    })
}
