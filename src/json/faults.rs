//! Everything that keeps a documented body from being valid JSON.

use std::ops::Range;

use super::leniency::Leniency;
use super::read::{Unreadable, read_sketch};

/// What is wrong with a text that should be JSON.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// What is not JSON, but can be read.
    pub leniencies: Vec<Leniency>,
    /// `...` and `…` in the place of a value or a member.
    pub ellipses: Vec<Range<usize>>,
    /// Duplicate keys.
    pub duplicates: Vec<DuplicateKey>,
    /// Why the text cannot be read.
    pub unreadable: Option<Unreadable>,
}

/// A key that its object has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DuplicateKey {
    /// The bytes of the first key.
    pub first: Range<usize>,
    /// The bytes of this key.
    pub key: Range<usize>,
    /// Whether both members are written with the same value.
    pub is_same: bool,
}

/// Finds what is wrong with a text.
pub(crate) fn faults(text: &str) -> Faults {
    let sketch = match read_sketch(text) {
        Ok(sketch) => sketch,
        Err(unreadable) => {
            return Faults {
                unreadable: Some(unreadable),
                ..Faults::default()
            };
        }
    };
    let duplicates = sketch.node.duplicates().into_iter().map(|duplicate| {
        let written = |member: &super::Member<'_>| &text[member.value.range.clone()];
        DuplicateKey {
            first: duplicate.first.key_range.clone(),
            key: duplicate.again.key_range.clone(),
            is_same: written(duplicate.first) == written(duplicate.again),
        }
    });
    Faults {
        duplicates: duplicates.collect(),
        leniencies: sketch.leniencies,
        ellipses: sketch.ellipses,
        unreadable: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let faults = faults(text);
        assert_eq!(faults.unreadable, None, "{text:?}");
        let leniencies = faults.leniencies.iter();
        let leniencies = leniencies.map(|it| (it.range.clone(), it.describe()));
        let ellipses = faults.ellipses.iter();
        let ellipses = ellipses.map(|range| (range.clone(), "an ellipsis".to_owned()));
        let duplicates = faults.duplicates.iter();
        let duplicates = duplicates.map(|it| (it.key.clone(), "a duplicate key".to_owned()));
        let mut found: Vec<_> = leniencies.chain(ellipses).chain(duplicates).collect();
        found.sort_by_key(|(range, _)| range.start);
        let found: Vec<_> = found
            .iter()
            .map(|(range, what)| (&text[range.clone()], what.as_str()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn accepts_json() {
        check(
            r#"{"a": [1, -2.5e3, "..", "…", null, true], "b": {"a": {}}}"#,
            &[],
        );
        check("\n\"a\"\n", &[]);
    }

    #[test]
    fn names_leniencies() {
        check(
            r#"{"a": [1,],}"#,
            &[(",", "a trailing comma"), (",", "a trailing comma")],
        );
        check("{\"a\": 1} // b", &[("// b", "a comment")]);
        check(
            r#"{"a": 1, "a": 2,}"#,
            &[("\"a\"", "a duplicate key"), (",", "a trailing comma")],
        );
    }

    #[test]
    fn reads_ellipses_as_members_and_values() {
        const ELLIPSIS: &str = "an ellipsis";
        check("{...}", &[("...", ELLIPSIS)]);
        check("{\"a\": 1, ...}", &[("...", ELLIPSIS)]);
        check("{\"a\": 1,\n  …\n}", &[("…", ELLIPSIS)]);
        check("{\"a\": 1\n  ...\n}", &[("...", ELLIPSIS)]);
        check("[{\"a\": \"..\"}, ..., {}]", &[("...", ELLIPSIS)]);
        check("{\"a\": 1\n ... \"b\": 2}", &[("...", ELLIPSIS)]);
        check(
            "{\"a\": ..., \"b\": [ .... ]}",
            &[("...", ELLIPSIS), ("....", ELLIPSIS)],
        );
        check(
            "{..., \"a\": 1,}",
            &[("...", ELLIPSIS), (",", "a trailing comma")],
        );
        check(
            "{\"a\": 1, ... // ...\n}",
            &[("...", ELLIPSIS), ("// ...", "a comment")],
        );
        check(
            "[/* .. */ ...]",
            &[("/* .. */", "a comment"), ("...", ELLIPSIS)],
        );
        check(
            "{\"a\": [1,], ...}",
            &[(",", "a trailing comma"), ("...", ELLIPSIS)],
        );
        check(r#"{"a": "b\" .. \\", ...}"#, &[("...", ELLIPSIS)]);
        check("{} ...", &[("...", ELLIPSIS)]);
    }

    #[test]
    fn finds_duplicate_keys_in_their_object() {
        check(
            r#"{"a": {"b": 1}, "b": [{"c": 1, "\u0063": 2}], "a": 2}"#,
            &[
                ("\"\\u0063\"", "a duplicate key"),
                ("\"a\"", "a duplicate key"),
            ],
        );
        check(r#"[{"a": 1}, {"a": 2}, {"A": 1, "a": 1}]"#, &[]);
        let found = faults(r#"{"a": 1, "a": 1}"#).duplicates;
        assert!(found[0].is_same);
    }

    #[test]
    fn says_where_reading_stopped() {
        for (text, at) in [
            ("{\"a\": }", 6),
            ("{\"a\": b}", 6),
            ("{\"a\": 1", 0),
            ("{} {}", 3),
            ("{\"a\": \"b,\n\"c\": 1}", 6),
            ("{\"a\": 1... }", 8),
            ("{\"a\": NaN}", 6),
            ("...", 3),
        ] {
            let found = faults(text).unreadable.expect("a fault");
            assert_eq!(found.at, at, "{text:?}: {}", found.message);
        }
        assert!(faults("{\"a\": “b”, \"é\": ü...}").unreadable.is_some());
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(faults(&deep).unreadable.is_some());
        for byte in ["[", "{\"a\":", "[...,", "\"\\", "/*"] {
            assert!(faults(&byte.repeat(10_000)).unreadable.is_some());
        }
    }
}
