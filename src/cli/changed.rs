//! `--changed-since`: what changed since a git revision, and the pages and cases that
//! it affects.

mod git;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;

use super::check::settings;
use super::docs::Docs;
use super::exit::{Exit, Failure};
use crate::check::rules::{self, Files, Site};
use crate::page::case::Case;
use crate::page::survey::{self, Survey};
use crate::project::config::{Config, FILE};
use crate::report::plural;
use crate::run::select::Subject;
use crate::run::snapshot::FileNames;
use crate::text::source::Page;
use git::{Git, is_page};

/// Maximum number of pages whose previous version is read.
const MOST_BEFORE: usize = 2000;
/// Maximum depth of repositories in repositories.
const DEEPEST: usize = 8;

/// What changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    /// The files, relative to the docs root. Those outside start with `../`.
    paths: BTreeSet<String>,
    /// The folders whose files all count as changed, with a `/` at the end.
    folders: Vec<String>,
    /// The previous versions of the changed pages.
    before: Vec<Page>,
    /// The file names of the changed snapshots.
    snapshots: BTreeSet<String>,
    /// Why everything counts as changed, if it does.
    pub everything: Option<String>,
    /// What the user should know about the changes.
    pub notes: Vec<String>,
}

/// The files of a project that a command depends on, besides the docs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// The configuration.
    Configuration,
    /// The configuration, scenarios and snapshots.
    Everything,
}

/// The cases affected by changes.
pub(super) struct Affected {
    pages: BTreeSet<String>,
    snapshots: BTreeSet<String>,
    file_names: FileNames,
    /// Why every case is affected, if so.
    pub everything: Option<String>,
    /// What the user should know about the changes.
    pub notes: Vec<String>,
}

impl Affected {
    /// Whether a case is affected: through its page, or through one of its snapshots.
    pub(super) fn takes(&self, subject: &Subject<'_>) -> bool {
        self.everything.is_some()
            || self.pages.contains(&*subject.case.page)
            || subject
                .ids()
                .any(|id| self.snapshots.contains(&self.file_names.name(&id)))
    }
}

/// The cases affected by changes since a revision: those of changed pages, of pages that
/// link to them, include them or use their types, and those with changed snapshots.
pub(super) fn affected(
    found: &Docs,
    config: &Config,
    cases: &[Case],
    revision: &str,
    threads: NonZeroUsize,
) -> Result<Affected, Failure> {
    if found.are_case_files {
        let message = "--changed-since requires pages, not case files";
        return Err(Failure::new(Exit::Usage, message).help("name the folder of the pages"));
    }
    let mut changed = since(found, config, revision, Reads::Everything)?;
    let pages = if changed.everything.is_some() || changed.is_empty() {
        BTreeSet::new()
    } else {
        let Survey { pages, others, .. } = survey::survey(&found.root)?;
        let (pages, _) = survey::read_all(&pages, threads);
        let (settings, used, _) = settings::read(found, config, &pages, &others);
        changed.note_settings(&used, found);
        // Link targets are not checked here.
        let files = Files::default();
        let parsed = rules::parse(&pages, &settings, threads);
        let site = Site::new(&parsed, &files, &settings);
        changed.scope(&site, threads)
    };
    Ok(Affected {
        pages,
        snapshots: changed.snapshots,
        file_names: FileNames::of(cases.iter().map(|case| case.id.as_str())),
        everything: changed.everything,
        notes: changed.notes,
    })
}

