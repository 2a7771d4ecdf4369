//! `--changed-since`: what git says was changed. git is asked as a process, and
//! told nothing that a shell would read.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::{Exit, Failure};

/// The files below the docs root, relative to it, that differ from what the
/// branch and the revision have in common: in commits since, in the index, in
/// the working tree, or as files that git does not know yet. Files that are gone
/// are among them.
pub fn since(root: &Path, revision: &str) -> Result<HashSet<String>, Failure> {
    let folder = if root.is_file() {
        root.parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    } else {
        root
    };
    if revision.is_empty() || revision.starts_with('-') {
        let message = format!("`{revision}` is no revision");
        return Err(Failure::new(Exit::Usage, message)
            .help("write a branch, a tag or a commit, such as origin/main"));
    }
    let git = Git { folder };
    git.run(&["rev-parse", "--is-inside-work-tree"])
        .map_err(|said| {
            let message = format!("`{}` is in no git repository: {said}", folder.display());
            Failure::new(Exit::Usage, message)
        })?;
    let commit = format!("{revision}^{{commit}}");
    let unknown = |_| {
        let message = format!("git knows no revision `{revision}`");
        Failure::new(Exit::Usage, message)
            .help("fetch it first (a shallow clone lacks it: `fetch-depth: 0`), or write another")
    };
    let commit = git
        .run(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ])
        .map_err(unknown)?;
    let commit = commit.trim();
    // Without a common commit, the revision itself is what there is to compare.
    let base = git.run(&["merge-base", commit, "HEAD"]);
    let base = base.as_deref().map_or(commit, str::trim);
    let failed = |said: String| {
        let message = format!("failed to ask git what was changed since `{revision}`: {said}");
        Failure::new(Exit::NotDone, message)
    };
    let changed = git
        .run(&[
            "diff",
            "--name-only",
            "-z",
            "--no-renames",
            "--no-ext-diff",
            "--relative",
            base,
            "--",
            ".",
        ])
        .map_err(failed)?;
    let untracked = git
        .run(&[
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--",
            ".",
        ])
        .map_err(failed)?;
    let paths = changed.split('\0').chain(untracked.split('\0'));
    Ok(paths
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect())
}

/// git in a folder.
struct Git<'a> {
    folder: &'a Path,
}

impl Git<'_> {
    /// What git prints; or what it says when it fails, in a line.
    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = Command::new("git")
            // Nothing that the repository configures is run.
            .args([
                "--no-pager",
                "--no-optional-locks",
                "-c",
                "core.fsmonitor=false",
            ])
            .args(arguments)
            .current_dir(self.folder)
            // A hook's variables are relative to another folder.
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_PREFIX")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => "git is not installed".to_owned(),
                _ => error.to_string(),
            })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it failed");
        Err(said.trim_start_matches("fatal: ").to_owned())
    }
}
