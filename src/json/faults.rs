//! Duplicate keys of a documented body, and how much they matter.

use std::ops::Range;

use super::read::Sketch;

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

/// The duplicate keys of a text, in the order of the text.
pub(crate) fn duplicate_keys(text: &str, sketch: &Sketch<'_>) -> Vec<DuplicateKey> {
    let duplicates = sketch.node.duplicates().into_iter();
    let duplicates = duplicates.map(|duplicate| {
        let written = |member: &super::Member<'_>| &text[member.value.range.clone()];
        DuplicateKey {
            first: duplicate.first.key_range.clone(),
            key: duplicate.again.key_range.clone(),
            is_same: written(duplicate.first) == written(duplicate.again),
        }
    });
    duplicates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read_sketch;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let sketch = read_sketch(text).expect(text);
        let leniencies = sketch.leniencies.iter();
        let leniencies = leniencies.map(|it| (it.range.clone(), it.describe()));
        let ellipses = sketch.ellipses.iter();
        let ellipses = ellipses.map(|range| (range.clone(), "an ellipsis".to_owned()));
        let duplicates = duplicate_keys(text, &sketch);
        let duplicates = duplicates
            .iter()
            .map(|it| (it.key.clone(), "a duplicate key".to_owned()));
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
        let text = r#"{"a": 1, "a": 1}"#;
        let sketch = read_sketch(text).expect("readable");
        assert!(duplicate_keys(text, &sketch)[0].is_same);
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
            let found = read_sketch(text).expect_err("a fault");
            assert_eq!(found.at, at, "{text:?}: {}", found.message);
        }
        assert!(read_sketch("{\"a\": “b”, \"é\": ü...}").is_err());
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_sketch(&nested(512)).is_ok());
        let deep = nested(513);
        assert!(read_sketch(&deep).is_err_and(|it| it.is_too_deep()));
        for byte in ["[", "{\"a\":", "[...,", "\"\\", "/*"] {
            assert!(read_sketch(&byte.repeat(10_000)).is_err());
        }
    }
}
