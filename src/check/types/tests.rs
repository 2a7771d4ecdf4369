//! Each kind of finding, next to similar bodies without it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::*;
use crate::page::resource::Resource;
use crate::text::source::Span;

pub(super) fn resource(annotation: Value, text: &str) -> Resource {
    let Value::Object(keys) = annotation else {
        panic!("an annotation is an object");
    };
    Resource {
        page: Arc::from("types.md"),
        line: 7,
        block: Span::default(),
        annotation: Span::default(),
        keys,
        text: text.to_owned(),
    }
}

pub(super) fn types() -> Types {
    let resources = [
        resource(
            json!({"@odata.type": "example.entity", "abstract": true, "keyProperty": "id"}),
            r#"{"id": "string (identifier)"}"#,
        ),
        resource(
            json!({
                "@odata.type": "example.user",
                "baseType": "example.entity",
                "optionalProperties": ["nick"],
                "nullableProperties": ["manager"],
            }),
            r##"{
                "name": "String", // a comment
                "nick": "string",
                "age": "Int32",
                "weight": 1.5,
                "isAdmin": true,
                "born": "String (timestamp)",
                "home": "url",
                "key": "Guid",
                "state": "active | blocked",
                "color": "red | ...",
                "tags": ["String"],
                "address": {"@odata.type": "example.address"},
                "manager": {"@odata.type": "#example.user"},
                "friends": [{"@odata.type": "user"}],
                "size": {"width": 1, "height": 1},
                "more": "Lunch",
                "raw": {"@odata.type": "example.Json"},
            }"##,
        ),
        resource(
            json!({"@odata.type": "#example.address", "openType": true}),
            r#"{"street": "string"}"#,
        ),
        resource(
            json!({"@odata.type": "example.guest", "baseType": "example.user"}),
            r#"{"host": "string"}"#,
        ),
        resource(json!({"@odata.type": "example.Json"}), "{}"),
        resource(
            json!({"@odata.type": "example.orphan"}),
            r#"{"toy": "string"}"#,
        ),
        resource(
            json!({"@odata.type": "example.stray", "baseType": "elsewhere.base"}),
            r#"{"a": "string"}"#,
        ),
    ];
    let (types, diagnostics) = Types::new(&resources);
    assert_eq!(diagnostics, []);
    types
}

pub(super) fn keys(annotation: Value) -> Map<String, Value> {
    match annotation {
        Value::Object(keys) => keys,
        _ => panic!("an annotation is an object"),
    }
}

/// Checks the findings of a body as kind and path.
#[track_caller]
pub(super) fn check_at(
    target: &str,
    annotation: Value,
    page: &str,
    body: &str,
    expected: &[(&str, &str)],
) {
    let types = types();
    let keys = keys(annotation);
    let expectation = Expectation::new(&keys, Some(page), target, Against::Page, &types);
    let found = check(body.as_bytes(), &expectation, &types, Mode::Shape);
    assert_found(&found, expected);
}

#[track_caller]
pub(super) fn assert_found(found: &Findings, expected: &[(&str, &str)]) {
    let kinds: Vec<_> = found
        .list
        .iter()
        .map(|finding| (finding.kind.name(), finding.path.as_str()))
        .collect();
    assert_eq!(kinds, expected, "{found:#?}");
}

/// Checks a body against an example without a resource.
#[track_caller]
fn check_example(page: &str, body: &str, expected: &[(&str, &str)]) {
    check_at("/a", json!({"truncated": true}), page, body, expected);
}

/// Checks a body against the resource of a user.
#[track_caller]
pub(super) fn check_user(body: &str, expected: &[(&str, &str)]) {
    let annotation = json!({"@odata.type": "example.user", "truncated": true});
    check_at("/a", annotation, "{}", body, expected);
}

pub(super) fn user(more: Value) -> Value {
    let mut annotation = json!({"@odata.type": "example.user", "truncated": true});
    let all = annotation.as_object_mut().expect("an object");
    all.extend(keys(more));
    annotation
}

