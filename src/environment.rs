//! What the environment says, for the two edges of the program: the command
//! and the `cargo test` harness. No other module reads it.

use std::env;

use crate::snapshot::Update;

/// The variable that says what happens to snapshots; insta's.
pub const UPDATE_VARIABLE: &str = "INSTA_UPDATE";

/// A word of `INSTA_UPDATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateWord {
    /// Whatever fits the place.
    Auto,
    /// This.
    Always(Update),
}

impl UpdateWord {
    /// Reads one of insta's words.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" | "" => Some(Self::Auto),
            "new" | "unseen" => Some(Self::Always(Update::New)),
            "no" => Some(Self::Always(Update::No)),
            "always" | "force" => Some(Self::Always(Update::Always)),
            _ => None,
        }
    }

    /// What `INSTA_UPDATE` says, or else `auto`.
    pub fn from_variable() -> Option<Self> {
        Self::parse(&env::var(UPDATE_VARIABLE).unwrap_or_default())
    }

    /// What it means. `auto` writes nothing under CI, nor where the docs are
    /// not the project's own; else what is new is left to be accepted.
    pub fn update(self, is_own: bool) -> Update {
        match self {
            Self::Always(update) => update,
            Self::Auto if is_own && !in_ci() => Update::New,
            Self::Auto => Update::No,
        }
    }
}

/// By the variables that insta goes by.
fn in_ci() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
    set("CI") || set("TF_BUILD")
}
