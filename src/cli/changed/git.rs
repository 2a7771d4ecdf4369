//! Runs git, without a shell.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::cli::exit::{Exit, Failure};
use crate::run::environment::git;
use crate::text::source::Page;

/// git in a folder.
#[derive(Clone)]
pub(super) struct Git {
    pub folder: PathBuf,
}

impl Git {
    /// Runs git and returns its standard output, or the first line of its error.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<String, String> {
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

    /// The root of the repository, and the path of the folder in it: empty, or with a
    /// `/` at the end.
    pub(super) fn place(&self) -> Result<(PathBuf, String), String> {
        let line = |argument| {
            let text = self.run(&["rev-parse", argument])?;
            Ok::<_, String>(text.trim_end_matches(['\n', '\r']).to_owned())
        };
        Ok((line("--show-toplevel")?.into(), line("--show-prefix")?))
    }

    /// The commit that a revision is compared from: its merge base with the current
    /// commit. Without one, the revision itself.
    pub(super) fn base(&self, revision: &str) -> Result<String, Failure> {
        let commit = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        let commit = self.run(&arguments).map_err(|_| {
            let message = format!("unknown git revision `{revision}`");
            Failure::new(Exit::Usage, message)
                .help("fetch it first; a shallow clone in CI may need `fetch-depth: 0`")
        })?;
        let commit = commit.trim();
        let base = self.run(&["merge-base", commit, "HEAD"]);
        Ok(base.as_deref().map_or(commit, str::trim).to_owned())
    }

    /// The files of the repository that differ from a commit: in later commits, in the
    /// index, in the working tree, or untracked. Includes deleted files. Paths are
    /// relative to the folder, which is the root of the repository. That of a repository
    /// in it is the path of its folder.
    pub(super) fn differing(&self, commit: &str) -> Result<BTreeSet<String>, String> {
        let changed = self.run(&[
            "diff",
            "--name-only",
            "-z",
            "--no-renames",
            "--no-ext-diff",
            "--ignore-submodules=none",
            commit,
            "--",
        ])?;
        let untracked = self.run(&["ls-files", "-z", "--others", "--exclude-standard"])?;
        let paths = changed.split('\0').chain(untracked.split('\0'));
        let paths = paths.map(|path| path.trim_end_matches('/'));
        let paths = paths.filter(|path| !path.is_empty());
        Ok(paths.map(str::to_owned).collect())
    }

    /// The files below these paths that git ignores.
    pub(super) fn ignored(&self, below: &[&str]) -> Result<Vec<String>, String> {
        let arguments = [
            "--literal-pathspecs",
            "ls-files",
            "-z",
            "--others",
            "--ignored",
            "--exclude-standard",
            "--",
        ];
        let paths = self.run(&[&arguments[..], below].concat())?;
        let paths = paths.split('\0').filter(|path| !path.is_empty());
        Ok(paths.map(str::to_owned).collect())
    }

    /// Reads files at a commit, each given by its path and by the name of the page. Skips
    /// those that do not exist there.
    pub(super) fn pages(&self, commit: &str, files: &[(&str, &str)]) -> Result<Vec<Page>, String> {
        if files.is_empty() {
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
        let names = files.iter().map(|(path, _)| format!("{commit}:{path}\n"));
        let names: String = names.collect();
        let output = thread::scope(|scope| {
            // git writes while it reads; doing both in turn would deadlock.
            scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(names.as_bytes())));
            child.wait_with_output()
        });
        let output = output.map_err(text)?.stdout;
        let mut rest = &output[..];
        let mut before = Vec::new();
        for (_, name) in files {
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
                before.push(Page::new(*name, text));
            }
        }
        Ok(before)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = git(&self.folder);
        command.args(arguments);
        command
    }
}

/// Whether a path names a page.
pub(super) fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}
