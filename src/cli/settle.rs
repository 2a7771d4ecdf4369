//! `docproof accept` and `docproof reject`.

use std::path::PathBuf;

use super::args::{Accept, Reject};
use super::docs::{Docs, shown};
use super::output::Output;
use super::{Exit, Failure};
use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan::result_id;
use crate::project::scenario;
use crate::report::{pretty, printable};
use crate::run::environment::today;
use crate::run::outcome::KnownDeviation;
use crate::run::snapshot::{self, Deviation, Stored};
use crate::text::finding::Diagnostic;
use crate::text::parallel::cores;

pub(super) fn accept(args: &Accept, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let deviation = args.deviation.as_ref().map(|reason| Deviation {
        reason: reason.clone(),
        until: args.until,
    });
    let today = today();
    if let Some(until) = deviation.as_ref().and_then(|known| known.ended(today)) {
        let message = format!("--until {until} has passed: today is {today} (UTC)");
        return Err(Failure::new(Exit::Usage, message).help(
            "write the last day on which the deviation is put up with, or leave --until out",
        ));
    }
    let filter = args.filter.as_deref();
    let folder = &config.snapshots;
    let (waiting, broken) = snapshot::pending(folder)?;
    let mut findings: Vec<Diagnostic> = broken.into_iter().map(|broken| broken.finding).collect();
    let waiting: Vec<Stored> = waiting
        .into_iter()
        .filter(|one| matches(&one.id, filter))
        .collect();
    for pending in &waiting {
        snapshot::accept(pending)?;
        output.line(&format!("accepted {}", printable(&pending.id)))?;
    }
    let mut ids: Vec<String> = waiting.iter().map(|pending| pending.id.clone()).collect();
    if let Some(deviation) = deviation {
        if ids.is_empty() {
            let (accepted, broken) = snapshot::accepted(folder)?;
            findings.extend(broken.into_iter().map(|broken| broken.finding));
            ids.extend(accepted.into_iter().map(|one| one.id));
            ids.retain(|id| matches(id, filter));
        }
        for id in &ids {
            snapshot::deviate(folder, id, &deviation)?;
            let id = id.clone();
            let deviation = deviation.clone();
            let known = KnownDeviation { id, deviation };
            output.line(&pretty::deviation(&known))?;
        }
    } else {
        if ids.is_empty() && filter.is_some() {
            let (known, broken) = snapshot::deviations(folder)?;
            findings.extend(broken);
            ids.extend(known.into_iter().map(|file| file.id));
            ids.retain(|id| matches(id, filter));
        }
        for id in &ids {
            if snapshot::end_deviation(folder, id)? {
                output.line(&format!("ended the deviation of {}", printable(id)))?;
            }
        }
    }
    output.findings(&findings, true);
    if !args.prune {
        some(filter, ids.len() + findings.len())?;
    }
    let pruned = if args.prune {
        prune(filter, config, output)?
    } else {
        0
    };
    output.line(&format!("{} accepted, {pruned} removed", waiting.len()))?;
    Ok(if findings.is_empty() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

pub(super) fn reject(args: &Reject, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let filter = args.filter.as_deref();
    let (waiting, broken) = snapshot::pending(&config.snapshots)?;
    let waiting = waiting.into_iter().filter(|one| matches(&one.id, filter));
    let mut rejected: Vec<(String, PathBuf)> = waiting.map(|one| (one.id, one.path)).collect();
    if filter.is_none() {
        // What cannot be read has no id to filter by, and is dropped as well.
        rejected.extend(broken.into_iter().map(|one| (shown(&one.path), one.path)));
    }
    some(filter, rejected.len())?;
    for (name, path) in &rejected {
        snapshot::remove(path)?;
        output.line(&format!("rejected {}", printable(name)))?;
    }
    output.line(&format!("{} rejected", rejected.len()))?;
    Ok(Exit::Passed)
}

/// Removes the snapshots of cases that no longer exist.
fn prune(filter: Option<&str>, config: &Config, output: &mut Output) -> Result<usize, Failure> {
    let docs = Docs::find(None, config)?;
    let collected = docs.collect(cores(), |_| true)?;
    if collected.unread().next().is_some() {
        output.findings(&collected.diagnostics, false);
        return Err(Failure::new(
            Exit::NotDone,
            "some pages could not be read, so it is not known which cases are gone",
        ));
    }
    let ids = result_ids(config, &collected.cases, output)?;
    let ids = ids.iter().map(String::as_str);
    let (mut orphans, broken) = snapshot::orphans(&config.snapshots, &config.docs_name, ids)?;
    output.findings(&broken, true);
    orphans.retain(|orphan| matches(&orphan.id, filter));
    for orphan in &orphans {
        snapshot::remove(&orphan.path)?;
        output.line(&format!("removed {}", shown(&orphan.path)))?;
    }
    Ok(orphans.len())
}

/// The ids of all results that cases can have: by themselves, and by their
/// named scenarios.
pub(super) fn result_ids(
    config: &Config,
    cases: &[Case],
    output: &mut Output,
) -> Result<Vec<String>, Failure> {
    let folder = shown(&config.scenarios);
    let (scenarios, findings) = scenario::load(&config.scenarios, &folder, cases, None);
    if !findings.is_empty() {
        output.findings(&findings, true);
        return Err(Failure::new(
            Exit::NotDone,
            "some scenarios could not be read, so it is not known which results are gone",
        ));
    }
    let mut ids: Vec<String> = cases.iter().map(|case| case.id.clone()).collect();
    ids.extend(scenarios.iter().map(|scenario| {
        let case = &cases[scenario.case];
        result_id(case, scenario.name.as_deref()).into_owned()
    }));
    Ok(ids)
}

/// A filter that nothing fits is hardly what was meant.
fn some(filter: Option<&str>, found: usize) -> Result<(), Failure> {
    match filter {
        Some(filter) if found == 0 => Err(Failure::new(
            Exit::NoCase,
            format!("no snapshot of `{filter}` waits to be settled"),
        )),
        _ => Ok(()),
    }
}

fn matches(id: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| id.contains(filter))
}
