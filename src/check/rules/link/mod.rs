//! Links, anchors, images and includes.
//!
//! A destination is followed by its text and the paths of the docs alone: no
//! file is looked at here, and nothing outside of the docs anywhere.

mod anchor;
mod destination;
mod html;
mod index;
mod slug;
mod target;
mod together;

use std::collections::{HashMap, HashSet};

use super::{Parsed, Site};
use crate::page::markdown::{Reference, ReferenceForm};
use crate::text::finding::Diagnostic;
use crate::text::rules::{
    BROKEN_ANCHOR, BROKEN_INCLUDE, BROKEN_LINK, LINK_CASE, LINK_OUTSIDE_DOCS, UNDEFINED_REFERENCE,
};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Span};
pub(super) use anchor::Anchors;
use destination::{Destination, Kind, Leads, destinations, follow};
pub(super) use index::Index;
pub(super) use together::check_site;

/// For so many faults of a page something near is looked for; for an anchor,
/// among so many.
const SUGGESTIONS: usize = 50;
const CHOICES: usize = 1000;
/// How like an anchor a name has to be, from 0 to 1.
const NEAR: f64 = 0.7;

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut path = String::new();
    let mut fragments = Fragments::default();
    let mut seen = HashSet::new();
    let mut faults = 0;
    let page = &parsed.page.path;
    for link in destinations(parsed) {
        // The destination of a reference is checked once, for all its uses.
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
                found.extend(broken(site, parsed, &link, (leads, &path), suggest));
            }
            // Whether the folder or the link is at fault, all pages show.
            Leads::AbsentFolder(_) | Leads::Elsewhere => continue,
        }
        let lead = match leads {
            Leads::Here => Some(&**page),
            Leads::There | Leads::BackSlashes => Some(&*path),
            Leads::ButForCase(truth) => Some(truth),
            _ => None,
        };
        if let Some(lead) = lead
            && let Some(fragment) = target::split(&link.text).fragment
            && let Some(name) = anchor::anchor_of(&link.text[fragment])
        {
            let is_here = leads == Leads::Here;
            found.extend(fragments.check(site, parsed, &link, (lead, is_here), &name));
        }
    }
    found.extend(undefined_references(parsed));
}

/// Where a part of a destination stands, if it is written as it is meant.
fn part(
    parsed: &Parsed<'_>,
    link: &Destination<'_>,
    range: std::ops::Range<usize>,
) -> Option<Span> {
    (parsed.page.slice(link.span) == link.text)
        .then(|| Span::new(link.span.start + range.start, link.span.start + range.end))
}

fn link_case(parsed: &Parsed<'_>, link: &Destination<'_>, truth: &str) -> Diagnostic {
    let written = target::split(&link.text).path;
    let span = part(parsed, link, written.clone());
    let folder = target::folder(&parsed.page.path);
    let written = &link.text[written];
    let fixed = match written.strip_prefix('/') {
        Some(_) => target::with_case("", written, truth),
        None => target::with_case(folder, written, truth),
    };
    let right = fixed
        .clone()
        .unwrap_or_else(|| target::relative(folder, truth));
    let finding = Diagnostic::at(
        parsed.page,
        &LINK_CASE,
        span.unwrap_or(link.span),
        format!("`{written}` is `{right}` but for case, which many systems tell apart"),
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
            "the {} to `{}` is not checked: {why}",
            link.kind.name(),
            link.text
        ),
    )
}

fn back_slashes(parsed: &Parsed<'_>, link: &Destination<'_>) -> Diagnostic {
    let written = target::split(&link.text).path;
    let span = part(parsed, link, written.clone());
    let right = link.text[written].replace('\\', "/");
    let finding = Diagnostic::at(
        parsed.page,
        rule_of(link.kind),
        span.unwrap_or(link.span),
        "`\\` parts no folders in a link, but for Windows",
    )
    .severity(Severity::Warning)
    .help(format!("write `{right}`"));
    match span {
        Some(span) => finding.fix(vec![Edit { span, text: right }]),
        None => finding,
    }
}

fn rule_of(kind: Kind) -> &'static crate::text::rules::Rule {
    match kind {
        Kind::Include => &BROKEN_INCLUDE,
        Kind::Link | Kind::Image => &BROKEN_LINK,
    }
}

