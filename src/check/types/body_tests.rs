//! Whole bodies: collections, errors, undocumented types, and invalid JSON.

use serde_json::json;

use super::tests::{assert_found, check_at, types, user};
use super::*;
use crate::text::severity::Severity;

#[test]
fn checks_collections() {
    let expected = |path| [("collection-expected", path)];
    let users = || user(json!({"isCollection": true}));
    let page = r#"{"value": [{"name": "x"}]}"#;
    check_at(
        "/a",
        users(),
        page,
        r#"{"name": "x"}"#,
        &expected("$.value"),
    );
    check_at(
        "/a",
        users(),
        page,
        r#"{"value": {}}"#,
        &expected("$.value"),
    );
    check_at("/a", users(), page, "[]", &expected("$.value"));
    check_at(
        "/a",
        users(),
        page,
        r#"{"value": [], "@odata.nextLink": "x"}"#,
        &[],
    );
    let body = r#"{"value": [{"name": 1}]}"#;
    check_at(
        "/a",
        users(),
        page,
        body,
        &[("type-mismatch", "$.value[0].name")],
    );
    let named = json!({"@odata.type": "Collection(graph.example.user)", "truncated": true});
    check_at("/a", named, page, r#"{"value": 1}"#, &expected("$.value"));
    let items = json!({"isCollection": true, "collectionProperty": "items"});
    check_at(
        "/a",
        items.clone(),
        r#"{"items": []}"#,
        r#"{"value": []}"#,
        &expected("$.items"),
    );
    check_at("/a", items, r#"{"items": []}"#, r#"{"items": []}"#, &[]);
    check_at("/a", users(), "[]", "{}", &expected("$"));
    check_at("/a", users(), "[]", "[]", &[]);
    // The page shows a collection without `isCollection`.
    let plain = || user(json!({}));
    check_at(
        "/a",
        plain(),
        page,
        r#"{"value": [{"name": "x", "age": "1"}]}"#,
        &[("type-mismatch", "$.value[0].age")],
    );
    check_at(
        "/a",
        plain(),
        r#"{"value": {"name": "x"}}"#,
        r#"{"value": {"name": 1}}"#,
        &[("type-mismatch", "$.value.name")],
    );
}

#[test]
fn checks_whether_a_collection_is_empty() {
    let empty = |is_empty| user(json!({"isCollection": true, "isEmpty": is_empty}));
    let wrong = [("collection-empty", "$.value")];
    let (none, one) = (r#"{"value": []}"#, r#"{"value": [{}]}"#);
    check_at("/a", empty(true), none, one, &wrong);
    check_at("/a", empty(true), none, none, &[]);
    check_at("/a", empty(false), one, none, &wrong);
    check_at("/a", empty(false), one, one, &[]);
}

/// Checks a body against a documented error.
#[track_caller]
fn check_error(page: &str, body: &str, expected: &[(&str, &str)]) {
    let error = json!({"expectError": true, "@odata.type": "example.user"});
    check_at("/a", error, page, body, expected);
}

#[test]
fn errors_are_objects_with_an_error() {
    let page = r#"{"error": {"code": "x", "message": "y", "target": "z"}}"#;
    let wrong = |path| [("error-object-expected", path)];
    check_error(
        page,
        r#"{"error": {"code": "x", "message": "y", "target": "z"}}"#,
        &[],
    );
    check_error(page, "[]", &wrong("$"));
    check_error(page, r#"{"code": "x", "message": "y"}"#, &wrong("$.error"));
    check_error(page, r#"{"error": null}"#, &wrong("$.error"));
    // The members of the error are those that the page shows.
    for plain in [
        r#"{"error": {"message": "y"}}"#,
        r#"{"error": {"code": 7, "details": []}}"#,
        r#"{"error": "invalid_grant", "error_description": "y"}"#,
        r#"{"error": {}}"#,
    ] {
        check_error(plain, plain, &[]);
    }
    check_error(page, r#"{"error": "x"}"#, &[("type-mismatch", "$.error")]);
    check_error(
        page,
        r#"{"error": {"code": 1, "message": "y", "target": "z"}}"#,
        &[("type-mismatch", "$.error.code")],
    );
    let missing = [("missing-property", "$.error.target")];
    check_error(
        page,
        r#"{"error": {"code": "x", "message": "y"}}"#,
        &missing,
    );
}

#[test]
fn reports_undocumented_types() {
    let unknown = [("unknown-resource", "$")];
    let annotation = |name: &str| json!({"@odata.type": name});
    check_at("/a", annotation("example.unheard"), "{}", "{}", &unknown);
    check_at(
        "/a",
        annotation("Collection(example.unheard)"),
        r#"{"value": []}"#,
        r#"{"value": []}"#,
        &unknown,
    );
    for known in [
        "example.USER",
        "#example.user",
        "user",
        "my.example.user",
        "Edm.String",
        "stream",
    ] {
        check_at(
            "/a",
            annotation(known),
            r#"{"value": "x"}"#,
            r#"{"value": "y"}"#,
            &[],
        );
    }
    // Only the example is left to compare with.
    check_at(
        "/a",
        annotation("example.unheard"),
        r#"{"a": 1}"#,
        r#"{"b": 1}"#,
        &[
            ("unknown-resource", "$"),
            ("undocumented-property", "$.b"),
            ("missing-property", "$.a"),
        ],
    );
}

#[test]
fn reports_invalid_json_once() {
    let types = types();
    let expectation = Expectation::new(
        &user(json!({"isCollection": true}))
            .as_object()
            .expect("an object")
            .clone(),
        Some("{}"),
        "/a",
        Against::Page,
        &types,
    );
    for (body, observed) in [
        ("{\"a\": }", "invalid JSON: expected a value at byte 6"),
        ("", "empty"),
        (
            "{} x",
            "invalid JSON: expected the end of the text at byte 3",
        ),
    ] {
        let found = check(body.as_bytes(), &expectation, &types, Mode::Exact);
        assert_found(&found, &[("json-syntax", "$")]);
        assert_eq!(found.list[0].observed.as_deref(), Some(observed));
    }
    let deep = "[".repeat(200_000);
    let found = check(deep.as_bytes(), &expectation, &types, Mode::Exact);
    assert_eq!((found.list.len(), found.is_too_deep), (0, true));
}

#[test]
fn findings_have_the_documented_value_and_its_place() {
    let types = types();
    let page = "{\n  \"name\": \"x\",\n  \"state\": \"active\",\n  \"size\": {\"width\": 1}\n}";
    let keys = user(json!({})).as_object().expect("an object").clone();
    let expectation = Expectation::new(&keys, Some(page), "/a", Against::Page, &types);
    let body = format!(
        "{{\"state\": {:?}, \"size\": 1, \"extra\": 1}}",
        "é".repeat(500)
    );
    let found = check(body.as_bytes(), &expectation, &types, Mode::Shape);
    let details: Vec<_> = found
        .list
        .iter()
        .map(|finding| {
            let place = finding.place.clone().map(|place| &page[place]);
            (
                finding.kind.name(),
                finding.documented.as_str(),
                place,
                finding.severity,
            )
        })
        .collect();
    let error = Severity::Error;
    let extra = "not in example.user";
    assert_eq!(
        details,
        [
            (
                "enum-value",
                "\"active\" | \"blocked\"",
                Some("\"state\": \"active\""),
                error
            ),
            ("type-mismatch", "object", Some("\"size\""), error),
            ("undocumented-property", extra, None, Severity::Warning),
            ("missing-property", "string", Some("\"name\": \"x\""), error),
        ]
    );
    assert_eq!(found.list[1].observed.as_deref(), Some("number"));
    assert!(
        found.list[0]
            .observed
            .as_ref()
            .expect("a value")
            .chars()
            .count()
            < 70
    );
}
