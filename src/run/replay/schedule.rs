//! Many pieces of work at once: bounded concurrency, results in order, and an
//! end at any moment.

use std::collections::BTreeMap;
use std::future::Future;
use std::mem;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How often results are looked at while work is under way. To be woken for
/// each one would cost more than an exchange itself.
const TICK: Duration = Duration::from_millis(5);

/// Tells work that is under way to come to its end.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A word that is never given.
    pub(crate) fn never() -> Self {
        Self(watch::channel(false).1)
    }

    /// Waits for the word to stop.
    pub(crate) async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|stop| *stop).await.is_err() {
            // Nobody is left who could give it.
            std::future::pending::<()>().await;
        }
    }

    /// Whether the word was given.
    pub(crate) fn is_set(&self) -> bool {
        *self.0.borrow()
    }
}

/// Work that is done piece by piece, by index.
pub(super) trait Work: Send + Sync + 'static {
    /// What comes of a piece.
    type Output: Send + 'static;

    /// Does a piece. Told to stop, or begun after that, it ends as soon as it
    /// decently can; nothing comes of a piece that was given up.
    fn piece(&self, index: usize, stop: &Stop)
    -> impl Future<Output = Option<Self::Output>> + Send;

    /// Whether nothing more is to be begun after what came of a piece.
    fn is_enough(&self, output: &Self::Output) -> bool;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All pieces were done.
    Complete,
    /// What came of one was enough.
    Enough,
    /// It was cancelled, or what came was wanted no more.
    Cancelled,
}

/// Does pieces, at most `jobs` at a time, beginning them in this order, which
/// has each index once. `done` gets what came of each in the order of the
/// indexes, and may end the run.
///
/// `cancel` may resolve more than once, as a signal does: at the first time
/// nothing new is begun, and what is under way is waited for; at the second
/// that is given up too.
pub(super) async fn run<W: Work, C: Future<Output = ()>>(
    work: &Arc<W>,
    begin: Vec<usize>,
    jobs: NonZeroUsize,
    cancel: impl Fn() -> C,
    mut done: impl FnMut(usize, W::Output) -> ControlFlow<()>,
) -> End {
    let count = begin.len();
    let shared = Arc::new(Shared {
        work: Arc::clone(work),
        begin,
        next: AtomicUsize::new(0),
        stop: watch::channel(false).0,
        is_enough: AtomicBool::new(false),
        outputs: Mutex::new(Vec::new()),
    });
    // Dropped, the set aborts its tasks.
    let mut tasks = JoinSet::new();
    for _ in 0..jobs.get().min(count) {
        tasks.spawn(Arc::clone(&shared).work_off());
    }
    let mut order = Order {
        count,
        at: 0,
        early: BTreeMap::new(),
    };
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cancelled = Box::pin(cancel());
    let mut wanted = ControlFlow::Continue(());
    let mut is_cancelled = false;
    loop {
        let ended = tokio::select! {
            joined = tasks.join_next() => {
                // A task that panicked is a fault of this program, not an end.
                if let Some(Err(error)) = joined
                    && let Ok(panicked) = error.try_into_panic()
                {
                    panic::resume_unwind(panicked);
                }
                tasks.is_empty()
            }
            _ = tick.tick() => false,
            () = &mut cancelled => {
                shared.stop.send_replace(true);
                cancelled.set(cancel());
                mem::replace(&mut is_cancelled, true)
            }
        };
        order.early.extend(shared.take());
        if wanted.is_continue() {
            wanted = order.advance(&mut done);
            if wanted.is_break() {
                is_cancelled = true;
                shared.stop.send_replace(true);
            }
        }
        if ended {
            if wanted.is_continue() {
                order.rest(&mut done);
            }
            return if is_cancelled {
                End::Cancelled
            } else if shared.is_enough.load(Ordering::Relaxed) {
                End::Enough
            } else {
                End::Complete
            };
        }
    }
}

/// What the tasks share.
struct Shared<W: Work> {
    work: Arc<W>,
    begin: Vec<usize>,
    next: AtomicUsize,
    stop: watch::Sender<bool>,
    is_enough: AtomicBool,
    outputs: Mutex<Vec<(usize, W::Output)>>,
}

impl<W: Work> Shared<W> {
    /// Does one piece after the other, until there is none left.
    async fn work_off(self: Arc<Self>) {
        let stop = Stop(self.stop.subscribe());
        loop {
            let turn = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(index) = self.begin.get(turn).copied() else {
                return;
            };
            if let Some(output) = self.work.piece(index, &stop).await {
                if self.work.is_enough(&output) {
                    self.is_enough.store(true, Ordering::Relaxed);
                    self.stop.send_replace(true);
                }
                self.lock().push((index, output));
            }
        }
    }

    fn take(&self) -> Vec<(usize, W::Output)> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(usize, W::Output)>> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts what ends out of turn back into order.
struct Order<T> {
    count: usize,
    at: usize,
    early: BTreeMap<usize, T>,
}

impl<T> Order<T> {
    /// Hands over what is in turn.
    fn advance(&mut self, done: &mut impl FnMut(usize, T) -> ControlFlow<()>) -> ControlFlow<()> {
        while self.at < self.count
            && let Some(output) = self.early.remove(&self.at)
        {
            self.at += 1;
            done(self.at - 1, output)?;
        }
        ControlFlow::Continue(())
    }

    /// Hands over all that is known, with gaps.
    fn rest(self, done: &mut impl FnMut(usize, T) -> ControlFlow<()>) {
        for (index, output) in self.early {
            if done(index, output).is_break() {
                return;
            }
        }
    }
}
