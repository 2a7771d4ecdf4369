//! An answered body, judged while it is read: most are right, and need not be
//! kept as a whole to know that. What is wrong, or cannot be told in one pass,
//! is read and judged again.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::answer::{Json, Text};
use super::declared::TAG;
use super::expectation::Expectation;
use super::finding::At;
use super::types::Types;
use super::walk::{Layout, Told, Walk};

/// Whether a body is JSON of which there is nothing to find. A `false` only
/// says that it has to be looked at as a whole.
pub fn is_right(body: &[u8], expectation: &Expectation<'_>, types: &Types) -> bool {
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

    fn scalar<E>(self, value: &Json<'_>) -> Result<Option<usize>, E> {
        if let Some(told) = self.walk.typed(value, self.at, self.told)
            && let Json::String(text) = value
        {
            self.walk.text(text, self.at, told);
        }
        Ok(None)
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

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        self.scalar(&Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        self.scalar(&Json::Boolean(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        self.scalar(&Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        self.scalar(&Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        self.scalar(&Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
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
            }
            if !self.walk.found.is_empty() {
                return Err(A::Error::custom("something to find"));
            }
            index += 1;
        }
        self.walk.missing(&inside, self.at);
        Ok(elements)
    }
}
