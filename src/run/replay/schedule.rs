//! Runs many units of work: bounded concurrency, results in order, cancellation
//! at any time.

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

/// How often results are collected while work is running. Waking up for each
/// result would cost more than an exchange.
const TICK: Duration = Duration::from_millis(5);

/// Tells running work to stop.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A signal that is never given.
    pub(crate) fn never() -> Self {
        Self(watch::channel(false).1)
    }

    /// Waits for the signal.
    pub(crate) async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|stop| *stop).await.is_err() {
            // No sender is left.
            std::future::pending::<()>().await;
        }
    }

    /// Whether the signal was given.
    pub(crate) fn is_set(&self) -> bool {
        *self.0.borrow()
    }
}

/// Work that is done in units, by index.
pub(super) trait Work: Send + Sync + 'static {
    /// The result of a unit.
    type Output: Send + 'static;

    /// Does a unit of work. After the stop signal it ends as soon as it can do
    /// so cleanly. Returns `None` if the unit was abandoned.
    fn piece(&self, index: usize, stop: &Stop)
    -> impl Future<Output = Option<Self::Output>> + Send;

    /// Whether no more units should start after this result.
    fn is_enough(&self, output: &Self::Output) -> bool;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All units were done.
    Complete,
    /// A result was enough.
    Enough,
    /// It was cancelled, or `done` stopped it.
    Cancelled,
}

/// Does units of work, at most `jobs` at a time, starting them in the order of
/// `begin`, which contains each index once. Calls `done` with the results in
/// index order; `done` may stop the run.
///
/// `cancel` may resolve more than once, as a signal does. The first time,
/// nothing new starts and running units finish; the second time, they are
/// abandoned.
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
    // Dropping the set aborts its tasks.
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
    let mut flow = ControlFlow::Continue(());
    let mut is_cancelled = false;
    loop {
        let ended = tokio::select! {
            joined = tasks.join_next() => {
                // A panic in a task is a bug, so it is propagated.
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
        if flow.is_continue() {
            flow = order.advance(&mut done);
            if flow.is_break() {
                is_cancelled = true;
                shared.stop.send_replace(true);
            }
        }
        if ended {
            if flow.is_continue() {
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

/// The data that the tasks share.
struct Shared<W: Work> {
    work: Arc<W>,
    begin: Vec<usize>,
    next: AtomicUsize,
    stop: watch::Sender<bool>,
    is_enough: AtomicBool,
    outputs: Mutex<Vec<(usize, W::Output)>>,
}

impl<W: Work> Shared<W> {
    /// Does units one after another until none is left.
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

/// Restores the order of results.
struct Order<T> {
    count: usize,
    at: usize,
    early: BTreeMap<usize, T>,
}

impl<T> Order<T> {
    /// Delivers the results that are next in order.
    fn advance(&mut self, done: &mut impl FnMut(usize, T) -> ControlFlow<()>) -> ControlFlow<()> {
        while self.at < self.count
            && let Some(output) = self.early.remove(&self.at)
        {
            self.at += 1;
            done(self.at - 1, output)?;
        }
        ControlFlow::Continue(())
    }

    /// Delivers all remaining results, with gaps.
    fn rest(self, done: &mut impl FnMut(usize, T) -> ControlFlow<()>) {
        for (index, output) in self.early {
            if done(index, output).is_break() {
                return;
            }
        }
    }
}
