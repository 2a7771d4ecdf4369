//! What the environment says, for the two edges of the program: the command
//! and the `cargo test` harness. No other module reads it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::run::options::Outside;
use crate::run::snapshot::{Day, Update, day_of};

/// What the names of docproof's own variables begin with.
pub(crate) const PREFIX: &str = "DOCPROOF_";

/// The variables that say what happens to snapshots: docproof's own, which
/// comes first, and insta's.
const UPDATE_VARIABLES: [&str; 2] = ["DOCPROOF_UPDATE", "INSTA_UPDATE"];

/// The variable that says what happens to snapshots: the first that does, or
/// else docproof's own.
pub(crate) fn update_variable() -> &'static str {
    let [own, _] = UPDATE_VARIABLES;
    let mut named = UPDATE_VARIABLES.into_iter();
    named.find(|name| is_said(name)).unwrap_or(own)
}

/// Whether a variable says something: one that is empty is as good as none.
pub(crate) fn is_said(name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty())
}

/// The variables whose names begin with `prefix`, sorted by name.
pub(crate) fn variables(prefix: &str) -> BTreeMap<String, OsString> {
    let named = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    named.filter(|(name, _)| name.starts_with(prefix)).collect()
}

/// What happens to snapshots, in insta's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpdateWord {
    /// Whatever fits the place.
    Auto,
    /// This, whatever the place.
    Fixed(Update),
}

impl UpdateWord {
    /// Reads one of insta's words.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "auto" | "" => Some(Self::Auto),
            "new" => Some(Self::Fixed(Update::New)),
            "unseen" => Some(Self::Fixed(Update::Unseen)),
            "no" => Some(Self::Fixed(Update::No)),
            "always" | "1" | "force" => Some(Self::Fixed(Update::Always)),
            _ => None,
        }
    }

    /// What the environment says, or else `auto`.
    pub(crate) fn from_variable() -> Option<Self> {
        Self::parse(&env::var(update_variable()).unwrap_or_default())
    }

    /// What it means. `auto` writes nothing under CI, and else leaves what is
    /// new to be accepted. Docs that are not the project's own have no
    /// snapshots in it, but where they are asked for.
    pub(crate) fn update(self, is_own: bool) -> Option<Update> {
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

/// The day that stands in a file which is written: that of `SOURCE_DATE_EPOCH`
/// (seconds since 1970, <https://reproducible-builds.org/specs/source-date-epoch/>),
/// or else today.
pub(crate) fn written_on() -> Day {
    let epoch = env::var("SOURCE_DATE_EPOCH").ok();
    let seconds = epoch.and_then(|epoch| epoch.trim().parse().ok());
    let time = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    time.map_or_else(today, day_of)
}

/// The value of a variable that a target or a scenario refers to.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    // The system panics at such names.
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    is_name.then(|| env::var_os(name)).flatten()
}

/// Whether this runs under CI, by the variables that insta goes by, and as it
/// does.
pub(crate) fn in_ci() -> bool {
    match env::var("CI").as_deref() {
        Ok("false" | "0" | "") => false,
        Ok(_) | Err(env::VarError::NotUnicode(_)) => true,
        Err(env::VarError::NotPresent) => env::var_os("TF_BUILD").is_some(),
    }
}

/// The most bytes of a file that a scenario sends.
const FILE_LIMIT: u64 = 64 << 20;

/// What the scenarios of a project may take from outside: variables of the
/// environment, and files inside of the project.
pub fn outside(project: &Path) -> Outside {
    let project: PathBuf = project.to_owned();
    Outside {
        env: |name| variable(name)?.into_string().ok(),
        files: Arc::new(move |path| file_inside(&project, path)),
        random,
    }
}

/// Chance for the names that scenarios make up.
fn random() -> u128 {
    let mut bytes = [0; 16];
    // Without chance, names may clash; nothing is guessed by it.
    let _ = getrandom::fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

/// Reads a file of the project, which no link may lead out of.
fn file_inside(project: &Path, path: &str) -> Result<Vec<u8>, String> {
    let text = |error: std::io::Error| error.to_string();
    let project = project.canonicalize().map_err(text)?;
    let file = project.join(path).canonicalize().map_err(text)?;
    if !file.starts_with(&project) {
        return Err("it is not inside of the project".to_owned());
    }
    if !fs::metadata(&file).map_err(text)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut limited = File::open(&file).map_err(text)?.take(FILE_LIMIT + 1);
    limited.read_to_end(&mut bytes).map_err(text)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(format!("it is over {} MiB", FILE_LIMIT >> 20));
    }
    Ok(bytes)
}
