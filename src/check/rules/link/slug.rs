//! The anchors of headings.
//!
//! GitHub (github-slugger, after html-pipeline's `toc_filter`) and Microsoft
//! Docs (Markdig's auto identifiers in the GitHub flavour) agree on ASCII:
//! lower case; letters, digits, `-` and `_` are kept; a space becomes `-`;
//! everything else is dropped; duplicates get `-1`, `-2` and so on. Beyond
//! ASCII, GitHub keeps combining marks and all numbers, Markdig only letters
//! and decimal digits. [`fold`] removes what they differ in.

use std::collections::HashMap;

/// The anchor of a heading with this text, without a number for duplicates.
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

/// The anchor without the characters on which GitHub and Microsoft Docs differ.
pub(super) fn fold(anchor: &str) -> String {
    anchor
        .chars()
        .filter(|c| c.is_ascii() || c.is_alphabetic())
        .collect()
}

/// Makes the anchors of a page unique.
#[derive(Debug, Default)]
pub(super) struct Slugger {
    /// For each anchor in use, the last number appended.
    taken: HashMap<String, usize>,
}

impl Slugger {
    /// The anchor of the next heading.
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
    fn keeps_letters_digits_and_dashes() {
        check(&["Example 1: Get a file"], &["example-1-get-a-file"]);
        check(&["snake_case & C++ -- (v1.0)"], &["snake_case--c----v10"]);
        check(&["Größe Ω 数"], &["größe-ω-数"]);
    }

    #[test]
    fn numbers_duplicates() {
        check(&["A", "a", "a", "A-1"], &["a", "a-1", "a-2", "a-1-1"]);
        check(&["A-1", "A", "A"], &["a-1", "a", "a-2"]);
    }

    #[test]
    fn folds_differences_of_github_and_docs() {
        assert_eq!(fold("m²-e\u{301}-ä1"), "m-e-ä1");
    }
}
