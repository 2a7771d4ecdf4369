//! What only all pages show together: folders that are not there, circles of
//! includes, and pages that nothing leads to.

use std::collections::BTreeMap;

use super::destination::{Destination, Kind, Leads, destinations, follow};
use super::target;
use crate::check::rules::{Parsed, Site};
use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::rules::{BROKEN_INCLUDE, ORPHAN_PAGE};
use crate::text::severity::Severity;

/// Checks what only all pages show together.
pub(crate) fn check_site(site: &Site<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut linked = vec![false; site.pages.len()];
    let mut absent: BTreeMap<(String, Kind), Vec<Lead<'_>>> = BTreeMap::new();
    let mut path = String::new();
    for (page, parsed) in site.pages.iter().enumerate() {
        for link in destinations(parsed) {
            let leads = follow(site, &parsed.page.path, &link.text, &mut path);
            let place = match leads {
                Leads::There | Leads::BackSlashes => place(site, &path),
                Leads::ButForCase(truth) => place(site, truth),
                Leads::AbsentFolder(length) => {
                    let key = (path[..length].to_owned(), link.kind);
                    absent.entry(key).or_default().push(Lead { page, link });
                    None
                }
                _ => None,
            };
            if let Some(place) = place.filter(|place| *place != page) {
                linked[place] = true;
            }
        }
    }
    for ((folder, kind), leads) in absent {
        absent_folder(site, &folder, kind, &leads, &mut found);
    }
    circles(site, &mut found);
    orphans(site, &linked, &mut found);
    found
}

/// The page at a path; of a folder, its index.
fn place(site: &Site<'_>, path: &str) -> Option<usize> {
    site.place(path).or_else(|| {
        let index = ["index.md", "README.md"];
        index
            .iter()
            .find_map(|name| site.place(&format!("{path}/{name}")))
    })
}

/// A destination of a page.
struct Lead<'p> {
    page: usize,
    link: Destination<'p>,
}

/// What leads into a folder that is not there. Where several pages agree on the
/// folder, and nothing by these names is elsewhere, the docs are checked without
/// it, and that is said once; otherwise each link is broken.
fn absent_folder(
    site: &Site<'_>,
    folder: &str,
    kind: Kind,
    leads: &[Lead<'_>],
    found: &mut Vec<Diagnostic>,
) {
    let names = site.links.names(site.files);
    let mut path = String::new();
    let mut resolve = |lead: &Lead<'_>| {
        let page = &site.pages[lead.page].page.path;
        follow(site, page, &lead.link.text, &mut path);
        path.clone()
    };
    let (known, unknown): (Vec<&Lead<'_>>, Vec<&Lead<'_>>) = leads
        .iter()
        .partition(|lead| names.same_name(&resolve(lead)).is_some());
    let mut pages: Vec<usize> = unknown.iter().map(|lead| lead.page).collect();
    pages.dedup();
    let is_left_out = pages.len() > 1 && names.alike(folder).is_none();
    let broken = known.iter().chain(unknown.iter().filter(|_| !is_left_out));
    for lead in broken {
        let parsed: &Parsed<'_> = &site.pages[lead.page];
        let path = resolve(lead);
        let leads = (Leads::Nowhere, &*path);
        found.extend(super::broken(site, parsed, &lead.link, leads, false));
    }
    if let Some(first) = unknown.first().filter(|_| is_left_out) {
        let finding = Diagnostic::at(
            site.pages[first.page].page,
            super::rule_of(kind),
            first.link.span,
            format!(
                "{} {}s on {} pages lead into the folder `{folder}`, which is not in the docs",
                unknown.len(),
                kind.name(),
                pages.len()
            ),
        )
        .severity(Severity::Warning)
        .help("check the docs together with this folder");
        found.push(finding);
    }
}

/// Includes that lead back to their own page.
fn circles(site: &Site<'_>, found: &mut Vec<Diagnostic>) {
    /// So many pages of a circle are named.
    const NAMED: usize = 8;
    for (page, span, circle) in site.links.includes(site).circles() {
        let names = circle.iter().take(NAMED);
        let mut names: Vec<String> = names
            .map(|page| format!("`{}`", site.pages[*page].page.path))
            .collect();
        if circle.len() > NAMED {
            names.push("…".to_owned());
        }
        let message = match &*names {
            [_, _] => "this page includes itself".to_owned(),
            names => format!("these pages include each other: {}", names.join(", ")),
        };
        found.push(
            Diagnostic::at(site.pages[page].page, &BROKEN_INCLUDE, span, message)
                .help("take one of the includes out"),
        );
    }
}

/// Pages that no other page links to or includes.
fn orphans(site: &Site<'_>, linked: &[bool], found: &mut Vec<Diagnostic>) {
    const ROOTS: [&str; 3] = ["index", "readme", "toc"];
    for (parsed, is_linked) in site.pages.iter().zip(linked) {
        let name = target::name(&parsed.page.path).to_lowercase();
        let stem = name.strip_suffix(".md").unwrap_or(&name);
        if *is_linked || ROOTS.contains(&stem) {
            continue;
        }
        let finding = Diagnostic::in_file(
            parsed.page.path.clone(),
            &ORPHAN_PAGE,
            FILE_START,
            "no other page links to this page or includes it",
        );
        found.push(finding.help("link to it, or take it out"));
    }
}
