//! An effective setting and its source.

use serde_json::Value as Json;

/// A setting of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    /// Its name: the keys in the file, or the name of an option.
    pub key: String,
    /// The value.
    pub value: Shown,
    /// Its source.
    pub source: Source,
}

/// The value of a setting as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    /// The value; `null` if there is none.
    Plain(Json),
    /// A secret; its value is not shown.
    Secret {
        /// The variable, file or option that contains it.
        by: String,
        /// Why it cannot be resolved, if so.
        problem: Option<String>,
    },
}

/// The source of a setting, in ascending precedence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The default.
    Default,
    /// The line in `docproof.toml`, from 1.
    File(usize),
    /// The environment variable with this name.
    Variable(String),
    /// The command-line option with this name.
    Argument(String),
}
