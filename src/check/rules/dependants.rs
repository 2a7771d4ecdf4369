//! The pages affected by changes to other files.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::num::NonZeroUsize;

use super::site::{Parsed, Site};
use crate::check::types::{normal, type_name};
use crate::http::url::decode;
use crate::page::extract;
use crate::page::markdown::LinkKind;
use crate::text::parallel;
use crate::text::source::Page;

/// The pages that link to or include a changed file, or that name a type which
/// a changed page documents, directly or through other types. The changed pages
/// themselves are not included.
///
/// Paths are relative to the docs root; the files may have been deleted. Those of files
/// outside the docs start with `../`; only pages that include them depend on them.
/// `before` has the former texts of the changed pages, which may document types
/// that no longer exist.
pub(crate) fn dependants(
    site: &Site<'_>,
    changed: &BTreeSet<String>,
    before: &[Page],
    threads: NonZeroUsize,
) -> HashSet<String> {
    let files: HashSet<String> = changed.iter().map(|path| path.to_lowercase()).collect();
    let types = changed_types(site, changed, before);
    let found = parallel::map(site.pages, threads, |parsed| {
        let path = &*parsed.page.path;
        !changed.contains(path) && (links_to(parsed, &files) || names(parsed, &types))
    });
    let mut dependants: HashSet<String> = site
        .pages
        .iter()
        .zip(found)
        .filter(|(_, is_found)| *is_found)
        .map(|(parsed, _)| parsed.page.path.to_string())
        .collect();
    including(site, changed, &mut dependants);
    dependants
}

/// Adds the pages that include a changed file, directly or not.
fn including(site: &Site<'_>, changed: &BTreeSet<String>, dependants: &mut HashSet<String>) {
    let mut included_by: HashMap<String, Vec<&str>> = HashMap::new();
    for parsed in site.pages {
        let links = &parsed.document.links;
        for link in links.iter().filter(|link| link.kind == LinkKind::Include) {
            let target = target(&parsed.page.path, &link.destination);
            let including = included_by.entry(target.unwrap_or_default()).or_default();
            including.push(&parsed.page.path);
        }
    }
    let mut waiting: Vec<String> = changed.iter().map(|path| path.to_lowercase()).collect();
    while let Some(path) = waiting.pop() {
        // Each path is removed when visited, which ends cycles.
        for including in included_by.remove(&path).into_iter().flatten() {
            if !changed.contains(including) {
                dependants.insert(including.to_owned());
            }
            waiting.push(including.to_lowercase());
        }
    }
}

fn links_to(parsed: &Parsed<'_>, files: &HashSet<String>) -> bool {
    parsed.document.links.iter().any(|link| {
        let target = target(&parsed.page.path, &link.destination);
        target
            .filter(|target| !is_outside(target))
            .is_some_and(|target| {
                files.contains(&target) || files.contains(&format!("{target}.md"))
            })
    })
}

/// Whether a file is outside the docs. Includes of such a file are read, links to it are
/// not checked.
fn is_outside(target: &str) -> bool {
    target.starts_with("../")
}

