//! Types: names, bases, and duplicate resources.

use serde_json::json;

use super::tests::{assert_found, keys, resource};
use super::*;
use crate::page::resource::Resource;

#[track_caller]
fn check_types(resources: &[Resource], expected: &[(&str, usize, usize)]) -> Types {
    let (types, diagnostics) = Types::new(resources);
    let found: Vec<_> = diagnostics
        .iter()
        .map(|finding| (finding.rule.name, finding.start.line, finding.start.column))
        .collect();
    assert_eq!(found, expected, "{diagnostics:#?}");
    types
}

#[test]
fn reports_invalid_resources() {
    let named = || json!({"@odata.type": "example.a"});
    check_types(&[resource(json!({}), "{}")], &[("resource-syntax", 7, 1)]);
    check_types(
        &[resource(named(), "{\n \"a\": x\n}")],
        &[("resource-syntax", 9, 7)],
    );
    check_types(&[resource(named(), "1")], &[("resource-syntax", 7, 1)]);
    let types = check_types(
        &[resource(json!({"@type": "example.a"}), "[{\"a\": 1}]")],
        &[],
    );
    assert!(types.find("example.a").is_some());
}

#[test]
fn merges_resources_of_one_type() {
    let name = || json!({"@odata.type": "example.a"});
    let types = check_types(
        &[
            resource(name(), r#"{"a": "string", "b": "string", "c": 1}"#),
            resource(
                json!({"@odata.type": "#Example.A"}),
                r#"{"b": "Int32", "c": 2, "d": 1}"#,
            ),
        ],
        &[("duplicate-resource", 7, 1)],
    );
    let expectation = Expectation::new(&keys(name()), None, "/a", Against::Page, &types);
    let body = br#"{"a": 1, "b": [], "c": "x", "d": "x", "e": 1}"#;
    let found = check(body, &expectation, &types, Mode::Shape);
    assert_found(
        &found,
        &[
            ("type-mismatch", "$.a"),
            ("type-mismatch", "$.c"),
            ("type-mismatch", "$.d"),
            ("undocumented-property", "$.e"),
        ],
    );
}

#[test]
fn finds_types_by_shortened_names() {
    let types = check_types(
        &[
            resource(json!({"@odata.type": "one.graph.user"}), "{}"),
            resource(
                json!({"@odata.type": "two.graph.group", "@type.aka": "old.team"}),
                "{}",
            ),
            resource(json!({"@odata.type": "three.group"}), "{}"),
        ],
        &[],
    );
    let name = |name| types.find(name).map(|id| types.name(id));
    assert_eq!(name("#one.graph.user"), Some("one.graph.user"));
    assert_eq!(name("graph.User"), Some("one.graph.user"));
    assert_eq!(name("Collection(user)"), Some("one.graph.user"));
    assert_eq!(name("v1.one.graph.user"), Some("one.graph.user"));
    assert_eq!(name("old.team"), Some("two.graph.group"));
    assert_eq!(name("one.user"), None);
    assert_eq!(name("raph.user"), None);
    assert_eq!(name("group"), None, "the name is ambiguous");
    assert_eq!(name("graph.group"), Some("two.graph.group"));
}

#[test]
fn tolerates_inheritance_cycles() {
    let types = check_types(
        &[
            resource(json!({"@odata.type": "a", "baseType": "b"}), r#"{"x": 1}"#),
            resource(json!({"@odata.type": "b", "baseType": "a"}), r#"{"y": 1}"#),
            resource(json!({"@odata.type": "c", "baseType": "c"}), "{}"),
        ],
        &[],
    );
    let keys = keys(json!({"@odata.type": "a"}));
    let expectation = Expectation::new(&keys, None, "/a", Against::Page, &types);
    let found = check(
        br#"{"x": 1, "y": "1", "z": 1}"#,
        &expectation,
        &types,
        Mode::Shape,
    );
    assert_found(
        &found,
        &[("type-mismatch", "$.y"), ("undocumented-property", "$.z")],
    );
}
