//! Tests documented bodies before and after a fix.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::{page_of, page_with};
use super::*;
use crate::check::types::{Mode, Types};
use crate::http::message::{ActualResponse, Content};
use crate::page::extract::extract;
use crate::page::reader::Reader;
use crate::text::source::apply;
use crate::tools::fix::{ObservedCase, fix_page, read_response};

/// JSON as pages show it, with few keys, so that responses contain them too.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        (0..3).prop_map(|value| json!(value)),
        "[a-zé\"\\\\…]{0,3}".prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(vec!["a", "b", "c d", "é'", "@odata.type"]);
        let members = prop::collection::vec((key, inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|elements| json!(elements)),
            members.prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

/// A value with some of its parts replaced or removed.
fn mutated(value: &Value, other: &Value, seed: &mut u64) -> Value {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    match (*seed >> 33) % 8 {
        0 => return other.clone(),
        1 => return json!(null),
        _ => {}
    }
    match value {
        Value::Array(elements) => elements
            .iter()
            .map(|element| mutated(element, other, seed))
            .collect(),
        Value::Object(members) => {
            let members = members.iter().filter_map(|(key, value)| {
                let value = mutated(value, other, seed);
                (!(*seed >> 40).is_multiple_of(5)).then(|| (key.clone(), value))
            });
            members.collect()
        }
        _ => value.clone(),
    }
}

/// The page after its body is fixed by an actual body, and the refusals.
fn fixed_by(text: &str, body: &str, mode: Mode) -> (String, Vec<String>) {
    let page = page_of(text);
    let extracted = extract(&page, None);
    let actual = ActualResponse {
        status: 200,
        body: Content::Whole(body.as_bytes().to_vec()),
        ..ActualResponse::default()
    };
    let types = Types::new(&[]).0;
    let case = &extracted.cases[0];
    let observed = read_response(case, &actual, &types, Some(mode));
    let observed_case = ObservedCase {
        id: case.id.clone(),
        case,
        observed,
    };
    let fix = fix_page(
        &page,
        &Reader::default(),
        &[observed_case],
        &Policies::default(),
    );
    let refusals = fix.refusals.into_iter().map(|refusal| refusal.message);
    (apply(text, &fix.edits), refusals.collect())
}

#[track_caller]
fn check_body(documented: &str, sent: &str, expected: &str) {
    for end in ["\n", "\r\n"] {
        let page = |body: &str| page_with(&format!("HTTP/1.1 200 OK\n\n{body}")).replace('\n', end);
        let (written, refusals) = fixed_by(&page(documented), sent, Mode::Shape);
        assert_eq!(refusals, [""; 0]);
        assert_eq!(written, page(expected));
        assert_eq!(fixed_by(&written, sent, Mode::Shape), (written, vec![]));
    }
}

#[test]
fn fixes_objects_and_arrays() {
    check_body("{ \"v\": [1] }", r#"{"v":"x"}"#, "{ \"v\": \"x\" }");
    check_body("{ \"v\": {\"a\":1} }", r#"{"v":[1]}"#, "{ \"v\": [1] }");
    check_body(
        "{ \"w\":{\"v\": {\"a\":1}} }",
        r#"{"w":{}}"#,
        "{ \"w\":{} }",
    );
    check_body(
        "{\"id\":1,\"owner\":{\"name\":\"Ann\"},\"tags\":[\"x\"]}",
        r#"{"id":1,"owner":null,"tags":null}"#,
        "{\"id\":1,\"owner\":null,\"tags\":null}",
    );
    check_body(
        "{\n  \"id\": \"é\",\n  \"gone\": [1,\n 2],\n  \"last\": 3\n}",
        r#"{"id":7}"#,
        "{\n  \"id\": 7\n}",
    );
    check_body(
        "[{ \"id\": 1 }, { \"id\": 2 }]",
        r#"[{"id": "x"}, {"id": "y"}]"#,
        "[{ \"id\": \"x\" }, { \"id\": \"y\" }]",
    );
}

#[test]
fn refuses_bodies_that_cannot_be_written() {
    let refused = |documented: &str, sent: &str| {
        let text = page_with(&format!("HTTP/1.1 200 OK\n\n{documented}"));
        let (written, refusals) = fixed_by(&text, sent, Mode::Shape);
        assert_eq!(written, text);
        refusals.join("\n")
    };
    let twice = refused("{\"a\": 1, \"a\": 2}", r#"{"a": "x"}"#);
    assert!(
        twice.contains("`$.a`: its path has a duplicate key"),
        "{twice}"
    );
    let fewer = refused(
        "[{\"a\": 1}, {\"a\": 2}, {\"a\": 3}]",
        r#"[{"a": "x"}, {"a": "y"}]"#,
    );
    assert!(fewer.contains("nothing in its place"), "{fewer}");
}

proptest! {
    #[test]
    fn fixed_bodies_are_valid_and_stable(
        (documented, other, mut seed) in (value(), value(), any::<u64>()),
        (is_pretty, is_exact, is_crlf) in any::<(bool, bool, bool)>(),
    ) {
        let sent = mutated(&documented, &other, &mut seed).to_string();
        let body = if is_pretty {
            serde_json::to_string_pretty(&documented).expect("JSON")
        } else {
            documented.to_string()
        };
        let text = page_with(&format!("HTTP/1.1 200 OK\n\n{body}"));
        let text = if is_crlf { text.replace('\n', "\r\n") } else { text };
        let mode = if is_exact { Mode::Exact } else { Mode::Shape };
        let (written, refusals) = fixed_by(&text, &sent, mode);
        // Everything but the body is unchanged.
        let (head, rest) = text.split_at(text.find("200 OK").expect("a status"));
        let tail = &rest[rest.rfind("```").expect("a fence")..];
        prop_assert!(written.starts_with(head) && written.ends_with(tail));
        let case = &extract(&page_of(&written), None).cases[0];
        let now = case.response.as_ref().and_then(|response| response.message.body.as_deref());
        let now: Value = serde_json::from_str(now.expect("a body")).expect("JSON");
        // A whole scalar does not document JSON, an ellipsis stands for any value,
        // and a fix adds no members.
        let is_judged = (documented.is_object() || documented.is_array()) && !body.contains('…');
        if is_exact && refusals.is_empty() && is_judged {
            let sent: Value = serde_json::from_str(&sent).expect("JSON");
            prop_assert_eq!(now, sent);
        }
        let (again, more) = fixed_by(&written, &sent, mode);
        prop_assert_eq!(again, written, "{:?} then {:?}", refusals, more);
    }
}