impl Changed {
    /// Whether no file of the docs changed.
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.folders.is_empty() && self.everything.is_none()
    }

    /// Counts everything as changed if a file of settings in the docs changed: one that is
    /// used, or one that no longer exists and may have been used.
    pub(super) fn note_settings(&mut self, used: &[String], found: &Docs) {
        let is_setting = |path: &&String| {
            let extension = Path::new(path).extension();
            let is_json = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            used.contains(path)
                || (is_json && !path.starts_with("../") && !found.path(path).exists())
        };
        if let Some(path) = self.paths.iter().find(is_setting) {
            let path = found.file(path);
            self.everything = Some(format!("`{path}` may change the settings of all pages"));
        }
    }

    /// The changed pages, and the pages affected by them.
    pub(super) fn scope(&mut self, site: &Site<'_>, threads: NonZeroUsize) -> BTreeSet<String> {
        for parsed in site.pages {
            let page = &*parsed.page.path;
            if self
                .folders
                .iter()
                .any(|folder| page.starts_with(&**folder))
            {
                self.paths.insert(page.to_owned());
            }
        }
        let mut paths = std::mem::take(&mut self.paths);
        paths.extend(rules::dependants(site, &paths, &self.before, threads));
        paths
    }

    /// Adds the changes of a repository in the folder of `git`. `names` gives the path
    /// relative to the docs of a path in it.
    fn add(
        &mut self,
        git: &Git,
        base: &str,
        names: &dyn Fn(&str) -> String,
        depth: usize,
    ) -> Result<(), String> {
        let differing = git.differing(base)?;
        let mut pages = Vec::new();
        for path in &differing {
            let name = names(path);
            if git.folder.join(path).is_dir() {
                self.add_repository(git, base, path, &name, depth)?;
            }
            // A page outside the docs can be included.
            if is_page(path) && !path.contains('\n') && !name.starts_with("../") {
                pages.push((path.as_str(), name.clone()));
            }
            self.paths.insert(name);
        }
        if self.before.len() + pages.len() > MOST_BEFORE {
            let pages = plural(self.before.len() + pages.len(), "page");
            self.everything = Some(format!("{pages} changed"));
            return Ok(());
        }
        let files: Vec<(&str, &str)> = pages.iter().map(|(path, name)| (*path, &**name)).collect();
        self.before.extend(git.pages(base, &files)?);
        Ok(())
    }

    /// Adds the changes of a repository in another one, such as a submodule.
    fn add_repository(
        &mut self,
        git: &Git,
        base: &str,
        path: &str,
        name: &str,
        depth: usize,
    ) -> Result<(), String> {
        let folder = git.folder.join(path);
        let inner = Git { folder };
        let is_own = inner.place().is_ok_and(|(_, prefix)| prefix.is_empty());
        if !is_own {
            // A submodule that is not checked out has no pages.
            return Ok(());
        }
        let commit = git.run(&[
            "rev-parse",
            "--verify",
            "--quiet",
            &format!("{base}:{path}"),
        ]);
        let commit = commit.ok().map(|commit| commit.trim().to_owned());
        let is_known = |commit: &String| {
            let object = format!("{commit}^{{commit}}");
            inner.run(&["cat-file", "-e", &object]).is_ok()
        };
        match commit {
            Some(commit) if is_known(&commit) && depth < DEEPEST => {
                let names = |inside: &str| format!("{name}/{inside}");
                self.add(&inner, &commit, &names, depth + 1)
            }
            Some(_) => {
                self.everything = Some(format!("the earlier state of `{path}` is not available"));
                Ok(())
            }
            None => {
                self.folders.push(format!("{name}/"));
                Ok(())
            }
        }
    }
}

/// What changed since the merge base with a revision.
pub(super) fn since(
    found: &Docs,
    config: &Config,
    revision: &str,
    reads: Reads,
) -> Result<Changed, Failure> {
    if revision.is_empty() || revision.starts_with('-') {
        let message = format!("`{revision}` is not a revision");
        return Err(Failure::new(Exit::Usage, message)
            .help("name a branch, a tag or a commit, such as origin/main"));
    }
    let folder = folder(&found.root);
    let docs = Git {
        folder: folder.to_owned(),
    };
    let (top, prefix) = docs.place().map_err(|error| {
        let message = format!("`{}` is not in a git repository: {error}", folder.display());
        Failure::new(Exit::Usage, message)
    })?;
    let base = docs.base(revision)?;
    let git = Git { folder: top };
    let mut changed = Changed::default();
    let failed = |error: String| {
        let message = format!("failed to list changes since `{revision}` with git: {error}");
        Failure::new(Exit::NotDone, message)
    };
    let names = |path: &str| relative(path, &prefix);
    changed.add(&git, &base, &names, 0).map_err(failed)?;
    changed.add_ignored(&git, &prefix).map_err(failed)?;
    changed
        .add_project(&git, &prefix, config, reads)
        .map_err(failed)?;
    Ok(changed)
}

