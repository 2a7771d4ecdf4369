//! An answered body, judged while it is read: most are right, and need not be
//! kept as a whole to know that. What is wrong, or cannot be told in one pass,
//! is read and judged again.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::declared::TAG;
use super::expectation::Expectation;
use super::finding::At;
use super::registry::Types;
use super::walk::{Layout, Told, Walk};
use crate::json::value::{Json, Text};

/// Whether a body is JSON of which there is nothing to find. A `false` only
/// says that it has to be looked at as a whole.
pub(super) fn is_right(body: &[u8], expectation: &Expectation<'_>, types: &Types) -> bool {
    // What an object says of its type may stand behind what that says of.
    let has_tags = || memchr::memmem::find(body, TAG.as_bytes()).is_some();
    if expectation.is_error || expectation.unknown.is_some() || has_tags() {
        return false;
    }
    let Ok(text) = str::from_utf8(body) else {
        return false;
    };
    let mut walk = Walk::new(types, expectation);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Value {
        walk: &mut walk,
        at: &At::ROOT,
        told: Told::of_body(expectation),
        layout: None,
        collection: expectation.collection.as_deref(),
    };
    let Ok(elements) = value.deserialize(&mut reader) else {
        return false;
    };
    let is_collection = || match (elements, expectation.is_empty) {
        (Some(elements), Some(is_empty)) => (elements == 0) == is_empty,
        (elements, _) => elements.is_some(),
    };
    reader.end().is_ok()
        && walk.found.is_empty()
        && (expectation.collection.is_none() || is_collection())
}

/// A value that is about to be read. It gives the number of its elements, if it
/// is an array, or of those of its `collection`.
struct Value<'s, 'b, 'w> {
    walk: &'s mut Walk<'w>,
    at: &'s At<'s>,
    told: Told<'w>,
    layout: Option<&'s mut Layout<'b, 'w>>,
    collection: Option<&'w str>,
}

impl<'w> Value<'_, '_, 'w> {
    /// Judges the type of the value, for which one without members or elements
    /// stands in.
    fn typed<E: Error>(&mut self, stand_in: &Json<'_>) -> Result<Told<'w>, E> {
        let told = self.walk.typed(stand_in, self.at, self.told);
        told.ok_or_else(|| E::custom("another type"))
    }

    fn scalar<E: Error>(self, value: &Json<'_>) -> Result<Option<usize>, E> {
        if let Some(told) = self.walk.typed(value, self.at, self.told)
            && let Json::String(text) = value
        {
            self.walk.text(text, self.at, told);
        }
        if self.walk.found.is_empty() {
            Ok(None)
        } else {
            Err(E::custom("something to find"))
        }
    }
}

impl<'b> DeserializeSeed<'b> for Value<'_, 'b, '_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'b>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'b> Visitor<'b> for Value<'_, 'b, '_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.scalar(&Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.scalar(&Json::Boolean(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.scalar(&Json::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.scalar(&Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.scalar(&Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.scalar(&Json::String(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'b>>(mut self, mut seq: A) -> Result<Self::Value, A::Error> {
        let told = self.typed(&Json::Array(Vec::new()))?.of_elements();
        let mut layout = Layout::new();
        let mut index = 0;
        while seq
            .next_element_seed(Value {
                walk: self.walk,
                at: &self.at.index(index),
                told,
                layout: Some(&mut layout),
                collection: None,
            })?
            .is_some()
        {
            index += 1;
        }
        Ok(Some(index))
    }

    fn visit_map<A: MapAccess<'b>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let told = self.typed(&Json::Object(Vec::new()))?;
        let mut layout = self.layout.filter(|_| told.is_by(self.told));
        let mut inside = self.walk.inside(None, told);
        let mut elements = None;
        let mut index = 0;
        while let Some(Text(key)) = map.next_key()? {
            let Cow::Borrowed(key) = key else {
                return Err(A::Error::custom("a key with an escape, which may be a tag"));
            };
            let named = self.walk.named(&inside, key, index, layout.as_deref_mut());
            if let Some(told) = inside.told(&named) {
                let counted = map.next_value_seed(Value {
                    walk: self.walk,
                    at: &self.at.key(key),
                    told,
                    layout: None,
                    collection: None,
                })?;
                // Of a repeated key the last holds.
                if self.collection == Some(key) {
                    elements = counted;
                }
            } else {
                let value = map.next_value()?;
                self.walk.undocumented(key, &value, self.at, &inside);
                if !self.walk.found.is_empty() {
                    return Err(A::Error::custom("something to find"));
                }
            }
            index += 1;
        }
        self.walk.missing(&inside, self.at);
        Ok(elements)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::check::types::tests::types;
    use crate::check::types::{Against, Mode, check_whole};

