//! `docproof accept` and `docproof reject`.

use super::args::{Accept, Reject};
use super::docs::{Docs, shown};
use super::output::Output;
use super::{Exit, Failure};
use crate::config::Config;
use crate::parallel::cores;
use crate::snapshot::{self, Stored};

pub fn accept(args: &Accept, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let (waiting, broken) = waiting(args.filter.as_deref(), args.prune, config, output)?;
    for pending in &waiting {
        snapshot::accept(pending)?;
        output.line(&format!("accepted {}", pending.id))?;
    }
    let mut pruned = 0;
    if args.prune {
        let docs = Docs::find(None, config);
        let collected = docs.collect(cores(), |_| true)?;
        if collected.unread().next().is_some() {
            output.findings(&collected.diagnostics, false);
            return Err(Failure::new(
                Exit::NotDone,
                "some pages could not be read, so it is not known which cases are gone",
            ));
        }
        let ids = collected.cases.iter().map(|case| case.id.as_str());
        let (orphans, _) = snapshot::orphans(&config.snapshots, &config.docs_name, ids)?;
        for orphan in orphans
            .iter()
            .filter(|orphan| matches(orphan, args.filter.as_deref()))
        {
            snapshot::remove(&orphan.path)?;
            output.line(&format!("removed {}", shown(&orphan.path)))?;
            pruned += 1;
        }
    }
    output.line(&format!("{} accepted, {pruned} removed", waiting.len()))?;
    Ok(if broken { Exit::Failed } else { Exit::Passed })
}

pub fn reject(args: &Reject, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let (waiting, broken) = waiting(args.filter.as_deref(), false, config, output)?;
    for pending in &waiting {
        snapshot::remove(&pending.path)?;
        output.line(&format!("rejected {}", pending.id))?;
    }
    output.line(&format!("{} rejected", waiting.len()))?;
    Ok(if broken { Exit::Failed } else { Exit::Passed })
}

/// The pending snapshots that are meant, and whether one could not be read.
fn waiting(
    filter: Option<&str>,
    prune: bool,
    config: &Config,
    output: &mut Output,
) -> Result<(Vec<Stored>, bool), Failure> {
    let (mut waiting, findings) = snapshot::pending(&config.snapshots)?;
    output.findings(&findings, true);
    waiting.retain(|pending| matches(pending, filter));
    if let (Some(filter), true) = (filter, waiting.is_empty() && !prune) {
        return Err(Failure::new(
            Exit::NoCase,
            format!("no snapshot of `{filter}` waits to be settled"),
        ));
    }
    Ok((waiting, !findings.is_empty()))
}

fn matches(stored: &Stored, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| stored.id.contains(filter))
}
