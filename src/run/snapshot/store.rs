//! Accepted and pending snapshots: compares, writes, lists and settles them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::deviation::deviations;
use super::file::{Kept, LoadError, Observed, Outline, Stored, load, pending_path, render};
use super::folder::{SnapshotError, names, remove};
use super::name::FileNames;
use crate::text::files;
use crate::text::finding::Diagnostic;

/// What to write; the names are those of `INSTA_UPDATE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Nothing.
    No,
    /// New and different observations as `.snap.new`.
    New,
    /// New observations as `.snap.new`; different ones are accepted at once.
    Unseen,
    /// New and different observations are accepted at once.
    Always,
}

/// What a run does with snapshots.
#[derive(Debug, Clone, Copy)]
pub struct Handling {
    /// What to write.
    pub update: Update,
    /// Whether a response without an accepted snapshot is a failure.
    pub is_required: bool,
}

/// How an observation compares with the accepted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Snapshots are off, or there was nothing to observe.
    Off,
    /// They are equal.
    Match,
    /// Nothing was accepted yet; or it was just accepted because of
    /// [`Update::Always`].
    New,
    /// Nothing is accepted, but a snapshot is required.
    Missing,
    /// They differ.
    Mismatch {
        /// The accepted observation, or why it cannot be read.
        accepted: String,
    },
}

impl State {
    /// The name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Match => "match",
            Self::New => "new",
            Self::Missing => "missing",
            Self::Mismatch { .. } => "mismatch",
        }
    }
}

/// Compares an observation with the accepted one, and updates the files. An
/// unreadable snapshot is a mismatch and a finding. `renew` converts an accepted
/// observation of an earlier version. `outline` is called only if a file is
/// written; if it returns `None`, the accepted outline is kept.
pub(crate) fn check(
    path: &Path,
    observed: &Observed<'_>,
    handling: Handling,
    renew: impl FnOnce(&str) -> String,
    outline: impl FnOnce() -> Option<Outline>,
) -> Result<Checked, SnapshotError> {
    let Handling {
        update,
        is_required,
    } = handling;
    let mut finding = None;
    let accepted = load(path);
    let contents = match &accepted {
        Ok(Some(accepted)) if !observed.has_shape => with_shape(observed.contents, accepted),
        _ => observed.contents.to_owned(),
    };
    let observed = &Observed {
        contents: &contents,
        ..observed.clone()
    };
    let mut kept = None;
    let state = match accepted {
        Ok(None) if is_required => State::Missing,
        Ok(None) => State::New,
        Ok(Some(accepted)) => {
            kept = accepted.kept;
            let accepted = renew(&accepted.contents);
            if accepted.trim_end() == observed.contents.trim_end() {
                State::Match
            } else {
                State::Mismatch { accepted }
            }
        }
        Err(LoadError::Read(error)) => return Err(SnapshotError::new("read", path, error)),
        Err(LoadError::Syntax(diagnostic)) => {
            let accepted = format!("unreadable: {}", diagnostic.message);
            finding = Some(*diagnostic);
            State::Mismatch { accepted }
        }
    };
    let pending = pending_path(path);
    let write = |path: &Path, text: &str| {
        files::write(path, text).map_err(|error| SnapshotError::new("write", path, error))
    };
    let written = |line| {
        let outline = outline().or_else(|| kept.as_ref()?.outline());
        render(observed, line, outline.as_ref())
    };
    let mut checked = Checked {
        state,
        finding,
        contents: contents.clone(),
        kept: kept.clone(),
    };
    match (update, &checked.state) {
        (Update::No, _) | (_, State::Off) => {}
        (Update::New, State::New | State::Missing | State::Mismatch { .. })
        | (Update::Unseen, State::New | State::Missing) => {
            write(&pending, &written(Some(observed.line)))?;
        }
        (_, State::Match) => {
            // Snapshots of the mock or of older versions have no outline.
            let has_outline = || kept.as_ref().and_then(Kept::outline).is_some();
            if update == Update::Always && observed.has_shape && !has_outline() {
                write(path, &written(None))?;
            }
            remove(&pending)?;
        }
        (Update::Unseen | Update::Always, _) => {
            write(path, &written(None))?;
            remove(&pending)?;
            checked.state = State::New;
            checked.finding = None;
        }
    }
    Ok(checked)
}

/// The result of comparing an observation with the accepted one.
#[derive(Debug)]
pub(crate) struct Checked {
    /// How they compare.
    pub state: State,
    /// A finding about the file.
    pub finding: Option<Diagnostic>,
    /// The observation. If it does not cover the shape of the body, it includes
    /// the accepted shape.
    pub contents: String,
    /// The metadata of the accepted snapshot.
    pub kept: Option<Kept>,
}

