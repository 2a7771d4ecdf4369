//! The shape of a scenario file, as it is written: nothing is resolved, no
//! template is read. Whoever makes such files fills these types and writes them
//! by [`super::write`].

use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Hand-written scenarios, and the steps that they share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "ScenarioFile",
    expecting = "a scenario file"
)]
pub struct FileData {
    /// Steps that any scenario of any file can `use`, by their names.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub steps: IndexMap<String, StepData>,
    /// How documented cases are run against a live service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioData>,
}

/// How one documented case is run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Scenario",
    rename_all = "kebab-case",
    expecting = "a scenario"
)]
pub struct ScenarioData {
    /// A case's id, or its name if no other case has it.
    pub case: String,
    /// Tells several scenarios of one case apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the target must provide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The scopes that the target's token must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Never run, for this reason.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub skip: Option<String>,
    /// Scenarios of one group do not overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Takes the place of the documented URL: a path below the target's base
    /// URL, an absolute URL, or one `${captured-url}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Values of placeholders of the documented request, and of `${names}`. The second `{id}`
    /// of a URL is `id.2`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vars: IndexMap<String, VarData>,
    /// Documented headers to be set, or (null) dropped.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Option<ScalarData>>,
    /// Query parameters to be set, or (null) dropped.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Option<ScalarData>>,
    /// Members of the documented JSON body to be set, by `JSONPath`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// Takes the place of the documented body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyData>,
    /// Sent before, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<StepData>,
    /// What later steps need of the answer.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capture: IndexMap<String, CaptureData>,
    /// What the answer must be like.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<String, ExpectData>,
    /// When the request is sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryData>,
    /// How the end of a long-running operation is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollData>,
    /// Sent after, in reverse order, whatever happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teardown: Vec<StepData>,
}

/// A request beside the one that a scenario is about: one of `use`, `case` and
/// `request`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Step",
    rename_all = "kebab-case",
    expecting = "a step"
)]
#[schemars(extend("oneOf" = [
    { "required": ["use"] },
    { "required": ["case"] },
    { "required": ["request"] },
]))]
pub struct StepData {
    /// What messages call the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A shared step; only `vars` and `capture` may stand beside it, and are
    /// added to its own.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
    /// A case's id, or its name if no other case has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// A method, a space, and a path below the target's base URL, an absolute
    /// URL, or one `${captured-url}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Takes the place of the documented URL: a path below the target's base
    /// URL, an absolute URL, or one `${captured-url}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Values of placeholders and of `${names}`, for this step alone.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vars: IndexMap<String, VarData>,
    /// Headers to be set, or (null) dropped.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Option<ScalarData>>,
    /// Query parameters to be set, or (null) dropped.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Option<ScalarData>>,
    /// Members of the documented JSON body to be set, by `JSONPath`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyData>,
    /// What later steps need of the answer.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capture: IndexMap<String, CaptureData>,
    /// What the answer must be like; without a `status`, it must be 2xx.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<String, ExpectData>,
    /// When the request is sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryData>,
    /// How the end of a long-running operation is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollData>,
}

/// A plain value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    rename = "Scalar",
    expecting = "the value is a string, a number, true or false"
)]
pub enum ScalarData {
    /// True or false.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// Text, which may hold `${names}`.
    Text(String),
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Var")]
pub enum VarData {
    /// A plain value.
    Scalar(ScalarData),
    /// A path.
    Path(PathData),
}

/// A path, whose slashes separate segments when it stands in a URL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Path", expecting = "a path")]
pub struct PathData {
    /// The path, without a slash at its start or end.
    pub path: String,
}

/// A body: one of `json`, `text`, `form`, `file`, `base64` and `multipart`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Body",
    rename_all = "kebab-case",
    expecting = "a body"
)]
#[schemars(extend("oneOf" = [
    { "required": ["json"] },
    { "required": ["text"] },
    { "required": ["form"] },
    { "required": ["file"] },
    { "required": ["base64"] },
    { "required": ["multipart"] },
]))]
pub struct BodyData {
    /// JSON; a string that is one `${name}` takes the variable's type.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Value>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A form, URL-encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<IndexMap<String, ScalarData>>,
    /// A file of the project, as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes in base64 (RFC 4648, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// Several parts (RFC 2046, 5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipart: Option<MultipartData>,
    /// Takes the place of the media type that the kind of body has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// A body of several parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Multipart",
    expecting = "a multipart body"
)]
pub struct MultipartData {
    /// What kind of parts.
    #[serde(rename = "type")]
    pub kind: MultipartKind,
    /// The parts, in order.
    pub parts: Vec<PartData>,
}

/// What the parts of a body are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MultipartKind {
    /// Fields of a form (RFC 7578).
    FormData,
    /// A root and what it refers to (RFC 2387).
    Related,
}