/// A destination that leads to no file of the docs. Whether a file whose name is
/// alike is to be looked for.
fn broken(
    site: &Site<'_>,
    parsed: &Parsed<'_>,
    link: &Destination<'_>,
    (leads, path): (Leads<'_>, &str),
    suggest: bool,
) -> Option<Diagnostic> {
    let rule = rule_of(link.kind);
    let kind = link.kind.name();
    let text = &*link.text;
    let at = |message: String| Diagnostic::at(parsed.page, rule, link.span, message);
    if text.is_empty() {
        // A table of contents has headings that lead nowhere.
        let is_toc = target::name(&parsed.page.path).eq_ignore_ascii_case("toc.md");
        let finding = at(format!("this {kind} leads nowhere"))
            .severity(Severity::Warning)
            .help("write the destination between the parentheses");
        return (!is_toc).then_some(finding);
    }
    if leads == Leads::NotFromRoot {
        let finding = at(format!(
            "`{text}` is no file of the docs, and begins with none of the ignored paths"
        ));
        return Some(finding.severity(Severity::Info));
    }
    let folder = target::folder(&parsed.page.path);
    let names = site.links.names(site.files);
    let leads = match link.kind {
        Kind::Link => "leads to",
        Kind::Image => "shows",
        Kind::Include => "takes in",
    };
    let finding = at(format!("this {kind} {leads} `{path}`, which is not there"));
    if text.starts_with("www.") {
        return Some(finding.help(format!("write `https://{text}`")));
    }
    if let Some(source) = index::source(site.files, path) {
        // The page as it is built may be there.
        let right = target::relative(folder, source);
        return Some(
            finding
                .severity(Severity::Warning)
                .help(format!("write `{right}`, the file itself")),
        );
    }
    let alike = || suggest.then(|| names.alike(path)).flatten();
    let near = names.same_name(path).or_else(alike);
    let right = near.map(|near| target::relative(folder, near));
    if let Some(right) = right {
        return Some(finding.help(format!("did you mean `{right}`?")));
    }
    if link.kind == Kind::Image && !names.has_images {
        let finding = finding.severity(Severity::Warning);
        return Some(finding.help("check the docs with their images: there is not one"));
    }
    Some(finding.help("write the path of a file that is there, or add this one"))
}

/// The pages that the fragments of a page lead to, as far as they were needed.
#[derive(Debug, Default)]
struct Fragments {
    /// For each the pages that it is made of, and whether they are known.
    pages: HashMap<usize, (Vec<usize>, bool)>,
    suggestions: usize,
}

impl Fragments {
    /// Checks the fragment of a link to a page or a folder, or to its own page.
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
            page.anchors.get_or_init(|| Anchors::of(page))
        };
        if anchors_of(place).has(name) {
            return None;
        }
        let includes = site.links.includes(site);
        // What is a part of other pages may link to anchors of theirs.
        if is_here && includes.is_included[place] {
            return None;
        }
        let (pages, is_whole) = self
            .pages
            .entry(place)
            .or_insert_with(|| includes.closure(place));
        // Headings of two pages that are alike are told apart by numbers.
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
        let fragment = target::split(&link.text).fragment?;
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
                format!("`#{name}` is `#{truth}` but for case, which browsers tell apart"),
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
            None => finding.help("link to a heading that is there, or to the page alone"),
        })
    }
}

/// The anchor that is most like a name, or begins or ends with it.
fn nearest<'n>(name: &str, anchors: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    let score = |anchor: &str| {
        let (long, short) = if anchor.len() > name.len() {
            (anchor, &*name)
        } else {
            (&*name, anchor)
        };
        let is_part = short.len() > 3 && (long.starts_with(short) || long.ends_with(short));
        let likeness = index::likeness(&name, anchor);
        likeness.max(if is_part { NEAR } else { 0.0 })
    };
    anchors
        .map(|anchor| (score(anchor), anchor))
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|(a, anchor), (b, other)| a.total_cmp(b).then(other.cmp(anchor)))
        .map(|(_, anchor)| anchor)
}

/// References in full or collapsed form without a definition, each label once.
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
            2 => ", and there is one more like it".to_owned(),
            count => format!(", and there are {} more like it", count - 1),
        };
        Diagnostic::at(
            parsed.page,
            &UNDEFINED_REFERENCE,
            reference.span,
            format!("this link stays text, as no line defines `[{label}]:`{more}"),
        )
        .help(format!(
            "add the line `[{label}]: DESTINATION` to the page, or write `[text](destination)`"
        ))
    };
    firsts.iter().map(finding).collect()
}

/// Whether a reference is meant as a link: `items[0][1]`, footnotes, and the
/// markers of `DocFX` are not.
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
