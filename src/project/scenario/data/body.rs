//! Bodies and their parts.

use indexmap::IndexMap;
#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::deserialize::given;
use super::scalar::ScalarData;

/// A body: one of `json`, `text`, `form`, `file`, `base64` and `multipart`. Its strings may contain
/// templates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Body",
    rename_all = "kebab-case",
    expecting = "a body"
)]
#[cfg_attr(feature = "cli", schemars(extend("oneOf" = [
    { "required": ["json"] },
    { "required": ["text"] },
    { "required": ["form"] },
    { "required": ["file"] },
    { "required": ["base64"] },
    { "required": ["multipart"] },
])))]
pub struct BodyData {
    /// Any JSON value. A string that is a single `${name}` becomes the variable's value with its
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
    /// A file to send as it is: a path from the root of the project, with `/` and without `..`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The bytes to send, in Base64 (RFC 4648, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// A multipart body (RFC 2046, 5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipart: Option<MultipartData>,
    /// The media type. Default: `application/json` for `json`, `application/octet-stream` for
    /// `file` and `base64`; see the other keys for theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// A multipart body (RFC 2046, 5.1). docproof chooses the boundary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Multipart",
    expecting = "a multipart body"
)]
pub struct MultipartData {
    /// The kind of multipart body.
    #[serde(rename = "type")]
    pub kind: MultipartKind,
    /// The parts, in order. At least one.
    pub parts: Vec<PartData>,
}

/// The kind of multipart body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MultipartKind {
    /// Fields of a form (RFC 7578).
    FormData,
    /// A root, which is the first part, and parts that it refers to by id (RFC 2387).
    Related,
}

/// A part of a multipart body: one of `json`, `text`, `file` and `base64`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename = "Part",
    rename_all = "kebab-case",
    expecting = "a part"
)]
#[cfg_attr(feature = "cli", schemars(extend("oneOf" = [
    { "required": ["json"] },
    { "required": ["text"] },
    { "required": ["file"] },
    { "required": ["base64"] },
])))]
pub struct PartData {
    /// The name of the form field. Required for `form-data`, not allowed for `related`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file name for the part's `Content-Disposition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The media type of the part. Default: the media type of a body of the same kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Other header fields of the part, except `Content-Type`, `Content-Disposition` and
    /// `Content-ID`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, ScalarData>,
    /// The `Content-ID` of the part, without angle brackets. Other parts refer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Any JSON value, as in a body.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Value>,
    /// A text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A file to send as it is: a path from the root of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The bytes to send, in Base64 (RFC 4648, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}
