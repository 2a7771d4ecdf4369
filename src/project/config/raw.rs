//! `docproof.toml` as written, before it is checked.

use std::collections::BTreeMap;
use std::path::Path;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Deserialize;

use super::check::RawCheck;
use super::error::ConfigError;
use super::extract::RawExtract;
use super::target::{PolicyWord, RawTarget};
use crate::text::finding::help_for_unknown_key;

/// The configuration of docproof, `docproof.toml` in the root of the project. Every key is
/// optional. Command-line options and environment variables override the file; `docproof config`
/// shows the effective values.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, default, rename = "Configuration")]
pub(super) struct RawConfig {
    /// The folder of the pages, and the service that they document.
    pub(super) docs: RawDocs,
    /// Which examples are read from the pages.
    pub(super) extract: RawExtract,
    /// How documented response headers are compared, by header name. Names are case-insensitive and
    /// may contain `*`. An exact name wins over a pattern, and a longer pattern over a shorter one.
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, PolicyWord>"))]
    pub(super) headers: BTreeMap<String, String>,
    /// The services to send requests to, by the name for `--target`.
    pub(super) target: BTreeMap<String, RawTarget>,
    /// How pages are checked.
    pub(super) check: RawCheck,
    /// The accepted snapshots.
    pub(super) snapshots: RawSnapshots,
}

/// The folder of the pages, and the service that they document.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, default, rename = "Docs")]
pub(super) struct RawDocs {
    /// The folder of the pages, relative to the project. Default: `specs/docs`.
    pub(super) root: Option<String>,
    /// The base URL of the service in the pages, such as `https://api.example.com/v1.0`, or a list
    /// of them. The longest that a documented URL begins with counts. It may begin with a shell
    /// variable: `$API_URL/v1`.
    pub(super) service: Option<RawServices>,
}

/// The base URLs of the service.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    untagged,
    expecting = "expected a URL or a list of URLs",
    rename = "Services"
)]
pub(super) enum RawServices {
    /// A base URL.
    One(String),
    /// Several base URLs.
    Many(Vec<String>),
}

impl RawServices {
    pub(super) fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// The accepted snapshots.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, default, rename = "Snapshots")]
pub(super) struct RawSnapshots {
    /// Whether a run under CI fails for a response without an accepted snapshot, and for an
    /// orphaned snapshot. Default: whether git tracks a snapshot in `snapshots`.
    pub(super) required: Option<bool>,
}

pub(super) fn parse(path: &Path, text: &str) -> Result<RawConfig, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = without_value(error.message());
        let help = help_for_unknown_key(error.message())
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        syntax(path, text, at, format!("{message}{help}"))
    })
}

/// Removes the value from a serde message about a wrong type, since it may be a
/// secret.
fn without_value(message: &str) -> String {
    let quoted = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| Some((rest, rest.rfind(", expected ")?)));
    let Some((rest, expected)) = quoted else {
        return message.to_owned();
    };
    let found = &rest[..expected];
    let kind = found.find([' ', '`', '"']).map_or(found, |at| &found[..at]);
    format!("unexpected {kind}{}", &rest[expected..])
}

pub(super) fn syntax(path: &Path, text: &str, at: usize, message: String) -> ConfigError {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ConfigError::Syntax {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
    }
}
