//! `docproof accept` and `docproof reject`: accept or reject pending snapshots.

use std::borrow::Cow;
use std::path::PathBuf;

use super::args::{Accept, Reject};
use super::docs::{Docs, shown};
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan;
use crate::project::scenario;
use crate::report::{printable, terminal};
use crate::run::environment::today;
use crate::run::outcome::KnownDeviation;
use crate::run::snapshot::{self, Deviation, Stored};
use crate::text::finding::Diagnostic;
use crate::text::parallel::cores;
use crate::text::severity::Severity;

pub(super) fn accept(args: &Accept, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let deviation = args.deviation.as_ref().map(|reason| Deviation {
        reason: reason.clone(),
        until: args.until,
    });
    let today = today();
    if let Some(until) = deviation.as_ref().and_then(|known| known.ended(today)) {
        let message = format!("--until {until} has passed: today is {today} (UTC)");
        return Err(Failure::new(Exit::Usage, message).help("use a later day, or remove --until"));
    }
    let filter = args.filter.as_deref();
    let folder = &config.snapshots;
    let (pending_files, broken) = snapshot::pending(folder)?;
    let mut findings: Vec<Diagnostic> = broken.into_iter().map(|broken| broken.finding).collect();
    let pending_files: Vec<Stored> = pending_files
        .into_iter()
        .filter(|one| matches(&one.id, filter))
        .collect();
    for file in &pending_files {
        snapshot::accept(file)?;
        output.line(&format!("accepted {}", printable(&file.id)))?;
    }
    // The ids with the snapshot, or with the deviation beside it.
    let mut files: Vec<(String, PathBuf)> = pending_files
        .iter()
        .map(|file| (file.id.clone(), file.path.with_extension("")))
        .collect();
    if let Some(deviation) = deviation {
        if files.is_empty() {
            let (accepted, broken) = snapshot::accepted(folder)?;
            findings.extend(broken.into_iter().map(|broken| broken.finding));
            files.extend(accepted.into_iter().map(|one| (one.id, one.path)));
            files.retain(|(id, _)| matches(id, filter));
        }
        for (id, path) in &files {
            snapshot::deviate(path, id, &deviation)?;
            let id = id.clone();
            let deviation = deviation.clone();
            let known = KnownDeviation { id, deviation };
            output.line(&terminal::deviation(&known))?;
        }
    } else {
        for (_, path) in &mut files {
            *path = snapshot::deviation_path(path);
        }
        if files.is_empty() && filter.is_some() {
            let (known, broken) = snapshot::deviations(folder)?;
            findings.extend(broken);
            files.extend(known.into_iter().map(|file| (file.id, file.path)));
            files.retain(|(id, _)| matches(id, filter));
        }
        for (id, path) in &files {
            if path.exists() {
                snapshot::remove(path)?;
                output.line(&format!("removed the deviation of {}", printable(id)))?;
            }
        }
    }
    output.findings(&findings, true);
    if !args.prune {
        require_match(filter, files.len() + findings.len())?;
    }
    let pruned = if args.prune {
        prune(filter, config, output)?
    } else {
        0
    };
    output.line(&format!(
        "{} accepted, {pruned} removed",
        pending_files.len()
    ))?;
    Ok(if findings.is_empty() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

pub(super) fn reject(args: &Reject, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let filter = args.filter.as_deref();
    let (pending_files, broken) = snapshot::pending(&config.snapshots)?;
    let pending_files = pending_files
        .into_iter()
        .filter(|one| matches(&one.id, filter));
    let mut rejected: Vec<(String, PathBuf)> =
        pending_files.map(|one| (one.id, one.path)).collect();
    if filter.is_none() {
        // Unreadable snapshots have no id to filter by; reject them too.
        rejected.extend(broken.into_iter().map(|one| (shown(&one.path), one.path)));
    }
    require_match(filter, rejected.len())?;
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
            "some pages could not be read, so orphaned snapshots are not known",
        ));
    }
    let ids = result_ids(config, &collected.cases, output)?;
    let ids = ids.iter().map(|id| &**id);
    let (mut orphans, broken) = snapshot::orphans(&config.snapshots, &config.docs_name, ids)?;
    output.findings(&broken, true);
    orphans.retain(|orphan| matches(&orphan.id, filter));
    for orphan in &orphans {
        snapshot::remove(&orphan.path)?;
        output.line(&format!("removed {}", shown(&orphan.path)))?;
    }
    Ok(orphans.len())
}

/// The ids of all possible results: those of cases and of named scenarios.
pub(super) fn result_ids<'c>(
    config: &Config,
    cases: &'c [Case],
    output: &mut Output,
) -> Result<Vec<Cow<'c, str>>, Failure> {
    let folder = shown(&config.scenarios);
    let (scenarios, findings) = scenario::load(&config.scenarios, &folder, cases, None);
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        output.findings(&findings, true);
        return Err(Failure::new(
            Exit::NotDone,
            "some scenarios could not be read, so orphaned snapshots are not known",
        ));
    }
    Ok(plan::result_ids(cases, &scenarios))
}

/// Fails if a filter matches nothing.
fn require_match(filter: Option<&str>, found: usize) -> Result<(), Failure> {
    match filter {
        Some(filter) if found == 0 => Err(Failure::new(
            Exit::NoCase,
            format!("no pending snapshot matches `{filter}`"),
        )),
        _ => Ok(()),
    }
}

fn matches(id: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| id.contains(filter))
}
