//! Rules about links, anchors, images and includes.
//!
//! Destinations are resolved by their text and the known paths of the docs. No
//! files are opened.

mod across_pages;
pub(super) mod anchor;
mod broken;
mod destination;
mod html_links;
mod includes;
mod link_path;
pub(super) mod lookup;
mod slug;

use std::collections::{HashMap, HashSet};

use super::site::{Parsed, Site};
use crate::page::markdown::{Reference, ReferenceForm};
use crate::text::finding::Diagnostic;
use crate::text::rules::{BROKEN_ANCHOR, LINK_CASE, LINK_OUTSIDE_DOCS, UNDEFINED_REFERENCE};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Span};
pub(super) use across_pages::check_site;
use anchor::Anchors;
use broken::{broken_destination, rule_of};
use destination::{Destination, Leads, destinations, follow};
use includes::includes;

/// Maximum number of suggestions for each page, and of anchors to choose from.
const SUGGESTIONS: usize = 50;
const CHOICES: usize = 1000;
/// Minimum similarity of an anchor, from 0 to 1.
const NEAR: f64 = 0.7;

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut path = String::new();
    let mut fragments = Fragments::default();
    let mut seen = HashSet::new();
    let mut faults = 0;
    let page = &parsed.page.path;
    for link in destinations(parsed) {
        // The destination of a reference definition is checked once for all its
        // uses.
        if !seen.insert(link.span) {
            continue;
        }
        let leads = follow(site, page, &link.text, &mut path);
        match leads {
            Leads::There | Leads::Here => {}
            Leads::ButForCase(truth) => found.push(link_case(parsed, &link, truth)),
            Leads::Outside(why) => found.push(link_outside_docs(parsed, &link, why)),
            Leads::BackSlashes => found.push(back_slashes(parsed, &link)),
            Leads::Nowhere | Leads::NotFromRoot => {
                faults += 1;
                let suggest = faults <= SUGGESTIONS;
                found.extend(broken_destination(
                    site,
                    parsed,
                    &link,
                    (leads, &path),
                    suggest,
                ));
            }
            // `across_pages` decides whether the folder or the link is at
            // fault.
            Leads::AbsentFolder(_) | Leads::Elsewhere => continue,
        }
        let lead = match leads {
            Leads::Here => Some(&**page),
            Leads::There | Leads::BackSlashes => Some(&*path),
            Leads::ButForCase(truth) => Some(truth),
            _ => None,
        };
        if let Some(lead) = lead
            && let Some(fragment) = link_path::split(&link.text).fragment
            && let Some(name) = anchor::anchor_of(&link.text[fragment])
        {
            let is_here = leads == Leads::Here;
            found.extend(fragments.check(site, parsed, &link, (lead, is_here), &name));
        }
    }
    found.extend(undefined_references(parsed));
}

/// For each page, whether one of some pages includes it, directly or not.
pub(super) fn included(site: &Site<'_>, by: impl Fn(&str) -> bool) -> Vec<bool> {
    let includes = includes(site);
    let mut found = vec![false; site.pages.len()];
    let is_open = |at: &usize| by(&site.pages[*at].page.path);
    let mut open: Vec<usize> = (0..site.pages.len()).filter(is_open).collect();
    while let Some(page) = open.pop() {
        for (included, _) in &includes.of[page] {
            if !std::mem::replace(&mut found[*included], true) {
                open.push(*included);
            }
        }
    }
    found
}

/// The span of a part of a destination, if the source has no escapes.
fn part(
    parsed: &Parsed<'_>,
    link: &Destination<'_>,
    range: std::ops::Range<usize>,
) -> Option<Span> {
    (parsed.page.slice(link.span) == link.text)
        .then(|| Span::new(link.span.start + range.start, link.span.start + range.end))
}

