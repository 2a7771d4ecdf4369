//! Properties of all pages and bodies.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::{assert_found, keys, types, user};
use super::*;
use crate::text::severity::Severity;

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

/// JSON whose strings match a pattern.
fn any_json(strings: &'static str) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|value| json!(value)),
        strings.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-c@.]{0,3}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A documented value.
#[derive(Debug, Clone)]
enum Shown {
    /// A number, a string or a boolean.
    Scalar(Value),
    /// A placeholder or an ellipsis, for any value.
    Any(&'static str),
    /// Elements of one type.
    List(Vec<Value>),
    /// Members, and whether there are more.
    Object(Vec<(String, Shown)>, bool),
}

fn any_shown() -> impl Strategy<Value = Shown> {
    let scalar = || {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z ]{0,6}".prop_map(Value::from),
        ]
    };
    let leaf = prop_oneof![
        3 => scalar().prop_map(Shown::Scalar),
        1 => prop::sample::select(vec!["<name>", "{user-id}", "{{ id }}", "...", "…"])
            .prop_map(Shown::Any),
        1 => prop::collection::vec(any::<i32>().prop_map(Value::from), 1..4).prop_map(Shown::List),
    ];
    let object = |inner| {
        let members = prop::collection::btree_map("[a-d]{1,2}", inner, 1..4);
        (members, any::<bool>())
            .prop_map(|(members, more)| Shown::Object(members.into_iter().collect(), more))
    };
    object(
        leaf.prop_recursive(4, 24, 4, move |inner| object(inner.boxed()))
            .boxed(),
    )
}

