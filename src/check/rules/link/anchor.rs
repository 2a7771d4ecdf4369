//! The places of a page that a fragment can name.

use std::collections::{HashMap, HashSet};

use super::html::{self, Piece};
use super::slug::{Slugger, fold, slug};
use crate::check::rules::Parsed;
use crate::http::url::decode;

/// The anchors of a page by itself, without those of its includes.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    anchors: HashSet<String>,
    /// For each in lower case, one that is there.
    by_lower_case: HashMap<String, String>,
}

impl Anchors {
    /// The anchors of a page: those of its headings, and those of its HTML.
    pub(crate) fn of(parsed: &Parsed<'_>) -> Self {
        let mut anchors = Self::default();
        let mut slugger = Slugger::default();
        for heading in &parsed.document.headings {
            let (text, id) = attributes(&heading.text);
            if let Some(id) = id {
                anchors.insert(id);
            }
            match &*slugger.next(text.trim()) {
                // Markdig's name for a heading without letters.
                "" => anchors.insert("section"),
                name => anchors.insert(name),
            }
            // GitHub keeps the space before an `<a name>`.
            if text != text.trim() {
                anchors.insert(&slug(text));
            }
        }
        for span in &parsed.document.html {
            let text = parsed.page.slice(*span);
            for piece in html::pieces(text) {
                if let Piece::Anchor(value) = piece {
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

    /// Whether there is this very anchor.
    pub(crate) fn has(&self, anchor: &str) -> bool {
        self.anchors.contains(&fold(anchor))
    }

    /// An anchor that is this one but for case.
    pub(crate) fn but_for_case(&self, anchor: &str) -> Option<&str> {
        self.by_lower_case
            .get(&fold(anchor).to_lowercase())
            .map(String::as_str)
    }

    /// All anchors, in no order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.anchors.iter().map(String::as_str)
    }
}

/// Splits a heading into its text and the id of its attributes (`{#id}`), which
/// Markdig reads.
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

/// The anchor that a fragment names, decoded; nothing where it names none that
/// a page has to have.
pub(super) fn anchor_of(fragment: &str) -> Option<String> {
    // Text fragments (WICG) stand behind the anchor.
    let name = fragment.split(":~:").next().unwrap_or("");
    let name = decode(name);
    let name = name.strip_prefix("user-content-").unwrap_or(&name);
    let is_line = name
        .strip_prefix('L')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // `#tab/http` opens a tab of DocFX, `#/path` and `#!path` a view of a script.
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
    use crate::text::source::Page;

    #[track_caller]
    fn check(text: &str, there: &[&str], not_there: &[&str]) {
        let page = Page::new("a.md", text.to_owned());
        let anchors = Anchors::of(&Parsed::of(&page));
        for anchor in there {
            assert!(anchors.has(anchor), "{anchor} in {anchors:?}");
        }
        for anchor in not_there {
            assert!(!anchors.has(anchor), "{anchor} in {anchors:?}");
        }
    }

    #[test]
    fn headings_are_anchors() {
        check(
            "# The `GET` *call*\n\n## Example 1: A & b\n\nA\n---\n\n## A\n",
            &["the-get-call", "example-1-a--b", "a", "a-1"],
            &["A", "a-2", "the-call"],
        );
        check("# A {#b}\n\n# C { d }\n", &["a", "b", "c--d-"], &["a-b"]);
        check("# A <a name=\"x\"></a>\n", &["a", "a-", "x"], &["a-x"]);
    }

    #[test]
    fn elements_with_an_id_are_anchors() {
        check(
            "<div id=\"One\">\n\nText <a name='two'></a> <b name='no'>\n\n```\n# no\n```\n",
            &["One", "two"],
            &["one", "no"],
        );
    }

    #[test]
    fn a_fragment_names_an_anchor() {
        assert_eq!(anchor_of("a%20b").as_deref(), Some("a b"));
        assert_eq!(anchor_of("a:~:text=b").as_deref(), Some("a"));
        assert_eq!(anchor_of("user-content-a").as_deref(), Some("a"));
        for fragment in ["", "top", "Top", "tab/http", "L10-L12", ":~:text=a", "/a"] {
            assert_eq!(anchor_of(fragment), None, "{fragment}");
        }
    }
}
