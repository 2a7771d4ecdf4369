//! Properties of all pages and bodies.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::{assert_found, keys, types, user};
use super::*;

#[test]
fn checks_large_bodies() {
    let types = types();
    let keys = user(json!({"isCollection": true}))
        .as_object()
        .expect("an object")
        .clone();
    let page = r#"{"value": [{"name": "x"}]}"#;
    let expectation = Expectation::new(&keys, Some(page), "/a", Against::Page, &types);
    let mut body = String::from("{\"value\": [");
    for index in 0..100_000 {
        write!(body, "{{\"extra{index}\": 1, \"age\": \"x\"}},").expect("a string does not fail");
    }
    body.pop();
    body.push_str("]}");
    let found = check(body.as_bytes(), &expectation, &types, Mode::Shape);
    assert_eq!((found.list.len(), found.more), (100, 100_002 - 100));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|value| json!(value)),
        "[a-z.]{0,4}".prop_map(Value::from),
        Just(json!("...")),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-c@.]{0,3}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn examples_have_their_own_shape(value in any_json(), truncated: bool, exact: bool) {
        let types = types();
        let keys = keys(json!({"truncated": truncated}));
        let text = value.to_string();
        let expectation = Expectation::new(&keys, Some(&text), "/a", Against::Page, &types);
        let mode = if exact { Mode::Exact } else { Mode::Shape };
        let found = check(text.as_bytes(), &expectation, &types, mode);
        prop_assert_eq!(found, Findings::default());
    }

    #[test]
    fn reports_a_removed_member(
        members in prop::collection::btree_map("[a-c]{1,3}", any_json(), 1..5),
        at: prop::sample::Index,
    ) {
        let keys: Vec<&String> = members.keys().collect();
        let key = (*at.get(&keys)).clone();
        let mut object: Map<String, Value> = members.into_iter().collect();
        let page = Value::Object(object.clone()).to_string();
        object.remove(&key);
        let body = Value::Object(object).to_string();
        let types = types();
        let expectation = Expectation::new(&Map::new(), Some(&page), "/a", Against::Page, &types);
        let found = check(body.as_bytes(), &expectation, &types, Mode::Shape);
        assert_found(&found, &[("missing-property", &format!("$.{key}"))]);
    }

    #[test]
    fn checks_any_body_against_any_page(
        page in any_json(),
        body in any_json(),
        name in "(example\\.)?(user|guest|entity|none)|Edm.String",
        collection: bool,
    ) {
        let types = types();
        let keys = keys(json!({"@odata.type": name, "isCollection": collection}));
        for against in [Against::Page, Against::Resource] {
            let page = page.to_string();
            let expectation = Expectation::new(&keys, Some(&page), "/a", against, &types);
            check(body.to_string().as_bytes(), &expectation, &types, Mode::Exact);
        }
    }
}
