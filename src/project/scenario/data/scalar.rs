//! Plain values and paths.

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::deserialize::{PlainOrMap, plain_or_map};

/// A plain value. Strings may contain templates: `${name}` (a variable or a captured value),
/// `${uuid}` (a random UUID, RFC 9562), `${now}`, `${now + 3d}` and `${now - 2h}` (in UTC, RFC
/// 3339; the units are `s`, `m`, `h`, `d` and `w`), `${random-filename:png}`, `${base64:TEXT}`,
/// `${env:NAME}` (a secret, which is masked) and `${file:PATH}` (the text of a file in the
/// project). Write `$${` for a literal `${`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    untagged,
    rename = "Scalar",
    expecting = "expected a string, a number, true or false"
)]
pub enum ScalarData {
    /// True or false.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A string, which may contain templates.
    Text(String),
}

/// The value of a variable: a plain value or a path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(untagged, rename = "Var")]
pub enum VarData {
    /// A plain value.
    Scalar(ScalarData),
    /// A path with several segments.
    Path(PathData),
}

/// A path with several segments. In a URL its slashes separate segments; those of other values are
/// percent-encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename = "Path", expecting = "a path")]
pub struct PathData {
    /// The path, without leading and trailing slashes and without `.` and `..`. It may contain
    /// templates.
    pub path: String,
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

impl<'de> Deserialize<'de> for VarData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        plain_or_map(deserializer)
    }
}
