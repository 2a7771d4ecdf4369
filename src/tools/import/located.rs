//! JSON with its places: each key and each value knows where it stands.
//!
//! It is read as API Doctor reads it (by Json.NET): comments, trailing commas,
//! single quotes and keys without quotes are no faults, and of a key that
//! stands twice the last holds.

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// The byte where it begins.
    pub at: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// Null, true, false, a number, or a string.
    Scalar(Value),
    /// An array.
    List(Vec<Node>),
    /// An object's members, each key once.
    Members(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// Its key.
    pub key: String,
    /// The byte where the key begins.
    pub at: usize,
    /// Its value.
    pub value: Node,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The byte at which reading stopped.
    pub at: usize,
    /// What was met there.
    pub message: String,
}

/// Reads a text. The second value names the keys that stand twice.
pub(super) fn read(text: &str) -> Result<(Node, Vec<(usize, String)>), Unreadable> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).map_err(
        |error| Unreadable {
            at: error.range().start,
            message: error.kind().to_string(),
        },
    )?;
    let value = parsed.value.ok_or_else(|| Unreadable {
        at: 0,
        message: "the file is empty".to_owned(),
    })?;
    let mut repeated = Vec::new();
    let node = node(value, &mut repeated);
    Ok((node, repeated))
}

fn node(value: Ast<'_>, repeated: &mut Vec<(usize, String)>) -> Node {
    let at = value.range().start;
    let kind = match value {
        Ast::Array(array) => {
            let elements = array.elements.into_iter();
            Kind::List(elements.map(|value| node(value, repeated)).collect())
        }
        Ast::Object(object) => {
            let mut members: Vec<Member> = Vec::with_capacity(object.properties.len());
            let mut known = std::collections::HashMap::new();
            for property in object.properties {
                let member = Member {
                    at: property.range.start,
                    key: property.name.into_string(),
                    value: node(property.value, repeated),
                };
                if let Some(&index) = known.get(&member.key) {
                    repeated.push((member.at, member.key.clone()));
                    members[index] = member;
                } else {
                    known.insert(member.key.clone(), members.len());
                    members.push(member);
                }
            }
            Kind::Members(members)
        }
        scalar => Kind::Scalar(scalar.into()),
    };
    Node { at, kind }
}

impl Node {
    /// The value, its places aside.
    pub(super) fn value(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => items.iter().map(Self::value).collect(),
            Kind::Members(members) => {
                let members = members.iter();
                let members = members.map(|member| (member.key.clone(), member.value.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_json_net_reads_is_read() {
        let text = "{ // a comment\n  'a': [1, 2,], /* b */ b: null,\n}";
        let (node, repeated) = read(text).expect("read");
        assert_eq!(node.value(), json!({ "a": [1, 2], "b": null }));
        assert_eq!(repeated, []);
        let Kind::Members(members) = node.kind else {
            panic!("an object");
        };
        assert_eq!(members[0].at, text.find("'a'").expect("there"));
        assert_eq!(members[1].value.at, text.find("null").expect("there"));
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_holds() {
        let (node, repeated) = read(r#"{ "a": 1, "b": 2, "a": 3 }"#).expect("read");
        assert_eq!(node.value(), json!({ "a": 3, "b": 2 }));
        assert_eq!(repeated, [(18, "a".to_owned())]);
    }

    #[test]
    fn what_is_no_json_is_placed() {
        let error = read("{ \"a\": }").expect_err("unreadable");
        assert_eq!(error.at, 7);
        assert!(read("").is_err());
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
