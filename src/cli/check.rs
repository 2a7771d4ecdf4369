//! `docproof check`: checks the pages without a service.

mod baseline;
mod fix;
pub(super) mod settings;

use std::collections::{HashMap, HashSet};

use super::args::{Check, CheckFormat};
use super::changed;
use super::docs::{Docs, page_globs, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::reports::Reports;
use crate::check::rules::{self, Files, Site};
use crate::page::collect::{self, Survey};
use crate::project::config::Config;
use crate::report::adapters::check::{self, Check as Checked};
use crate::report::model::FindingCounts;
use crate::report::{self, Format, terminal};
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;
use crate::text::source::Page;
use baseline::Compared;

pub(super) fn run(args: &Check, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let globs = page_globs(&args.page)?;
    let format = args.format.unwrap_or(CheckFormat::Pretty);
    let reports = Reports::new(&args.report, format.report(), args.format.is_some())?;
    let found = Docs::find(args.docs.as_deref(), config)?;
    if found.are_case_files {
        return Err(
            Failure::new(Exit::Usage, "check requires pages, not case files")
                .help("name the folder of the pages"),
        );
    }
    let Survey {
        pages: page_files,
        others,
        diagnostics,
    } = collect::survey(&found.root)?;
    let threads = threads(args.jobs);
    let revision = args.baseline.changed_since.as_deref();
    let changed = revision.map(|revision| changed::since(&found.root, revision));
    let changed = changed.transpose()?;
    if let (Some(changed), Some(revision)) = (&changed, revision)
        && changed.paths.is_empty()
        && !reports.are_files()
    {
        output.note(&format!("no page changed since {revision}"));
        return Ok(Exit::Passed);
    }
    let (mut pages, unread) = collect::read_all(&page_files, threads);
    let paths = page_files.iter().map(|page| page.path.to_string());
    let (settings, used, of_settings) = settings::read(&found, config, &others);
    // For a single page, the other files are not known.
    let files = if found.root.is_file() {
        Files::default()
    } else {
        Files::new(paths.chain(others))
    };
    let parsed = rules::parse(&pages, threads);
    let site = Site::new(&parsed, &files, &settings);
    let scope = changed.map(|changed| changed.scope(&site, threads));
    let in_scope = |page: &str| scope.as_ref().is_none_or(|scope| scope.contains(page));
    let is_named = |page: &str| globs.as_ref().is_none_or(|globs| globs.takes(page));
    let wanted = |page: &str| found.takes(page) && is_named(page) && in_scope(page);
    let mut checked = rules::check_site(&site, wanted, threads);
    if args.fix {
        let check = |pages: &[Page]| rules::check(pages, &files, &settings, wanted, threads);
        let fixed = fix::all(&mut pages, &mut checked, check);
        fix::write(&fixed, &pages, args.dry_run, &found, output)?;
    }
    let mut findings = checked.findings;
    let unread_pages: HashSet<_> = unread.iter().map(|finding| finding.file.clone()).collect();
    let of_files = diagnostics.into_iter().chain(unread).chain(of_settings);
    findings.extend(of_files.filter_map(|mut finding| {
        let is_reported = settings.levels.of(&finding.file).apply(&mut finding);
        (is_reported && in_scope(&finding.file)).then_some(finding)
    }));
    findings.sort_by(|a, b| a.place().cmp(&b.place()));
    let Compared {
        mut findings,
        known,
        fails: baseline_fails,
    } = baseline::apply(
        &args.baseline,
        findings,
        &pages,
        |page| wanted(page) && !unread_pages.contains(page),
        threads,
        output,
    )?;
    found.name_findings(&mut findings);
    let (skipped, named): (Vec<_>, Vec<_>) = page_files
        .iter()
        .filter(|page| wanted(&page.path))
        .partition(|page| settings.skipped.has(&page.path));
    let named: Vec<String> = named.iter().map(|page| found.file(&page.path)).collect();
    let summary = FindingCounts::of(&findings, named.len(), checked.suppressed);
    let mut rest = String::new();
    for (number, what) in [(known, "in the baseline"), (skipped.len(), "not checked")] {
        if number > 0 {
            rest += &format!(", {number} {what}");
        }
    }
    let counts = format!("{}{rest}", summary.line());
    if !args.dry_run {
        let hides_info = |format| matches!(format, None | Some(Format::Github));
        let shown = |format| {
            let shows = |finding: &&Diagnostic| {
                args.info || !hides_info(format) || finding.severity != Severity::Info
            };
            findings.iter().filter(shows).cloned().collect::<Vec<_>>()
        };
        if reports.is_pretty() {
            let line: fn(&Diagnostic) -> String = match format {
                CheckFormat::Short => |found| terminal::short_finding(found) + "\n",
                _ => |found| terminal::finding(found) + "\n",
            };
            for found in shown(None) {
                output.text(&line(&found))?;
            }
        }
        let by_name = pages.iter().map(|page| (found.file(&page.path), page));
        let by_name: HashMap<String, &Page> = by_name.collect();
        let make = |format| {
            let of = Checked {
                findings: &shown(Some(format)),
                pages: &named,
                counts: &summary,
                rest: &rest,
            };
            let page = |found: &Diagnostic| by_name.get(&*found.file).copied();
            report::write(format, &check::report(&of, page))
        };
        reports.write(make, |_| false, output)?;
    }
    if !used.is_empty() {
        output.note(&format!(
            "using API Doctor's configuration: {}",
            used.join(", ")
        ));
    }
    match revision {
        Some(revision) if named.is_empty() => {
            output.note(&format!("no page changed since {revision}"));
        }
        _ => output.note(&counts),
    }
    let fails = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(if fails || baseline_fails {
        Exit::Failed
    } else {
        Exit::Passed
    })
}