fn link_case(parsed: &Parsed<'_>, link: &Destination<'_>, truth: &str) -> Diagnostic {
    let written = link_path::split(&link.text).path;
    let span = part(parsed, link, written.clone());
    let folder = link_path::folder(&parsed.page.path);
    let written = &link.text[written];
    let fixed = match written.strip_prefix('/') {
        Some(_) => link_path::with_case("", written, truth),
        None => link_path::with_case(folder, written, truth),
    };
    let right = fixed
        .clone()
        .unwrap_or_else(|| link_path::relative(folder, truth));
    let finding = Diagnostic::at(
        parsed.page,
        &LINK_CASE,
        span.unwrap_or(link.span),
        format!("`{written}` differs from `{right}` only in case"),
    )
    .help(format!("write `{right}`"));
    match (span, fixed) {
        (Some(span), Some(text)) => finding.fix(vec![Edit { span, text }]),
        _ => finding,
    }
}

fn link_outside_docs(parsed: &Parsed<'_>, link: &Destination<'_>, why: &str) -> Diagnostic {
    Diagnostic::at(
        parsed.page,
        &LINK_OUTSIDE_DOCS,
        link.span,
        format!(
            "{} to `{}` is not checked: {why}",
            link.kind.name(),
            link.text
        ),
    )
}

fn back_slashes(parsed: &Parsed<'_>, link: &Destination<'_>) -> Diagnostic {
    let written = link_path::split(&link.text).path;
    let span = part(parsed, link, written.clone());
    let right = link.text[written].replace('\\', "/");
    let finding = Diagnostic::at(
        parsed.page,
        rule_of(link.kind),
        span.unwrap_or(link.span),
        "backslash is not a separator in links",
    )
    .severity(Severity::Warning)
    .help(format!("write `{right}`"));
    match span {
        Some(span) => finding.fix(vec![Edit { span, text: right }]),
        None => finding,
    }
}

/// Caches the pages that fragments refer to.
#[derive(Debug, Default)]
struct Fragments {
    /// For each page, the pages that it includes, and whether all of them are
    /// known.
    pages: HashMap<usize, (Vec<usize>, bool)>,
    suggestions: usize,
}

impl Fragments {
    /// Checks the fragment of a link to a page, to a folder or within the page.
    fn check(
        &mut self,
        site: &Site<'_>,
        parsed: &Parsed<'_>,
        link: &Destination<'_>,
        (lead, is_here): (&str, bool),
        name: &str,
    ) -> Option<Diagnostic> {
        let index = ["index.md", "README.md"];
        let place = site.place(lead).or_else(|| {
            let pages = index.iter().map(|name| format!("{lead}/{name}"));
            pages.into_iter().find_map(|page| site.place(&page))
        })?;
        let anchors_of = |page: usize| {
            let page: &Parsed<'_> = &site.pages[page];
            page.anchors
                .get_or_init(|| Anchors::of(page.page, &page.document))
        };
        if anchors_of(place).has(name) {
            return None;
        }
        let includes = includes(site);
        // An included page may link to anchors of the including page.
        if is_here && includes.is_included[place] {
            return None;
        }
        let (pages, is_whole) = self
            .pages
            .entry(place)
            .or_insert_with(|| includes.closure(place));
        // Equal headings of included pages get numbers as suffixes.
        let without_number = name
            .rsplit_once('-')
            .filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()))
            .map(|(base, _)| base)
            .filter(|_| pages.len() > 1);
        let has = |page: &usize| {
            let anchors = anchors_of(*page);
            anchors.has(name) || without_number.is_some_and(|name| anchors.has(name))
        };
        if pages.iter().any(has) {
            return None;
        }
        let fragment = link_path::split(&link.text).fragment?;
        let start = parsed.page.slice(link.span).find('#')?;
        let span = Span::new(link.span.start + start + 1, link.span.end);
        let truth = pages
            .iter()
            .find_map(|page| anchors_of(*page).but_for_case(name));
        if let Some(truth) = truth {
            let finding = Diagnostic::at(
                parsed.page,
                &LINK_CASE,
                span,
                format!("`#{name}` differs from `#{truth}` only in case"),
            )
            .help(format!("write `#{truth}`"));
            let is_plain = part(parsed, link, fragment) == Some(span) && truth.is_ascii();
            let edit = Edit {
                span,
                text: truth.to_owned(),
            };
            return Some(if is_plain {
                finding.fix(vec![edit])
            } else {
                finding
            });
        }
        if !*is_whole {
            return None;
        }
        let whose = if is_here {
            "this page".to_owned()
        } else {
            format!("`{}`", site.pages[place].page.path)
        };
        let finding = Diagnostic::at(
            parsed.page,
            &BROKEN_ANCHOR,
            span,
            format!("{whose} has no heading or anchor `#{name}`"),
        );
        self.suggestions += 1;
        let near = anchors_of(place);
        let near = (self.suggestions <= SUGGESTIONS && near.iter().len() <= CHOICES)
            .then(|| nearest(name, near.iter()))
            .flatten();
        Some(match near {
            Some(near) => finding.help(format!("did you mean `#{near}`?")),
            None => finding.help("link to an existing heading, or remove the fragment"),
        })
    }
}

