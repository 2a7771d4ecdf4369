//! Reloads pages while they are served.
//!
//! Changes are collected for a moment, because editors cause several at once.
//! Then the changed pages are read again, and a new table replaces the served
//! one. Open connections are not affected.

mod pages;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use notify::event::ModifyKind;
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use thiserror::Error;

use super::state::State;
use crate::page::survey::DocsError;
use crate::text::finding::Diagnostic;
pub(crate) use pages::{Changes, Pages};

/// Reload after this time without a further change …
const QUIET: Duration = Duration::from_millis(30);
/// … but at most this long after the first one.
const LONGEST: Duration = Duration::from_millis(100);
/// Interval of looking for a docs root that is gone.
const LOST: Duration = Duration::from_secs(1);

/// Why pages cannot be reloaded.
#[derive(Debug, Error)]
pub(crate) enum ReloadError {
    /// The operating system does not report changes.
    #[error("failed to watch the docs in `{}`: {source}", root.display())]
    Watch {
        /// The folder.
        root: PathBuf,
        /// The error of the operating system.
        source: notify::Error,
    },
    /// The docs root cannot be read.
    #[error(transparent)]
    Docs(#[from] DocsError),
}

/// The result of a reload.
#[derive(Debug)]
pub(crate) struct Reloaded {
    /// The number of pages that were read.
    pub pages: usize,
    /// The number of pages that were removed.
    pub gone: usize,
    /// The number of cases that are served.
    pub cases: usize,
    /// Why the previous version of pages is served, by page.
    pub stale: Vec<Diagnostic>,
    /// The time since the first change.
    pub elapsed: Duration,
}

/// A watched docs root; dropping this ends the watching.
#[derive(Debug)]
pub(crate) struct Watching {
    messages: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

/// A message to the thread.
enum Message {
    Changed(notify::Result<Event>),
    Stop,
}

/// Watches the pages' root, and replaces the served table when they change.
/// Calls `report` with the result of each reload. Fails if the operating system
/// cannot report changes; the pages are then served as they are.
pub(crate) fn watch(
    pages: Pages,
    state: Arc<State>,
    report: impl FnMut(Result<Reloaded, ReloadError>) + Send + 'static,
) -> Result<Watching, ReloadError> {
    let (messages, receiver) = mpsc::channel();
    let to_thread = messages.clone();
    let watched = watched(pages.root());
    let failed = |source| ReloadError::Watch {
        root: watched.clone(),
        source,
    };
    let handler = move |event: notify::Result<Event>| {
        // Reading a page is reported too, including our own reads.
        if !matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(_))) {
            // The receiver is gone when the server ends.
            let _ = to_thread.send(Message::Changed(event));
        }
    };
    let config = Config::default().with_follow_symlinks(false);
    let mut watcher = RecommendedWatcher::new(handler, config).map_err(failed)?;
    start(&mut watcher, pages.root()).map_err(failed)?;
    let reloader = Reloader {
        pages,
        state,
        watcher,
        is_lost: false,
        has_failed: false,
        report,
    };
    let thread = thread::Builder::new()
        .name("reload".to_owned())
        .spawn(move || reloader.run(&receiver))
        .map_err(|error| failed(notify::Error::io(error)))?;
    Ok(Watching {
        messages,
        thread: Some(thread),
    })
}

impl Drop for Watching {
    fn drop(&mut self) {
        // Fails only if the thread panicked.
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The folder to watch. For a single page it is the page's folder, because
/// editors replace files.
fn watched(root: &Path) -> PathBuf {
    let folder = root.parent().filter(|_| root.is_file());
    folder.unwrap_or(root).to_owned()
}

fn start(watcher: &mut RecommendedWatcher, root: &Path) -> notify::Result<()> {
    let mode = if root.is_file() {
        RecursiveMode::NonRecursive
    } else {
        RecursiveMode::Recursive
    };
    watcher.watch(&watched(root), mode)
}

struct Reloader<T> {
    pages: Pages,
    state: Arc<State>,
    watcher: RecommendedWatcher,
    /// Whether the docs root is gone, so that no changes are reported.
    is_lost: bool,
    /// Whether the last attempt failed, and that was reported.
    has_failed: bool,
    report: T,
}

impl<T: FnMut(Result<Reloaded, ReloadError>)> Reloader<T> {
    fn run(mut self, receiver: &Receiver<Message>) {
        loop {
            let first = if self.is_lost {
                receiver.recv_timeout(LOST)
            } else {
                receiver.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let begun = Instant::now();
            let mut changes = Changes::default();
            match first {
                Ok(Message::Changed(event)) => self.note(event, &mut changes),
                Err(RecvTimeoutError::Timeout) => self.watch_again(&mut changes),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
            if changes.paths.is_empty() && !changes.everything {
                continue;
            }
            loop {
                let left = LONGEST.saturating_sub(begun.elapsed()).min(QUIET);
                match receiver.recv_timeout(left) {
                    Ok(Message::Changed(event)) => self.note(event, &mut changes),
                    Err(RecvTimeoutError::Timeout) => break,
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            self.reload(&changes, begun);
        }
    }

    /// Adds the paths of an event to the changes.
    fn note(&mut self, event: notify::Result<Event>, changes: &mut Changes) {
        let event = match event {
            Ok(event) => event,
            Err(source) => {
                let root = self.pages.root().to_owned();
                (self.report)(Err(ReloadError::Watch { root, source }));
                changes.everything = true;
                return;
            }
        };
        changes.everything |= event.need_rescan();
        for path in event.paths {
            let Ok(below) = path.strip_prefix(self.pages.root()) else {
                continue;
            };
            // Events for a folder end when it is removed; events for a single
            // page come from its folder.
            let is_gone = matches!(
                event.kind,
                EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
            );
            self.is_lost |= is_gone && below.as_os_str().is_empty();
            let is_hidden = |name: &OsStr| name.to_string_lossy().starts_with('.');
            if !below.iter().any(is_hidden) {
                changes.paths.insert(path);
            }
        }
    }

    /// Watches the root again after it was gone.
    fn watch_again(&mut self, changes: &mut Changes) {
        let root = self.pages.root();
        // It may not be watched any more.
        let _ = self.watcher.unwatch(&watched(root));
        self.is_lost = start(&mut self.watcher, root).is_err();
        changes.everything |= !self.is_lost;
    }

    fn reload(&mut self, changes: &Changes, begun: Instant) {
        let reread = match self.pages.reread(changes) {
            Ok(reread) => reread,
            Err(error) => {
                self.is_lost = true;
                if !self.has_failed {
                    self.has_failed = true;
                    (self.report)(Err(error.into()));
                }
                return;
            }
        };
        let stale = self.pages.stale();
        if reread.is_changed {
            let settings = self.state.table().settings().clone();
            self.state.replace(self.pages.table(settings));
        }
        let should_report =
            reread.is_changed || self.has_failed || *self.state.stale() != stale[..];
        self.has_failed = false;
        self.state.set_stale(stale.clone());
        if should_report {
            (self.report)(Ok(Reloaded {
                pages: reread.pages,
                gone: reread.gone,
                cases: self.pages.cases().len(),
                stale,
                elapsed: begun.elapsed(),
            }));
        }
    }
}

#[cfg(test)]
mod tests;
