//! Tests of each operator, with a response that meets it and one that does not.

use std::time::SystemTime;

use serde_json::json;

use super::*;
use crate::http::message::Headers;
use crate::project::scenario::variables::{Variable, Variables};
use crate::project::scenario::{read, resolve};

/// Reads the expectation from a file and returns what the response does not
/// meet.
#[track_caller]
fn unmet(expect: &str) -> Vec<Unmet> {
    let case = crate::page::case::Case {
        recognised: None,
        id: "a::b".to_owned(),
        name: None,
        page: "a.md".into(),
        line: 1,
        request: crate::http::message::Request {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: Headers::default(),
            body: None,
        },
        response: None,
        annotation: crate::page::case::Annotation::default(),
    };
    let text = format!("scenarios:\n- case: a::b\n  expect: {expect}\n");
    let file = read("a.yaml", &text).expect("a file");
    let known = ["name".to_owned()].into();
    let (scenarios, findings) = resolve(&[file], &[case], &known);
    assert_eq!(findings, [], "{expect}");
    let mut headers = Headers::default();
    headers.push("ETag", "\"7\"");
    headers.push("X-Count", "12");
    headers.push("X-Many", "a");
    headers.push("X-Many", "b");
    let body = json!({
        "s": "text", "n": 1.0, "i": 9_007_199_254_740_993_u64, "b": true, "z": null,
        "a": [1, 2, 3], "o": {"x": 1, "y": [2]}, "list": [{"k": 1}, {"k": 2}],
    })
    .to_string();
    let actual = ParsedResponse::new(201, &headers, body.as_bytes());
    let mut variables = Variables::default();
    variables.capture("name", Variable::text("text"));
    let mut random = || 0;
    let now = SystemTime::UNIX_EPOCH;
    let env = |_: &str| None;
    let files = |_: &str| Err(String::new());
    let mut context = Context::new(&mut variables, &env, &files, now, &mut random);
    let schema = |name: &str, value: &Json| match (name, value.is_object()) {
        ("thing", true) => Ok(()),
        _ => Err(format!("not a {name}")),
    };
    let expectations = &scenarios[0].main.expect;
    let results = expectations.iter().flat_map(|expectation| {
        expectation
            .check(&actual, &mut context, &schema)
            .expect("values")
    });
    results.collect()
}

#[track_caller]
fn met(expect: &str) {
    assert_eq!(unmet(expect), [], "{expect}");
}

#[track_caller]
fn not_met(expect: &str, expected: &str, observed: &str) {
    let unmet = unmet(expect);
    let [unmet] = unmet.as_slice() else {
        panic!("{expect}: {unmet:?}");
    };
    assert_eq!(
        (unmet.expected.as_str(), unmet.observed.as_str()),
        (expected, observed)
    );
    assert_eq!(unmet.line, 3);
}

#[test]
fn checks_status() {
    met("{ status: 201 }");
    met("{ status: 2xx }");
    met("{ status: [404, 2xx] }");
    met("{ status: { one-of: [200, 201], less-than: 202 } }");
    not_met("{ status: 200 }", "200", "201");
    not_met("{ status: 3xx }", "3xx", "201");
    not_met("{ status: [200, 4xx] }", "200 or 4xx", "201");
}

#[test]
fn checks_equals() {
    met("{ $.s: text }");
    met("{ $.s: '${name}' }");
    met("{ $.n: 1 }");
    met("{ $.z: null }");
    met("{ $.a: [1, 2.0, 3] }");
    met("{ $.o: { equals: { y: [2], x: 1.0 } } }");
    met("{ $.i: 9007199254740993 }");
    met("{ 'header:X-Count': 12 }");
    met("{ 'header:etag': '\"7\"' }");
    not_met("{ $.s: Text }", "\"Text\"", "\"text\"");
    not_met("{ $.n: '1' }", "\"1\"", "1.0");
    not_met("{ $.b: 'true' }", "\"true\"", "true");
    not_met("{ $.z: false }", "false", "null");
    not_met("{ $.absent: null }", "null", "nothing");
    not_met("{ $.a: [1, 2] }", "[1,2]", "[1,2,3]");
    not_met(
        "{ $.o: { equals: { x: 1 } } }",
        "{\"x\":1}",
        "{\"x\":1,\"y\":[2]}",
    );
    not_met(
        "{ $.i: 9007199254740992 }",
        "9007199254740992",
        "9007199254740993",
    );
    not_met("{ 'header:X-Count': 12.5 }", "12.5", "\"12\"");
    not_met("{ 'header:X-Many': a }", "\"a\"", "\"b\"");
    not_met("{ '$.list[*].k': 1 }", "1", "2");
}

