//! `docproof check`.

mod changed;
mod debt;
mod settings;

use std::collections::HashSet;

use super::args::{Check, CheckFormat};
use super::docs::{Docs, PageGlobs, threads};
use super::output::Output;
use super::{Exit, Failure};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::docs::{self, Survey};
use crate::lint::{self, Checked, Files};
use crate::report::finding;
use debt::Settled;

pub fn run(args: &Check, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let globs = PageGlobs::new(&args.page)?;
    let found = Docs::find(args.docs.as_deref(), config)?;
    let Survey {
        pages,
        others,
        diagnostics,
    } = docs::survey(&found.root)?;
    let threads = threads(args.jobs);
    let revision = args.debt.changed_since.as_deref();
    let changed = revision.map(|revision| changed::since(&found.root, revision));
    let changed = changed.transpose()?;
    if let (Some(changed), Some(revision)) = (&changed, revision)
        && changed.paths.is_empty()
    {
        output.note(&format!("no page changed since {revision}"));
        return Ok(Exit::Passed);
    }
    let (read, unread) = docs::read_all(&pages, threads);
    let paths = pages.iter().map(|page| page.path.to_string());
    let (settings, used, of_settings) = settings::read(&found, config, &others);
    let files = Files::new(paths.chain(others));
    let site = lint::read(&read, &files, &settings, threads);
    let scope = changed.map(|changed| {
        let mut paths = changed.paths;
        paths.extend(lint::dependants(&site, &paths, &changed.before, threads));
        paths
    });
    let in_scope = |page: &str| scope.as_ref().is_none_or(|scope| scope.contains(page));
    let wanted = |page: &str| found.takes(page) && globs.takes(page) && in_scope(page);
    let Checked {
        mut findings,
        suppressed,
    } = lint::check_site(&site, wanted, threads);
    let unread_pages: HashSet<_> = unread.iter().map(|finding| finding.file.clone()).collect();
    let of_files = diagnostics.into_iter().chain(unread).chain(of_settings);
    findings.extend(of_files.filter_map(|mut finding| {
        let is_reported = settings.levels.of(&finding.file).apply(&mut finding);
        (is_reported && in_scope(&finding.file)).then_some(finding)
    }));
    findings.sort_by(|a, b| (&a.file, a.start, a.end).cmp(&(&b.file, b.start, b.end)));
    let Settled {
        mut findings,
        frozen,
        fails: debt_fails,
    } = debt::settle(
        &args.debt,
        findings,
        &read,
        |page| wanted(page) && !unread_pages.contains(page),
        threads,
        output,
    )?;
    found.name_findings(&mut findings);
    for found in &findings {
        match args.format {
            CheckFormat::Pretty => output.text(&format!("{}\n", finding::full(found)))?,
            CheckFormat::Short => output.line(&finding::short(found))?,
        }
    }
    let count = |severity| {
        let findings = findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let (skipped, checked): (Vec<_>, Vec<_>) = pages
        .iter()
        .filter(|page| wanted(&page.path))
        .partition(|page| settings.skipped.has(&page.path));
    if !used.is_empty() {
        output.note(&format!("by API Doctor's {}", used.join(", ")));
    }
    let mut summary = format!(
        "{} errors, {} warnings, {} remarks on {} pages",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info),
        checked.len(),
    );
    for (number, what) in [
        (suppressed, "suppressed"),
        (frozen, "frozen"),
        (skipped.len(), "pages left out"),
    ] {
        if number > 0 {
            summary += &format!("; {number} {what}");
        }
    }
    match revision {
        Some(revision) if checked.is_empty() => {
            output.note(&format!("no page changed since {revision}"));
        }
        _ => output.note(&summary),
    }
    let fails = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(if fails || debt_fails {
        Exit::Failed
    } else {
        Exit::Passed
    })
}
