//! Bodies as a whole: collections, errors, types that are not documented, and
//! what is no JSON.

use serde_json::json;

use super::tests::{assert_found, check_at, types, user};
use super::*;
use crate::text::severity::Severity;

#[test]
fn a_collection_is_one() {
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
    let answer = r#"{"value": [{"name": 1}]}"#;
    check_at(
        "/a",
        users(),
        page,
        answer,
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
    // The page shows one, and does not say so.
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
fn a_collection_is_as_empty_as_the_page_says() {
    let empty = |is_empty| user(json!({"isCollection": true, "isEmpty": is_empty}));
    let wrong = [("collection-empty", "$.value")];
    let (none, one) = (r#"{"value": []}"#, r#"{"value": [{}]}"#);
    check_at("/a", empty(true), none, one, &wrong);
    check_at("/a", empty(true), none, none, &[]);
    check_at("/a", empty(false), one, none, &wrong);
    check_at("/a", empty(false), one, one, &[]);
}

/// An error that the page documents.
#[track_caller]
fn check_error(page: &str, answer: &str, expected: &[(&str, &str)]) {
    let error = json!({"expectError": true, "@odata.type": "example.user"});
    check_at("/a", error, page, answer, expected);
}

#[test]
fn an_error_is_an_object_with_code_and_message() {
    let page = r#"{"error": {"code": "x", "message": "y", "target": "z"}}"#;
    let wrong = |path| [("error-object-expected", path)];
    check_error(
        page,
        r#"{"error": {"code": "x", "message": "y", "target": "z"}}"#,
        &[],
    );
    check_error(page, "[]", &wrong("$"));
    check_error(page, r#"{"code": "x", "message": "y"}"#, &wrong("$.error"));
    check_error(page, r#"{"error": "x"}"#, &wrong("$.error"));
    check_error(
        page,
        r#"{"error": {"code": "x"}}"#,
        &wrong("$.error.message"),
    );
    check_error(
        page,
        r#"{"error": {"code": 1, "message": "y"}}"#,
        &wrong("$.error.code"),
    );
    let missing = [("missing-property", "$.error.target")];
    check_error(
        page,
        r#"{"error": {"code": "x", "message": "y"}}"#,
        &missing,
    );
}

#[test]
fn a_type_that_no_page_documents_is_named() {
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
    // The example alone is the shape.
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
fn a_body_that_is_no_json_gets_one_finding() {
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
    let deep = "[".repeat(200_000);
    for (body, offset) in [("{\"a\": }", 6), ("", 0), ("{} x", 3), (deep.as_str(), 127)] {
        let found = check(body.as_bytes(), &expectation, &types, Mode::Exact);
        assert_found(&found, &[("json-syntax", "$")]);
        assert_eq!(found.list[0].offset, Some(offset));
    }
}

#[test]
fn a_finding_says_what_the_page_says_and_where() {
    let types = types();
    let page = "{\n  \"name\": \"x\",\n  \"state\": \"active\",\n  \"size\": {\"width\": 1}\n}";
    let keys = user(json!({})).as_object().expect("an object").clone();
    let expectation = Expectation::new(&keys, Some(page), "/a", Against::Page, &types);
    let answer = format!(
        "{{\"state\": {:?}, \"size\": 1, \"extra\": 1}}",
        "é".repeat(500)
    );
    let found = check(answer.as_bytes(), &expectation, &types, Mode::Shape);
    let told: Vec<_> = found
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
    let extra = "no such member in example.user";
    assert_eq!(
        told,
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
