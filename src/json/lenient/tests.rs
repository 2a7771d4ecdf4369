//! JSON as people write it, strict and lenient.

use super::*;

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let (_, leniencies) = read(text).expect("readable");
    let found: Vec<_> = leniencies
        .iter()
        .map(|leniency| (&text[leniency.range.clone()], leniency.what))
        .collect();
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn json_needs_no_leniency() {
    check(r#"{"a": [1, "b", null], "c\u0020": {}}"#, &[]);
}

#[test]
fn each_leniency_is_named_at_its_bytes() {
    check(r#"{"a b": "c d",}"#, &[(",", "a trailing comma")]);
    check(
        r#"{"a": [1, 2, ], }"#,
        &[(",", "a trailing comma"), (",", "a trailing comma")],
    );
    check("{\"a\": 1 // b\n}", &[("// b", "a comment")]);
    check("{/* b */\"a\": 1}", &[("/* b */", "a comment")]);
    check("{'a': 1}", &[("'a'", "a string in single quotes")]);
    check("{a: true}", &[("a", "a key without quotes")]);
    check("{\"a\": \"b\n c\"}", &[("\"b\n c\"", LINE_BREAK)]);
    check(
        "{\"a\": \"b\tc\"}",
        &[("\"b\tc\"", "a control character in a string")],
    );
    check(
        "{\u{a0}\"a\":\u{a0}1}",
        &[
            ("\u{a0}", "a no-break space, which JSON does not skip"),
            ("\u{a0}", "a no-break space, which JSON does not skip"),
        ],
    );
    check(
        r#"{"a": 1 "b": 2}"#,
        &[("", "no comma between two members")],
    );
    check(
        r#"{"a": 0xFF}"#,
        &[("0xFF", "a number in a form that JSON has not")],
    );
    check(
        r#"{"a": "\x41"}"#,
        &[("\"\\x41\"", "an escape in a string that JSON has not")],
    );
}

#[test]
fn those_of_a_kind_are_one_finding_with_all_mends() {
    let shown = |text: &str| -> Vec<(String, usize)> {
        let kinds = by_kind(read(text).expect("readable").1);
        kinds
            .iter()
            .map(|kind| (kind.shown(), kind.mend.len()))
            .collect()
    };
    let comma = "a trailing comma";
    assert_eq!(shown("[1,]"), [(comma.to_owned(), 1)]);
    let two = format!("{comma}, and one more like it");
    assert_eq!(shown("[[1,],]"), [(two, 2)]);
    let three = format!("{comma}, and 2 more like it");
    let key = "a key without quotes".to_owned();
    assert_eq!(shown("{a: [[1,],],}"), [(key, 1), (three, 3)]);
}

#[test]
fn what_to_write_depends_on_what_stands_there() {
    for (text, help) in [
        ("{\"a\": “b”}", "write strings in plain double quotes"),
        ("{\"a\": <b>}", "write the placeholder in double quotes"),
        ("{\"a\": [1", "close what is opened here"),
        (
            "{\"a\": b}",
            "write a string in double quotes, a number, `true`, `false` or `null`",
        ),
        (
            "{\"a\": ]}",
            "write what JSON has here: a key, a value, a comma or a bracket",
        ),
        (
            "{\"a\" {}}",
            "write what JSON has here: a key, a value, a comma or a bracket",
        ),
        (
            "{\"a\": \"b,\n\"c\": 1}",
            "close the string with a double quote",
        ),
        ("", "close what is still open"),
    ] {
        let error = read(text).expect_err("unreadable");
        assert_eq!(error.help(text), help, "{text} {error:?}");
    }
}

#[test]
fn mended_text_is_json() {
    for (text, expected) in [
        ("{\u{a0}\"a\":\u{a0}\u{2003}1 }", "{ \"a\":  1 }"),
        (
            "{'a': [1, 2,], d: \"e\n\tf\" \"g\": 'h \"i\"'}",
            r#"{"a": [1, 2], "d": "e\n\tf", "g": "h \"i\""}"#,
        ),
        (
            "{\n  // alone\n  \"a\": 1, // after\n  /* before */ \"b\": /* in */ 2\n}\n// last",
            "{\n  \"a\": 1,\n   \"b\": 2\n}\n",
        ),
    ] {
        let (value, leniencies) = read(text).expect("readable");
        let mut mends: Mend = leniencies
            .into_iter()
            .flat_map(|leniency| leniency.mend)
            .collect();
        mends.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut mended = text.to_owned();
        for (range, instead) in mends {
            mended.replace_range(range, &instead);
        }
        let strict: Value = serde_json::from_str(&mended).expect(&mended);
        assert_eq!((strict, mended.as_str()), (value, expected));
    }
}

#[test]
fn values_survive() {
    let (value, _) = read("{a: 'b', \"c\": \"d\n e\",}").expect("readable");
    assert_eq!(value, serde_json::json!({"a": "b", "c": "d\n e"}));
}

#[test]
fn a_key_that_stands_twice_is_named() {
    check(
        r#"{"a": {"b": 1}, "b": 1, "a": 2}"#,
        &[("\"a\"", "a key that stands twice, of which the last holds")],
    );
}

#[test]
fn a_string_that_is_left_open_is_the_fault() {
    let error = read("{\"a\": \"b,\n\"c\": 1}").expect_err("an open string");
    let message = "a string has no closing quote on its line";
    assert_eq!((error.at, error.message.as_str()), (6, message));
}

#[test]
fn what_would_be_guessed_is_refused() {
    for text in [
        "",
        "{",
        "{\"a\": }",
        "{\"a\" 1}",
        "{} {}",
        "a",
        "{\"a\": b}",
        "{\"a\": NaN}",
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
    for depth in [200, 10_000] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&deep).is_err(), "{depth}");
    }
    let error = read("{\"a\": \n  ]").expect_err("no value");
    assert_eq!(error.at, 9);
}

#[test]
fn places_of_a_strict_reader_are_bytes() {
    let text = "aé\nßc".as_bytes();
    for (line, column, at) in [
        (1, 1, 0),
        (1, 2, 1),
        (1, 3, 1),
        (1, 4, 3),
        (2, 1, 4),
        (2, 2, 4),
        (2, 3, 6),
        (9, 9, 7),
        (0, 0, 0),
    ] {
        assert_eq!(byte_offset(text, line, column), at, "{line}:{column}");
    }
    assert_eq!(byte_offset("é".as_bytes(), 1, 2), 0);
}

#[test]
fn a_message_goes_on_in_a_sentence() {
    let error = read("{\"a\" 1}").expect_err("no colon");
    assert_eq!(
        error.message,
        "expected colon after the string or word in object property"
    );
}
