//! Joins the parts of a run. The result does not depend on their order.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use thiserror::Error;

use super::basics::plural;
use super::record::{RunRecord, Summary};
use crate::run::outcome::Proven;
use crate::run::select::Partition;

/// A part of a run.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its file.
    pub name: String,
    /// Its record.
    pub run: RunRecord,
}

/// Why parts cannot be joined.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum MergeError {
    /// There are no parts.
    #[error("there is nothing to merge")]
    Nothing,
    /// They belong to different runs.
    #[error(
        "`{first}` and `{second}` belong to different runs: their {what} differ (`{a}`, `{b}`)"
    )]
    Differ {
        /// What differs.
        what: &'static str,
        /// A file.
        first: String,
        /// Another.
        second: String,
        /// What the first says.
        a: String,
        /// What the other says.
        b: String,
    },
    /// Lines are missing, or there are too many.
    #[error("`{name}` is not complete: its lines are {lines}, its summary says {counted}")]
    Lines {
        /// The file.
        name: String,
        /// The outcomes of its lines.
        lines: String,
        /// The outcomes that its summary counts.
        counted: String,
    },
    /// A partition occurs more than once.
    #[error("duplicate partition {partition}: `{first}` and `{second}`")]
    PartitionTwice {
        /// The part.
        partition: Partition,
        /// A file.
        first: String,
        /// Another.
        second: String,
    },
    /// A partition that cannot exist.
    #[error("`{name}` has the invalid partition {partition}")]
    NoPartition {
        /// The part.
        partition: Partition,
        /// Its file.
        name: String,
    },
    /// A case occurs in more than one part.
    #[error("duplicate case `{id}` in `{first}` and `{second}`")]
    CaseTwice {
        /// The case.
        id: String,
        /// A file.
        first: String,
        /// Another.
        second: String,
    },
}

/// Joins the parts. The summary names the missing partitions.
pub(crate) fn merge(mut parts: Vec<Part>) -> Result<RunRecord, MergeError> {
    parts.sort_by(|a, b| {
        let key = |part: &Part| (part.run.summary.partition, part.name.clone());
        key(a).cmp(&key(b))
    });
    let Some(first) = parts.first() else {
        return Err(MergeError::Nothing);
    };
    for part in &parts {
        has_all_lines(part)?;
        same(first, part)?;
    }
    let mut missing = missing(&parts)?;
    missing.extend(first.run.summary.missing_partitions.iter().copied());
    let mut summary = Summary {
        partition: None,
        missing_partitions: missing,
        ..first.run.summary.clone()
    };
    for part in &parts[1..] {
        add(&mut summary, &part.run.summary);
    }
    let mut cases = Vec::with_capacity(parts.iter().map(|part| part.run.cases.len()).sum());
    for (at, part) in parts.iter().enumerate() {
        cases.extend(part.run.cases.iter().map(|case| (case, at)));
    }
    cases.sort_by(|(a, in_a), (b, in_b)| {
        let place = (&a.page, a.line, &a.id).cmp(&(&b.page, b.line, &b.id));
        place.then(in_a.cmp(in_b))
    });
    for pair in cases.windows(2) {
        let [(a, first), (b, second)] = pair else {
            continue;
        };
        // The same place and id, and not the same part.
        if a.id == b.id && first != second {
            return Err(MergeError::CaseTwice {
                id: a.id.clone(),
                first: parts[*first].name.clone(),
                second: parts[*second].name.clone(),
            });
        }
    }
    let cases: Vec<_> = cases.into_iter().map(|(case, _)| case.clone()).collect();
    summary.count(&cases);
    if summary.sent() == 0 {
        summary.proves = Proven::Nothing;
    }
    summary.deviations.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(RunRecord { cases, summary })
}

/// Checks that a part has a line for each case that its summary counts.
fn has_all_lines(part: &Part) -> Result<(), MergeError> {
    let summary = &part.run.summary;
    let mut lines = summary.clone();
    lines.count(&part.run.cases);
    if (lines.pass, lines.fail, lines.skip) == (summary.pass, summary.fail, summary.skip) {
        return Ok(());
    }
    Err(MergeError::Lines {
        name: part.name.clone(),
        lines: lines.outcomes(),
        counted: summary.outcomes(),
    })
}