#[test]
fn reports_missing_members() {
    let missing = [("missing-property", "$.b")];
    check_example(r#"{"a": 1, "b": 2}"#, r#"{"a": 1}"#, &missing);
    check_example(r#"{"a": 1, "b": 2}"#, r#"{"b": 3, "a": 1}"#, &[]);
    check_example(
        r#"{"a": {"c": 1}}"#,
        r#"{"a": {}}"#,
        &[("missing-property", "$.a.c")],
    );
    check_example(
        r#"{"@odata.etag": "x", "b@odata.count": 1, "...": ""}"#,
        "{}",
        &[],
    );
    let annotation = user(json!({}));
    let page = r#"{"name": "x", "nick": "y", "manager": {}, "other": 1}"#;
    check_at(
        "/a",
        annotation.clone(),
        page,
        r#"{"name": "x", "other": 2}"#,
        &[],
    );
    check_at(
        "/a",
        annotation,
        page,
        r#"{"nick": "y"}"#,
        &[
            ("missing-property", "$.name"),
            ("missing-property", "$.other"),
        ],
    );
    let optional = json!({"optionalProperties": ["b"]});
    check_at("/a", optional, r#"{"a": 1, "b": 2}"#, r#"{"a": 1}"#, &[]);
    let optional = json!({"optionalProperties": ["b"]});
    check_at(
        "/a",
        optional,
        r#"{"a": 1, "b": 2}"#,
        r#"{"b": 1}"#,
        &[("missing-property", "$.a")],
    );
}

#[test]
fn requires_selected_members() {
    let page = r#"{"value": [{"id": "1", "name": "x"}]}"#;
    let annotation = user(json!({"isCollection": true}));
    let body = r#"{"value": [{"id": "1"}]}"#;
    check_at("/a?$select=id", annotation.clone(), page, body, &[]);
    let missing = [("missing-property", "$.value[0].name")];
    check_at(
        "/a?$select=id,name",
        annotation.clone(),
        page,
        body,
        &missing,
    );
    check_at("/a?$top=1", annotation, page, body, &missing);
    check_at(
        "/a?$select=id",
        json!({}),
        r#"{"id": "1", "b": {"name": "x"}, "c": 1}"#,
        r#"{"id": "1", "b": {}}"#,
        &[("missing-property", "$.b.name")],
    );
}

#[test]
fn reports_undocumented_members() {
    let undocumented = [("undocumented-property", "$.extra")];
    check_user(r#"{"name": "x", "extra": 1}"#, &undocumented);
    check_user(
        r#"{"name": "x", "@odata.extra": 1, "name@odata.extra": 1}"#,
        &[],
    );
    // Members of a base, an open type and a derived type.
    check_user(
        r#"{"id": "x", "address": {"street": "a", "extra": 1}, "host": "y"}"#,
        &[],
    );
    check_user(
        r#"{"size": {"depth": 1}}"#,
        &[("undocumented-property", "$.size.depth")],
    );
    check_user(
        r##"{"@odata.type": "#example.guest", "host": "y", "extra": 1}"##,
        &undocumented,
    );
    // The page of the tagged type does not name its base.
    check_user(
        r##"{"@odata.type": "#example.orphan", "toy": "y", "age": "1"}"##,
        &[("type-mismatch", "$.age")],
    );
    let annotation = user(json!({}));
    // The example shows the member, or the request expands it.
    check_at(
        "/a",
        annotation.clone(),
        r#"{"extra": 1}"#,
        r#"{"extra": 2}"#,
        &[],
    );
    check_at("/a?$expand=extra", annotation, "{}", r#"{"extra": 2}"#, &[]);
    let stray = json!({"@odata.type": "example.stray"});
    check_at("/a", stray, "{}", r#"{"extra": 2}"#, &[]);
}

#[test]
fn complete_examples_define_the_shape_without_a_resource() {
    let page = r#"{"a": 1, "b": {"c": 1}, "d": {}}"#;
    let body = r#"{"a": 1, "x": 1, "b": {"c": 1, "y": 1}, "d": {"z": 1}}"#;
    let undocumented = [
        ("undocumented-property", "$.x"),
        ("undocumented-property", "$.b.y"),
    ];
    check_at("/a", json!({}), page, body, &undocumented);
    check_at("/a", json!({"truncated": "true"}), page, body, &[]);
    check_at(
        "/a",
        json!({}),
        r#"{"a": 1, "...": ""}"#,
        r#"{"a": 1, "x": 1}"#,
        &[],
    );
}

#[test]
fn reports_other_types() {
    let wrong = |path| [("type-mismatch", path)];
    check_example(r#"{"a": 1}"#, r#"{"a": "1"}"#, &wrong("$.a"));
    check_example(r#"{"a": 1}"#, r#"{"a": 1.5}"#, &[]);
    check_example(r#"{"a": true}"#, r#"{"a": 0}"#, &wrong("$.a"));
    check_example(r#"{"a": true}"#, r#"{"a": false}"#, &[]);
    check_example(r#"{"a": "..."}"#, r#"{"a": 1}"#, &wrong("$.a"));
    check_example(r#"{"a": {}}"#, r#"{"a": []}"#, &wrong("$.a"));
    check_example(r#"{"a": {}}"#, r#"{"a": {"b": 1}}"#, &[]);
    check_example(r#"{"a": null}"#, r#"{"a": []}"#, &[]);
    check_example("[1]", "{}", &wrong("$"));
    check_user(r#"{"age": 1.5}"#, &wrong("$.age"));
    check_user(r#"{"age": 1.0, "weight": 2, "name": ""}"#, &[]);
    check_user(r#"{"age": "1"}"#, &wrong("$.age"));
    check_user(r#"{"weight": "INF"}"#, &[]);
    check_user(r#"{"weight": "2"}"#, &wrong("$.weight"));
    check_user(r#"{"tags": {}}"#, &wrong("$.tags"));
    check_user(r#"{"address": "x"}"#, &wrong("$.address"));
    check_user(r#"{"isAdmin": "true"}"#, &wrong("$.isAdmin"));
    check_user(r#"{"size": {"width": "1"}}"#, &wrong("$.size.width"));
    check_user(
        r#"{"manager": {"manager": {"age": "1"}}}"#,
        &wrong("$.manager.manager.age"),
    );
    // Unknown declarations allow any value.
    check_user(
        r#"{"more": [1], "raw": [], "manager": {"more": null}}"#,
        &[],
    );
    check_user("[]", &wrong("$"));
}

#[test]
fn checks_array_elements() {
    check_example("[1]", r#"["a"]"#, &[("type-mismatch", "$[0]")]);
    check_example("[1]", r#"["a", "b"]"#, &[("type-mismatch", "$[*]")]);
    check_example(r#"[1, "..."]"#, "[2, 3]", &[]);
    check_example(r#"[1, "a"]"#, r#"["b", 3]"#, &[]);
    check_example(r#"[1, "a"]"#, r#"["b", []]"#, &[("type-mismatch", "$[1]")]);
    check_example("[1]", "[]", &[]);
    check_example("[]", r#"["a", {}]"#, &[]);
    let page = r#"[{"a": 1, "b": 1}, {"a": 1}]"#;
    check_example(page, r#"[{"a": 1}]"#, &[]);
    check_example(
        page,
        r#"[{"b": 1}, {"b": 1}]"#,
        &[("missing-property", "$[*].a")],
    );
    let friends = r#"{"friends": [{"age": 1}, {"age": "x"}]}"#;
    check_user(friends, &[("type-mismatch", "$.friends[1].age")]);
}

#[test]
fn reports_null_unless_it_is_allowed() {
    let null = |path| [("null-value", path)];
    check_example(r#"{"a": "x"}"#, r#"{"a": null}"#, &null("$.a"));
    check_example(r#"{"a": null}"#, r#"{"a": null}"#, &[]);
    check_example("[1]", "[null]", &null("$[0]"));
    check_example("[1, null]", "[null]", &[]);
    check_user(r#"{"name": null}"#, &null("$.name"));
    check_user(r#"{"manager": null}"#, &[]);
    check_user("null", &null("$"));
    let annotation = user(json!({"nullableProperties": ["name"]}));
    let body = r#"{"name": null, "age": null}"#;
    check_at("/a", annotation, "{}", body, &null("$.age"));
}

#[test]
fn checks_declared_formats_and_enumerations() {
    check_user(r#"{"state": "away"}"#, &[("enum-value", "$.state")]);
    check_user(r#"{"state": "active"}"#, &[]);
    check_user(r#"{"state": "active,blocked"}"#, &[]);
    check_user(r#"{"color": "blue"}"#, &[]);
    check_user(
        r#"{"born": "yesterday"}"#,
        &[("format-date-time", "$.born")],
    );
    check_user(r#"{"born": "2020-02-29T00:00:00Z"}"#, &[]);
    check_user(r#"{"home": "here"}"#, &[("format-url", "$.home")]);
    check_user(r#"{"home": "https://example.org"}"#, &[]);
    check_user(r#"{"key": "1"}"#, &[("format-guid", "$.key")]);
    check_user(r#"{"key": "2d26bb4b-5f6b-4f6e-9df0-4c0d1f9f9d5b"}"#, &[]);
    // An example declares no format.
    check_example(r#"{"a": "2020-02-29T00:00:00Z"}"#, r#"{"a": "x"}"#, &[]);
}

#[test]
fn allows_both_sides_of_a_contradiction() {
    let annotation = user(json!({}));
    let page = r#"{"age": "old", "state": "gone", "name": ["x"], "size": "small"}"#;
    for body in [
        r#"{"age": 1, "state": "new", "name": "x", "size": {"width": 1}}"#,
        r#"{"age": "1", "state": "active", "name": ["y"], "size": "large"}"#,
    ] {
        check_at("/a", annotation.clone(), page, body, &[]);
    }
    check_at(
        "/a",
        annotation,
        page,
        r#"{"age": [], "state": 1, "name": {}, "size": 1}"#,
        &[
            ("type-mismatch", "$.age"),
            ("type-mismatch", "$.state"),
            ("type-mismatch", "$.name"),
            ("type-mismatch", "$.size"),
        ],
    );
}

/// A page may leave values open. A response may not.
#[test]
fn placeholders_of_a_page_have_the_declared_type() {
    let wrong = |path| [("type-mismatch", path)];
    for placeholder in ["...", "…", "<age>", "{age}", "Int32", "number..."] {
        let page = format!(r#"{{"age": "{placeholder}"}}"#);
        check_at("/a", user(json!({})), &page, r#"{"age": 7}"#, &[]);
        for sent in ["\"7\"", "\"...\"", "\"…\"", "\"<age>\"", "[]"] {
            let body = format!(r#"{{"age": {sent}}}"#);
            check_at("/a", user(json!({})), &page, &body, &wrong("$.age"));
        }
    }
    for page in ["{\"age\": <age>}", "{\"age\": {age}}", "{\"age\": ...}"] {
        check_at("/a", user(json!({})), page, r#"{"age": 7}"#, &[]);
        check_at(
            "/a",
            user(json!({})),
            page,
            r#"{"age": "..."}"#,
            &wrong("$.age"),
        );
        check_at(
            "/a",
            user(json!({})),
            page,
            "{}",
            &[("missing-property", "$.age")],
        );
    }
    let page = r#"{"born": "<date>", "state": "String"}"#;
    check_at(
        "/a",
        user(json!({})),
        page,
        r#"{"born": "soon", "state": "gone"}"#,
        &[("format-date-time", "$.born"), ("enum-value", "$.state")],
    );
}

#[test]
fn ellipses_in_a_response_are_strings() {
    let wrong = |path| [("type-mismatch", path)];
    for ellipsis in ["...", "…", " ... "] {
        let string = json!(ellipsis).to_string();
        check_example(
            r#"{"a": 1}"#,
            &format!(r#"{{"a": {string}}}"#),
            &wrong("$.a"),
        );
        check_example("[1]", &format!("[{string}]"), &wrong("$[0]"));
        check_example(
            r#"{"a": {"b": 1}}"#,
            &format!(r#"{{"a": {string}}}"#),
            &wrong("$.a"),
        );
        check_example(r#"{"a": 1}"#, &string, &wrong("$"));
        check_user(&string, &wrong("$"));
        check_user(&format!(r#"{{"age": {string}}}"#), &wrong("$.age"));
        check_user(&format!(r#"{{"tags": [{string}]}}"#), &[]);
        let body = format!(r#"{{"a": 1, {string}: 1}}"#);
        let extra = match ellipsis {
            "…" => "$.…".to_owned(),
            ellipsis => format!("$['{ellipsis}']"),
        };
        check_at(
            "/a",
            json!({}),
            r#"{"a": 1}"#,
            &body,
            &[("undocumented-property", &extra)],
        );
    }
}

#[test]
fn placeholders_in_keys_stand_for_members() {
    for key in ["\"{id}\"", "\"<id>\"", "\"...\""] {
        let page = format!("{{\"a\": 1, {key}: {{}}}}");
        check_at("/a", json!({}), &page, r#"{"a": 1, "b": {}, "c": {}}"#, &[]);
        check_at(
            "/a",
            json!({}),
            &page,
            r#"{"b": {}}"#,
            &[("missing-property", "$.a")],
        );
    }
}

#[test]
fn values_without_a_documented_type_may_be_any() {
    for page in ["{\"a\": <a>}", "{\"a\": {a}}", "{\"a\": ...}"] {
        for sent in ["1", "\"x\"", "null", "[]", "{\"b\": 1}"] {
            check_example(page, &format!(r#"{{"a": {sent}}}"#), &[]);
        }
        check_example(page, "{}", &[("missing-property", "$.a")]);
    }
    let page = r#"[{"a": 1}, {"a": <a>}]"#;
    check_example(page, r#"[{"a": "x"}, {"a": null}]"#, &[]);
}

#[test]
fn reports_undocumented_types_of_objects() {
    let wrong = |path| [("type-name", path)];
    let tag = "$['@odata.type']";
    // No resource documents either type.
    let page = r##"{"@odata.type": "#x.a", "id": 1}"##;
    check_example(page, r##"{"@odata.type": "#X.a", "id": 2}"##, &[]);
    check_example(page, r#"{"@odata.type": "x.a", "id": 2}"#, &[]);
    check_example(page, r#"{"id": 2}"#, &[]);
    check_example(
        page,
        r##"{"@odata.type": "#zzz.nope", "any": true}"##,
        &wrong(tag),
    );
    let in_list = r##"{"value": [{"@odata.type": "#x.a", "id": 1}, {"@odata.type": "#x.b"}]}"##;
    check_example(in_list, r##"{"value": [{"@odata.type": "#x.b"}]}"##, &[]);
    check_example(
        in_list,
        r##"{"value": [{"@odata.type": "#x.b"}, {"@odata.type": "#x.c"}]}"##,
        &wrong("$.value[1]['@odata.type']"),
    );
    check_example(
        r##"{"a": {"@odata.type": "#x.a"}}"##,
        r##"{"a": {"@odata.type": "#x.b"}}"##,
        &wrong("$.a['@odata.type']"),
    );
    // A type in the page that is a placeholder, or none.
    check_example(
        r##"{"@odata.type": "#x.{type}"}"##,
        r##"{"@odata.type": "#x.b"}"##,
        &[],
    );
    check_example(r#"{"id": 1}"#, r##"{"@odata.type": "#x.b", "id": 1}"##, &[]);
    // Declared types.
    check_user(r##"{"@odata.type": "#example.user"}"##, &[]);
    check_user(r##"{"@odata.type": "#example.guest"}"##, &[]);
    check_user(r##"{"@odata.type": "#example.entity"}"##, &wrong(tag));
    check_user(r##"{"@odata.type": "#example.nope"}"##, &wrong(tag));
    check_user(
        r##"{"manager": {"@odata.type": "#example.nope"}}"##,
        &wrong("$.manager['@odata.type']"),
    );
    let shown = r##"{"@odata.type": "#example.user"}"##;
    check_at(
        "/a",
        user(json!({})),
        shown,
        r##"{"@odata.type": "#example.guest"}"##,
        &[],
    );
    let address = r##"{"@odata.type": "#example.address"}"##;
    check_at("/a", user(json!({})), shown, address, &wrong(tag));
}

#[test]
fn examples_apply_only_to_their_type() {
    let annotation = json!({"@odata.type": "example.entity", "isCollection": true});
    let page = r##"{"value": [{"@odata.type": "#example.user", "name": "x"}]}"##;
    let guest = r##"{"value": [{"@odata.type": "#example.guest", "host": "x"}]}"##;
    check_at("/a", annotation.clone(), page, guest, &[]);
    let user = r#"{"value": [{"@odata.type": "example.user", "age": "1"}]}"#;
    check_at(
        "/a",
        annotation,
        page,
        user,
        &[
            ("type-mismatch", "$.value[0].age"),
            ("missing-property", "$.value[0].name"),
        ],
    );
}
