//! Pages that change while they are served.
//!
//! Changes are gathered for a moment, as an editor makes several of one; then
//! the pages that they are of are read again, and another table takes the place
//! of the one that requests are answered from. No connection notices.

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
use crate::page::collect::DocsError;
use crate::text::finding::Diagnostic;
pub(crate) use pages::{Changes, Pages};

/// So long nothing else has to change …
const QUIET: Duration = Duration::from_millis(30);
/// … but a change is not kept waiting for longer than this.
const LONGEST: Duration = Duration::from_millis(100);
/// How often a docs root that is gone is looked for.
const LOST: Duration = Duration::from_secs(1);

/// Why changes of pages are not noticed.
#[derive(Debug, Error)]
pub(crate) enum ReloadError {
    /// The system does not tell of changes.
    #[error("failed to watch the docs in `{}`: {source}", root.display())]
    Watch {
        /// The folder.
        root: PathBuf,
        /// What the system said.
        source: notify::Error,
    },
    /// The docs root cannot be read now.
    #[error(transparent)]
    Docs(#[from] DocsError),
}

/// What became of a change.
#[derive(Debug)]
pub(crate) struct Reloaded {
    /// How many pages were read again.
    pub pages: usize,
    /// How many pages are gone.
    pub gone: usize,
    /// How many cases are served now.
    pub cases: usize,
    /// Why pages are served as they last were, by page.
    pub stale: Vec<Diagnostic>,
    /// How long it took from the first word of it.
    pub elapsed: Duration,
}

/// A docs root that is watched, until this is dropped.
#[derive(Debug)]
pub(crate) struct Watching {
    words: Sender<Word>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is told.
enum Word {
    Changed(notify::Result<Event>),
    Stop,
}

/// Watches the pages' root, and answers from another table when they change.
/// `tell` hears what became of each change. An error where the system cannot
/// tell of changes: the pages are then served as they are.
pub(crate) fn watch(
    pages: Pages,
    state: Arc<State>,
    tell: impl FnMut(Result<Reloaded, ReloadError>) + Send + 'static,
) -> Result<Watching, ReloadError> {
    let (words, heard) = mpsc::channel();
    let to_thread = words.clone();
    let watched = watched(pages.root());
    let failed = |source| ReloadError::Watch {
        root: watched.clone(),
        source,
    };
    let handler = move |event: notify::Result<Event>| {
        // Reading a page is told of too, our own reading included.
        if !matches!(&event, Ok(event) if matches!(event.kind, EventKind::Access(_))) {
            // Nobody listens any more when the server ends.
            let _ = to_thread.send(Word::Changed(event));
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
        tell,
    };
    let thread = thread::Builder::new()
        .name("reload".to_owned())
        .spawn(move || reloader.run(&heard))
        .map_err(|error| failed(notify::Error::io(error)))?;
    Ok(Watching {
        words,
        thread: Some(thread),
    })
}

impl Drop for Watching {
    fn drop(&mut self) {
        // The thread may have ended by itself only if it panicked.
        let _ = self.words.send(Word::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What is watched of a docs root: of a single page, the folder that it is in,
/// as editors put another file in its place.
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
    /// Whether the docs root is gone, and nothing is told of it.
    is_lost: bool,
    /// Whether the last attempt failed, and was told of.
    has_failed: bool,
    tell: T,
}

impl<T: FnMut(Result<Reloaded, ReloadError>)> Reloader<T> {
    fn run(mut self, heard: &Receiver<Word>) {
        loop {
            let first = if self.is_lost {
                heard.recv_timeout(LOST)
            } else {
                heard.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let begun = Instant::now();
            let mut changes = Changes::default();
            match first {
                Ok(Word::Changed(event)) => self.note(event, &mut changes),
                Err(RecvTimeoutError::Timeout) => self.find_again(&mut changes),
                Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
            if changes.paths.is_empty() && !changes.everything {
                continue;
            }
            loop {
                let left = LONGEST.saturating_sub(begun.elapsed()).min(QUIET);
                match heard.recv_timeout(left) {
                    Ok(Word::Changed(event)) => self.note(event, &mut changes),
                    Err(RecvTimeoutError::Timeout) => break,
                    Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            self.reload(&changes, begun);
        }
    }

    /// Adds what an event is about.
    fn note(&mut self, event: notify::Result<Event>, changes: &mut Changes) {
        let event = match event {
            Ok(event) => event,
            Err(source) => {
                let root = self.pages.root().to_owned();
                (self.tell)(Err(ReloadError::Watch { root, source }));
                changes.everything = true;
                return;
            }
        };
        changes.everything |= event.need_rescan();
        for path in event.paths {
            let Ok(below) = path.strip_prefix(self.pages.root()) else {
                continue;
            };
            // What is told of a root ends with it; of one that is a page, its
            // folder tells.
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

    /// Watches a root that was gone, if it is there again.
    fn find_again(&mut self, changes: &mut Changes) {
        let root = self.pages.root();
        // It may not be watched any more, which is as well.
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
                    (self.tell)(Err(error.into()));
                }
                return;
            }
        };
        let stale = self.pages.stale();
        if reread.is_other {
            let settings = self.state.table().settings().clone();
            self.state.replace(self.pages.table(settings));
        }
        let is_told = reread.is_other || self.has_failed || *self.state.stale() != stale[..];
        self.has_failed = false;
        self.state.set_stale(stale.clone());
        if is_told {
            (self.tell)(Ok(Reloaded {
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