/// Checks that two parts belong to one run.
fn same(first: &Part, second: &Part) -> Result<(), MergeError> {
    let (a, b) = (&first.run.summary, &second.run.summary);
    let deal = |summary: &Summary| match &summary.partition {
        Some(Partition { kind, count, .. }) => format!("{}:…/{count}", kind.name()),
        None => "none".to_owned(),
    };
    let options = |summary: &Summary| match &summary.selection {
        None => "unknown".to_owned(),
        Some(selection) if selection.options.is_empty() => "all cases".to_owned(),
        Some(selection) => selection.options.clone(),
    };
    let selected = |summary: &Summary| {
        let selection = summary.selection.as_ref();
        selection.map_or_else(String::new, |selection| {
            format!(
                "{}, digest {}",
                plural(selection.cases, "case"),
                selection.digest
            )
        })
    };
    let facts = [
        ("versions of docproof", a.version.clone(), b.version.clone()),
        ("targets", a.target.clone(), b.target.clone()),
        ("docs", a.docs.clone(), b.docs.clone()),
        ("partitions", deal(a), deal(b)),
        ("selections", options(a), options(b)),
        ("selected cases", selected(a), selected(b)),
    ];
    for (what, a, b) in facts {
        if a != b {
            return Err(MergeError::Differ {
                what,
                first: first.name.clone(),
                second: second.name.clone(),
                a,
                b,
            });
        }
    }
    Ok(())
}

/// The missing partitions. Fails if a partition cannot exist or occurs twice. All
/// parts are partitioned in the same way.
fn missing(parts: &[Part]) -> Result<Vec<Partition>, MergeError> {
    /// The most partitions of a run.
    const MOST: u32 = 10_000;
    let mut found: BTreeMap<NonZeroU32, &str> = BTreeMap::new();
    let mut deal = None;
    for part in parts {
        let Some(partition) = part.run.summary.partition else {
            return Ok(Vec::new());
        };
        let Partition { index, count, .. } = partition;
        if index > count || count.get() > MOST {
            return Err(MergeError::NoPartition {
                partition,
                name: part.name.clone(),
            });
        }
        if let Some(first) = found.insert(index, &part.name) {
            return Err(MergeError::PartitionTwice {
                partition,
                first: first.to_owned(),
                second: part.name.clone(),
            });
        }
        deal = Some(partition);
    }
    let Some(deal) = deal else {
        return Ok(Vec::new());
    };
    let all = (1..=deal.count.get()).filter_map(NonZeroU32::new);
    let missing = all.filter(|index| !found.contains_key(index));
    Ok(missing.map(|index| Partition { index, ..deal }).collect())
}

/// Adds what is not counted from the cases. Each part reads all pages, and the
/// parts run in parallel, so their counts of pages and durations do not add up.
fn add(summary: &mut Summary, other: &Summary) {
    summary.cases += other.cases;
    if summary.proves == Proven::Nothing {
        summary.proves = other.proves;
    }
    let bodies = summary.bodies_compared.zip(other.bodies_compared);
    summary.bodies_compared = bodies.map(|(one, other)| one + other);
    for (reason, count) in &other.bodies_not_compared {
        *summary
            .bodies_not_compared
            .entry(reason.clone())
            .or_default() += count;
    }
    summary.deviations.extend(other.deviations.iter().cloned());
    summary.pages = summary.pages.max(other.pages);
    summary.pages_unread = summary.pages_unread.max(other.pages_unread);
    summary.errors = summary.errors.max(other.errors);
    let orphaned = &mut summary.orphaned_snapshots;
    *orphaned = (*orphaned).max(other.orphaned_snapshots);
    for (of_all, of_other) in [
        (&mut summary.diagnostics, &other.diagnostics),
        (&mut summary.recognised, &other.recognised),
    ] {
        for (rule, count) in of_other {
            let most = of_all.entry(rule.clone()).or_default();
            *most = (*most).max(*count);
        }
    }
    summary.interrupted |= other.interrupted;
    summary.ms = summary.ms.max(other.ms);
    let missing = &mut summary.missing_partitions;
    missing.extend(other.missing_partitions.iter().copied());
    missing.sort();
    missing.dedup();
}

#[cfg(test)]
mod tests;
