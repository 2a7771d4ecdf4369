//! `tab-group`: groups of `DocFX` tabs. A group begins with a heading that is a
//! link to `#tab/ID`, and ends at a thematic break.

use std::collections::HashMap;

use super::site::{Parsed, Site};
use crate::page::extract::BlockType;
use crate::page::markdown::Tab;
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::TAB_GROUP;

/// The tabs of code in programming languages, beside which a page with requests
/// shows the HTTP.
const LANGUAGES: [&str; 14] = [
    "cli",
    "cpp",
    "csharp",
    "curl",
    "go",
    "java",
    "javascript",
    "objc",
    "php",
    "powershell",
    "python",
    "ruby",
    "rust",
    "typescript",
];

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let mut blocks = parsed.annotated.iter();
    let has_requests = blocks.any(|block| block.annotation.block_type == BlockType::Request);
    for group in groups(parsed) {
        let at = |tab: &Tab, message: String, help: &str| {
            Diagnostic::at(parsed.page, &TAB_GROUP, tab.span, message).help(help)
        };
        let mut lines: HashMap<&str, usize> = HashMap::new();
        for tab in group.tabs {
            let line = parsed.page.line(tab.span.start);
            let first = *lines.entry(&tab.id).or_insert(line);
            if first != line {
                let message = format!("duplicate tab `{}`; first on line {first}", cut(&tab.id));
                found.push(at(
                    tab,
                    message,
                    "rename one of the tabs, or close the group between them with `---`",
                ));
            }
        }
        let (Some(first), Some(last)) = (group.tabs.first(), group.tabs.last()) else {
            continue;
        };
        let has_code = LANGUAGES.iter().any(|id| lines.contains_key(id));
        if has_requests && has_code && !lines.contains_key("http") {
            let message = "group of tabs has no HTTP tab".to_owned();
            found.push(at(
                first,
                message,
                "add `# [HTTP](#tab/http)` with the request",
            ));
        }
        if !group.is_closed {
            let message = "group of tabs is not closed, so it contains what follows".to_owned();
            found.push(at(
                last,
                message,
                "add a line `---` below the last tab, with a blank line above it",
            ));
        }
    }
}

/// Tabs that belong together.
struct Group<'p> {
    tabs: &'p [Tab],
    is_closed: bool,
}

/// The groups of a page. A thematic break ends a group. Without one, a heading
/// that is not below the heading of the group ends it as well.
fn groups<'p>(parsed: &'p Parsed<'_>) -> Vec<Group<'p>> {
    let document = &parsed.document;
    let (mut tabs, headings) = (&*document.tabs, &document.headings);
    let mut groups = Vec::new();
    while let Some(first) = tabs.first() {
        let start = first.span.start;
        let from = headings.partition_point(|heading| heading.span.start < start);
        let level = from.checked_sub(1).map_or(0, |above| headings[above].level);
        let heading = headings[from..]
            .iter()
            .find(|heading| heading.level <= level);
        let heading = heading.map_or(usize::MAX, |heading| heading.span.start);
        let breaks = &document.breaks;
        let next = breaks.partition_point(|line| line.start < start);
        let end = breaks.get(next).map_or(usize::MAX, |line| line.start);
        let count = tabs.partition_point(|tab| tab.span.start < end.min(heading));
        let (group, rest) = tabs.split_at(count.max(1));
        groups.push(Group {
            tabs: group,
            is_closed: end < heading,
        });
        tabs = rest;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;

    const REQUEST: &str = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
        <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 204 No Content\n```\n\n";

    #[track_caller]
    fn check_tabs(text: &str, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|text| ("tab-group", *text)).collect();
        check(&format!("# A\n\n{text}"), &expected);
    }

    #[test]
    fn accepts_closed_groups_with_http() {
        for end in ["---", "***"] {
            check_tabs(
                &format!("# [HTTP](#tab/http)\n{REQUEST}# [Go](#tab/go)\na\n\n{end}\n\n## B\n"),
                &[],
            );
        }
        // Other tabs than code.
        check_tabs(
            &format!("{REQUEST}# [A](#tab/a)\na\n# [B](#tab/b)\nb\n\n## Within\n\n---\n"),
            &[],
        );
        check_tabs("# [Go](#tab/go)\na\n\n---\n", &[]);
    }

    #[test]
    fn reports_groups_without_end() {
        let tabs = "# [HTTP](#tab/http)\na\n\n# [Go](#tab/go)\na\n";
        check_tabs(tabs, &["# [Go](#tab/go)"]);
        check_tabs(
            &format!("## B\n\n{tabs}\n## C\n\n---\n"),
            &["# [Go](#tab/go)"],
        );
        check_tabs(
            &format!("## B\n\n{tabs}\n## C\n\n{tabs}\n---\n"),
            &["# [Go](#tab/go)"],
        );
    }

    #[test]
    fn reports_duplicate_and_missing_tabs() {
        check_tabs(
            "# [A](#tab/a)\na\n\n## [A again](#tab/a)\na\n\n---\n",
            &["## [A again](#tab/a)"],
        );
        check_tabs(
            &format!("{REQUEST}# [Go](#tab/go)\na\n\n---\n"),
            &["# [Go](#tab/go)"],
        );
    }
}
