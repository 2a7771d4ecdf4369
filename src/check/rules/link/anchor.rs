//! The anchors of a page, the targets of fragments.

use std::collections::{HashMap, HashSet};

use super::html_links::{self, LinkAttribute};
use super::slug::{Slugger, fold, slug};
use crate::http::url::decode;
use crate::page::markdown::Document;
use crate::text::source::Page;

/// The anchors of a page without its includes.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    anchors: HashSet<String>,
    /// For each anchor in lower case, an existing anchor.
    by_lower_case: HashMap<String, String>,
}

impl Anchors {
    /// The anchors of headings and of HTML elements.
    pub(crate) fn of(page: &Page, document: &Document<'_>) -> Self {
        let mut anchors = Self::default();
        let mut slugger = Slugger::default();
        for heading in &document.headings {
            let (text, id) = attributes(&heading.text);
            if let Some(id) = id {
                anchors.insert(id);
            }
            match &*slugger.next(text.trim()) {
                // Markdig's anchor for a heading without letters.
                "" => anchors.insert("section"),
                name => anchors.insert(name),
            }
            // GitHub keeps the space before an `<a name>`.
            if text != text.trim() {
                anchors.insert(&slug(text));
            }
        }
        for span in &document.html {
            let text = page.slice(*span);
            for piece in html_links::link_attributes(text) {
                if let LinkAttribute::Anchor(value) = piece {
                    anchors.insert(&text[value]);
                }
            }
        }
        anchors
    }

    fn insert(&mut self, anchor: &str) {
        let anchor = fold(anchor);
        self.by_lower_case
            .insert(anchor.to_lowercase(), anchor.clone());
        self.anchors.insert(anchor);
    }

    /// Whether the anchor exists, compared with case.
    pub(crate) fn has(&self, anchor: &str) -> bool {
        self.anchors.contains(&fold(anchor))
    }

    /// The anchor, ignoring case.
    pub(crate) fn but_for_case(&self, anchor: &str) -> Option<&str> {
        self.by_lower_case
            .get(&fold(anchor).to_lowercase())
            .map(String::as_str)
    }

    /// All anchors in arbitrary order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.anchors.iter().map(String::as_str)
    }
}

/// Splits a heading into its text and the id of its attributes (`{#id}`, as in
/// Markdig).
fn attributes(text: &str) -> (&str, Option<&str>) {
    let Some((before, attributes)) = text
        .trim_end()
        .strip_suffix('}')
        .and_then(|text| text.rsplit_once('{'))
    else {
        return (text, None);
    };
    let id = attributes
        .split_whitespace()
        .find_map(|attribute| attribute.strip_prefix('#'));
    match id {
        Some(_) => (before.trim_end(), id),
        None => (text, None),
    }
}

/// The decoded anchor of a fragment; nothing if the fragment does not need an
/// anchor.
pub(super) fn anchor_of(fragment: &str) -> Option<String> {
    // Text fragments (WICG) follow the anchor.
    let name = fragment.split(":~:").next().unwrap_or("");
    let name = decode(name);
    let name = name.strip_prefix("user-content-").unwrap_or(&name);
    let is_line = name
        .strip_prefix('L')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // `#tab/http` selects a DocFX tab; `#/path` and `#!path` are script routes.
    let is_other = name.is_empty()
        || name.eq_ignore_ascii_case("top")
        || is_line
        || name.starts_with("tab/")
        || name.starts_with(['/', '!']);
    (!is_other).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::markdown;
    use crate::text::source::Page;

    #[track_caller]
    fn check(text: &str, there: &[&str], not_there: &[&str]) {
        let page = Page::new("a.md", text.to_owned());
        let anchors = Anchors::of(&page, &markdown::document(&page).0);
        for anchor in there {
            assert!(anchors.has(anchor), "{anchor} in {anchors:?}");
        }
        for anchor in not_there {
            assert!(!anchors.has(anchor), "{anchor} in {anchors:?}");
        }
    }

    #[test]
    fn headings_define_anchors() {
        check(
            "# The `GET` *call*\n\n## Example 1: A & b\n\nA\n---\n\n## A\n",
            &["the-get-call", "example-1-a--b", "a", "a-1"],
            &["A", "a-2", "the-call"],
        );
        check("# A {#b}\n\n# C { d }\n", &["a", "b", "c--d-"], &["a-b"]);
        check("# A <a name=\"x\"></a>\n", &["a", "a-", "x"], &["a-x"]);
    }

    #[test]
    fn elements_with_an_id_define_anchors() {
        check(
            "<div id=\"One\">\n\nText <a name='two'></a> <b name='no'>\n\n```\n# no\n```\n",
            &["One", "two"],
            &["one", "no"],
        );
    }

    #[test]
    fn decodes_fragments() {
        assert_eq!(anchor_of("a%20b").as_deref(), Some("a b"));
        assert_eq!(anchor_of("a:~:text=b").as_deref(), Some("a"));
        assert_eq!(anchor_of("user-content-a").as_deref(), Some("a"));
        for fragment in ["", "top", "Top", "tab/http", "L10-L12", ":~:text=a", "/a"] {
            assert_eq!(anchor_of(fragment), None, "{fragment}");
        }
    }
}
