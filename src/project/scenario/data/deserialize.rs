//! Deserialization of optional keys, and of values that are either plain or a
//! mapping.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Rejects an explicit `null`: a key needs a value.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A type that is either a mapping or a plain value.
pub(super) trait PlainOrMap: Sized {
    type Map: de::DeserializeOwned;
    const EXPECTED: &'static str;
    fn from_map(map: Self::Map) -> Self;
    fn from_plain(value: Value) -> Option<Self>;
}

/// Deserializes a plain value or a mapping.
pub(super) fn plain_or_map<'de, D: Deserializer<'de>, T: PlainOrMap>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(PlainOrMapVisitor(PhantomData))
}

struct PlainOrMapVisitor<T>(PhantomData<T>);

impl<T: PlainOrMap> PlainOrMapVisitor<T> {
    fn plain<E: de::Error>(value: impl Into<Value>) -> Result<T, E> {
        T::from_plain(value.into()).ok_or_else(|| E::custom(format!("expected {}", T::EXPECTED)))
    }
}

impl<'de, T: PlainOrMap> Visitor<'de> for PlainOrMapVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(T::EXPECTED)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        Self::plain(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Self::plain(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Self::plain(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        Self::plain(value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        Self::plain(value)
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Self::plain(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        let items = Value::deserialize(SeqAccessDeserializer::new(seq))?;
        Self::plain(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::Map::deserialize(MapAccessDeserializer::new(map)).map(T::from_map)
    }
}
