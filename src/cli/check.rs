//! `docproof check`.

use std::fs;
use std::path::Path;

use super::args::{Check, CheckFormat};
use super::docs::{Docs, PageGlobs, threads};
use super::output::Output;
use super::{Exit, Failure};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::docs::{self, Survey};
use crate::extract::tree::{self, NodeValue};
use crate::lint::outline::{self, Outline};
use crate::lint::{self, Checked, Files, Settings};
use crate::report::finding;

pub fn run(args: &Check, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let globs = PageGlobs::new(&args.page)?;
    let found = Docs::find(args.docs.as_deref(), config)?;
    let Survey {
        pages,
        others,
        diagnostics,
    } = docs::survey(&found.root)?;
    let wanted = |page: &str| found.takes(page) && globs.takes(page);
    let threads = threads(args.jobs);
    let (read, unread) = docs::read_all(&pages, threads);
    let paths = pages.iter().map(|page| page.path.to_string());
    let settings = Settings {
        outline: outline(&found.root, &others),
        ..Settings::default()
    };
    let files = Files::new(paths.chain(others));
    let Checked { mut findings, .. } = lint::check(&read, &files, &settings, wanted, threads);
    findings.extend(diagnostics.into_iter().chain(unread));
    findings.sort_by(|a, b| (&a.file, a.start, a.end).cmp(&(&b.file, b.start, b.end)));
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
    let checked = pages.iter().filter(|page| wanted(&page.path)).count();
    output.note(&format!(
        "{} errors, {} warnings, {} remarks on {checked} pages",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Info),
    ));
    let fails = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    Ok(if fails { Exit::Failed } else { Exit::Passed })
}

/// The headings that pages have to have, where a file in the docs says so.
fn outline(root: &Path, files: &[String]) -> Outline {
    let mut outline = Outline::default();
    for file in files
        .iter()
        .filter(|file| file.ends_with("document-outline.json"))
    {
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        if let Ok(root) = tree::read(&text)
            && let NodeValue::Object(members) = &root.value
        {
            for member in members
                .iter()
                .filter(|member| outline::KEYS.contains(&&*member.key))
            {
                let _ = outline.add(&member.key, &member.value);
            }
        }
    }
    outline
}