impl Shown {
    fn page(&self) -> String {
        match self {
            Self::Scalar(value) => value.to_string(),
            Self::Any(text) => (*text).to_owned(),
            Self::List(values) => Value::from(values.clone()).to_string(),
            Self::Object(members, has_more) => {
                let members = members.iter();
                let members = members.map(|(key, shown)| format!("{key:?}: {}", shown.page()));
                let more = has_more.then(|| "...".to_owned());
                format!("{{{}}}", members.chain(more).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// What a service sends that keeps its word.
    fn sent(&self, mode: Mode, any: &Value) -> Value {
        match self {
            Self::Scalar(value) if mode == Mode::Exact => value.clone(),
            Self::Scalar(value) => other(value),
            Self::Any(_) => any.clone(),
            Self::List(values) if mode == Mode::Exact => values.clone().into(),
            Self::List(values) => values.iter().chain(values).map(other).collect(),
            Self::Object(members, has_more) => {
                let members = members.iter();
                let members = members.map(|(key, shown)| (key.clone(), shown.sent(mode, any)));
                let more = has_more.then(|| ("more".to_owned(), any.clone()));
                Value::Object(members.chain(more).collect())
            }
        }
    }

    /// The responses that break one documented fact each.
    fn broken(&self, mode: Mode, sent: &Value) -> Vec<Value> {
        let of_type = |value: &Value| {
            let mut others = vec![Value::Null, json!({"x": 1}), json!([[]])];
            others.push(if value.is_string() {
                json!(7)
            } else {
                json!("...")
            });
            if mode == Mode::Exact {
                others.push(other(value));
            }
            others
        };
        match (self, sent) {
            (Self::Scalar(value), _) => of_type(value),
            (Self::List(_), Value::Array(values)) => {
                let mut broken = vec![json!("..."), json!({}), Value::Null];
                for (index, value) in values.iter().enumerate() {
                    broken.extend(of_type(value).into_iter().map(|value| {
                        let mut values = values.clone();
                        values[index] = value;
                        values.into()
                    }));
                }
                if mode == Mode::Exact {
                    broken.push(values.iter().skip(1).cloned().collect());
                }
                broken
            }
            (Self::Object(members, _), Value::Object(sent)) => {
                let mut broken = vec![json!("..."), json!([]), Value::Null];
                for (key, shown) in members {
                    let mut without = sent.clone();
                    without.remove(key);
                    broken.push(without.into());
                    broken.extend(shown.broken(mode, &sent[key]).into_iter().map(|value| {
                        let mut with = sent.clone();
                        with.insert(key.clone(), value);
                        with.into()
                    }));
                }
                broken
            }
            _ => Vec::new(),
        }
    }
}

/// Another value of the same type.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(value) => json!(!value),
        Value::Number(number) => json!(number.as_i64().unwrap_or_default() + 1),
        value => json!(format!("{}!", value.as_str().unwrap_or_default())),
    }
}

/// The members of a user, a value of each one's declared type, and placeholders
/// for it.
const MEMBERS: [(&str, &str, &[&str]); 8] = [
    (
        "name",
        "\"x\"",
        &["\"String\"", "\"<name>\"", "<name>", "..."],
    ),
    (
        "age",
        "7",
        &["\"Int32\"", "\"{age}\"", "{age}", "\"...\"", "…"],
    ),
    ("weight", "1.5", &["\"number\"", "<weight>", "\"…\""]),
    (
        "isAdmin",
        "true",
        &["\"boolean\"", "\"<true | false>\"", "{isAdmin}"],
    ),
    (
        "born",
        "\"2020-02-29T00:00:00Z\"",
        &["\"String (timestamp)\"", "\"<date>\"", "<date>"],
    ),
    (
        "state",
        "\"active\"",
        &["\"active | blocked\"", "\"{state}\"", "{state}"],
    ),
    (
        "tags",
        "[\"a\"]",
        &["\"...\"", "[\"...\"]", "[...]", "<tags>"],
    ),
    (
        "size",
        "{\"width\": 1, \"height\": 2}",
        &["\"...\"", "{...}", "{ size }", "\"<size>\""],
    ),
];

fn sent_with(changed: Option<(&str, &str)>) -> String {
    let members = MEMBERS.iter().map(|(key, value, _)| match changed {
        Some((name, other)) if name == *key => format!("{key:?}: {other}"),
        _ => format!("{key:?}: {value}"),
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

fn has_errors(page: &str, keys: &Map<String, Value>, body: &str, mode: Mode) -> bool {
    let types = types();
    let expectation = Expectation::new(keys, Some(page), "/a", Against::Page, &types);
    assert_eq!(expectation.unreadable(), None, "{page}");
    let found = check(body.as_bytes(), &expectation, &types, mode);
    let mut kinds = found.list.iter().map(|finding| finding.kind.severity());
    kinds.any(|severity| severity == Severity::Error)
}

proptest! {
    /// A service that sends what the page documents conforms, and each documented
    /// fact that it breaks is found.
    #[test]
    fn documented_facts_decide(shown in any_shown(), any in any_json("[a-z.]{0,4}"), exact: bool) {
        let mode = if exact { Mode::Exact } else { Mode::Shape };
        let page = shown.page();
        let keys = Map::new();
        let sent = shown.sent(mode, &any);
        prop_assert!(!has_errors(&page, &keys, &sent.to_string(), mode), "{page} {sent}");
        for broken in shown.broken(mode, &sent) {
            prop_assert!(has_errors(&page, &keys, &broken.to_string(), mode), "{page} {broken}");
        }
    }

    /// The same where a resource declares what placeholders stand for.
    #[test]
    fn placeholders_have_their_declared_type(
        picked in prop::collection::vec(any::<prop::sample::Index>(), MEMBERS.len()),
        exact: bool,
    ) {
        let mode = if exact { Mode::Exact } else { Mode::Shape };
        let shown = MEMBERS.iter().zip(&picked).map(|((key, _, placeholders), index)| {
            format!("{key:?}: {}", index.get(placeholders))
        });
        let page = format!("{{{}}}", shown.collect::<Vec<_>>().join(", "));
        let keys = keys(json!({"@odata.type": "example.user"}));
        // In exact mode, the name of a type is a value.
        let names = ["String", "Int32", "number", "boolean", "timestamp", "active |"];
        let has_name = names.iter().any(|name| page.contains(name));
        let is_right = !has_errors(&page, &keys, &sent_with(None), mode);
        prop_assert!(is_right || (exact && has_name), "{page}");
        for (key, value, _) in MEMBERS {
            let other = if value.starts_with('"') { "7" } else { "\"...\"" };
            for wrong in [other, "null", "[[]]"] {
                let body = sent_with(Some((key, wrong)));
                prop_assert!(has_errors(&page, &keys, &body, mode), "{page} {body}");
            }
        }
        for tag in ["#example.nope", "#zzz.user", "#example.entity"] {
            let body = sent_with(None).replacen('{', &format!("{{\"@odata.type\": {tag:?}, "), 1);
            prop_assert!(has_errors(&page, &keys, &body, mode), "{page} {body}");
        }
    }

    #[test]
    fn examples_have_their_own_shape(value in any_json("[a-z]{0,4}"), truncated: bool, exact: bool) {
        let types = types();
        let keys = keys(json!({"truncated": truncated}));
        let text = value.to_string();
        let expectation = Expectation::new(&keys, Some(&text), "/a", Against::Page, &types);
        let mode = if exact { Mode::Exact } else { Mode::Shape };
        let found = check(text.as_bytes(), &expectation, &types, mode);
        prop_assert_eq!((found.list, found.more), (Vec::new(), 0));
    }

    #[test]
    fn reports_a_removed_member(
        members in prop::collection::btree_map("[a-c]{1,3}", any_json("[a-z]{0,4}"), 1..5),
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
        page in any_json("[a-z.]{0,4}"),
        body in any_json("[a-z.]{0,4}"),
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
