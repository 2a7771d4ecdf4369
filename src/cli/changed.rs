//! `--changed-since`: asks git which files changed. Runs git directly, without a
//! shell.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use super::check::settings;
use super::docs::Docs;
use super::exit::{Exit, Failure};
use crate::check::rules::{self, Files, Site};
use crate::page::collect::{self, Survey};
use crate::project::config::Config;
use crate::text::source::Page;

/// The changed files.
#[derive(Debug)]
pub(super) struct Changed {
    /// The files, relative to the docs root.
    pub paths: BTreeSet<String>,
    /// The previous versions of the changed pages.
    pub before: Vec<Page>,
}

impl Changed {
    /// The changed files and the pages affected by them.
    pub(super) fn scope(self, site: &Site<'_>, threads: NonZeroUsize) -> BTreeSet<String> {
        let mut paths = self.paths;
        paths.extend(rules::dependants(site, &paths, &self.before, threads));
        paths
    }
}

/// The pages affected by changes since a revision: changed pages, and pages that link
/// to them, include them or use their types.
pub(super) fn pages(
    found: &Docs,
    config: &Config,
    revision: &str,
    threads: NonZeroUsize,
) -> Result<BTreeSet<String>, Failure> {
    if found.are_case_files {
        let message = "--changed-since requires pages, not case files";
        return Err(Failure::new(Exit::Usage, message).help("name the folder of the pages"));
    }
    let changed = since(&found.root, revision)?;
    if changed.paths.is_empty() {
        return Ok(changed.paths);
    }
    let Survey { pages, others, .. } = collect::survey(&found.root)?;
    let (pages, _) = collect::read_all(&pages, threads);
    let (settings, ..) = settings::read(found, config, &others);
    // Link targets are not checked here.
    let files = Files::default();
    let parsed = rules::parse(&pages, threads);
    let site = Site::new(&parsed, &files, &settings);
    Ok(changed.scope(&site, threads))
}

/// Maximum number of pages whose previous version is read.
const MAX_BEFORE: usize = 2000;

/// Lists the files below the docs root that differ from the merge base with the
/// revision: in commits, in the index, in the working tree, or untracked. Includes
/// deleted files. Paths are relative to the root.
pub(super) fn since(root: &Path, revision: &str) -> Result<Changed, Failure> {
    let folder = if root.is_file() {
        root.parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
    } else {
        root
    };
    if revision.is_empty() || revision.starts_with('-') {
        let message = format!("`{revision}` is not a revision");
        return Err(Failure::new(Exit::Usage, message)
            .help("name a branch, a tag or a commit, such as origin/main"));
    }
    let git = Git { folder };
    git.run(&["rev-parse", "--is-inside-work-tree"])
        .map_err(|error| {
            let message = format!("`{}` is not in a git repository: {error}", folder.display());
            Failure::new(Exit::Usage, message)
        })?;
    let commit = format!("{revision}^{{commit}}");
    let unknown = |_| {
        let message = format!("unknown git revision `{revision}`");
        Failure::new(Exit::Usage, message)
            .help("fetch it first; a shallow clone in CI may need `fetch-depth: 0`")
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
    // Without a merge base, compare with the revision itself.
    let base = git.run(&["merge-base", commit, "HEAD"]);
    let base = base.as_deref().map_or(commit, str::trim);
    let failed = |error: String| {
        let message = format!("failed to list changes since `{revision}` with git: {error}");
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
    let paths = paths.filter(|path| !path.is_empty()).map(str::to_owned);
    let paths: BTreeSet<String> = paths.collect();
    let before = git.pages(base, &paths).map_err(failed)?;
    Ok(Changed { paths, before })
}

/// git in a folder.
struct Git<'a> {
    folder: &'a Path,
}

impl Git<'_> {
    /// Runs git and returns its standard output, or the first line of its error.
    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self
            .command(arguments)
            .output()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => "git is not installed".to_owned(),
                _ => error.to_string(),
            })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let error = String::from_utf8_lossy(&output.stderr);
        let error = error.lines().next().unwrap_or("git failed");
        Err(error.trim_start_matches("fatal: ").to_owned())
    }

    /// Reads the pages among the paths at a commit. Skips those that do not exist there.
    fn pages(&self, commit: &str, paths: &BTreeSet<String>) -> Result<Vec<Page>, String> {
        let is_page = |path: &&String| {
            let extension = Path::new(path).extension();
            extension.is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
                && !path.contains('\n')
        };
        let pages: Vec<&String> = paths.iter().filter(is_page).take(MAX_BEFORE).collect();
        if pages.is_empty() {
            return Ok(Vec::new());
        }
        let text = |error: io::Error| error.to_string();
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(text)?;
        let stdin = child.stdin.take();
        let names = pages.iter().map(|path| format!("{commit}:./{path}\n"));
        let names: String = names.collect();
        let output = thread::scope(|scope| {
            // git writes while it reads; doing both in turn would deadlock.
            scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(names.as_bytes())));
            child.wait_with_output()
        });
        let output = output.map_err(text)?.stdout;
        let mut rest = &output[..];
        let mut before = Vec::new();
        for path in pages {
            let end = memchr::memchr(b'\n', rest).ok_or("its output ends early")?;
            let head = String::from_utf8_lossy(&rest[..end]);
            rest = &rest[end + 1..];
            // `<object> blob <size>`, or `<object> missing`.
            let Some((_, size)) = head.rsplit_once(" blob ") else {
                continue;
            };
            let size: usize = size.parse().map_err(|_| "its output has no size")?;
            let bytes = rest.get(..size).ok_or("its output ends within a file")?;
            rest = rest.get(size + 1..).unwrap_or_default();
            if let Ok(text) = String::from_utf8(bytes.to_vec()) {
                before.push(Page::new(path.as_str(), text));
            }
        }
        Ok(before)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            // Runs nothing that the repository configures.
            .args([
                "--no-pager",
                "--no-optional-locks",
                "-c",
                "core.fsmonitor=false",
            ])
            .args(arguments)
            .current_dir(self.folder)
            // The variables of a git hook are relative to another folder.
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_PREFIX")
            .stdin(Stdio::null());
        command
    }
}
