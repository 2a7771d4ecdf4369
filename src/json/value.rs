//! JSON that borrows from its text: a check reads each value once and keeps
//! none, so a map for each object would be a waste.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::json::tree::{self, Member, Node, NodeValue, Unreadable};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object, its members in order, repeated ones too.
    Object(Vec<(Text<'a>, Json<'a>)>),
}

/// Reads a body. Nesting is bounded by `serde_json`, at 128.
pub(crate) fn read(body: &[u8]) -> Result<Json<'_>, Unreadable> {
    // What is known to be UTF-8 need not be looked at again string by string.
    let read = match str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    };
    read.map_err(|error| Unreadable::strict(body, &error))
}

/// Reads the values of a documented text, whose ranges are left empty: where a
/// value stands is only asked if something is wrong with it, and strict JSON
/// is read faster without.
pub(crate) fn read_values(text: &str) -> Result<Node<'_>, Unreadable> {
    match serde_json::from_str::<Json<'_>>(text) {
        Ok(json) => Ok(json.into()),
        Err(_) => tree::read(text),
    }
}

impl<'a> From<Json<'a>> for Node<'a> {
    fn from(json: Json<'a>) -> Self {
        let member = |(key, value): (Text<'a>, Json<'a>)| Member {
            key_range: 0..0,
            key: key.0,
            value: value.into(),
        };
        Self {
            range: 0..0,
            value: match json {
                Json::Null => NodeValue::Null,
                Json::Boolean(value) => NodeValue::Boolean(value),
                Json::Number(number) => NodeValue::Number(Some(number)),
                Json::String(text) => NodeValue::String(text),
                Json::Array(elements) => {
                    NodeValue::Array(elements.into_iter().map(Node::from).collect())
                }
                Json::Object(members) => {
                    NodeValue::Object(members.into_iter().map(member).collect())
                }
            },
        }
    }
}

impl<'a> Json<'a> {
    /// The value of an object's member, the last of that key.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        let Self::Object(members) = self else {
            return None;
        };
        members
            .iter()
            .rfind(|(name, _)| name.0 == key)
            .map(|(_, value)| value)
    }
}

/// A string that borrows where it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonVisitor;
        impl<'de> Visitor<'de> for JsonVisitor {
            type Value = Json<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(Json::Boolean(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                // JSON has no number that is not finite.
                Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Json::String(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Json::String(Cow::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element()? {
                    elements.push(element);
                }
                Ok(Json::Array(elements))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }
        deserializer.deserialize_any(JsonVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_serde_json_reads_it() {
        let body = br#"{"a": [1, -2, 2.5, true, null, "\u0064"], "a": {}}"#;
        let Json::Object(members) = read(body).expect("JSON") else {
            panic!("an object");
        };
        assert_eq!(members.len(), 2);
        assert_eq!(
            members[0].1,
            Json::Array(vec![
                Json::Number(1.into()),
                Json::Number((-2).into()),
                Json::Number(Number::from_f64(2.5).expect("finite")),
                Json::Boolean(true),
                Json::Null,
                Json::String("d".into()),
            ])
        );
    }

    #[test]
    fn an_error_has_its_byte() {
        for (body, offset) in [
            ("{\"a\": 1,}", 8),
            ("{\n \"é\": x}", 9),
            ("{} {}", 3),
            ("", 0),
        ] {
            assert_eq!(read(body.as_bytes()).expect_err("an error").at, offset);
        }
        assert!(read(b"\"\xff\"").is_err());
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
    }
}
