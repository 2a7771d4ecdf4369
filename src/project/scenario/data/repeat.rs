//! Retries and polls.

use indexmap::IndexMap;
#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expect::ExpectData;

/// When to send a request again. Times are a whole number with `ms`, `s`, `m` or `h`, from `1ms` to
/// `24h`. A random part of up to half of each delay is subtracted. A `Retry-After` in seconds (RFC
/// 9110, 10.2.3) replaces the delay, up to `max-delay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Retry",
    rename_all = "kebab-case",
    expecting = "a retry"
)]
pub struct RetryData {
    /// Maximum number of attempts, including the first: 2 to 20.
    #[cfg_attr(feature = "cli", schemars(range(min = 2, max = 20)))]
    pub attempts: u32,
    /// What to retry after: status codes, and `connect` for failed connections. Default: 429, 502,
    /// 503 and 504.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<Vec<RetryOnData>>,
    /// The delay before the second attempt, doubled for each further attempt. Default: `1s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<String>,
    /// The maximum delay. Default: `30s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_delay: Option<String>,
}

/// What to retry after: a status code, or `connect`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    untagged,
    rename = "RetryOn",
    expecting = "expected a status code or `connect`"
)]
pub enum RetryOnData {
    /// A response with this status.
    Status(u16),
    /// `connect`: the connection failed.
    Transport(String),
}

/// How to wait for the end of a long-running operation after a 202 response: a header of the
/// response has the URL to poll until the operation has ended. Times are a whole number with `ms`,
/// `s`, `m` or `h`, from `1ms` to `24h`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Poll",
    rename_all = "kebab-case",
    expecting = "a poll"
)]
pub struct PollData {
    /// The header with the URL: `Operation-Location`, `Azure-AsyncOperation` or `Location`.
    /// Default: the first of them, in this order, that the response has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The operation has ended when a response meets these expectations, by source as in `expect`.
    /// At least one.
    pub until: IndexMap<String, ExpectData>,
    /// The operation has failed when a response meets these expectations, by source as in `expect`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fail_on: IndexMap<String, ExpectData>,
    /// The time between two requests. Default: `1s`. A longer `Retry-After` in seconds replaces it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// The maximum time to wait. Default: `60s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}
