//! Environment variables, the clock and project files, for the command and the
//! `cargo test` harness. No other module reads them.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::project::config::Config;
use crate::run::options::Outside;
use crate::run::snapshot::{self, Day, Handling, Update, day_of};

/// The prefix of docproof's own variables.
pub(crate) const PREFIX: &str = "DOCPROOF_";

/// The variables that control snapshots: docproof's own takes precedence over
/// insta's.
const UPDATE_VARIABLES: [&str; 2] = ["DOCPROOF_UPDATE", "INSTA_UPDATE"];

/// The variable that controls snapshots: the first that is set, or docproof's
/// own.
pub(crate) fn update_variable() -> &'static str {
    let [own, _] = UPDATE_VARIABLES;
    let mut named = UPDATE_VARIABLES.into_iter();
    named.find(|name| is_set(name)).unwrap_or(own)
}

/// Whether a variable is set to a non-empty value.
pub(crate) fn is_set(name: &str) -> bool {
    variable(name).is_some_and(|value| !value.is_empty())
}

/// The variables whose names begin with `prefix`, sorted by name.
pub(crate) fn variables(prefix: &str) -> BTreeMap<String, OsString> {
    let named = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    named.filter(|(name, _)| name.starts_with(prefix)).collect()
}

/// What happens to snapshots, in insta's vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UpdateWord {
    /// Depends on the environment.
    Auto,
    /// A fixed behaviour.
    Fixed(Update),
}

impl UpdateWord {
    /// Parses a value of `INSTA_UPDATE`.
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

    /// Reads the environment; defaults to `auto`.
    pub(crate) fn from_variable() -> Option<Self> {
        Self::parse(&env::var(update_variable()).unwrap_or_default())
    }

    /// Resolves `auto`: it writes nothing under CI, and otherwise writes
    /// pending snapshots. Docs outside the project have no snapshots unless
    /// they are requested.
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

/// The day to write into files: that of `SOURCE_DATE_EPOCH` (seconds since
/// 1970, <https://reproducible-builds.org/specs/source-date-epoch/>), or else
/// today.
pub(crate) fn written_on() -> Day {
    let epoch = env::var("SOURCE_DATE_EPOCH").ok();
    let seconds = epoch.and_then(|epoch| epoch.trim().parse().ok());
    let time = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    time.map_or_else(today, day_of)
}

/// The value of a variable that a target or a scenario refers to.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    // `std::env` panics on such names.
    let is_name = !name.is_empty() && !name.contains(['=', '\0']);
    is_name.then(|| env::var_os(name)).flatten()
}

/// Whether this runs under CI, determined as insta does.
pub(crate) fn in_ci() -> bool {
    match env::var("CI").as_deref() {
        Ok("false" | "0" | "") => false,
        Ok(_) | Err(env::VarError::NotUnicode(_)) => true,
        Err(env::VarError::NotPresent) => env::var_os("TF_BUILD").is_some(),
    }
}

/// Whether a response without an accepted snapshot fails a run: under CI, in a
/// project that requires snapshots or has committed some.
pub(crate) fn requires_snapshots(config: &Config) -> bool {
    in_ci()
        && config
            .requires_snapshots
            .unwrap_or_else(|| has_committed_snapshots(config))
}

/// Whether a run under CI should say how to accept the first snapshots of a project.
pub(crate) fn asks_for_snapshots(config: &Config, handling: Option<Handling>) -> bool {
    let is_idle = |of_run: Handling| of_run.update == Update::No && !of_run.is_required;
    in_ci() && config.requires_snapshots.is_none() && handling.is_some_and(is_idle)
}

/// Whether git tracks a snapshot of a project. If git cannot tell, the existing
/// files count, because nothing is written under CI.
fn has_committed_snapshots(config: &Config) -> bool {
    let (folder, pattern) = if config.snapshots.is_dir() {
        (&config.snapshots, "*.snap")
    } else {
        (&config.project, "snapshots/*.snap")
    };
    let listed = git(folder).args(["ls-files", "-z", "--", pattern]).output();
    match listed {
        Ok(listed) if listed.status.success() => !listed.stdout.is_empty(),
        _ => snapshot::accepted(&config.snapshots).is_ok_and(|(accepted, _)| !accepted.is_empty()),
    }
}

/// git in a folder. Runs nothing that the repository configures.
pub(crate) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .args([
            "--no-pager",
            "--no-optional-locks",
            "-c",
            "core.fsmonitor=false",
        ])
        .current_dir(folder)
        // The variables of a git hook are relative to another folder.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_PREFIX")
        .stdin(Stdio::null());
    command
}

/// Maximum size of a file that a scenario sends, in bytes.
const FILE_LIMIT: u64 = 64 << 20;

/// What the scenarios of a project may read from outside: environment
/// variables, and files inside the project.
pub fn outside(project: &Path) -> Outside {
    let project: PathBuf = project.to_owned();
    Outside {
        env: |name| variable(name)?.into_string().ok(),
        files: Arc::new(move |path| file_inside(&project, path)),
        random,
    }
}

/// Random bits for generated names.
fn random() -> u128 {
    let mut bytes = [0; 16];
    // If the RNG fails, names may collide; this is not security-relevant.
    let _ = getrandom::fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

/// Reads a file of the project. Symbolic links must not lead out of it.
fn file_inside(project: &Path, path: &str) -> Result<Vec<u8>, String> {
    let text = |error: std::io::Error| error.to_string();
    let project = project.canonicalize().map_err(text)?;
    let file = project.join(path).canonicalize().map_err(text)?;
    if !file.starts_with(&project) {
        return Err("it is outside the project".to_owned());
    }
    if !fs::metadata(&file).map_err(text)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut limited = File::open(&file).map_err(text)?.take(FILE_LIMIT + 1);
    limited.read_to_end(&mut bytes).map_err(text)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(format!("it exceeds {} MiB", FILE_LIMIT >> 20));
    }
    Ok(bytes)
}
