//! `docproof plan --suggest`: prints draft scenarios.

use std::collections::{BTreeMap, BTreeSet};

use super::docs::{Docs, shown};
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan::Live;
use crate::project::scenario;
use crate::report::plural;
use crate::text::severity::Severity;
use crate::tools::suggest::{KnownValues, Reason, Suggestion, Unbound, suggest};

const HEADER: &str = "\
# Drafts from `docproof plan --suggest`. Review each one before you keep it.
# `new-…` is created by a documented POST, `first-…` is the first existing item,
# and `made-…` is created by the request itself. The documented DELETE, if there
# is one, removes what was created.
";

/// The file name of the drafts in findings.
const DRAFTS: &str = "drafts";

/// Prints drafts on standard output and unbound placeholders on standard error.
pub(super) fn run(
    config: &Config,
    docs: &Docs,
    cases: &[Case],
    takes: impl Fn(&Case) -> bool,
    live: Option<&Live>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut known = KnownValues {
        vars: live
            .map(|live| live.vars.keys().cloned().collect())
            .unwrap_or_default(),
        services: config.services.clone(),
        ..KnownValues::default()
    };
    let mut files = Vec::new();
    if docs.is_whole(config) || docs.is_part() {
        let folder = shown(&config.scenarios);
        let set = live.map(|_| &known.vars);
        let (scenarios, mut findings) = scenario::load(&config.scenarios, &folder, cases, set);
        findings.retain(|finding| finding.severity == Severity::Error);
        if !findings.is_empty() {
            output.findings(&findings, true);
            let message = format!("invalid scenarios in {folder}");
            return Err(Failure::new(Exit::Usage, message));
        }
        files = scenario::read_all(&config.scenarios).0;
        known.cases = scenarios.iter().map(|scenario| scenario.case).collect();
        let steps = files.iter().flat_map(|file| file.data.steps.keys());
        known.steps = steps.cloned().collect();
    }
    let suggestion = suggest(cases, takes, &known);
    let text = format!("{HEADER}{}", scenario::write(&suggestion.file));
    // Checks that the drafts are valid scenario files.
    let findings = match scenario::read(DRAFTS, &text) {
        Ok(file) => {
            files.push(file);
            let (_, mut findings) = scenario::resolve(&files, cases, &known.vars);
            findings.retain(|finding| &*finding.file == DRAFTS);
            findings
        }
        Err(finding) => vec![*finding],
    };
    if !findings.is_empty() {
        output.findings(&findings, true);
        return Err(
            Failure::new(Exit::NotDone, "the drafts are not valid scenarios")
                .help("draft fewer at a time with --page or --filter"),
        );
    }
    output.line(text.trim_end())?;
    list(&suggestion, cases, output);
    Ok(Exit::Passed)
}

/// Lists unbound placeholders by reason.
fn list(suggestion: &Suggestion, cases: &[Case], output: &mut Output) {
    let mut reasons: BTreeMap<Reason, Vec<&Unbound>> = BTreeMap::new();
    for unbound in &suggestion.unbound {
        reasons.entry(unbound.reason).or_default().push(unbound);
    }
    for (reason, all) in &reasons {
        output.note(&format!(
            "{} ({}): {}",
            reason.name(),
            all.len(),
            reason.meaning()
        ));
        for unbound in all {
            let case = &cases[unbound.case];
            let detail = match unbound.detail.as_str() {
                "" => String::new(),
                detail => format!("  ({detail})"),
            };
            output.note(&format!(
                "  {}:{}  {{{}}}  {} {}{detail}",
                case.page, case.line, unbound.placeholder, case.request.method, case.request.target
            ));
        }
    }
    if !suggestion.kept.is_empty() {
        output.note("no documented DELETE removes what these requests create; drafts that use them leave it behind:");
        for id in &suggestion.kept {
            output.note(&format!("  {id}"));
        }
    }
    let left: BTreeSet<usize> = suggestion
        .unbound
        .iter()
        .map(|unbound| unbound.case)
        .collect();
    output.note(&format!(
        "{} for {} with unbound placeholders; {} stay unbound unless --var or the `vars` of a \
         target set them",
        plural(suggestion.file.scenarios.len(), "draft"),
        plural(suggestion.open, "case"),
        left.len(),
    ));
}
