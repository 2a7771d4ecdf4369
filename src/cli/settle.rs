//! `docproof accept` and `docproof reject`.

use std::path::PathBuf;

use super::args::{Accept, Reject};
use super::docs::{Docs, shown};
use super::output::Output;
use super::{Exit, Failure};
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::parallel::cores;
use crate::report::printable;
use crate::snapshot::{self, Stored};

pub fn accept(args: &Accept, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let filter = args.filter.as_deref();
    let (waiting, broken) = snapshot::pending(&config.snapshots)?;
    let findings: Vec<Diagnostic> = broken.into_iter().map(|broken| broken.finding).collect();
    output.findings(&findings, true);
    let waiting: Vec<Stored> = waiting
        .into_iter()
        .filter(|one| matches(one, filter))
        .collect();
    if !args.prune {
        some(filter, waiting.len() + findings.len())?;
    }
    for pending in &waiting {
        snapshot::accept(pending)?;
        output.line(&format!("accepted {}", printable(&pending.id)))?;
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

pub fn reject(args: &Reject, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let filter = args.filter.as_deref();
    let (waiting, broken) = snapshot::pending(&config.snapshots)?;
    let waiting = waiting.into_iter().filter(|one| matches(one, filter));
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
    let ids = collected.cases.iter().map(|case| case.id.as_str());
    let (mut orphans, broken) = snapshot::orphans(&config.snapshots, &config.docs_name, ids)?;
    output.findings(&broken, true);
    orphans.retain(|orphan| matches(orphan, filter));
    for orphan in &orphans {
        snapshot::remove(&orphan.path)?;
        output.line(&format!("removed {}", shown(&orphan.path)))?;
    }
    Ok(orphans.len())
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

fn matches(stored: &Stored, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| stored.id.contains(filter))
}
