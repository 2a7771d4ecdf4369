//! A JSON text as a tree that knows where each part of it stands. Read as
//! leniently as annotations are: comments, trailing commas.

use std::borrow::Cow;
use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Number, Value};

pub(crate) use super::lenient::Unreadable;

/// A value and its bytes in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// The bytes of the value.
    pub range: Range<usize>,
    /// The value.
    pub value: NodeValue<'a>,
}

/// A JSON value (RFC 8259, 3).
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number; none where it stands in a form that JSON has not.
    Number(Option<Number>),
    /// A string, its escapes resolved.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// An object, its members in the order of the text, repeated ones too.
    Object(Vec<Member<'a>>),
}

impl Node<'_> {
    /// The value, without its places. Of a repeated member the last counts.
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Boolean(value) => Value::Bool(*value),
            NodeValue::Number(number) => number.clone().map_or(Value::Null, Value::Number),
            NodeValue::String(text) => Value::String(text.to_string()),
            NodeValue::Array(items) => items.iter().map(Node::to_json).collect(),
            NodeValue::Object(members) => members
                .iter()
                .map(|member| (member.key.to_string(), member.value.to_json()))
                .collect(),
        }
    }
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// The bytes of its key.
    pub key_range: Range<usize>,
    /// Its key, escapes resolved.
    pub key: Cow<'a, str>,
    /// Its value.
    pub value: Node<'a>,
}

/// Reads a JSON text. Its nesting is bounded.
pub(crate) fn read(text: &str) -> Result<Node<'_>, Unreadable> {
    let options = ParseOptions {
        allow_non_finite_numbers: false,
        ..ParseOptions::default()
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options);
    match parsed {
        Ok(parsed) => parsed.value.map(node).ok_or_else(|| Unreadable {
            at: text.len(),
            message: "there is no value".to_owned(),
        }),
        Err(error) => Err(super::lenient::unreadable(text, &error)),
    }
}

pub(super) fn node(value: ast::Value<'_>) -> Node<'_> {
    let range = value.range();
    Node {
        range: range.start..range.end,
        value: match value {
            ast::Value::NullKeyword(_) => NodeValue::Null,
            ast::Value::BooleanLit(literal) => NodeValue::Boolean(literal.value),
            ast::Value::NumberLit(literal) => NodeValue::Number(literal.value.parse().ok()),
            ast::Value::StringLit(literal) => NodeValue::String(literal.value),
            ast::Value::Array(array) => {
                NodeValue::Array(array.elements.into_iter().map(node).collect())
            }
            ast::Value::Object(object) => {
                NodeValue::Object(object.properties.into_iter().map(member).collect())
            }
        },
    }
}

fn member(property: ast::ObjectProp<'_>) -> Member<'_> {
    let range = property.name.range();
    Member {
        key_range: range.start..range.end,
        key: match property.name {
            ast::ObjectPropName::String(literal) => literal.value,
            ast::ObjectPropName::Word(word) => Cow::Borrowed(word.value),
        },
        value: node(property.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_knows_its_bytes() {
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
    fn a_tree_has_the_value_of_its_text() {
        for text in [
            r#"{"a": [1, -2.5, null, true], "b": {"c": "d\n"}}"#,
            r#"{"a": 1, "a": [2]}"#,
            "\"a\"",
        ] {
            let strict: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(read(text).expect("readable").to_json(), strict, "{text}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in [
            "{\"a\": NaN}",
            "",
            "// a",
            "{",
            "[1] [2]",
            "{\"a\": ...}",
            "{\"a\": b}",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(read(&deep).is_err());
    }
}
