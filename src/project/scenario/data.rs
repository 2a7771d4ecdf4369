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

/// Hand-written scenarios: how documented cases are run against a live service, and the
/// steps that several of them share. Shared steps and scenarios may stand in different files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "ScenarioFile",
    expecting = "a scenario file"
)]
pub struct FileData {
    /// Steps that any scenario of any file can `use`, by their names. No two files may have
    /// one of the same name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub steps: IndexMap<String, StepData>,
    /// How documented cases are run against a live service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioData>,
}

/// How one documented case is run: `setup`, then the case's own request, then `teardown`.
/// Without a scenario, a case is one request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Scenario",
    rename_all = "kebab-case",
    expecting = "a scenario"
)]
pub struct ScenarioData {
    /// The case: its id (`docproof list` shows them), or its name if no other case has it.
    pub case: String,
    /// Tells several scenarios of one case apart; not needed where a case has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the target must have in its `tags`; on any other the scenario is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What the target must have in its `scopes`; on any other the scenario is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The scenario is never run, for this reason, which reports show.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub skip: Option<String>,
    /// The name of a group: scenarios of one group do not run at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Takes the place of the documented URL: a path below the target's base
    /// URL, an absolute URL, or one `${name}` that holds an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Values of the documented request's placeholders, and of `${name}` in all steps. They come
    /// before the target's `vars`. The second `{id}` of a URL is `id.2`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vars: IndexMap<String, VarData>,
    /// Headers of the request, by name: a value takes the place of the documented one or is
    /// added, `null` drops it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Option<ScalarData>>,
    /// Parameters of the URL's query, by name, not encoded: a value takes the place of the
    /// documented one or is added, `null` drops it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Option<ScalarData>>,
    /// What is changed in the documented JSON body: a `JSONPath` (RFC 9535), and the value that
    /// takes the place of what it finds; a member that is not there is added. Not beside
    /// `body`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// Takes the place of the documented body. Not beside `set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyData>,
    /// What is sent before, in order; after a step that fails, nothing but the `teardown` is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<StepData>,
    /// What later steps need of the answer: the name that `${name}` and `{name}` then stand for,
    /// and where it comes from.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capture: IndexMap<String, CaptureData>,
    /// What the answer must be like, beside what the page says, by source: `status`,
    /// `header:NAME`, `cookie:NAME`, `body`, or a `JSONPath` (RFC 9535) into a JSON body.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<String, ExpectData>,
    /// When the request is sent again; without it, never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryData>,
    /// How the end of a long-running operation is awaited, where the answer is a 202; `capture`
    /// and `expect` look at its last answer then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollData>,
    /// What is sent after, the last step first, whatever failed before and after Ctrl-C too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teardown: Vec<StepData>,
}

/// A request beside the one that a scenario is about. It has one of `use`, `case` and
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
    /// What messages call the step; without it, they give its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of a shared step. Only `name`, `vars` and `capture` may stand beside it; the last
    /// two are added to its own.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
    /// A documented request that is sent: a case's id, or its name if no other case has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// A request that no page documents: a method, a space, and a path below the target's base
    /// URL, an absolute URL, or one `${name}` that holds an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Takes the place of the documented URL: a path below the target's base
    /// URL, an absolute URL, or one `${name}` that holds an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Values of placeholders and of `${name}` for this step alone; they come before all others.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vars: IndexMap<String, VarData>,
    /// Headers of the request, by name: a value takes the place of the documented one or is
    /// added, `null` drops it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Option<ScalarData>>,
    /// Parameters of the URL's query, by name, not encoded: a value takes the place of the
    /// documented one or is added, `null` drops it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Option<ScalarData>>,
    /// What is changed in the documented JSON body: a `JSONPath` (RFC 9535), and the value that
    /// takes the place of what it finds; a member that is not there is added. Not beside
    /// `body`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// The body of a `request`; of a `case`, it takes the place of the documented one. Not beside
    /// `set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyData>,
    /// What later steps need of the answer: the name that `${name}` and `{name}` then stand for,
    /// and where it comes from.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capture: IndexMap<String, CaptureData>,
    /// What the answer must be like, by source: `status`, `header:NAME`, `cookie:NAME`, `body`,
    /// or a `JSONPath` (RFC 9535) into a JSON body. Without a `status`, it must be 2xx.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<String, ExpectData>,
    /// When the request is sent again; without it, never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryData>,
    /// How the end of a long-running operation is awaited, where the answer is a 202; `capture`
    /// and `expect` look at its last answer then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollData>,
}