/// Adds the accepted shape of the body to an observation.
fn with_shape(contents: &str, accepted: &Stored) -> String {
    let shape = accepted.contents.lines();
    let shape = shape.filter(|line| line.starts_with("body $"));
    std::iter::once(contents)
        .chain(shape)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A file with the name of a snapshot that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub path: PathBuf,
    /// Why it cannot be read.
    pub finding: Diagnostic,
}

/// Lists the pending snapshots by file name.
pub(crate) fn pending(folder: &Path) -> Result<(Vec<Stored>, Vec<Broken>), SnapshotError> {
    stored(folder, ".snap.new", &HashSet::new())
}

/// A snapshot or a deviation whose file name is that of no case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Orphan {
    /// The id in the file.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// The file name of the snapshot of the case with this id, if there is one.
    name_of_case: Option<String>,
}

impl Orphan {
    /// Why the file is orphaned.
    pub(crate) fn reason(&self) -> String {
        match &self.name_of_case {
            Some(name) => format!("the snapshot of `{}` is `{name}`", self.id),
            None => format!("no case `{}`", self.id),
        }
    }
}

/// Lists the accepted snapshots of pages under `docs` whose name is that of no
/// case in `ids`, and deviations that belong to them or have no snapshot. Also
/// returns findings for files that cannot be read.
pub(crate) fn orphans<'a>(
    folder: &Path,
    docs: &str,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<(Vec<Orphan>, Vec<Diagnostic>), SnapshotError> {
    let ids: HashSet<&str> = ids.into_iter().collect();
    let file_names = FileNames::of(ids.iter().copied());
    let known: HashSet<String> = ids.iter().map(|id| file_names.name(id)).collect();
    let (snapshots, broken) = stored(folder, ".snap", &known)?;
    let below = if docs.is_empty() {
        String::new()
    } else {
        format!("{docs}/")
    };
    let mut orphans: Vec<Orphan> = snapshots
        .into_iter()
        .filter(|snapshot| snapshot.source.starts_with(&below))
        .map(|snapshot| Orphan {
            name_of_case: ids
                .contains(&*snapshot.id)
                .then(|| file_names.name(&snapshot.id)),
            id: snapshot.id,
            path: snapshot.path,
        })
        .collect();
    let gone: HashSet<PathBuf> = orphans.iter().map(|orphan| orphan.path.clone()).collect();
    let mut findings: Vec<Diagnostic> = broken.into_iter().map(|broken| broken.finding).collect();
    let (deviations, unread) = deviations(folder)?;
    findings.extend(unread);
    for deviation in deviations {
        let name = file_names.name(&deviation.id);
        let snapshot = folder.join(&name);
        if !known.contains(&name) && (gone.contains(&snapshot) || !snapshot.exists()) {
            orphans.push(Orphan {
                id: deviation.id,
                path: deviation.path,
                name_of_case: None,
            });
        }
    }
    Ok((orphans, findings))
}

/// Lists the accepted snapshots by file name.
pub fn accepted(folder: &Path) -> Result<(Vec<Stored>, Vec<Broken>), SnapshotError> {
    stored(folder, ".snap", &HashSet::new())
}

fn stored(
    folder: &Path,
    suffix: &str,
    except: &HashSet<String>,
) -> Result<(Vec<Stored>, Vec<Broken>), SnapshotError> {
    let mut stored = Vec::new();
    let mut broken = Vec::new();
    for name in names(folder, suffix)? {
        if except.contains(&name) {
            continue;
        }
        let path = folder.join(name);
        match load(&path) {
            Ok(snapshot) => stored.extend(snapshot),
            Err(LoadError::Read(error)) => return Err(SnapshotError::new("read", &path, error)),
            Err(LoadError::Syntax(finding)) => broken.push(Broken {
                path,
                finding: *finding,
            }),
        }
    }
    Ok((stored, broken))
}

/// Accepts a pending snapshot.
pub(crate) fn accept(pending: &Stored) -> Result<(), SnapshotError> {
    let path = pending.path.with_extension("");
    let observed = Observed {
        id: &pending.id,
        source: &pending.source,
        line: 0,
        expression: &pending.expression,
        contents: &pending.contents,
        has_shape: true,
    };
    let outline = pending.kept.as_ref().and_then(Kept::outline);
    files::write(&path, &render(&observed, None, outline.as_ref()))
        .map_err(|error| SnapshotError::new("write", &path, error))?;
    remove(&pending.path)
}

#[cfg(test)]
mod tests;
