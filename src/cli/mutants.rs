//! `docproof mutants`.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use super::args::{Mutants, MutantsFormat};
use super::docs::{Docs, threads};
use super::output::Output;
use super::select::Selector;
use super::{Exit, Failure};
use crate::config::Config;
use crate::docs::{PageFile, Reread};
use crate::mutants::{Tally, Trial, Tried};
use crate::parallel;
use crate::plan::Unit;
use crate::report::mutants as report;
use crate::report::place::Located;
use crate::schema::Types;

/// How many cases are tried before what came of them is written, so that not
/// all mutants are kept at once.
const AT_ONCE: usize = 128;

pub fn run(args: &Mutants, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let start = Instant::now();
    let selector = Selector::of_cases(&args.selection)?;
    let docs = Docs::find(args.docs.as_deref(), config)?;
    let threads = threads(args.jobs);
    let wanted = |page: &str| docs.takes(page) && selector.takes_page(page);
    let collected = docs.collect_with_resources(threads, wanted)?;
    output.findings(&collected.diagnostics, false);
    let unread = collected.unread().count();
    if collected.cases.is_empty() && unread > 0 {
        return Ok(Exit::Failed);
    }
    let (types, mut findings) = Types::new(&collected.resources);
    docs.name_findings(&mut findings);
    output.findings(&findings, false);
    let cases = selector.cases(&docs, collected.cases)?;
    let trial = Trial::new(cases, config.policies.clone(), types, args.body.mode());
    let is_json = args.format == MutantsFormat::Json;
    let mut tally = Tally::default();
    let mut pages = Pages::new();
    for units in trial.units().chunks(AT_ONCE) {
        let wanted = units.iter().map(|unit| &trial.case(unit).page);
        read_again(&mut pages, wanted.collect(), &docs, threads);
        let tried = parallel::map(units, threads, |unit| {
            let reread = &pages[&trial.case(unit).page];
            located(&trial, unit, reread.as_ref())
        });
        for (unit, (tried, lines)) in units.iter().zip(tried) {
            let case = trial.case(unit);
            if is_json {
                let mutants = tried.mutants.as_deref().unwrap_or_default();
                for (mutant, line) in mutants.iter().zip(&lines) {
                    output.line(&report::json(case, mutant, *line))?;
                }
            }
            tally.add(case, &tried, &lines);
        }
    }
    let elapsed = start.elapsed();
    if is_json {
        output.line(&report::json_summary(&tally, unread, elapsed))?;
    } else {
        let file = |page: &str| docs.file(page);
        output.text(&report::pretty(&tally, unread, &file, elapsed))?;
    }
    let is_low = match (args.min_score, tally.all.score()) {
        (Some(least), Some(score)) if score < least => {
            output.note(&format!(
                "the score, {score:.2}, is below --min-score {least}"
            ));
            true
        }
        (Some(least), None) => {
            output.note(&format!(
                "nothing was to be noticed, which is no score of {least}"
            ));
            true
        }
        _ => false,
    };
    Ok(if is_low || unread > 0 || !tally.false_alarms.is_empty() {
        Exit::Failed
    } else {
        Exit::Passed
    })
}

/// Pages that were read again, for the lines of what is broken. A page that is
/// gone, or whose cases come from a case file, has none.
type Pages = HashMap<Arc<str>, Option<Reread>>;

/// Reads the pages that are wanted, each once, and lets go of all others.
fn read_again(pages: &mut Pages, wanted: HashSet<&Arc<str>>, docs: &Docs, threads: NonZeroUsize) {
    pages.retain(|page, _| wanted.contains(page));
    let missing = wanted.into_iter().filter(|page| !pages.contains_key(*page));
    let missing = missing.map(|page| PageFile {
        path: Arc::clone(page),
        file: docs.path(page),
    });
    let missing: Vec<PageFile> = missing.collect();
    let read = parallel::map(&missing, threads, Reread::read);
    pages.extend(missing.into_iter().map(|page| page.path).zip(read));
}

/// Tries a case, and finds the line of each mutant's fact.
fn located(trial: &Trial, unit: &Unit, reread: Option<&Reread>) -> (Tried, Vec<usize>) {
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
    let lines = mutants
        .map(|mutant| report::line(case, mutant, located))
        .collect();
    (tried, lines)
}
