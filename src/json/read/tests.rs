//! Strict and lenient reading.

use proptest::prelude::*;

use super::super::edit::apply;
use super::super::leniency::by_kind;
use super::*;

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let (_, leniencies) = read_with_leniencies(text).expect("readable");
    let found: Vec<_> = leniencies
        .iter()
        .map(|leniency| (&text[leniency.range.clone()], leniency.describe()))
        .collect();
    let found: Vec<_> = found.iter().map(|(text, it)| (*text, &**it)).collect();
    assert_eq!(found, expected, "{text:?}");
    assert!(!expected.is_empty() || read_strict(text.as_bytes()).is_ok());
}

#[test]
fn json_needs_no_leniency() {
    check(r#"{"a": [1, "b", null], "c\u0020": {}}"#, &[]);
}

#[test]
fn names_each_leniency_at_its_bytes() {
    check(r#"{"a b": "c d",}"#, &[(",", "a trailing comma")]);
    check(
        r#"{"a": [1, 2, ], }"#,
        &[(",", "a trailing comma"), (",", "a trailing comma")],
    );
    check("{\"a\": 1 // b\n}", &[("// b", "a comment")]);
    check("{/* b */\"a\": 1}", &[("/* b */", "a comment")]);
    check("[1 /*/ */]", &[("/*/ */", "a comment")]);
    check("{'a': 1}", &[("'a'", "a string in single quotes")]);
    check("{a: true}", &[("a", "a key without quotes")]);
    check("{null: 1}", &[("null", "a key without quotes")]);
    check(
        "{\"a\": \"b\n c\"}",
        &[("\"b\n c\"", "a line break in a string")],
    );
    check(
        "{\"a\": \"b\tc\"}",
        &[("\"b\tc\"", "a control character in a string")],
    );
    check(
        "{\u{a0}\"a\":\u{a0}\u{2003}1}",
        &[
            ("\u{a0}", "a no-break space outside of strings"),
            ("\u{a0}", "a no-break space outside of strings"),
        ],
    );
    check(
        "[\u{c}1]",
        &[("\u{c}", "white space that JSON does not allow")],
    );
    check(r#"{"a": 1 "b": 2}"#, &[("", "a missing comma")]);
    check(
        "[1 [2] {}]",
        &[("", "a missing comma"), ("", "a missing comma")],
    );
    for number in ["0xFF", "+1", ".5", "-.5", "1.", "01", "1.e3"] {
        check(&format!("[{number}]"), &[(number, "an invalid number")]);
    }
    for escape in ["\\x41", "\\v", "\\0", "\\q", "\\\n"] {
        let text = format!("{{\"a\": \"{escape}\"}}");
        check(&text, &[(escape, "an invalid escape in a string")]);
    }
}

#[test]
fn names_duplicate_keys_of_the_outermost_object() {
    check(
        r#"{"a": {"b": 1, "b": 2}, "b": 1, "\u0061": 2}"#,
        &[("\"\\u0061\"", "a duplicate key, whose last value is used")],
    );
}

#[test]
fn merges_leniencies_of_a_kind() {
    let described = |text: &str| -> Vec<(String, usize)> {
        let kinds = by_kind(read_with_leniencies(text).expect("readable").1);
        kinds
            .iter()
            .map(|kind| (kind.describe(), kind.fix.len()))
            .collect()
    };
    let comma = "a trailing comma";
    assert_eq!(described("[1,]"), [(comma.to_owned(), 1)]);
    let two = format!("{comma} (1 more in this block)");
    assert_eq!(described("[[1,],]"), [(two, 2)]);
    let three = format!("{comma} (2 more in this block)");
    let key = "a key without quotes".to_owned();
    assert_eq!(described("{a: [[1,],],}"), [(key, 1), (three, 3)]);
}

#[test]
fn help_depends_on_what_is_there() {
    for (text, help) in [
        ("{\"a\": “b”}", "use plain double quotes"),
        ("{\"a\": <b>}", "write the placeholder in double quotes"),
        ("{\"a\": [1", "close what is opened here"),
        (
            "{\"a\": b}",
            "write a string in double quotes, a number, `true`, `false` or `null`",
        ),
        ("{\"a\": ]}", "write a key, a value, a comma or a bracket"),
        ("{\"a\" {}}", "write a key, a value, a comma or a bracket"),
        (
            "{\"a\": \"b,\n\"c\": 1}",
            "close the string with a double quote",
        ),
        ("", "complete the text: it ends too early"),
    ] {
        let error = read(text).expect_err("unreadable");
        assert_eq!(error.help(text), help, "{text} {error:?}");
    }
}

#[test]
fn fixed_text_is_json() {
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
        let (node, leniencies) = read_with_leniencies(text).expect("readable");
        let mut fixes: Fix = leniencies.into_iter().flat_map(|it| it.fix).collect();
        fixes.sort_by_key(|(range, _)| range.start);
        let fixed = apply(text, &fixes);
        let strict = read_strict(fixed.as_bytes()).expect("JSON");
        assert_eq!(strict.to_value(), node.to_value());
        assert_eq!(fixed, expected);
    }
}

#[test]
fn every_part_has_its_bytes() {
    let text = "{\"a\": [1, null,], // b\n 'c': \"\\u0064\"}";
    let NodeValue::Object(members) = read(text).expect("readable").value else {
        panic!("an object");
    };
    assert_eq!(&text[members[0].key_range.clone()], "\"a\"");
    assert_eq!(&text[members[0].value.range.clone()], "[1, null,]");
    assert_eq!(members[1].key, "c");
    assert_eq!(members[1].value.value, NodeValue::String("d".into()));
}

#[test]
fn reads_lenient_values() {
    let value = |text| read(text).expect("readable").to_value();
    assert_eq!(
        value("{a: 'b', \"c\": \"d\n e\",}"),
        serde_json::json!({"a": "b", "c": "d\n e"})
    );
    assert_eq!(
        value(r#"["\x41\v\q\ud83d\ude00", '"\'']"#),
        serde_json::json!(["A\u{b}q😀", "\"'"])
    );
}

#[test]
fn keeps_numbers_as_written() {
    for text in ["1e2", "-0", "9007199254740993", "1e400", "0.10"] {
        let node = read_strict(text.as_bytes()).expect("JSON");
        let NodeValue::Number(number) = node.value else {
            panic!("a number");
        };
        assert_eq!(number.to_string(), text);
    }
}

#[test]
fn places_an_unclosed_string() {
    let error = read("{\"a\": \"b,\n\"c\": 1}").expect_err("an open string");
    assert_eq!((error.at, error.message), (6, NO_CLOSING_QUOTE));
}

#[test]
fn refuses_what_would_be_a_guess() {
    for text in [
        "",
        "// a",
        "{",
        "{\"a\": }",
        "{\"a\" 1}",
        "{a b: 1}",
        "{} {}",
        "a",
        "{\"a\": b}",
        "{\"a\": NaN}",
        "{\"a\": -Infinity}",
        "{\"a\": ...}",
        "{,}",
        "[1,,2]",
        "[12px]",
        "[1e]",
        "[0x]",
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\u00+1""#,
        r#""\u12"#,
        r#""\1""#,
    ] {
        assert!(read(text).is_err(), "{text:?}");
    }
    let error = read("{\"a\": \n  ]").expect_err("no value");
    assert_eq!(error.at, 9);
}

/// Values are also read, compared and dropped on small stacks, as threads have.
#[test]
fn reads_values_to_a_limit_of_depth() {
    for (opening, closing) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth| format!("{}1{}", opening.repeat(depth), closing.repeat(depth));
        let text = nested(DEPTH);
        let node = read_strict(text.as_bytes()).expect("JSON");
        assert_eq!(node, read(&text).expect("JSON"));
        assert_eq!(node.to_value().to_string(), text);
        for depth in [DEPTH + 1, 100_000] {
            let error = read_strict(nested(depth).as_bytes()).expect_err("too deep");
            assert!(error.is_too_deep());
            assert_eq!(error.describe_sent(), "JSON deeper than 512");
        }
    }
}

#[test]
fn strict_errors_have_their_byte() {
    for (body, offset, message) in [
        ("{\"a\": 1,}", 7, "trailing comma"),
        ("{\n \"é\": x}", 9, "expected a value"),
        ("{} {}", 3, "expected the end of the text"),
        ("", 0, "empty"),
        ("{\"a\": [1", 8, "an array is not closed"),
        ("[1 2]", 3, "expected a comma or `]`"),
        ("{'a': 1}", 1, "expected double quotes"),
        ("{a: 1}", 1, "expected a key in double quotes"),
        ("[\"a\tb\"]", 3, "control character in a string"),
        ("[1] // a", 4, "JSON has no comments"),
        ("[01]", 1, "invalid number"),
    ] {
        let error = read_strict(body.as_bytes()).expect_err("an error");
        assert_eq!((error.at, error.message), (offset, message), "{body}");
    }
    assert_eq!(read_strict(b"\"\xff\"").expect_err("an error").at, 1);
    let deep = "[".repeat(100_000);
    assert_eq!(read_strict(deep.as_bytes()).expect_err("deep").at, DEPTH);
}

/// Reads a text as `serde_json` does, whose numbers are bounded.
fn check_like_serde(text: &str) -> Result<(), TestCaseError> {
    match (
        serde_json::from_str::<Value>(text),
        read_strict(text.as_bytes()),
    ) {
        (Ok(value), Ok(node)) => prop_assert_eq!(node.to_value(), value, "{}", text),
        (Err(error), found) => prop_assert!(
            found.is_err() || error.to_string().starts_with("number out of range"),
            "{text} {error}"
        ),
        (Ok(_), Err(error)) => prop_assert!(false, "{text} {error:?}"),
    }
    Ok(())
}

proptest! {
    #[test]
    fn strict_reading_agrees_with_serde_json(
        text in "([\\[\\]{},: \n]|\"[a\\\\u0-9dD/\"\t]{0,7}\"|-?[0-9]{1,3}|[.eE+0]{1,2}|true|false|null|é){0,12}",
    ) {
        check_like_serde(&text)?;
        let _ = read(&text);
        let _ = read_sketch(&text);
    }

    #[test]
    fn strict_reading_agrees_with_serde_json_on_damaged_json(
        at in any::<prop::sample::Index>(),
        byte in "[\\[\\]{},:\"\\\\a0.e-]?",
    ) {
        let mut text = r#"{"a": [1, -2.5e+3, "x\n\u00e9\"", null], "b": {"c": true, "": false}}"#.to_owned();
        let at = at.index(text.len());
        text.replace_range(at..=at, &byte);
        check_like_serde(&text)?;
        if let Ok((_, leniencies)) = read_with_leniencies(&text) {
            prop_assert!(!leniencies.is_empty() || read_strict(text.as_bytes()).is_ok(), "{}", text);
        }
    }
}
