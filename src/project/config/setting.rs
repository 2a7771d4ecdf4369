//! A setting that holds, and where it comes from.

use serde_json::Value as Json;

/// A setting of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    /// Its name: the keys of the file, or the name of an option.
    pub key: String,
    /// What it is.
    pub value: Shown,
    /// Where it comes from.
    pub source: Source,
}

/// What may be shown of a setting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    /// The value; `null` where there is none.
    Plain(Json),
    /// Nothing of the value, for it is a secret.
    Secret {
        /// What holds it: a variable, a file or an option.
        by: String,
        /// Why it cannot be used, if it cannot.
        problem: Option<String>,
    },
}

/// Where a setting comes from, from the weakest to the strongest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody says it.
    Default,
    /// The line of `docproof.toml`, from 1.
    File(usize),
    /// The variable of the environment of this name.
    Variable(String),
    /// The argument of this name.
    Argument(String),
}
