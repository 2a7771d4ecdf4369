//! `docproof check`: checks the pages without a service.

mod baseline;
mod examples;
mod fix;
pub(super) mod settings;

use std::collections::{HashMap, HashSet};

use super::args::{Check, CheckFormat, Denied};
use super::changed::{self, Reads};
use super::docs::{Docs, page_globs, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::reports::Reports;
use crate::check::rules::{self, Files, Parsed, Site};
use crate::page::survey::{self, PageFile, Survey};
use crate::project::config::Config;
use crate::report::adapters::check::{self, Check as Checked};
use crate::report::model::FindingCounts;
use crate::report::{self, Format, plural, terminal};
use crate::text::finding::Diagnostic;
use crate::text::rules::SYMLINK_SKIPPED;
use crate::text::severity::{Level, Severity};
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
    } = survey::survey(&found.root)?;
    require_pages(args, &found, &page_files, output)?;
    let links = symbolic_links(&diagnostics);
    let threads = threads(args.threads.jobs);
    let revision = args.baseline.changed_since.as_deref();
    let changed =
        revision.map(|revision| changed::since(&found, config, revision, Reads::Configuration));
    let changed = changed.transpose()?;
    if let (Some(changed), Some(revision)) = (&changed, revision)
        && changed.is_empty()
        && !reports.are_any()
    {
        note_unchanged(revision, output);
        return Ok(Exit::Passed);
    }
    let (mut pages, unread) = survey::read_all(&page_files, threads);
    let paths = page_files.iter().map(|page| page.path.to_string());
    let (mut settings, used, of_settings) = settings::read(&found, config, &pages, &others);
    let mut requires_examples = false;
    for denied in &args.deny {
        match denied {
            Denied::NoExamples => requires_examples = true,
            Denied::Warnings => settings.levels.deny_warnings = true,
            Denied::Rule(rule) => {
                let level = Level::Report(Severity::Error);
                settings.levels.add(None, [(*rule, level)]);
            }
        }
    }
    // For a single page, the other files are not known.
    let files = if found.root.is_file() {
        Files::default()
    } else {
        Files::new(paths.chain(others))
    };
    let parsed = rules::parse(&pages, &settings, threads);
    let site = Site::new(&parsed, &files, &settings);
    let scope = changed.and_then(|mut changed| {
        changed.note_settings(&used, &found);
        for note in &changed.notes {
            output.note(note);
        }
        let Some(why) = &changed.everything else {
            return Some(changed.scope(&site, threads));
        };
        output.note(&format!("{why}: no page is left out"));
        None
    });
    let in_scope = |page: &str| scope.as_ref().is_none_or(|scope| scope.contains(page));
    let is_named = |page: &str| globs.as_ref().is_none_or(|globs| globs.takes(page));
    let wanted = |page: &str| found.takes(page) && is_named(page) && in_scope(page);
    let is_checked = |page: &&Parsed<'_>| {
        let path = &page.page.path;
        wanted(path) && !settings.skipped.has(path)
    };
    let examples = examples::count(
        &site.pages.iter().filter(is_checked).collect::<Vec<_>>(),
        &settings.reader,
        &config.extract,
        threads,
    );
    if let Some(line) = &examples.line {
        output.note(line);
    }
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
    let not_checked = [
        ("skipped by API Doctor's configuration", skipped.len()),
        ("behind a symbolic link", links),
    ];
    let not_checked = not_checked.into_iter().filter(|(_, number)| *number > 0);
    let summary = FindingCounts::of(
        &findings,
        named.len(),
        checked.suppressed,
        not_checked.collect(),
    )
    .with_recognised(examples.totals.as_ref());
    let rest = match known {
        0 => String::new(),
        known => format!(", {known} in the baseline"),
    };
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
        Some(revision) if named.is_empty() && skipped.is_empty() => {
            note_unchanged(revision, output);
        }
        _ => output.note(&counts),
    }
    let fails = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let lacks_examples = requires_examples && examples.cases == 0 && !named.is_empty();
    if lacks_examples {
        output.error("the pages have no example (`--deny no-examples`)", None);
    }
    Ok(if fails || baseline_fails || lacks_examples {
        Exit::Failed
    } else if named.is_empty() && revision.is_none() {
        output.error("nothing was checked: all selected pages are skipped", None);
        Exit::NoCase
    } else {
        Exit::Passed
    })
}

fn note_unchanged(revision: &str, output: &mut Output) {
    output.note(&format!(
        "no selected page is affected by changes since {revision}: nothing to check"
    ));
}

/// Fails if the arguments select no page. Names globs that match none.
fn require_pages(
    args: &Check,
    found: &Docs,
    pages: &[PageFile],
    output: &mut Output,
) -> Result<(), Failure> {
    let pages: Vec<&PageFile> = pages
        .iter()
        .filter(|page| found.takes(&page.path))
        .collect();
    let none = |why: &str| Failure::new(Exit::NoCase, format!("no page selected: {why}"));
    if pages.is_empty() {
        let shown = args.docs.as_deref().unwrap_or(&found.root).display();
        return Err(none(&format!("there is no page in `{shown}`")));
    }
    let mut idle = Vec::new();
    for glob in &args.page {
        let globs = page_globs(std::slice::from_ref(glob))?;
        let takes = |page: &&PageFile| globs.as_ref().is_some_and(|globs| globs.takes(&page.path));
        if !pages.iter().any(takes) {
            idle.push(format!("`--page {glob}`"));
        }
    }
    if !idle.is_empty() && idle.len() == args.page.len() {
        let verb = if idle.len() == 1 { "matches" } else { "match" };
        let of = plural(pages.len(), "page");
        return Err(none(&format!("{} {verb} none of {of}", idle.join(", "))));
    }
    for glob in idle {
        output.note(&format!("{glob} selects no page"));
    }
    Ok(())
}

/// The number of links that were not followed.
fn symbolic_links(findings: &[Diagnostic]) -> usize {
    let is_link = |finding: &&Diagnostic| finding.rule == &SYMLINK_SKIPPED;
    findings.iter().filter(is_link).count()
}