    const PAGE: &str = r#"{"value": [{"name": "x", "age": 1, "size": {"width": 1}}]}"#;

    /// Whether a body is right at the first reading. It is never so where the
    /// second one finds something.
    #[track_caller]
    fn check(annotation: &serde_json::Value, body: &str, expected: bool) {
        let types = types();
        let keys: Map<_, _> = annotation.as_object().expect("an object").clone();
        let expectation = Expectation::new(&keys, Some(PAGE), "/a", Against::Page, &types);
        let found = check_whole(body.as_bytes(), &expectation, &types, Mode::Shape);
        let is_right = is_right(body.as_bytes(), &expectation, &types);
        assert_eq!(is_right, expected, "{body}: {found:?}");
        assert!(!is_right || found.list.is_empty(), "{body}: {found:?}");
    }

    fn users(more: &str) -> String {
        let user = r#"{"name": "x", "age": 1, "size": {"width": 2}}"#;
        format!(r#"{{"value": [{user}, {user}{more}]}}"#)
    }

    #[test]
    fn the_first_reading_finds_what_the_second_does() {
        let user = || json!({"@odata.type": "example.user", "isCollection": true});
        check(&user(), &users(""), true);
        check(&user(), r#"{"value": []}"#, true);
        let other_order = r#", {"size": {"width": 2}, "age": 1, "nick": "y", "name": "x"}"#;
        check(&user(), &users(other_order), true);
        for wrong in [
            r#", {"name": "x", "age": "1", "size": {"width": 2}}"#,
            r#", {"name": "x", "age": 1.5, "size": {"width": 2}}"#,
            r#", {"name": null, "age": 1, "size": {"width": 2}}"#,
            r#", {"name": "x", "age": 1, "size": {"width": 2}, "state": "lost"}"#,
            r#", {"name": "x", "age": 1, "size": {"depth": 2, "width": 2}}"#,
            r#", {"name": "x", "age": 1, "size": {"width": 2}, "extra": 2}"#,
            r#", {"name": "x", "age": 1}"#,
            ", {}",
            ", 1",
            ",",
        ] {
            check(&user(), &users(wrong), false);
        }
        for wrong in ["", "[]", "{}", "{\"value\": {}}", "{\"value\": []} x"] {
            check(&user(), wrong, false);
        }
        let repeated = r#"{"value": [], "value": {}}"#;
        check(&user(), repeated, false);
    }

    #[test]
    fn a_collection_is_as_empty_as_it_is_said_to_be() {
        let user = |is_empty: bool| json!({"@odata.type": "example.user", "isCollection": true, "isEmpty": is_empty});
        check(&user(true), r#"{"value": []}"#, true);
        check(&user(true), &users(""), false);
        check(&user(false), r#"{"value": []}"#, false);
        check(&user(false), &users(""), true);
    }

    #[test]
    fn what_needs_the_whole_body_is_left_to_the_second() {
        let user = || json!({"@odata.type": "example.user", "isCollection": true});
        let of_type = r#", {"name": "x", "age": 1, "size": {"width": 2}, "@odata.type": "user"}"#;
        check(&user(), &users(of_type), false);
        let escaped = r#", {"name": "x", "age": 1, "size": {"width": 2}, "\u0040odata.type": 1}"#;
        check(&user(), &users(escaped), false);
        check(&json!({"expectError": true}), &users(""), false);
        check(
            &json!({"@odata.type": "example.unheard"}),
            &users(""),
            false,
        );
    }
}
