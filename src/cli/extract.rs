//! `docproof extract`.

use std::num::NonZeroUsize;
use std::path::Path;

use super::args::Extract;
use super::docs::{Docs, shown, threads};
use super::output::Output;
use super::{Exit, Failure};
use crate::case::Case;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::docs::{Collected, extract, find, map_pages};
use crate::yaml::store::{self, Change, ChangeKind};

pub fn run(args: &Extract, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let docs = Docs::find(args.docs.as_deref(), config);
    let folder = args.out.as_deref().unwrap_or(&config.cases);
    let compared = compare(&docs, folder, threads(args.jobs))?;
    output.findings(&compared.collected.diagnostics, true);
    for change in &compared.changes {
        if let Some(why) = &change.unreadable {
            output.findings(std::slice::from_ref(why), true);
        }
    }
    if args.check {
        for change in &compared.changes {
            output.line(&format!(
                "{} {}/{}",
                change.kind.name(),
                shown(folder),
                change.path
            ))?;
        }
        return Ok(
            if compared.changes.is_empty() && compared.collected.unread().next().is_none() {
                Exit::Passed
            } else {
                Exit::Failed
            },
        );
    }
    store::apply(folder, &compared.changes)?;
    let removed = compared
        .changes
        .iter()
        .filter(|change| change.kind == ChangeKind::LeftOver)
        .count();
    output.line(&format!(
        "{} cases of {} pages in {}: {} files written, {removed} removed",
        compared.collected.cases.len(),
        compared.collected.pages,
        shown(folder),
        compared.changes.len() - removed,
    ))?;
    Ok(if compared.collected.unread().next().is_none() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// The docs, beside their case files.
pub struct Compared {
    pub collected: Collected,
    /// What is to be done with the case files.
    pub changes: Vec<Change>,
}

/// Reads the docs and compares them with the folder of their case files.
pub fn compare(docs: &Docs, folder: &Path, threads: NonZeroUsize) -> Result<Compared, Failure> {
    let (pages, mut diagnostics) = find(&docs.root)?;
    let mut unread: Vec<&str> = Vec::new();
    let mut read: Vec<(&str, Vec<Case>)> = Vec::new();
    let results = map_pages(&pages, threads, |page| {
        extract(page).map(|extracted| (extracted.cases, extracted.diagnostics))
    });
    for (page, result) in pages.iter().zip(results) {
        match result {
            Ok((cases, findings)) => {
                diagnostics.extend(findings);
                read.push((&page.path, cases));
            }
            Err(finding) => {
                unread.push(&page.path);
                diagnostics.push(*finding);
            }
        }
    }
    docs.name_findings(&mut diagnostics);
    let name = |finding: &mut Diagnostic| {
        finding.file = format!("{}/{}", shown(folder), finding.file).into();
    };
    let by_page = read.iter().map(|(page, cases)| (*page, cases.as_slice()));
    let (mut changes, mut others) = store::compare(folder, by_page, &unread)?;
    changes
        .iter_mut()
        .filter_map(|change| change.unreadable.as_deref_mut())
        .for_each(name);
    others.iter_mut().for_each(name);
    diagnostics.extend(others);
    Ok(Compared {
        collected: Collected {
            pages: pages.len(),
            cases: read.into_iter().flat_map(|(_, cases)| cases).collect(),
            diagnostics,
        },
        changes,
    })
}
