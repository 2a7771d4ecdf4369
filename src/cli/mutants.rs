//! `docproof mutants`: breaks documented responses and checks that the comparison
//! notices.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use super::args::{Mutants, TestFormat};
use super::docs::{Docs, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::reports::Reports;
use super::select::Selector;
use crate::check::types::Types;
use crate::page::reader::{Reader, Reread};
use crate::page::survey::PageFile;
use crate::project::config::Config;
use crate::project::plan::Unit;
use crate::report::adapters::mutants::{self, Run};
use crate::report::model::Entry;
use crate::report::place::Located;
use crate::report::{self, Format, mutant_lines, terminal};
use crate::text::parallel;
use crate::tools::mutants::{Tally, Trial, Tried};

/// Number of cases per batch. Results are written after each batch, to limit
/// memory use.
const AT_ONCE: usize = 128;

pub(super) fn run(args: &Mutants, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let start = Instant::now();
    let format = args.format.and_then(TestFormat::report);
    let reports = Reports::new(&args.report, format, args.format.is_some())?;
    let selector = Selector::of_cases(&args.selection)?;
    let docs = Docs::find(args.docs.as_deref(), config)?;
    docs.note_fallback(output);
    let threads = threads(args.jobs);
    let wanted = |page: &str| docs.takes(page) && selector.takes_page(page);
    let collected = docs.collect_with_resources(threads, wanted)?;
    docs.note_recognised(&collected.cases, output);
    output.findings(&collected.diagnostics, false);
    let unread = collected.unread().count();
    if collected.cases.is_empty() && unread > 0 {
        return Ok(Exit::Failed);
    }
    let reader = collected.reader;
    let (types, mut findings) = Types::new(&collected.resources);
    docs.name_findings(&mut findings);
    output.findings(&findings, false);
    let cases = selector.cases(&docs, collected.cases)?;
    let trial = Trial::new(cases, config.policies.clone(), types, args.body.mode());
    let keeps_lines = reports.has_file(Format::Json);
    let mut tally = Tally::default();
    let mut entries = Vec::new();
    let mut all_lines = String::new();
    let mut pages = Pages::new();
    for units in trial.units().chunks(AT_ONCE) {
        let wanted = units.iter().map(|unit| &trial.case(unit).page);
        read_again(&mut pages, wanted.collect(), &docs, &reader, threads);
        let tried = parallel::map(units, threads, |unit| {
            let reread = &pages[&trial.case(unit).page];
            let file = docs.file(&trial.case(unit).page);
            let file = reports.need_cases().then_some(&*file);
            try_one(&trial, unit, reread.as_ref(), file)
        });
        for (unit, done) in units.iter().zip(tried) {
            let case = trial.case(unit);
            let Done {
                tried,
                lines,
                entry,
            } = done;
            if reports.is_json() || keeps_lines {
                let mutants = tried.mutants.as_deref().unwrap_or_default();
                for (mutant, line) in mutants.iter().zip(&lines) {
                    let text = mutant_lines::mutant(case, mutant, *line);
                    if keeps_lines {
                        all_lines += &text;
                        all_lines.push('\n');
                    }
                    if reports.is_json() {
                        output.line(&text)?;
                    }
                }
            }
            tally.add(case, &tried, &lines);
            entries.extend(entry);
        }
    }
    let low = args.min_score.and_then(|least| low(least, &tally));
    let mut run = Run {
        tally: &tally,
        entries: &entries,
        lines: "",
        unread,
        low: low.as_deref(),
        elapsed: start.elapsed(),
        file: &|page| docs.file(page),
    };
    let summary = mutant_lines::summary(&run) + "\n";
    if reports.is_json() {
        output.line(summary.trim_end())?;
    }
    if reports.is_pretty() {
        output.text(&terminal::summary(&mutants::summary(&run)))?;
    }
    all_lines += &summary;
    run.lines = &all_lines;
    let is_written = |format| format == Format::Json && reports.is_json();
    let report = mutants::report(&run);
    reports.write(|format| report::write(format, &report), is_written, output)?;
    if let Some(low) = low.as_ref().filter(|_| !reports.is_pretty()) {
        output.note(low);
    }
    Ok(
        if low.is_some() || unread > 0 || !tally.false_alarms.is_empty() {
            Exit::Failed
        } else if tally.all.made() == 0 {
            output.error("nothing was tested: no selected case has mutants", None);
            Exit::NoCase
        } else {
            Exit::Passed
        },
    )
}

/// Pages that were read again, to locate mutants. The value is `None` if the page
/// no longer exists or its cases come from a case file.
type Pages = HashMap<Arc<str>, Option<Reread>>;

/// Reads the wanted pages that are missing, and drops all others.
fn read_again(
    pages: &mut Pages,
    wanted: HashSet<&Arc<str>>,
    docs: &Docs,
    reader: &Reader,
    threads: NonZeroUsize,
) {
    pages.retain(|page, _| wanted.contains(page));
    let missing = wanted.into_iter().filter(|page| !pages.contains_key(*page));
    let missing = missing.map(|page| PageFile {
        path: Arc::clone(page),
        file: docs.path(page),
    });
    let missing: Vec<PageFile> = missing.collect();
    let read = parallel::map(&missing, threads, |file| reader.reread(file));
    pages.extend(missing.into_iter().map(|page| page.path).zip(read));
}

/// A message if the score is below the minimum.
fn low(least: f64, tally: &Tally) -> Option<String> {
    match tally.all.score() {
        Some(score) if score < least => {
            Some(format!("the score {score:.2} is below --min-score {least}"))
        }
        Some(_) => None,
        None => Some(format!(
            "no mutants, so there is no score to compare with {least}"
        )),
    }
}

/// The result of a case: the line of each mutant, and the entry if one is kept.
struct Done {
    tried: Tried,
    lines: Vec<usize>,
    entry: Option<Entry<'static>>,
}

fn try_one(trial: &Trial, unit: &Unit, reread: Option<&Reread>, file: Option<&str>) -> Done {
    let case = trial.case(unit);
    let tried = trial.run(unit);
    let located = reread.and_then(|reread| {
        Some(Located {
            page: &reread.page,
            file: &case.page,
            places: reread.places(case)?,
        })
    });
    let mutants = tried.mutants.as_deref().unwrap_or_default().iter();
    let lines: Vec<usize> = mutants
        .map(|mutant| mutants::line(case, mutant, located))
        .collect();
    let entry = file.map(|file| mutants::entry(case, &tried, &lines, located, file));
    Done {
        tried,
        lines,
        entry,
    }
}