/// A plain value. A text may hold templates: `${name}` (a variable or what was captured),
/// `${uuid}` (a random one, RFC 9562), `${now}`, `${now + 3d}` and `${now - 2h}` (in UTC,
/// RFC 3339; the units are `s`, `m`, `h`, `d` and `w`), `${random-filename:png}`,
/// `${base64:TEXT}`, `${env:NAME}` (a secret, which is never shown) and `${file:PATH}` (the
/// text of a file of the project). A literal `${` is written `$${`.
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
    /// A text, which may hold templates.
    Text(String),
}

/// The value of a variable: a plain value, or a path.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Var")]
pub enum VarData {
    /// A plain value.
    Scalar(ScalarData),
    /// A path, whose slashes separate segments.
    Path(PathData),
}

/// A path of several segments. In a URL its slashes separate them, where those of any other
/// value are percent-encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Path", expecting = "a path")]
pub struct PathData {
    /// The path, without a slash at its start or end, and without `.` and `..`; it may hold
    /// templates.
    pub path: String,
}

/// A body. It has one of `json`, `text`, `form`, `file`, `base64` and `multipart`; texts in it
/// may hold templates.
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
    /// Any JSON. A string that is nothing but one `${name}` becomes the variable's value with its
    /// type.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Value>,
    /// A text, sent as `text/plain; charset=utf-8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The fields of a form, sent as `application/x-www-form-urlencoded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<IndexMap<String, ScalarData>>,
    /// A file whose bytes are sent as they are: a path from the project's root, with `/` and
    /// without `..`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The bytes that are sent, in base64 (RFC 4648, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// A body of several parts (RFC 2046, 5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipart: Option<MultipartData>,
    /// The media type, in the place of the one that the kind of body has: `application/json` for
    /// `json`, `application/octet-stream` for `file` and `base64`, and as said above for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// A body of several parts (RFC 2046, 5.1); the boundary is docproof's to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Multipart",
    expecting = "a multipart body"
)]
pub struct MultipartData {
    /// What the parts are to each other.
    #[serde(rename = "type")]
    pub kind: MultipartKind,
    /// The parts, in order; at least one.
    pub parts: Vec<PartData>,
}

/// What the parts of a body are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MultipartKind {
    /// Fields of a form (RFC 7578).
    FormData,
    /// A root, which is the first part, and what it refers to by ids (RFC 2387).
    Related,
}

/// A part of a body. It has one of `json`, `text`, `file` and `base64`.
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
    /// The name of the field: each part of `form-data` has one, a `related` part has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the file, for the part's `Content-Disposition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The part's media type; where it is left out, the one that a body of this kind has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// More header fields of the part, other than `Content-Type`, `Content-Disposition` and
    /// `Content-ID`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, ScalarData>,
    /// The part's `Content-ID`, without angle brackets, by which others refer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Any JSON, as in a body.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Value>,
    /// A text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A file whose bytes are sent as they are: a path from the project's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The bytes that are sent, in base64 (RFC 4648, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// What is kept of an answer, under a name. Of several values, the first is kept; that there
/// is none is a failure.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Capture")]
pub enum CaptureData {
    /// A source, whose value is kept as it is.
    Source(String),
    /// A source, of which a part is taken.
    Part(CapturePartData),
}