#[test]
fn checks_one_of_and_matches() {
    met("{ $.s: { one-of: [x, '${name}'] } }");
    not_met(
        "{ $.s: { one-of: [x, y] } }",
        "one of \"x\", \"y\"",
        "\"text\"",
    );
    met("{ $.s: { matches: '^t' } }");
    met("{ $.n: { matches: '^1' } }");
    not_met("{ $.s: { matches: '^x' } }", "a match of `^x`", "\"text\"");
    not_met("{ '$.list[*].k': { matches: '1' } }", "a match of `1`", "2");
}

#[test]
fn checks_exists() {
    met("{ $.z: { exists: true } }");
    met("{ $.absent: { exists: false } }");
    met("{ 'header:X-None': { exists: false } }");
    met("{ '$.list[?@.k > 2]': { exists: false } }");
    not_met("{ $.absent: { exists: true } }", "something", "nothing");
    not_met("{ $.z: { exists: false } }", "nothing", "null");
    not_met("{ 'cookie:a': { exists: true } }", "something", "nothing");
}

#[test]
fn checks_types() {
    for (member, kind) in [
        ("s", "string"),
        ("n", "number"),
        ("n", "integer"),
        ("i", "integer"),
        ("b", "boolean"),
        ("z", "null"),
        ("a", "array"),
        ("o", "object"),
    ] {
        met(&format!("{{ $.{member}: {{ type: {kind} }} }}"));
    }
    not_met(
        "{ $.s: { type: number } }",
        "a value of type number",
        "\"text\"",
    );
    not_met(
        "{ $.z: { type: object } }",
        "a value of type object",
        "null",
    );
    not_met(
        "{ '$.list[*].k': { type: string } }",
        "a value of type string",
        "1",
    );
    not_met(
        "{ '$.none[*]': { type: string } }",
        "a value of type string",
        "nothing",
    );
}

#[test]
fn checks_lengths() {
    met("{ $.s: { length: 4 } }");
    met("{ $.a: { length: { at-least: 3, at-most: 3 } } }");
    met("{ $.o: { length: { at-least: 1 } } }");
    met("{ '$.list[*]': { length: 2 } }");
    met("{ '$.none[*]': { length: 0 } }");
    not_met("{ $.s: { length: 3 } }", "length 3", "length 4");
    not_met(
        "{ $.a: { length: { at-least: 4 } } }",
        "a length of at least 4",
        "length 3",
    );
    not_met(
        "{ $.a: { length: { at-most: 2 } } }",
        "a length of at most 2",
        "length 3",
    );
    not_met("{ '$.list[*]': { length: 1 } }", "length 1", "2 nodes");
    not_met(
        "{ $.n: { length: 1 } }",
        "length 1",
        "1.0, which has no length",
    );
}

#[test]
fn checks_numbers() {
    met("{ $.n: { less-than: 1.5, at-most: 1, greater-than: 0, at-least: 1 } }");
    met("{ 'header:X-Count': { greater-than: 11 } }");
    met("{ $.i: { greater-than: 9007199254740992 } }");
    not_met("{ $.n: { less-than: 1 } }", "less than 1", "1.0");
    not_met("{ $.n: { at-most: 0.5 } }", "at most 0.5", "1.0");
    not_met("{ $.n: { greater-than: 1 } }", "greater than 1", "1.0");
    not_met("{ $.n: { at-least: 2 } }", "at least 2", "1.0");
    not_met(
        "{ $.s: { at-least: 2 } }",
        "at least 2",
        "\"text\", which is not a number",
    );
    not_met(
        "{ $.i: { less-than: 9007199254740993 } }",
        "less than 9007199254740993",
        "9007199254740993",
    );
}

#[test]
fn checks_shapes() {
    met("{ $.o: { schema: thing } }");
    not_met("{ $.a: { schema: thing } }", "a `thing`", "not a thing");
    not_met("{ $.none: { schema: thing } }", "a `thing`", "nothing");
}

#[test]
fn truncates_observed_values() {
    let long = "x".repeat(1000);
    let unmet = unmet(&format!("{{ $.s: {long} }}"));
    assert_eq!(unmet[0].expected.chars().count(), 201);
}
