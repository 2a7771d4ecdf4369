//! Checks of all pages together: missing folders, include cycles, orphan pages.

use std::collections::BTreeMap;

use super::broken::{broken_destination, rule_of};
use super::destination::{Destination, Leads, LinkUse, destinations, follow};
use super::includes::includes;
use super::link_path;
use crate::check::rules::site::{Parsed, Site};
use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::rules::{BROKEN_INCLUDE, ORPHAN_PAGE};
use crate::text::severity::Severity;

/// Checks all pages together.
pub(crate) fn check_site(site: &Site<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut linked = vec![false; site.pages.len()];
    let mut absent: BTreeMap<(String, LinkUse), Vec<Lead<'_>>> = BTreeMap::new();
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

/// The page at a path, or the index page of a folder.
fn place(site: &Site<'_>, path: &str) -> Option<usize> {
    site.place(path).or_else(|| {
        let index = ["index.md", "README.md"];
        index
            .iter()
            .find_map(|name| site.place(&format!("{path}/{name}")))
    })
}

/// A destination and the index of its page.
struct Lead<'p> {
    page: usize,
    link: Destination<'p>,
}

/// Reports links into a missing folder. If several pages link into it and no
/// similar files exist elsewhere, the folder is probably outside the checked
/// docs, which is reported once. Otherwise each link is broken.
fn absent_folder(
    site: &Site<'_>,
    folder: &str,
    kind: LinkUse,
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
        found.extend(broken_destination(site, parsed, &lead.link, leads, false));
    }
    if let Some(first) = unknown.first().filter(|_| is_left_out) {
        let finding = Diagnostic::at(
            site.pages[first.page].page,
            rule_of(kind),
            first.link.span,
            format!(
                "folder `{folder}` is outside the checked docs ({} {}s on {} pages)",
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

/// Reports include cycles.
fn circles(site: &Site<'_>, found: &mut Vec<Diagnostic>) {
    /// Maximum number of pages to name.
    const NAMED: usize = 8;
    for (page, span, circle) in includes(site).circles() {
        let names = circle.iter().take(NAMED);
        let mut names: Vec<String> = names
            .map(|page| format!("`{}`", site.pages[*page].page.path))
            .collect();
        if circle.len() > NAMED {
            names.push("…".to_owned());
        }
        let message = match &*names {
            [_, _] => "page includes itself".to_owned(),
            names => format!("include cycle: {}", names.join(", ")),
        };
        found.push(
            Diagnostic::at(site.pages[page].page, &BROKEN_INCLUDE, span, message)
                .help("remove one of the includes"),
        );
    }
}

/// Reports pages that no other page links to or includes.
fn orphans(site: &Site<'_>, linked: &[bool], found: &mut Vec<Diagnostic>) {
    const ROOTS: [&str; 3] = ["index", "readme", "toc"];
    for (parsed, is_linked) in site.pages.iter().zip(linked) {
        let name = link_path::name(&parsed.page.path).to_lowercase();
        let stem = name.strip_suffix(".md").unwrap_or(&name);
        if *is_linked || ROOTS.contains(&stem) {
            continue;
        }
        let finding = Diagnostic::in_file(
            parsed.page.path.clone(),
            &ORPHAN_PAGE,
            FILE_START,
            "no other page links to or includes this page",
        );
        found.push(finding.help("link to it, or remove it"));
    }
}
