//! A run for people: counts and survivors.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Run, SENTENCE, percent};
use crate::report::pretty::plural;
use crate::report::printable;
use crate::tools::mutants::{Counts, FALSE_ALARM, HOLE, Named, Outcome};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const BOLD: Style = Style::new().bold();

/// How many holes, and how many weak pages and cases, are shown to a person.
const SHOWN: usize = 20;
const WEAKEST: usize = 5;
/// How many groups of survivors are shown.
const GROUPS: usize = 8;

/// The run.
pub(crate) fn report(run: &Run<'_>) -> String {
    let (tally, file) = (run.tally, run.file);
    let mut text = table(run);
    let alarms = &tally.false_alarms;
    named(&mut text, alarms, "FALSE ALARM", FALSE_ALARM, file);
    named(&mut text, &tally.holes, "HOLE", HOLE, file);
    weak(&mut text, "page", &tally.weak_pages());
    weak(&mut text, "case", &tally.weakest_cases());
    groups(&mut text, run);
    summary(&mut text, run);
    text
}

fn table(run: &Run<'_>) -> String {
    let mut text = format!(
        "{BOLD}{:<20} {:>7} {:>7} {:>9} {:>7}{BOLD:#}\n",
        "mutant", "made", "killed", "by policy", "holes"
    );
    for (kind, counts) in run.kinds().filter(|(kind, _)| !kind.is_control()) {
        row(&mut text, kind.name(), counts);
    }
    row(&mut text, "in all", run.tally.all);
    for (kind, counts) in run.kinds().filter(|(kind, _)| kind.is_control()) {
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

fn groups(text: &mut String, run: &Run<'_>) {
    let groups: Vec<_> = run.groups().collect();
    if groups.is_empty() {
        return;
    }
    *text += "\nSurvivors by policy, which are no holes:\n";
    for (kind, reason, count, example) in groups.iter().take(GROUPS) {
        put(
            text,
            format_args!(
                "{count:>7}  {}: {}\n         such as {}\n",
                kind.name(),
                reason.describe(),
                printable(example)
            ),
        );
    }
    let rest = groups.iter().skip(GROUPS);
    let rest: usize = rest.map(|(_, _, count, _)| count).sum();
    if rest > 0 {
        let groups = plural(groups.len() - GROUPS, "smaller group");
        put(text, format_args!("{rest:>7}  in {groups}\n"));
    }
}

fn summary(text: &mut String, run: &Run<'_>) {
    let color = if run.is_good() { GREEN } else { RED };
    put(
        text,
        format_args!(
            "\n{color}score {}{color:#}: {} in {:.2} s\n",
            percent(run.tally.all),
            run.counts(),
            run.elapsed.as_secs_f64()
        ),
    );
    if let Some(unjudged) = run.unjudged() {
        put(text, format_args!("{unjudged}; --format json says why\n"));
    }
    if let Some(left_out) = run.left_out() {
        put(text, format_args!("{left_out}\n"));
    }
    if let Some(unread) = run.unread_pages() {
        put(text, format_args!("{RED}{unread}{RED:#}\n"));
    }
    put(text, format_args!("{SENTENCE}\n"));
}

fn put(text: &mut String, told: std::fmt::Arguments<'_>) {
    text.write_fmt(told).expect("a string takes all");
}
