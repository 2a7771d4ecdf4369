//! The names that headings get as anchors.
//!
//! GitHub (github-slugger, after html-pipeline's `toc_filter`) and Microsoft
//! Docs (Markdig's auto identifiers in the GitHub flavour) agree on ASCII: lower
//! case; letters, digits, `-` and `_` stay; a space becomes `-`; all else goes;
//! and a name that is taken gets `-1`, `-2`, and so on. Beyond ASCII, GitHub
//! keeps combining marks and all numbers, Markdig letters and decimal digits
//! alone, so that [`fold`] leaves out what they differ in.

use std::collections::HashMap;

/// The anchor of a heading with this text, if the page has no other like it.
pub(super) fn slug(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            ' ' => Some(' '),
            '-' | '_' => Some(c),
            c => c.is_alphanumeric().then_some(c),
        })
        .flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// An anchor without what GitHub and Docs do not agree on.
pub(super) fn fold(anchor: &str) -> String {
    anchor
        .chars()
        .filter(|c| c.is_ascii() || c.is_alphabetic())
        .collect()
}

/// Tells the headings of a page apart that have the same text.
#[derive(Debug, Default)]
pub(super) struct Slugger {
    /// For each name that is taken, the last number that it was given.
    taken: HashMap<String, usize>,
}

impl Slugger {
    /// The anchor of the page's next heading.
    pub(super) fn next(&mut self, text: &str) -> String {
        let first = slug(text);
        let mut name = first.clone();
        while self.taken.contains_key(&name) {
            let number = self.taken.entry(first.clone()).or_insert(0);
            *number += 1;
            name = format!("{first}-{number}");
        }
        self.taken.insert(name.clone(), 0);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headings: &[&str], expected: &[&str]) {
        let mut slugger = Slugger::default();
        let slugs: Vec<String> = headings.iter().map(|text| slugger.next(text)).collect();
        assert_eq!(slugs, expected);
    }

    #[test]
    fn letters_digits_and_dashes_stay() {
        check(&["Example 1: Get a file"], &["example-1-get-a-file"]);
        check(&["snake_case & C++ -- (v1.0)"], &["snake_case--c----v10"]);
        check(&["Größe Ω 数"], &["größe-ω-数"]);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        check(&["A", "a", "a", "A-1"], &["a", "a-1", "a-2", "a-1-1"]);
        check(&["A-1", "A", "A"], &["a-1", "a", "a-2"]);
    }

    #[test]
    fn what_github_and_docs_write_otherwise_is_left_out() {
        assert_eq!(fold("m²-e\u{301}-ä1"), "m-e-ä1");
    }
}
