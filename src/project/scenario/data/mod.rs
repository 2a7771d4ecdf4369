//! The shape of a scenario file as written: references are not resolved and
//! templates not parsed. To generate a scenario file, fill these types and call
//! [`write`](super::write).

mod body;
mod deserialize;
mod expect;
mod repeat;
mod scalar;

use indexmap::IndexMap;
#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use body::{BodyData, MultipartData, MultipartKind, PartData};
use deserialize::given;
pub(crate) use expect::{
    BoundsData, CaptureData, CapturePartData, ExpectData, JsonType, LengthData, OperatorsData,
};
pub(crate) use repeat::{PollData, RetryData, RetryOnData};
pub(crate) use scalar::{PathData, ScalarData, VarData};

/// Scenarios: how documented cases run against a live service, and the steps that they share.
/// Shared steps and scenarios may be in different files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "ScenarioFile",
    expecting = "a scenario file"
)]
pub struct FileData {
    /// Shared steps by name, for `use` in any scenario of any file. Names are unique over all
    /// files.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub steps: IndexMap<String, StepData>,
    /// How documented cases run against a live service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioData>,
}

/// How one documented case runs: `setup`, then the request of the case, then `teardown`. A case
/// without a scenario is a single request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Scenario",
    rename_all = "kebab-case",
    expecting = "a scenario"
)]
pub struct ScenarioData {
    /// The case: its id (see `docproof list`), or its name if the name is unique.
    pub case: String,
    /// Distinguishes several scenarios of a case. Optional if the case has only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tags that the target needs in `tags`. The scenario is skipped on other targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Scopes that the target needs in `scopes`. The scenario is skipped on other targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Skips the scenario for this reason, which reports show.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub skip: Option<String>,
    /// The name of a group. Scenarios of a group do not run at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Replaces the documented URL: a path below the target's base URL, an
    /// absolute URL, or a single `${name}` whose value is an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Values for the placeholders of the documented request, and for `${name}` in all steps. They
    /// override the target's `vars`. The second `{id}` of a URL is `id.2`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vars: IndexMap<String, VarData>,
    /// Request headers by name. A value replaces or adds a header; `null` removes a documented one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Option<ScalarData>>,
    /// Query parameters by decoded name. A value replaces or adds a parameter; `null` removes a
    /// documented one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Option<ScalarData>>,
    /// Changes to the documented JSON body: a `JSONPath` (RFC 9535), and the value to set there. A
    /// missing member is added. Excludes `body`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// Replaces the documented body. Excludes `set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyData>,
    /// Steps before the request, in order. If a step fails, only `teardown` still runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<StepData>,
    /// Values of the response for later steps: the variable name for `${name}` and `{name}`, and
    /// the source of its value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capture: IndexMap<String, CaptureData>,
    /// Expectations in addition to the documented response, by source: `status`, `header:NAME`,
    /// `cookie:NAME`, `body`, or a `JSONPath` (RFC 9535) into a JSON body. Only a `status` that
    /// excludes the documented one, such as 404 for a documented 200, replaces the documented
    /// response; reports say so.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<String, ExpectData>,
    /// When to send the request again. Default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryData>,
    /// How to wait for the end of a long-running operation after a 202 response. `capture` and
    /// `expect` then apply to the last response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollData>,
    /// Steps after the request, last step first. They run even after failures and Ctrl-C.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teardown: Vec<StepData>,
}

/// A request other than that of the scenario's case: one of `use`, `case` and `request`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Step",
    rename_all = "kebab-case",
    expecting = "a step"
)]
#[cfg_attr(feature = "cli", schemars(extend("oneOf" = [
    { "required": ["use"] },
    { "required": ["case"] },
    { "required": ["request"] },
])))]
pub struct StepData {
    /// The name of the step in messages. Default: its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of a shared step. Allows only `name`, `vars` and `capture` next to it; the last two
    /// are added to those of the shared step.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub uses: Option<String>,
    /// A documented request: the id of a case, or its name if the name is unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// An undocumented request: a method, a space, and a path below the target's base URL, an
    /// absolute URL, or a single `${name}` whose value is an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Replaces the documented URL: a path below the target's base URL, an
    /// absolute URL, or a single `${name}` whose value is an absolute URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Values for placeholders and `${name}` in this step only. They override all others.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vars: IndexMap<String, VarData>,
    /// Request headers by name. A value replaces or adds a header; `null` removes a documented one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Option<ScalarData>>,
    /// Query parameters by decoded name. A value replaces or adds a parameter; `null` removes a
    /// documented one.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub query: IndexMap<String, Option<ScalarData>>,
    /// Changes to the documented JSON body: a `JSONPath` (RFC 9535), and the value to set there. A
    /// missing member is added. Excludes `body`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// The body of a `request`, or the replacement of the documented body of a `case`. Excludes
    /// `set`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyData>,
    /// Values of the response for later steps: the variable name for `${name}` and `{name}`, and
    /// the source of its value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub capture: IndexMap<String, CaptureData>,
    /// Expectations by source: `status`, `header:NAME`, `cookie:NAME`, `body`, or a `JSONPath` (RFC
    /// 9535) into a JSON body. Without `status`, the status must be the documented one, or 2xx for
    /// a `request`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<String, ExpectData>,
    /// When to send the request again. Default: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryData>,
    /// How to wait for the end of a long-running operation after a 202 response. `capture` and
    /// `expect` then apply to the last response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollData>,
}
