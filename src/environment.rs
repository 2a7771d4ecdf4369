//! What the environment says, for the two edges of the program: the command
//! and the `cargo test` harness. No other module reads it.

use std::env;

use crate::snapshot::Update;

/// The variable that says what happens to snapshots; insta's.
pub const UPDATE_VARIABLE: &str = "INSTA_UPDATE";

/// What a word of `INSTA_UPDATE` means. `auto` writes nothing under CI, and
/// elsewhere leaves what is new to be accepted.
pub fn update(word: &str) -> Option<Update> {
    match word {
        "auto" | "" if in_ci() => Some(Update::No),
        "auto" | "" | "new" | "unseen" => Some(Update::New),
        "no" => Some(Update::No),
        "always" | "force" => Some(Update::Always),
        _ => None,
    }
}

/// What `INSTA_UPDATE` says, or else `auto`.
pub fn update_from_variable() -> Option<Update> {
    update(&env::var(UPDATE_VARIABLE).unwrap_or_default())
}

/// By the variables that insta goes by.
fn in_ci() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
    set("CI") || set("TF_BUILD")
}