/// A source of an answer, and which part of its value is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "CapturePart", expecting = "a capture")]
pub struct CapturePartData {
    /// The source: `status`, `header:NAME`, `cookie:NAME`, `body` (as text), or a `JSONPath`
    /// (RFC 9535) into a JSON body.
    pub from: String,
    /// A regular expression, of whose first match is kept: its group named `value`, or else its
    /// first group, or else all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// The value is a URL, of which a part is kept: `origin`, `host`, `port`, `path`, `query`,
    /// `fragment`, `segment:N` (a segment of its path, from 0, or from its end where N is
    /// negative), or `query:NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether the value is a secret, which is never shown; `false` where it is left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// What a source must be like: a value that it is equal to, or operators.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, rename = "Expect")]
pub enum ExpectData {
    /// It is as the operators say; a mapping is always operators.
    Operators(Box<OperatorsData>),
    /// It is equal to this; for `status`, a class (`2xx`) or a list too.
    Equals(Value),
}

/// Operators, all of which must hold; there is at least one. Of a `JSONPath` that finds several
/// values, each must be so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Operators",
    rename_all = "kebab-case",
    expecting = "operators"
)]
pub struct OperatorsData {
    /// It is equal to this value, in whose texts templates may stand; for `status`, see above.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub equals: Option<Value>,
    /// It is equal to one of these values, of which there is at least one.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub one_of: Option<Vec<Value>>,
    /// Its text has a match of this regular expression; `^` and `$` hold it to all of the text.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub matches: Option<String>,
    /// Whether it is there. Beside `false`, no other operator can stand.
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
    /// How many characters a text, items an array, and members an object has; of a `JSONPath`
    /// that may find several values, how many it finds.
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
    /// It has the shape of the resource that a page documents under this name (its `@odata.type`).
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
    /// A text.
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
    /// Just so much.
    Exactly(usize),
    /// At least, and at most, so much.
    Between(BoundsData),
}

/// Bounds of a length; one of the two may be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Bounds",
    rename_all = "kebab-case",
    expecting = "the bounds of a length"
)]
pub struct BoundsData {
    /// The least that it may be.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_least: Option<usize>,
    /// The most that it may be.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_most: Option<usize>,
}

/// When a request is sent again. Times are a whole number and `ms`, `s`, `m` or `h`, from `1ms`
/// to `24h`. A random part of up to half of each delay is taken off; a `Retry-After` in
/// seconds (RFC 9110, 10.2.3) takes its place, up to `max-delay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Retry",
    rename_all = "kebab-case",
    expecting = "a retry"
)]
pub struct RetryData {
    /// How often it is sent at most, the first time included: 2 to 20.
    #[schemars(range(min = 2, max = 20))]
    pub attempts: u32,
    /// After what it is sent again: statuses, and `connect` for no connection; 429, 502, 503 and
    /// 504 where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Vec<RetryOnData>>,
    /// The delay before it is sent the second time, doubled each time after; `1s` where it is
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// The longest delay; `30s` where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delay: Option<String>,
}

/// What a request is sent again after: a status, or the word `connect`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    rename = "RetryOn",
    expecting = "`on` holds status codes, or `connect`"
)]
pub enum RetryOnData {
    /// An answer with this status.
    Status(u16),
    /// The word `connect`: no connection was made.
    Transport(String),
}

/// How the end of a long-running operation is awaited, after a 202: a header of that answer
/// names a URL, which is asked until it says that the operation has ended. Times are a whole
/// number and `ms`, `s`, `m` or `h`, from `1ms` to `24h`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    rename = "Poll",
    rename_all = "kebab-case",
    expecting = "a poll"
)]
pub struct PollData {
    /// The header that names the URL: `Operation-Location`, `Azure-AsyncOperation` or
    /// `Location`; where it is left out, the first of them, in this order, that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// What an answer must be like, by source as in `expect`, for the operation to have ended; at
    /// least one.
    pub until: IndexMap<String, ExpectData>,
    /// What an answer must be like, by source as in `expect`, for the operation to have failed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fail_on: IndexMap<String, ExpectData>,
    /// The time between two requests, `1s` where it is left out; a longer `Retry-After` in
    /// seconds takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// The time after which it is given up; `60s` where it is left out.
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
