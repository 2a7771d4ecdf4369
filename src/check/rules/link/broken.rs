//! `broken-link` and `broken-include`: destinations that do not exist.

use super::destination::{Destination, Leads, LinkUse};
use super::{link_path, lookup};
use crate::check::rules::site::{Parsed, Site};
use crate::text::finding::Diagnostic;
use crate::text::rules::{BROKEN_INCLUDE, BROKEN_LINK, Rule};
use crate::text::severity::Severity;

/// The rule that a link of this kind breaks.
pub(super) fn rule_of(kind: LinkUse) -> &'static Rule {
    match kind {
        LinkUse::Include => &BROKEN_INCLUDE,
        LinkUse::Link | LinkUse::Image => &BROKEN_LINK,
    }
}

/// Reports a destination that does not exist. `suggest` enables the search for
/// a similar file name.
pub(super) fn broken_destination(
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
        // Entries in a table of contents may have an empty destination.
        let is_toc = link_path::name(&parsed.page.path).eq_ignore_ascii_case("toc.md");
        let finding = at(format!("{kind} has no destination"))
            .severity(Severity::Warning)
            .help("add a destination between the parentheses");
        return (!is_toc).then_some(finding);
    }
    if leads == Leads::NotFromRoot {
        let finding = at(format!(
            "`{text}` is not a file in the docs and matches no ignored path"
        ));
        return Some(finding.severity(Severity::Info));
    }
    let folder = link_path::folder(&parsed.page.path);
    let names = site.links.names(site.files);
    let finding = at(format!("{kind} target `{path}` does not exist"));
    if text.starts_with("www.") {
        return Some(finding.help(format!("write `https://{text}`")));
    }
    if let Some(source) = lookup::source(site.files, path) {
        // The link may refer to the built page.
        let right = link_path::relative(folder, source);
        return Some(
            finding
                .severity(Severity::Warning)
                .help(format!("link to the source file: `{right}`")),
        );
    }
    let alike = || suggest.then(|| names.alike(path)).flatten();
    let near = names.same_name(path).or_else(alike);
    let right = near.map(|near| link_path::relative(folder, near));
    if let Some(right) = right {
        return Some(finding.help(format!("did you mean `{right}`?")));
    }
    if link.kind == LinkUse::Image && !names.has_images {
        let finding = finding.severity(Severity::Warning);
        return Some(finding.help("check the docs together with their images; none were found"));
    }
    Some(finding.help("fix the path, or add the file"))
}