/// The folder of the docs.
fn folder(root: &Path) -> &Path {
    if !root.is_file() {
        return root;
    }
    let parent = root.parent();
    let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// A path of the repository, relative to the folder with this prefix.
fn relative(path: &str, prefix: &str) -> String {
    if let Some(inside) = path.strip_prefix(prefix) {
        return inside.to_owned();
    }
    let shared = path
        .split_inclusive('/')
        .zip(prefix.split_inclusive('/'))
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len())
        .sum::<usize>();
    let up = prefix[shared..].matches('/').count();
    "../".repeat(up) + &path[shared..]
}

impl Changed {
    /// Adds the pages that git ignores, because it does not know whether they changed.
    fn add_ignored(&mut self, git: &Git, prefix: &str) -> Result<(), String> {
        let below = if prefix.is_empty() { "." } else { prefix };
        let mut count = 0;
        for path in git.ignored(&[below])? {
            if is_page(&path) {
                count += 1;
                self.paths.insert(relative(&path, prefix));
            }
        }
        if count > 0 {
            let pages = plural(count, "page");
            self.notes.push(format!(
                "{pages} ignored by git: counted as changed, because git does not know"
            ));
        }
        Ok(())
    }

    /// Adds the changes of the project's other files.
    fn add_project(
        &mut self,
        git: &Git,
        prefix: &str,
        config: &Config,
        reads: Reads,
    ) -> Result<(), String> {
        let all = [
            &config.project.join(FILE),
            &config.scenarios,
            &config.snapshots,
        ];
        let count = match reads {
            Reads::Configuration => 1,
            Reads::Everything => all.len(),
        };
        let files = &all[..count];
        let place = Git {
            folder: config.project.clone(),
        };
        let place = place.place();
        let Some((_, project)) = place.ok().filter(|(top, _)| *top == git.folder) else {
            // A deleted file is not seen, but its repository is not that of the docs.
            if let Some(file) = files.iter().find(|file| file.exists()) {
                let name = file.strip_prefix(&config.project).unwrap_or(file);
                let name = name.display();
                self.everything =
                    Some(format!("`{name}` is not in the git repository of the docs"));
            }
            return Ok(());
        };
        let in_project = |path: &Path| {
            let path = path.strip_prefix(&config.project).unwrap_or(path);
            let parts = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy());
            project.clone() + &parts.collect::<Vec<_>>().join("/")
        };
        let [file, scenarios, snapshots] = all.map(|path| in_project(path));
        let below: Vec<String> = files.iter().map(|path| in_project(path)).collect();
        let below: Vec<&str> = below.iter().map(String::as_str).collect();
        let ignored = git.ignored(&below)?;
        let ignored: BTreeSet<String> = ignored.iter().map(|path| relative(path, prefix)).collect();
        let changed = self.paths.iter().chain(&ignored);
        let mut everything = None;
        for path in changed {
            let is_at = |at: &str| {
                let at = relative(at, prefix);
                path.strip_prefix(&*at)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if is_at(&file) {
                everything = Some(format!("`{FILE}` changed"));
            } else if reads == Reads::Everything && is_at(&scenarios) {
                let name = path.rsplit('/').next().unwrap_or_default();
                everything = Some(format!("the scenarios in `{name}` changed"));
            } else if reads == Reads::Everything && is_at(&snapshots) {
                let name = path.rsplit('/').next().unwrap_or_default();
                self.snapshots
                    .insert(name.replace(".deviation.yaml", ".snap"));
            }
        }
        self.everything = self.everything.take().or(everything);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, prefix: &str, expected: &str) {
        assert_eq!(relative(path, prefix), expected);
    }

    #[test]
    fn names_files_relative_to_the_docs() {
        check("a.md", "", "a.md");
        check("docs/api/a.md", "docs/", "api/a.md");
        check("a.md", "docs/", "../a.md");
        check("specs/x/a.md", "specs/docs/", "../x/a.md");
        check("specs/docs.md", "specs/docs/", "../docs.md");
        check("docs2/a.md", "docs/v1/", "../../docs2/a.md");
    }
}
