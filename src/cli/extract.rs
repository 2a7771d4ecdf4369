//! `docproof extract`: writes the case files.

use std::num::NonZeroUsize;
use std::path::Path;

use super::args::Extract;
use super::docs::{Docs, shown, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::page::case_file::store::{self, Change, ChangeKind};
use crate::page::collect::Collected;
use crate::page::survey::find;
use crate::project::config::Config;
use crate::report::plural;
use crate::text::finding::Diagnostic;
use crate::text::parallel;

pub(super) fn run(args: &Extract, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let docs = Docs::find(args.docs.as_deref(), config)?;
    if args.docs.as_deref().is_some_and(|docs| !docs.is_dir()) {
        return Err(Failure::new(
            Exit::Usage,
            "extract requires a folder of pages",
        ));
    }
    let folder = args.out.as_deref().unwrap_or(&config.cases);
    let compared = compare(&docs, folder, threads(args.threads.jobs))?;
    docs.note_recognised(&compared.collected.cases, output);
    output.findings(&compared.collected.diagnostics, true);
    for change in &compared.changes {
        if let Some(why) = &change.unreadable {
            output.findings(std::slice::from_ref(why), true);
        }
    }
    if args.check {
        for change in &compared.changes {
            output.line(&format!(
                "{} case file {}/{}",
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
    store::apply(folder, &compared.changes, threads(args.threads.jobs))?;
    let removed = compared
        .changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Orphaned)
        .count();
    output.line(&format!(
        "{} of {} in {}: {} written, {removed} removed",
        plural(compared.collected.cases.len(), "case"),
        plural(compared.collected.pages, "page"),
        shown(folder),
        plural(compared.changes.len() - removed, "file"),
    ))?;
    Ok(if compared.collected.unread().next().is_none() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// The cases of the docs, compared with the case files.
pub(super) struct Compared {
    pub collected: Collected,
    /// The changes that bring the case files up to date.
    pub changes: Vec<Change>,
}

/// Reads the docs and compares them with their case files.
pub(super) fn compare(
    docs: &Docs,
    folder: &Path,
    threads: NonZeroUsize,
) -> Result<Compared, Failure> {
    let (mut pages, mut diagnostics) = find(&docs.root)?;
    let reader = docs.extraction.reader(&pages, threads);
    pages.retain(|page| docs.takes(&page.path));
    let results = parallel::map(&pages, threads, |page| {
        let extracted = reader.extract_file(page)?;
        let change = store::compare_page(folder, &page.path, &extracted.cases);
        Ok((
            extracted.cases,
            extracted.diagnostics,
            extracted.resources,
            change,
        ))
    });
    let mut cases = Vec::new();
    let mut resources = Vec::new();
    let mut changes = Vec::new();
    let mut with_file: Vec<&str> = Vec::new();
    for (page, result) in pages.iter().zip(results) {
        match result {
            Ok((of_page, findings, of_types, change)) => {
                resources.extend(of_types);
                if !of_page.is_empty() {
                    with_file.push(&page.path);
                }
                cases.extend(of_page);
                diagnostics.extend(findings);
                changes.extend(change?);
            }
            Err::<_, Box<Diagnostic>>(finding) => {
                // The case file of an unreadable page is kept.
                with_file.push(&page.path);
                diagnostics.push(*finding);
            }
        }
    }
    docs.name_findings(&mut diagnostics);
    let (others, mut foreign) = store::compare_rest(folder, with_file)?;
    changes.extend(others);
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let unreadable = changes
        .iter_mut()
        .filter_map(|change| change.unreadable.as_deref_mut());
    for finding in unreadable.chain(&mut foreign) {
        finding.file = format!("{}/{}", shown(folder), finding.file).into();
    }
    diagnostics.extend(foreign);
    Ok(Compared {
        collected: Collected {
            pages: pages.len(),
            cases,
            diagnostics,
            resources,
            reader,
        },
        changes,
    })
}