/// The most similar anchor, or one that starts or ends with the name.
fn nearest<'n>(name: &str, anchors: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    let score = |anchor: &str| {
        let (long, short) = if anchor.len() > name.len() {
            (anchor, &*name)
        } else {
            (&*name, anchor)
        };
        let is_part = short.len() > 3 && (long.starts_with(short) || long.ends_with(short));
        let likeness = lookup::likeness(&name, anchor);
        likeness.max(if is_part { NEAR } else { 0.0 })
    };
    anchors
        .map(|anchor| (score(anchor), anchor))
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|(a, anchor), (b, other)| a.total_cmp(b).then(other.cmp(anchor)))
        .map(|(_, anchor)| anchor)
}

/// Reports full and collapsed references without a definition, once for each
/// label.
fn undefined_references(parsed: &Parsed<'_>) -> Vec<Diagnostic> {
    let mut uses: HashMap<String, usize> = HashMap::new();
    let mut firsts: Vec<(&Reference, String)> = Vec::new();
    for reference in &parsed.document.undefined {
        if !is_meant(parsed, reference) {
            continue;
        }
        let label = reference.label.to_lowercase();
        let count = uses.entry(label.clone()).or_insert(0);
        *count += 1;
        if *count == 1 {
            firsts.push((reference, label));
        }
    }
    let finding = |(reference, key): &(&Reference, String)| {
        let label = &reference.label;
        let more = match uses[key] {
            1 => String::new(),
            count => format!(" ({} more on this page)", count - 1),
        };
        Diagnostic::at(
            parsed.page,
            &UNDEFINED_REFERENCE,
            reference.span,
            format!("undefined link reference `[{label}]`{more}"),
        )
        .help(format!(
            "add the definition `[{label}]: DESTINATION`, or write `[text](DESTINATION)`"
        ))
    };
    firsts.iter().map(finding).collect()
}

/// Whether a reference is intended as a link. Excludes text such as
/// `items[0][1]`, footnotes and `DocFX` markers.
fn is_meant(parsed: &Parsed<'_>, reference: &Reference) -> bool {
    if reference.form == ReferenceForm::Shortcut {
        return false;
    }
    let written = parsed.page.slice(reference.span);
    let before = parsed.page.text[..reference.span.start].chars().next_back();
    let follows_a_word = before.is_some_and(|c| c.is_alphanumeric() || "])_$}>".contains(c));
    let text = written.trim_start_matches(['!', '[']);
    let is_marker = text.starts_with(['^', '@']) || written.starts_with("[!");
    let label = reference.label.trim();
    let is_other = label.starts_with(['^', '!'])
        || label
            .bytes()
            .all(|byte| !byte.is_ascii_alphabetic() && byte.is_ascii())
        || label.contains("{{");
    !follows_a_word && !is_marker && !is_other
}

#[cfg(test)]
mod tests;
