//! What the environment says, for the two edges of the program: the command
//! and the `cargo test` harness. No other module reads it.

use std::env;
use std::time::SystemTime;

use crate::snapshot::{Day, Update, day_of};

/// The variable that says what happens to snapshots; insta's.
pub const UPDATE_VARIABLE: &str = "INSTA_UPDATE";

/// A word of `INSTA_UPDATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateWord {
    /// Whatever fits the place.
    Auto,
    /// This, whatever the place.
    Fixed(Update),
}

impl UpdateWord {
    /// Reads one of insta's words.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" | "" => Some(Self::Auto),
            "new" => Some(Self::Fixed(Update::New)),
            "unseen" => Some(Self::Fixed(Update::Unseen)),
            "no" => Some(Self::Fixed(Update::No)),
            "always" | "1" | "force" => Some(Self::Fixed(Update::Always)),
            _ => None,
        }
    }

    /// What `INSTA_UPDATE` says, or else `auto`.
    pub fn from_variable() -> Option<Self> {
        Self::parse(&env::var(UPDATE_VARIABLE).unwrap_or_default())
    }

    /// What it means. `auto` writes nothing under CI, and else leaves what is
    /// new to be accepted. Docs that are not the project's own have no
    /// snapshots in it, but where they are asked for.
    pub fn update(self, is_own: bool) -> Option<Update> {
        match self {
            Self::Fixed(update) => Some(update),
            Self::Auto if !is_own => None,
            Self::Auto if in_ci() => Some(Update::No),
            Self::Auto => Some(Update::New),
        }
    }
}

/// The day of the run.
pub fn today() -> Day {
    day_of(SystemTime::now())
}

/// By the variables that insta goes by, and as it does.
fn in_ci() -> bool {
    match env::var("CI").as_deref() {
        Ok("false" | "0" | "") => false,
        Ok(_) | Err(env::VarError::NotUnicode(_)) => true,
        Err(env::VarError::NotPresent) => env::var_os("TF_BUILD").is_some(),
    }
}
