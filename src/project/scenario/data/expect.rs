//! Captures and expectations.

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::deserialize::{PlainOrMap, given, plain_or_map};

/// A value of a response to keep for later steps. If the source has several values, the first is
/// kept. If it has none, the step fails.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(untagged, rename = "Capture")]
pub enum CaptureData {
    /// A source whose value is kept as it is.
    Source(String),
    /// A source, and the part of its value to keep.
    Part(CapturePartData),
}

/// A source, and the part of its value to keep.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename = "CapturePart", expecting = "a capture")]
pub struct CapturePartData {
    /// The source: `status`, `header:NAME`, `cookie:NAME`, `body` (as text), or a `JSONPath` (RFC
    /// 9535) into a JSON body.
    pub from: String,
    /// A regular expression. Keeps, of the first match, the group named `value`, else the first
    /// group, else the whole match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Parses the value as a URL and keeps a part: `origin`, `host`, `port`, `path`, `query`,
    /// `fragment`, `segment:N` (a path segment, from 0, or from the end if N is negative), or
    /// `query:NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the value is a secret, which is masked in all output. Default: `false`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// What a source must be: a value that it must equal, or operators.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(untagged, rename = "Expect")]
pub enum ExpectData {
    /// Operators. A mapping is always operators.
    Operators(Box<OperatorsData>),
    /// A value that the source must equal. For `status`, also a class (`2xx`)
    /// or a list.
    Equals(Value),
}

/// Operators, at least one. All of them must hold. If a `JSONPath` finds several values, they must
/// hold for each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Operators",
    rename_all = "kebab-case",
    expecting = "operators"
)]
pub struct OperatorsData {
    /// The value equals this value, whose strings may contain templates. For `status`, see above.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub equals: Option<Value>,
    /// The value equals one of these values. At least one.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub one_of: Option<Vec<Value>>,
    /// The text of the value matches this regular expression. Use `^` and `$` to match the whole
    /// text.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub matches: Option<String>,
    /// Whether the source has a value. `false` excludes all other operators.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub exists: Option<bool>,
    /// The JSON type of the value.
    #[serde(
        default,
        rename = "type",
        deserialize_with = "given_type",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<JsonType>,
    /// The length of the value: characters of a string, items of an array, members of an object.
    /// For a `JSONPath` that may find several values, the number of values.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub length: Option<LengthData>,
    /// The value is a number less than this.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub less_than: Option<serde_json::Number>,
    /// The value is a number less than or equal to this.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_most: Option<serde_json::Number>,
    /// The value is a number greater than this.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub greater_than: Option<serde_json::Number>,
    /// The value is a number greater than or equal to this.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_least: Option<serde_json::Number>,
    /// The value has the shape of the documented resource with this name (its `@odata.type`).
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub schema: Option<String>,
}

/// A JSON type (RFC 8259, 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// A string.
    String,
    /// A number.
    Number,
    /// A number without a fractional part.
    Integer,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
    /// Null.
    Null,
}

/// A length, or bounds of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(untagged, rename = "Length")]
pub enum LengthData {
    /// The exact length.
    Exactly(usize),
    /// Bounds of the length.
    Between(BoundsData),
}

/// Bounds of a length. At least one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Bounds",
    rename_all = "kebab-case",
    expecting = "the bounds of a length"
)]
pub struct BoundsData {
    /// The minimum.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_least: Option<usize>,
    /// The maximum.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_most: Option<usize>,
}

/// In YAML, the type `null` is not the string "null".
fn given_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<JsonType>, D::Error> {
    let kind = Option::deserialize(deserializer)?;
    Ok(Some(kind.unwrap_or(JsonType::Null)))
}

impl PlainOrMap for CaptureData {
    type Map = CapturePartData;
    const EXPECTED: &'static str = "a source, or `{ from: SOURCE, … }`";
    fn from_map(map: CapturePartData) -> Self {
        Self::Part(map)
    }
    fn from_plain(value: Value) -> Option<Self> {
        match value {
            Value::String(source) => Some(Self::Source(source)),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for CaptureData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain_or_map(deserializer)
    }
}

impl PlainOrMap for ExpectData {
    type Map = OperatorsData;
    const EXPECTED: &'static str = "a value or operators";
    fn from_map(map: OperatorsData) -> Self {
        Self::Operators(Box::new(map))
    }
    fn from_plain(value: Value) -> Option<Self> {
        Some(Self::Equals(value))
    }
}

impl<'de> Deserialize<'de> for ExpectData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain_or_map(deserializer)
    }
}

impl PlainOrMap for LengthData {
    type Map = BoundsData;
    const EXPECTED: &'static str = "a whole number, or `{ at-least: N, at-most: M }`";
    fn from_map(map: BoundsData) -> Self {
        Self::Between(map)
    }
    fn from_plain(value: Value) -> Option<Self> {
        let length = usize::try_from(value.as_u64()?).ok()?;
        Some(Self::Exactly(length))
    }
}

impl<'de> Deserialize<'de> for LengthData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain_or_map(deserializer)
    }
}