/// The target file of a link in lower case; nothing if it is on the same page. A file
/// outside the docs starts with `../`.
fn target(page: &str, destination: &str) -> Option<String> {
    let path = destination.split(['#', '?']).next().unwrap_or("");
    if path.is_empty() || path.contains(':') {
        return None;
    }
    let path = decode(path);
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let from = if path.starts_with('/') { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in from.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_none_or(|last| *last == "..") => steps.push(".."),
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    Some(steps.join("/").to_lowercase())
}

/// The types that changed pages document, and the types that use them.
fn changed_types(site: &Site<'_>, changed: &BTreeSet<String>, before: &[Page]) -> HashSet<String> {
    let mut used_by: HashMap<String, Vec<String>> = HashMap::new();
    let mut waiting: Vec<String> = before
        .iter()
        .filter(|page| extract::may_hold_cases(page.text.as_bytes()))
        .flat_map(|page| extract::extract(page, None).resources)
        .filter_map(|resource| type_name(&resource.keys).map(normal))
        .collect();
    for resource in site.resources() {
        let Some(name) = type_name(&resource.keys).map(normal) else {
            continue;
        };
        let base = resource.keys.get("baseType").and_then(|base| base.as_str());
        for part in type_names(&resource.text).chain(base.map(normal)) {
            used_by.entry(part).or_default().push(name.clone());
        }
        if changed.contains(&*resource.page) {
            waiting.push(name);
        }
    }
    let mut types = HashSet::new();
    while let Some(name) = waiting.pop() {
        waiting.extend(used_by.remove(&name).into_iter().flatten());
        types.insert(name);
    }
    types
}

/// Whether an annotation or a body of a page names one of the types.
fn names(parsed: &Parsed<'_>, types: &HashSet<String>) -> bool {
    !types.is_empty()
        && parsed.annotated.iter().any(|block| {
            type_name(&block.annotation.keys).is_some_and(|name| types.contains(&normal(name)))
                || type_names(&block.fence.text.text).any(|name| types.contains(&name))
        })
}

/// The strings of a JSON text that may be type names: those with a namespace.
fn type_names(text: &str) -> impl Iterator<Item = String> {
    /// Maximum length of a name.
    const LONG: usize = 200;
    text.split('"')
        .filter(|part| {
            part.len() <= LONG
                && part.contains('.')
                && !part.contains(|c: char| c.is_whitespace() || c == '/')
        })
        .map(normal)
}

#[cfg(test)]
mod tests {
    use super::super::docs_files::Files;
    use super::super::parse;
    use super::super::settings::Settings;
    use super::*;

    #[track_caller]
    fn check_target(page: &str, destination: &str, expected: Option<&str>) {
        assert_eq!(target(page, destination).as_deref(), expected);
    }

    #[test]
    fn resolves_link_targets() {
        check_target("api/a.md", "b.md#c", Some("api/b.md"));
        check_target("api/a.md", "./B%20c.md?view=x", Some("api/b c.md"));
        check_target("api/a.md", "../resources/b.md", Some("resources/b.md"));
        check_target("api/a.md", "/resources/b.md", Some("resources/b.md"));
        check_target("api/a.md", "../../b.md", Some("../b.md"));
        check_target("a.md", "../../x/../b.md", Some("../../b.md"));
        check_target("api/a.md", "#b", None);
        check_target("api/a.md", "https://a.example/b.md", None);
        check_target("api/a.md", "mailto:a@a.example", None);
        check_target("api/a.md", "%ff/b.md", Some("api/\u{fffd}/b.md"));
    }

    fn resource(name: &str, keys: &str, member: &str) -> String {
        format!(
            "<!-- {{\"blockType\": \"resource\", \"@odata.type\": \"{name}\"{keys}}} -->\n\
             ```json\n{{\"a\": \"{member}\"}}\n```\n"
        )
    }

    fn response(name: &str) -> String {
        format!(
            "<!-- {{\"blockType\": \"response\", \"@odata.type\": \"{name}\"}} -->\n\
             ```http\nHTTP/1.1 204 No Content\n```\n"
        )
    }

    #[track_caller]
    fn check(changed: &[&str], expected: &[&str]) {
        let pages: Vec<Page> = [
            ("base.md", resource("x.base", "", "String")),
            (
                "derived.md",
                resource("x.derived", ", \"baseType\": \"x.base\"", "String"),
            ),
            ("made.md", resource("x.made", "", "Collection(x.derived)")),
            ("other.md", resource("x.other", "", "String")),
            ("uses-base.md", response("x.base")),
            ("uses-made.md", response("Collection(#X.made)")),
            ("uses-other.md", response("x.other")),
            ("uses-gone.md", response("x.gone")),
            ("links.md", "[a](part.md) ![b](b.PNG) [c](gone)".to_owned()),
            ("part.md", "A part.".to_owned()),
            ("includes.md", "[!INCLUDE [a](part.md)]".to_owned()),
            (
                "includes-it.md",
                "[!INCLUDE [a](includes.md)] [!INCLUDE [a](includes-it.md)]".to_owned(),
            ),
        ]
        .map(|(path, text)| Page::new(path, text))
        .into();
        let (files, settings) = (Files::default(), Settings::default());
        let parsed = parse(&pages, &Settings::default(), NonZeroUsize::MIN);
        let site = Site::new(&parsed, &files, &settings);
        let changed: BTreeSet<String> = changed.iter().map(|path| (*path).to_owned()).collect();
        let before = [Page::new("gone.md", resource("x.gone", "", "String"))];
        let before = if changed.contains("gone.md") {
            &before[..]
        } else {
            &[]
        };
        let found = dependants(&site, &changed, before, NonZeroUsize::MIN);
        let mut found: Vec<String> = found.into_iter().collect();
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn finds_the_pages_that_use_a_changed_file() {
        check(
            &["base.md"],
            &["derived.md", "made.md", "uses-base.md", "uses-made.md"],
        );
        check(&["other.md"], &["uses-other.md"]);
        check(&["part.md"], &["includes-it.md", "includes.md", "links.md"]);
        check(&["b.png"], &["links.md"]);
        check(&["gone.md"], &["links.md", "uses-gone.md"]);
        check(&["uses-base.md"], &[]);
    }
}
