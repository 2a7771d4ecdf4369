//! Exact comparison, and documented bodies compared with their resources.

use serde_json::{Value, json};

use super::tests::{assert_found, check_user, keys, types, user};
use super::*;

#[track_caller]
fn check_exact(page: &str, body: &str, expected: &[(&str, &str)]) {
    let types = types();
    let keys = keys(json!({"truncated": true}));
    let expectation = Expectation::new(&keys, Some(page), "/a", Against::Page, &types);
    let found = check(body.as_bytes(), &expectation, &types, Mode::Exact);
    assert_found(&found, expected);
}

#[test]
fn exact_mode_compares_values() {
    check_exact(
        r#"{"a": [1, "x", null, true]}"#,
        r#"{"a": [1.0, "x", null, true]}"#,
        &[],
    );
    check_exact(
        r#"{"a": 1, "b": "x"}"#,
        r#"{"b": "y", "a": 2}"#,
        &[("value", "$.a"), ("value", "$.b")],
    );
    check_exact("9007199254740993", "9007199254740992", &[("value", "$")]);
    check_exact("[1]", "[1, 2]", &[("value", "$")]);
    check_exact("{}", r#"{"a": 1}"#, &[("value", "$.a")]);
    check_exact(
        r#"{"@odata.etag": "x"}"#,
        "{}",
        &[("value", "$['@odata.etag']")],
    );
    // A value with another finding is not reported again.
    check_exact(r#"{"a": 1}"#, "{}", &[("missing-property", "$.a")]);
    check_exact(r#"{"a": 1}"#, r#"{"a": "1"}"#, &[("type-mismatch", "$.a")]);
    check_exact("{\"a\": ...}", "{}", &[("missing-property", "$.a")]);
    check_exact(
        "[1.50, 0.1]",
        "[1.5, 0.1000000000000000055]",
        &[("value", "$[1]")],
    );
    check_exact("1e400", "10e399", &[]);
    check_exact(
        "123456789012345678901",
        "123456789012345678902",
        &[("value", "$")],
    );
}

#[test]
fn exact_mode_allows_any_value_in_place_of_placeholders() {
    for value in [
        "<a>", "{a}", "...", "\"...\"", "\"…\"", "\"<a>\"", "\"{a}\"",
    ] {
        check_exact(&format!("{{\"a\": {value}}}"), "{\"a\": \"x\"}", &[]);
    }
    check_exact("{\"a\": <a>}", "{\"a\": [7]}", &[]);
    let page = r#"{"a": "/items/{id}", "b": "eyJ..."}"#;
    check_exact(page, r#"{"a": "/items/7", "b": "eyJ1"}"#, &[]);
    check_exact(
        page,
        r#"{"a": "/users/7", "b": "x"}"#,
        &[("value", "$.a"), ("value", "$.b")],
    );
    check_exact("{\"a\": 1, ...}", r#"{"a": 1, "b": 2}"#, &[]);
    check_exact(
        "{\"a\": 1, ...}",
        r#"{"a": 2, "b": 2}"#,
        &[("value", "$.a")],
    );
    for body in ["[1, 9]", "[1, 5, 6, 9]"] {
        check_exact("[1, ..., 9]", body, &[]);
    }
    check_exact("[1, ..., 9]", "[1, 5, 6]", &[("value", "$[2]")]);
    check_exact("[1, ..., 9]", "[1]", &[("value", "$")]);
    check_exact("[1, ...]", "[2]", &[("value", "$[0]")]);
}

/// Compares a documented body with its resource.
#[track_caller]
fn check_documented(target: &str, annotation: Value, page: &str, expected: &[(&str, &str)]) {
    let types = types();
    let keys = keys(annotation);
    let expectation = Expectation::new(&keys, Some(page), target, Against::Resource, &types);
    let found = check(page.as_bytes(), &expectation, &types, Mode::Shape);
    assert_found(&found, expected);
}

#[test]
fn compares_documented_bodies_with_their_resource() {
    let page = r#"{"value": [{"host": "x", "extra": 1, "age": "1"}]}"#;
    let wrong = [
        ("undocumented-property", "$.value[0].extra"),
        ("type-mismatch", "$.value[0].age"),
    ];
    let guests = |truncated| json!({"@odata.type": "example.guest", "truncated": truncated});
    check_documented("/a", guests(true), page, &wrong);
    let address = |truncated| json!({"@odata.type": "example.address", "truncated": truncated});
    check_documented(
        "/a",
        address(false),
        "{}",
        &[("missing-property", "$.street")],
    );
    check_documented("/a", address(true), "{}", &[]);
    check_documented("/a", address(false), r#"{"street": "x"}"#, &[]);
    check_documented("/a?$select=city", address(false), "{}", &[]);
    check_documented(
        "/a?$select=id,age",
        guests(false),
        r#"{"id": "1"}"#,
        &[("missing-property", "$.age")],
    );
    // Nullable members and other entities may be missing.
    check_documented(
        "/a?$select=manager,friends,nick,address",
        guests(false),
        "{}",
        &[("missing-property", "$.address")],
    );
}

#[test]
fn documented_strings_may_be_placeholders() {
    let documented = |born: &str, expected: &[(&str, &str)]| {
        let page = json!({"born": born}).to_string();
        check_documented("/a", user(json!({})), &page, expected);
    };
    for placeholder in [
        "<date>",
        "{date}",
        "born-value",
        "String (timestamp)",
        "...",
    ] {
        documented(placeholder, &[]);
    }
    documented("Monday", &[("format-date-time", "$.born")]);
    // Responses have no placeholders.
    check_user(r#"{"born": "<date>"}"#, &[("format-date-time", "$.born")]);
}
