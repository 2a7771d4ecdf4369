//! Applies the suppressions of pages, and reports unused ones.
//!
//! `"RULE: why"` in `suppressions` of the page annotation suppresses a rule on
//! the page; comments suppress it on a part of the page. An API Doctor message
//! in the list suppresses the corresponding findings, as in API Doctor also on
//! other pages that it names.

mod api_doctor_message;
pub(super) mod syntax;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use super::site::{Parsed, Site};
use crate::check::levels::PageLevels;
use crate::text::finding::Diagnostic;
use crate::text::rules::UNUSED_SUPPRESSION;
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};
use api_doctor_message::Message;
use syntax::{Extent, RuleSuppression};

/// The API Doctor messages of all pages, indexed by the pages they are about.
#[derive(Debug)]
pub(super) struct Messages<'s> {
    list: Vec<TrackedMessage<'s>>,
    /// For each page index, the messages about the page.
    about: HashMap<usize, ByKey>,
}

/// A message, and whether it has suppressed a finding.
#[derive(Debug)]
struct TrackedMessage<'s> {
    message: &'s Message,
    span: Span,
    /// The index of the page that contains it.
    page: usize,
    /// Whether it is about other pages.
    is_elsewhere: bool,
    is_used: AtomicBool,
}

/// Indexes of messages by rule, subject and request name. Subject and request
/// are empty if the message does not name them.
type ByKey = HashMap<(&'static str, String, String), Vec<usize>>;

impl<'s> Messages<'s> {
    /// Collects the messages and the pages they are about.
    pub(super) fn new(site: &'s Site<'_>) -> Self {
        let mut list: Vec<TrackedMessage<'s>> = Vec::new();
        for (page, parsed) in site.pages.iter().enumerate() {
            let messages = parsed.suppressions.messages.iter();
            list.extend(messages.map(|(message, span)| TrackedMessage {
                message,
                span: *span,
                page,
                is_elsewhere: false,
                is_used: AtomicBool::new(false),
            }));
        }
        let mut about: HashMap<usize, ByKey> = HashMap::new();
        if list.is_empty() {
            return Self { list, about };
        }
        let names = PageNames::of(site);
        for (at, known) in list.iter_mut().enumerate() {
            let pages = names.pages(known);
            known.is_elsewhere = pages.iter().any(|page| *page != known.page);
            for page in pages {
                let index = about.entry(page).or_default();
                let request = known.message.block.as_deref().filter(|block| {
                    let cases = &site.pages[page].extracted.cases;
                    cases.iter().any(|case| case.name.as_deref() == Some(block))
                });
                let request = request.unwrap_or("");
                let subjects = &known.message.subjects;
                let none = [String::new()];
                let subjects = if subjects.is_empty() {
                    &none[..]
                } else {
                    subjects
                };
                for rule in known.message.rules {
                    for subject in subjects {
                        let key = (rule.name, subject.clone(), request.to_owned());
                        index.entry(key).or_default().push(at);
                    }
                }
            }
        }
        Self { list, about }
    }

    /// Whether a message suppresses a finding of a page.
    fn suppresses(&self, page: usize, parsed: &Parsed<'_>, finding: &Diagnostic) -> bool {
        let Some(index) = self.about.get(&page) else {
            return false;
        };
        let request = finding.case.as_deref().and_then(|id| id.split_once("::"));
        let request = request.map_or("", |(_, name)| name);
        let mut is_suppressed = false;
        for subject in subjects(parsed.page, finding) {
            for request in ["", request] {
                let key = (finding.rule.name, subject.clone(), request.to_owned());
                for at in index.get(&key).into_iter().flatten() {
                    self.list[*at].is_used.store(true, Ordering::Relaxed);
                    is_suppressed = true;
                }
            }
        }
        is_suppressed
    }

    /// Reports unused messages on the selected pages.
    pub(super) fn unused(&self, site: &Site<'_>, wanted: impl Fn(&str) -> bool) -> Vec<Diagnostic> {
        let are_all_wanted = site.pages.iter().all(|parsed| wanted(&parsed.page.path));
        let mut findings = Vec::new();
        for known in &self.list {
            let page = site.pages[known.page].page;
            let levels = site.settings.levels.of(&page.path);
            let rules = known.message.rules;
            let is_off = !rules.is_empty() && rules.iter().all(|rule| levels.is_off(rule));
            if known.is_used.load(Ordering::Relaxed)
                || !wanted(&page.path)
                || is_off
                // The other page may not be checked.
                || (known.is_elsewhere && !are_all_wanted)
            {
                continue;
            }
            let (severity, message, help) = if known.message.is_counterpart {
                (
                    Severity::Warning,
                    "unused API Doctor suppression: no docproof finding matches it",
                    "remove it, unless API Doctor still checks this page",
                )
            } else {
                (
                    Severity::Info,
                    "API Doctor suppression has no docproof counterpart",
                    "remove it when API Doctor no longer checks this page",
                )
            };
            let mut finding = Diagnostic::at(page, &UNUSED_SUPPRESSION, known.span, message)
                .help(help)
                .severity(severity);
            let is_reported = levels.apply(&mut finding);
            if !known.message.is_counterpart {
                // Ignores the configured severity, because the page need not
                // change.
                finding.severity = severity;
            }
            findings.extend(is_reported.then_some(finding));
        }
        findings
    }
}

/// Indexes of pages for messages.
struct PageNames {
    /// Pages by file name in lower case.
    by_file: HashMap<String, Vec<usize>>,
    /// Pages by documented type in lower case.
    by_type: HashMap<String, Vec<usize>>,
    /// The path of each page in lower case.
    paths: Vec<String>,
}

impl PageNames {
    fn of(site: &Site<'_>) -> Self {
        let paths: Vec<String> = site
            .pages
            .iter()
            .map(|parsed| parsed.page.path.to_lowercase())
            .collect();
        let mut by_file: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_type: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, path) in paths.iter().enumerate() {
            by_file
                .entry(file_name(path).to_owned())
                .or_default()
                .push(at);
            for resource in site.resources_of(site.pages[at].page) {
                if let Some(name) = crate::check::types::type_name(&resource.keys) {
                    let pages = by_type.entry(name.to_lowercase()).or_default();
                    if pages.last() != Some(&at) {
                        pages.push(at);
                    }
                }
            }
        }
        Self {
            by_file,
            by_type,
            paths,
        }
    }

    /// The pages that a message is about: those whose path ends with the path
    /// of the message or vice versa, because the roots may differ; those that
    /// document its type; otherwise its own page.
    fn pages(&self, known: &TrackedMessage<'_>) -> Vec<usize> {
        let Some(path) = &known.message.page else {
            // A message without a source may still name a type.
            let block = known
                .message
                .block
                .as_ref()
                .map(|block| block.to_lowercase());
            let names = block.as_slice().iter();
            let names = if names.len() == 0 {
                known.message.subjects.iter()
            } else {
                names
            };
            let pages = names.filter_map(|name| self.by_type.get(name)).flatten();
            let mut pages: Vec<usize> = pages.copied().collect();
            pages.dedup();
            if !pages.contains(&known.page) {
                pages.push(known.page);
            }
            return pages;
        };
        let is_tail = |long: &str, short: &str| {
            long.strip_suffix(short)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let same_file = self
            .by_file
            .get(file_name(path))
            .map_or(&[][..], Vec::as_slice);
        let named = |page: &usize| {
            let other = &self.paths[*page];
            is_tail(other, path) || is_tail(path, other)
        };
        let pages: Vec<usize> = same_file.iter().copied().filter(named).collect();
        // Its own page wins if several pages match.
        if pages.contains(&known.page) {
            return vec![known.page];
        }
        pages
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The subjects of a finding in lower case: quoted names in its message, steps
/// of paths, and the text under it. Includes an empty subject, for messages
/// without one.
fn subjects(page: &Page, finding: &Diagnostic) -> HashSet<String> {
    /// Longer text under a finding is not a name.
    const LONG: usize = 300;
    let mut subjects = HashSet::from([String::new()]);
    let mut add = |text: &str| {
        let text = text.trim().trim_matches(['"', '\'', '`', '*']);
        subjects.insert(text.to_lowercase());
        for step in text.split(['.', '[', ']', '\'']) {
            subjects.insert(step.to_lowercase());
        }
        if let Some((_, destination)) = text.rsplit_once("](") {
            subjects.insert(destination.trim_end_matches([')', ']']).to_lowercase());
        }
        if let Some(label) = text.strip_prefix('[') {
            subjects.insert(label.trim_end_matches(']').to_lowercase());
        }
    };
    for quoted in finding.message.split('`').skip(1).step_by(2) {
        add(quoted);
    }
    if let Some(span) = finding.span
        && span.end - span.start <= LONG
    {
        add(page.slice(span));
    }
    subjects
}

/// Removes the suppressed findings of a page. Also returns the findings about
/// its suppressions.
pub(super) fn apply(
    messages: &Messages<'_>,
    at: usize,
    parsed: &Parsed<'_>,
    mut findings: Vec<Diagnostic>,
    levels: &PageLevels<'_>,
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    let own = &parsed.suppressions.own;
    let mut own_findings = parsed.suppressions.findings.clone();
    let mut is_used = vec![false; own.len()];
    let mut on_page: HashMap<&str, usize> = HashMap::new();
    let mut parts: [HashMap<&str, Vec<usize>>; 2] = Default::default();
    for (place, RuleSuppression { rule, extent, .. }) in own.iter().enumerate() {
        match extent {
            Extent::Page => {
                on_page.entry(rule.name).or_insert(place);
            }
            Extent::Part(range) if range.is_empty() => {}
            Extent::Part(_) => parts[0].entry(rule.name).or_default().push(place),
            Extent::Block(_) => parts[1].entry(rule.name).or_default().push(place),
        }
    }
    findings.retain(|finding| {
        let name = finding.rule.name;
        let mut is_suppressed = messages.suppresses(at, parsed, finding);
        let mut suppress = |place: usize| {
            is_used[place] = true;
            is_suppressed = true;
        };
        on_page
            .get(name)
            .copied()
            .into_iter()
            .for_each(&mut suppress);
        let Some(span) = finding.span else {
            return !is_suppressed;
        };
        for places in parts.iter().filter_map(|parts| parts.get(name)) {
            // Parts do not overlap. Several comments above one block have the
            // same extent; the last one is used.
            let begun = places.partition_point(|place| own[*place].start() <= span.start);
            let last = begun.checked_sub(1).map(|last| places[last]);
            last.filter(|place| span.start < own[*place].end())
                .into_iter()
                .for_each(&mut suppress);
        }
        !is_suppressed
    });
    for (suppression, is_used) in own.iter().zip(is_used) {
        if !is_used && !levels.is_off(suppression.rule) {
            let name = suppression.rule.name;
            let message = format!("unused suppression of `{name}`");
            own_findings.push(
                Diagnostic::at(parsed.page, &UNUSED_SUPPRESSION, suppression.span, message)
                    .help("remove it"),
            );
        }
    }
    (findings, own_findings)
}

#[cfg(test)]
mod tests;