/// A part of a body: one of `json`, `text`, `file` and `base64`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Part",
    rename_all = "kebab-case",
    expecting = "a part"
)]
#[schemars(extend("oneOf" = [
    { "required": ["json"] },
    { "required": ["text"] },
    { "required": ["file"] },
    { "required": ["base64"] },
]))]
pub struct PartData {
    /// The field's name; each part of a form has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The part's media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// More header fields of the part.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, ScalarData>,
    /// The part's `Content-ID`, without angle brackets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// JSON.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Value>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A file of the project, as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes in base64 (RFC 4648, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Capture")]
pub enum CaptureData {
    /// A source, as it is.
    Source(String),
    /// A source, of which a part is taken.
    Part(CapturePartData),
}

/// A part of what an answer has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "CapturePart", expecting = "a capture")]
pub struct CapturePartData {
    /// `status`, `header:NAME`, `cookie:NAME`, `body`, or a `JSONPath`.
    pub from: String,
    /// A regular expression; its group `value`, its first group, or all that it
    /// matches is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// The part of a URL that is kept: `origin`, `host`, `port`, `path`,
    /// `query`, `fragment`, `segment:N`, or `query:NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the value is never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// What a source must be like.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Expect")]
pub enum ExpectData {
    /// It is as the operators say. (A mapping is always operators.)
    Operators(Box<OperatorsData>),
    /// It is equal to this; for `status`, a class (`2xx`) or a list too.
    Equals(Value),
}

/// Operators, all of which must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Operators",
    rename_all = "kebab-case",
    expecting = "operators"
)]
pub struct OperatorsData {
    /// It is equal to this value.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub equals: Option<Value>,
    /// It is equal to one of these values.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub one_of: Option<Vec<Value>>,
    /// Its text has a match of this regular expression.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub matches: Option<String>,
    /// Whether it is there.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub exists: Option<bool>,
    /// Its JSON type.
    #[serde(
        default,
        rename = "type",
        deserialize_with = "given_type",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<JsonType>,
    /// How many characters, items, members or nodes it has.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub length: Option<LengthData>,
    /// It is a number below this one.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub less_than: Option<serde_json::Number>,
    /// It is a number, this one or below.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_most: Option<serde_json::Number>,
    /// It is a number above this one.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub greater_than: Option<serde_json::Number>,
    /// It is a number, this one or above.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_least: Option<serde_json::Number>,
    /// It has the shape of this documented resource.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub schema: Option<String>,
}

/// A type of JSON (RFC 8259, 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// A string.
    String,
    /// A number.
    Number,
    /// A number without a fraction.
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

/// A length, or its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Length")]
pub enum LengthData {
    /// Just this.
    Exactly(usize),
    /// Within these bounds.
    Between(BoundsData),
}

/// Bounds of a length; one of them may be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Bounds",
    rename_all = "kebab-case",
    expecting = "the bounds of a length"
)]
pub struct BoundsData {
    /// The least.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_least: Option<usize>,
    /// The most.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_most: Option<usize>,
}

/// When a request is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Retry",
    rename_all = "kebab-case",
    expecting = "a retry"
)]
pub struct RetryData {
    /// How often it is sent at most, the first time included.
    #[schemars(range(min = 2, max = 20))]
    pub attempts: u32,
    /// After which statuses, or `connect`; 429, 502, 503 and 504 where it is
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Vec<RetryOnData>>,
    /// Before the second time; doubled each time. 1s where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// The longest delay; 30s where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delay: Option<String>,
}

/// What a request is sent again after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    rename = "RetryOn",
    expecting = "`on` holds status codes, or `connect`"
)]
pub enum RetryOnData {
    /// An answer with this status.
    Status(u16),
    /// No connection (`connect`).
    Transport(String),
}

/// How the end of a long-running operation is awaited, after a 202.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Poll",
    rename_all = "kebab-case",
    expecting = "a poll"
)]
pub struct PollData {
    /// The header that names the operation: `Location`, `Operation-Location` or
    /// `Azure-AsyncOperation`; the first that is there where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What ends it.
    pub until: IndexMap<String, ExpectData>,
    /// What ends it as failed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fail_on: IndexMap<String, ExpectData>,
    /// Between two requests; 1s where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// After which it is given up; 60s where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

/// A key that is there has a value: one without it is no absent key.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// In YAML, the type `null` is not the text "null".
fn given_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<JsonType>, D::Error> {
    let kind = Option::deserialize(deserializer)?;
    Ok(Some(kind.unwrap_or(JsonType::Null)))
}

/// A type that is a mapping of one shape, or a plain value.
trait PlainOrMap: Sized {
    type Map: de::DeserializeOwned;
    const EXPECTED: &'static str;
    fn from_map(map: Self::Map) -> Self;
    fn from_plain(value: Value) -> Option<Self>;
}

impl PlainOrMap for VarData {
    type Map = PathData;
    const EXPECTED: &'static str = "a string, a number, true, false, or `{ path: … }`";
    fn from_map(map: PathData) -> Self {
        Self::Path(map)
    }
    fn from_plain(value: Value) -> Option<Self> {
        Some(Self::Scalar(match value {
            Value::Bool(value) => ScalarData::Bool(value),
            Value::Number(value) => ScalarData::Number(value),
            Value::String(value) => ScalarData::Text(value),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        }))
    }
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

impl PlainOrMap for ExpectData {
    type Map = OperatorsData;
    const EXPECTED: &'static str = "a value, or operators";
    fn from_map(map: OperatorsData) -> Self {
        Self::Operators(Box::new(map))
    }
    fn from_plain(value: Value) -> Option<Self> {
        Some(Self::Equals(value))
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

macro_rules! deserialize_plain_or_map {
    ($($name:ident),+) => {
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(PlainOrMapVisitor(PhantomData))
            }
        })+
    };
}

deserialize_plain_or_map!(VarData, CaptureData, ExpectData, LengthData);

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
